// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// From one BGZF member to the next: the only place that looks at their headers.

package import FixedDeflate

/// The BGZF member that a source begins with.
package struct BGZFMember: Sendable {
  /// Bytes that a member has at most, compressed or not (SAM specification §4.1).
  package static let maximumCount = 1 << 16
  /// Bytes of a header: 10, XLEN and the BC subfield. One with more in it is left to the serial
  /// decoder, as are all other members.
  package static let headerCount = 18

  /// What its header says.
  package let header: GzipHeader
  /// Its bytes, if it is whole.
  package let byteCount: Int

  /// Looks at what is next in a source; nil when it is not BGZF's.
  ///
  /// - Throws: `GzipError` when the source cannot be read.
  package init?(nextIn source: ByteSource) throws(GzipError) {
    let start = try source.peek(Self.headerCount)
    let header = lend(start, 0..<start.count) { bytes in
      (try? GzipHeader.parse(bytes))?.header
    }
    guard let header, let byteCount = header.bgzfBlockSize else { return nil }
    (self.header, self.byteCount) = (header, byteCount)
  }

  /// Takes the next member of a source to the end of `bytes`; nil, and nothing taken, when it is not
  /// BGZF's or not whole.
  static func take(from source: ByteSource, into bytes: inout OwnedBytes) throws(GzipError) -> Int?
  {
    guard let member = try BGZFMember(nextIn: source),
      try source.take(member.byteCount, into: &bytes)
    else { return nil }
    return member.byteCount
  }
}
