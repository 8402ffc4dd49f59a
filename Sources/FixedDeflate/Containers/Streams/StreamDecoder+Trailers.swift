// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The check of gzip trailers, by the decoder or by whoever gets the data: computing CRC-32 can then
// be another thread's work.

extension StreamDecoder {
  /// What a gzip member's trailer says of its data (RFC 1952 §2.3.1).
  package struct MemberTrailer: Sendable {
    /// Bytes of data up to the member's end, those of earlier members included.
    package let dataEnd: UInt64
    let checksum: UInt32
    /// ISIZE, the data's length modulo 2^32.
    let length: UInt32
    let actualLength: UInt32
    /// Where the trailer starts.
    let bitPosition: Int

    /// Checks the trailer.
    ///
    /// - Parameter checksum: The CRC-32 of the member's data.
    /// - Throws: ``DeflateError`` when checksum or length differ.
    package func check(_ checksum: CRC32) throws(DeflateError) {
      guard self.checksum == checksum.value else {
        throw DeflateError(.checksumMismatch, bitPosition: bitPosition)
      }
      guard length == actualLength else {
        throw DeflateError(.lengthMismatch, bitPosition: bitPosition + 32)
      }
    }
  }

  /// Leaves the check of the gzip trailers to come to the caller, who finds them in
  /// ``takeTrailers()``.
  ///
  /// - Returns: The CRC-32 of the current member's data so far; nil, and nothing changes, when the
  ///   format is not gzip.
  package mutating func leaveChecks() -> CRC32? {
    guard format.hasMembers else { return nil }
    leavesChecks = true
    return switch stage {
    case .body, .trailer: crc
    // What is known is a member's that has been checked.
    default: CRC32()
    }
  }

  /// The trailers met since the last call, when their check is the caller's.
  package mutating func takeTrailers() -> [MemberTrailer] {
    if trailers.isEmpty { return [] }
    defer { trailers.removeAll() }
    return trailers
  }

  /// Deals with a member's trailer as the caller wishes.
  mutating func settle(_ trailer: MemberTrailer) throws(DeflateError) {
    if leavesChecks {
      trailers.append(trailer)
    } else {
      try trailer.check(crc)
    }
  }
}
