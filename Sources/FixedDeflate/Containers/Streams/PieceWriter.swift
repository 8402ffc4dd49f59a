// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Chunks -> the pieces of one container, one after the other: what writes containers from a stream and what writes
// them at once have in common.

/// Makes the pieces of one container, and hands them over.
struct PieceWriter: ~Copyable, Sendable {
  var layout: ChunkLayout { encoder.layout }
  /// Bytes handed over.
  private(set) var count: UInt64 = 0
  private var encoder: ChunkEncoder
  private var checksum: ContentChecksum
  private var output: OwnedBytes
  private var isFirst = true

  init(layout: ChunkLayout, profile: MatchProfile) {
    encoder = ChunkEncoder(layout: layout, profile: profile)
    checksum = ContentChecksum(for: layout.format)
    output = OwnedBytes(capacity: layout.bound)
  }

  /// Makes a chunk's piece, which waits to be handed over.
  ///
  /// - Throws: `DeflateError.noCodeword`, with the place in the chunk. There is room for any piece.
  mutating func encode(_ chunk: RawSpan, isLast: Bool) throws(DeflateError) {
    output.removeAll()
    try output.withOutput { (output: inout OutputRawSpan) throws(DeflateError) in
      checksum.append(try encoder.encode(chunk, isFirst: isFirst, isLast: isLast, into: &output))
    }
    isFirst = false
  }

  /// Makes what stands behind the last chunk, which waits likewise.
  mutating func encodeEnd() {
    output.removeAll()
    output.withOutput { [end = layout.end(checksum: checksum)] (output: inout OutputRawSpan) in
      for byte in end { output.append(byte) }
    }
  }

  /// Hands over what was made last.
  mutating func handOver<Failure: Error>(
    to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    guard output.count > 0 else { return }
    count += UInt64(output.count)
    try output.withBytes(sink)
  }
}
