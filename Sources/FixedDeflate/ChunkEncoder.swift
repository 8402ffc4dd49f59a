// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Chunk -> its piece of a container. Chunks depend on nothing but their place, so that they can be
// encoded in any order and by several threads; only what stands behind the last needs all.

/// The wrapper around DEFLATE data.
public enum ContainerFormat: Sendable, Hashable, CaseIterable {
  /// RFC 1952; one member a chunk.
  case gzip
  /// RFC 1950 with CINFO = 4, a 4 KiB window.
  case zlib
  /// RFC 1951 alone.
  case raw
}

/// Encodes the chunks of a container, each on its own.
///
/// The pieces of all chunks in order, then ``end(checksum:)``, are the file that ``StreamEncoder``
/// writes. Give each thread a chunk encoder of its own.
public struct ChunkEncoder: ~Copyable {
  /// BGZF's largest chunk, 65,280 bytes.
  public static let defaultChunkSize = BGZF.maximumChunkSize

  /// The chunk sizes to choose from: 4 KiB…2 MiB.
  public static let chunkSizes = 4096...Encoder.maximumChunkSize

  /// The container written.
  public let format: ContainerFormat
  /// Bytes in each chunk but the last.
  public let chunkSize: Int
  /// The gzip header of the first member.
  public let header: GzipHeader

  private var encoder: Encoder

  /// Creates an encoder.
  ///
  /// - Parameters:
  ///   - format: The container.
  ///   - chunkSize: Bytes a chunk, within ``chunkSizes``; traps otherwise.
  ///   - header: The gzip header; the other formats do not use it. Traps on an extra field beyond
  ///     65,535 bytes or a zero byte in a name or comment.
  ///   - profile: The rules of the match stage.
  public init(
    format: ContainerFormat = .gzip, chunkSize: Int = ChunkEncoder.defaultChunkSize,
    header: GzipHeader = GzipHeader(), profile: MatchProfile = .iaaV1
  ) {
    precondition(Self.chunkSizes.contains(chunkSize), "chunkSize outside 4096...2 MiB")
    self.format = format
    self.chunkSize = chunkSize
    self.header = header
    encoder = Encoder(profile: profile)
  }

  /// Whether the output is BGZF: gzip, small chunks, and a header with nothing beside the time,
  /// since BGZF readers expect the BC subfield alone.
  public var isBGZF: Bool {
    format == .gzip && chunkSize <= BGZF.maximumChunkSize
      && header.flags.isDisjoint(with: [.name, .comment, .extra, .headerChecksum])
  }

  /// The most bytes that a chunk's piece can take.
  public var bound: Int {
    // The larger frame is a gzip member's: header, trailer and, for BGZF, XLEN and a subfield.
    header.encoded.count + 2 + BGZF.subfield(memberCount: 1).count + GzipMember.trailerCount
      + Encoder.bound(chunkSize, position: .notLast)
  }

  /// Encodes one chunk and appends its piece of the container.
  ///
  /// An empty BGZF file has no piece but its end.
  ///
  /// - Parameters:
  ///   - chunk: ``chunkSize`` bytes, or fewer in the last chunk; traps on more.
  ///   - isFirst: Whether it is the container's first chunk.
  ///   - isLast: Whether it is the last. An empty input is one empty chunk, first and last.
  ///   - output: Room for the piece; ``bound`` bytes always suffice.
  /// - Throws: ``DeflateError/Kind/outputFull`` when the piece does not fit. Then nothing was
  ///   appended and the encoder can go on.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func encode(
    _ chunk: RawSpan, isFirst: Bool, isLast: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    precondition(chunk.byteCount <= chunkSize, "chunk larger than chunkSize")
    let start = output.byteCount
    do throws(DeflateError) {
      let position: BlockPosition = isLast ? .last : .notLast
      switch format {
      case .gzip where isBGZF && chunk.byteCount == 0: break
      case .gzip:
        try GzipMember.write(
          chunk, header: memberHeader(isFirst: isFirst), isBGZF: isBGZF, using: &encoder,
          into: &output)
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

  /// What stands behind the last chunk.
  ///
  /// - Parameter checksum: Of all chunks; only zlib needs it.
  /// - Returns: BGZF's end-of-file marker, zlib's Adler-32, or nothing.
  public func end(checksum: Adler32) -> [UInt8] {
    switch format {
    case .gzip where isBGZF: BGZF.endOfFile
    case .zlib: checksum.value.bytes(bigEndian: true)
    case .gzip, .raw: []
    }
  }

  /// Only the first member has a name, a comment and an extra field.
  private func memberHeader(isFirst: Bool) -> GzipHeader {
    guard !isFirst else { return header }
    var header = header
    (header.name, header.comment, header.extraField) = (nil, nil, nil)
    return header
  }
}
