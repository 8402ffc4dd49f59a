// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Chunk -> its piece of a container. Chunks depend on nothing but their place, so that they can be
// encoded in any order and by several threads; only what stands behind the last needs all.

/// Encodes the chunks of a container, each on its own.
///
/// The pieces of all chunks in order, then ``ChunkLayout/end(checksum:)``, are the file that
/// ``StreamEncoder`` writes. Give each thread a chunk encoder of its own.
public struct ChunkEncoder: ~Copyable {
  /// How the chunks are cut and wrapped.
  public let layout: ChunkLayout

  private var encoder: Encoder

  /// Creates an encoder.
  ///
  /// - Parameters:
  ///   - layout: How the chunks are cut and wrapped.
  ///   - profile: The rules of the match stage.
  public init(layout: ChunkLayout = ChunkLayout(), profile: MatchProfile = .iaaV1) {
    self.layout = layout
    encoder = Encoder(profile: profile)
  }

  /// Encodes one chunk and appends its piece of the container.
  ///
  /// An empty BGZF file has no piece but its end.
  ///
  /// - Parameters:
  ///   - chunk: ``ChunkLayout/chunkSize`` bytes, or fewer in the last chunk; traps on more.
  ///   - isFirst: Whether it is the container's first chunk.
  ///   - isLast: Whether it is the last. An empty input is one empty chunk, first and last.
  ///   - output: Room for the piece; ``ChunkLayout/bound`` bytes always suffice.
  /// - Throws: ``DeflateError/Kind/outputFull`` when the piece does not fit. Then nothing was
  ///   appended and the encoder can go on.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func encode(
    _ chunk: RawSpan, isFirst: Bool, isLast: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    precondition(chunk.byteCount <= layout.chunkSize, "chunk larger than chunkSize")
    let start = output.byteCount
    do throws(DeflateError) {
      let position: BlockPosition = isLast ? .last : .notLast
      switch layout.format {
      case .gzip where layout.isBGZF && chunk.byteCount == 0: break
      case .gzip:
        try GzipMember.write(
          chunk, header: layout.memberHeader(isFirst: isFirst), isBGZF: layout.isBGZF,
          using: &encoder, into: &output)
      case .zlib:
        if isFirst { try output.appendIfRoom(ZlibStream.header) }
        try encoder.compressOrStore(chunk, position: position, into: &output)
      case .raw:
        try encoder.compress(chunk, position: position, into: &output)
      }
    } catch {
      output.removeLast(output.byteCount - start)
      throw error
    }
  }
}
