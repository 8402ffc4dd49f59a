// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Chunk -> its piece of a container. Chunks depend on nothing but their place, so that they can be
// encoded in any order and by several threads; only what stands behind the last needs all.

/// Encodes the chunks of a container, each on its own.
///
/// The pieces of all chunks in order, then ``ChunkLayout/end(checksum:)``, are the file that
/// ``StreamEncoder`` writes. Give each thread a chunk encoder of its own.
///
/// It may be sent to another task, but has one user at a time: it is `Sendable` and cannot be copied.
public struct ChunkEncoder: ~Copyable, Sendable {
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
    // What may be stored may be fixed, too: raw streams alone are the mode's, come what may.
    encoder = Encoder(
      mode: layout.mode, profile: profile, picksSmaller: layout.format != .raw)
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
  /// - Returns: The check of the chunk's data. Those of all chunks, appended in order, are what
  ///   ``ChunkLayout/end(checksum:)`` needs.
  /// - Throws: ``DeflateError/Kind/outputFull`` when the piece does not fit. Then nothing was
  ///   appended and the encoder can go on.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  @discardableResult
  public mutating func encode(
    _ chunk: RawSpan, isFirst: Bool, isLast: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) -> ContentChecksum {
    try layout.write(chunk, isFirst: isFirst, isLast: isLast, into: &output) {
      (chunk: RawSpan, position: BlockPosition, output: inout OutputRawSpan) throws(DeflateError) in
      try encoder.compress(chunk, position: position, into: &output)
    }
  }
}

extension ChunkLayout {
  /// Appends a chunk's stream, as ``Encoder/compress(_:position:into:)-(RawSpan,_,_)`` does.
  package typealias ChunkCompressor = (RawSpan, BlockPosition, inout OutputRawSpan)
    throws(DeflateError) -> Void

  /// Appends one chunk's piece of the container around a stream made elsewhere, on a device say.
  ///
  /// - Parameters:
  ///   - chunk: As in ``ChunkEncoder/encode(_:isFirst:isLast:into:)``.
  ///   - isFirst: Whether it is the container's first chunk.
  ///   - isLast: Whether it is the last.
  ///   - output: Room for the piece; ``bound`` bytes always suffice.
  ///   - compress: Appends the chunk's stream, the one that ``Encoder`` makes. It is not called for
  ///     the empty chunk of a BGZF file. Traps when it appends nothing, which is no stream, or
  ///     removes bytes.
  /// - Returns: The check of the chunk's data.
  /// - Throws: What `compress` throws, and ``DeflateError/Kind/outputFull`` when the piece does not
  ///   fit. Then nothing was appended.
  /// - Complexity: O(*n*) in the bytes of the chunk, beside `compress`.
  @discardableResult
  package func write(
    _ chunk: RawSpan, isFirst: Bool, isLast: Bool, into output: inout OutputRawSpan,
    _ compress: ChunkCompressor
  ) throws(DeflateError) -> ContentChecksum {
    precondition(chunk.byteCount <= chunkSize, "chunk larger than chunkSize")
    var checksum = ContentChecksum(for: format)
    checksum.update(chunk)
    let start = output.byteCount
    do throws(DeflateError) {
      let position: BlockPosition = isLast ? .last : .notLast
      switch format {
      case .bgzf where chunk.byteCount == 0: break
      case .bgzf: try BGZF.write(chunk, checksum, header: header, into: &output, compress)
      case .gzip:
        if isFirst { try output.appendIfRoom(header.encoded) }
        try Self.writeOrStore(chunk, position: position, into: &output, compress)
      case .zlib:
        if isFirst { try output.appendIfRoom(ZlibStream.header(mode.limit)) }
        try Self.writeOrStore(chunk, position: position, into: &output, compress)
      case .raw:
        try Self.writeStream(chunk, position: position, into: &output, compress)
      }
    } catch {
      precondition(output.byteCount >= start, "compress removed bytes that are not its own")
      output.removeLast(output.byteCount - start)
      throw error
    }
    return checksum
  }

  /// Has `compress` append a chunk's stream.
  static func writeStream(
    _ chunk: RawSpan, position: BlockPosition, into output: inout OutputRawSpan,
    _ compress: ChunkCompressor
  ) throws(DeflateError) {
    let start = output.byteCount
    try compress(chunk, position, &output)
    precondition(
      output.byteCount > start, "compress appended nothing, which is no stream, or removed bytes")
  }
}
