// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// From the decoder to the sink. A decoder may leave its checksums to the delivery, which another
// thread can make: nothing behind a trailer reaches the sink before the trailer is found true, so the
// output is the same as if the decoder had checked.

import FixedDeflate

/// What is done with decoded bytes.
struct Delivery: Sendable {
  /// What comes with decoded bytes.
  struct Note: Sendable {
    let counts: GzipProgress
    /// gzip: the trailers that stand within or behind the bytes, when their check is left to us.
    var trailers: [StreamDecoder.MemberTrailer] = []
  }

  /// Takes the bytes out of a buffer and leaves it empty.
  typealias Outlet = (inout OwnedBytes, Note) throws(GzipError) -> Void

  let sink: Sink
  /// CRC-32 of everything, if asked for.
  var checksum: CRC32?
  /// gzip: CRC-32 of the current member so far, when its check is left to us.
  var memberChecksum: CRC32?
  /// Bytes delivered, of all that is decoded.
  var count: UInt64 = 0

  /// Checks and hands over.
  mutating func take(_ bytes: inout OwnedBytes, _ note: Note) throws(GzipError) {
    var start = 0
    for trailer in note.trailers {
      let end = start + Int(trailer.dataEnd - count)
      try pass(bytes, start..<end, note)
      start = end
      do {
        try trailer.check(memberChecksum ?? CRC32())
      } catch {
        throw .decoding(error)
      }
      memberChecksum = CRC32()
    }
    try pass(bytes, start..<bytes.count, note)
    bytes.removeAll()
  }

  /// Hands over data that was decoded, and its check made, elsewhere.
  mutating func take(_ piece: StreamPiece, _ counts: GzipProgress) throws(GzipError) {
    let pieceCount = piece.output.count
    if let crc = piece.checksum.crc32 ?? piece.crc {
      checksum = checksum?.combined(with: crc, count: pieceCount)
      memberChecksum = memberChecksum?.combined(with: crc, count: pieceCount)
    }
    count += UInt64(pieceCount)
    try piece.output.withBytes { (bytes: RawSpan) throws(GzipError) in
      try sink.take(bytes, counts)
    }
  }

  private mutating func pass(
    _ bytes: borrowing OwnedBytes, _ range: Range<Int>, _ note: Note
  ) throws(GzipError) {
    guard !range.isEmpty else { return }
    try bytes.withBytes { (bytes: RawSpan) throws(GzipError) in
      let piece = bytes.extracting(range)
      checksum?.update(piece)
      memberChecksum?.update(piece)
      count += UInt64(piece.byteCount)
      try sink.take(piece, note.counts)
    }
  }
}
