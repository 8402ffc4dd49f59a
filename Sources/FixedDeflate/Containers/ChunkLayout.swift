// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What all chunks of a container have in common, apart from the encoder's memory.

/// How input is cut and wrapped.
public struct ChunkLayout: Sendable, Hashable {
  /// BGZF's largest chunk, 65,280 bytes.
  public static let defaultChunkSize = BGZF.maximumChunkSize

  /// The chunk sizes to choose from: 4 KiB…2 MiB.
  public static let chunkSizes = 4096...Encoder.maximumChunkSize

  /// The container written.
  public let format: ContainerFormat
  /// Bytes in each chunk but the last.
  public let chunkSize: Int
  /// The gzip header: the member's, or of BGZF the first member's.
  public let header: GzipHeader
  /// How each chunk is coded.
  public let mode: CompressionMode

  /// Creates a layout.
  ///
  /// - Parameters:
  ///   - format: The container.
  ///   - chunkSize: Bytes a chunk, within ``chunkSizes``, for ``ContainerFormat/bgzf`` at most
  ///     ``defaultChunkSize``; traps otherwise.
  ///   - header: The gzip header; zlib and raw do not use it. An extra field beyond 65,535 bytes,
  ///     or a zero byte in a name or comment, traps when it is written. BGZF readers expect the BC
  ///     subfield and nothing else, so with ``ContainerFormat/bgzf`` it traps on a name, a comment,
  ///     an extra field or a header checksum.
  ///   - mode: How each chunk is coded. In gzip, BGZF and zlib the smaller of a dynamic and a fixed block is taken.
  ///     Traps on ``CompressionMode/canned(_:)`` in any format but raw, since no decoder of the others knows its
  ///     tables; then each chunk is a stream of its own.
  public init(
    format: ContainerFormat = .gzip, chunkSize: Int = ChunkLayout.defaultChunkSize,
    header: GzipHeader = GzipHeader(), mode: CompressionMode = .fixed
  ) {
    precondition(
      mode.isRFC1951 || format == .raw, "canned streams fit no container: no decoder knows the code"
    )
    precondition(Self.chunkSizes.contains(chunkSize), "chunkSize outside 4096...2 MiB")
    if format == .bgzf {
      precondition(chunkSize <= BGZF.maximumChunkSize, "chunkSize beyond BGZF's 65,280")
      precondition(
        header.flags.isDisjoint(with: [.name, .comment, .extra, .headerChecksum]),
        "a BGZF header has nothing beside its subfield")
    }
    self.format = format
    self.chunkSize = chunkSize
    self.header = header
    self.mode = mode
  }

  /// The most bytes that a chunk's piece can take.
  public var bound: Int { frameCount + Encoder.bound(chunkSize, position: .notLast, mode: mode) }

  /// The most bytes that the pieces of several chunks can take.
  ///
  /// - Parameters:
  ///   - byteCount: Bytes of all the chunks.
  ///   - chunks: How many chunks.
  /// - Returns: Bytes.
  package func bound(_ byteCount: Int, chunks: Int) -> Int {
    // Each chunk has what an empty one has, and its last byte may be filled in part.
    let perChunk = frameCount + Encoder.bound(0, position: .notLast, mode: mode) + 1
    return Encoder.bound(byteCount, position: .notLast, mode: mode) + chunks * perChunk
  }

  /// Bytes around a chunk's stream, at most: the larger frame is BGZF's, a header with XLEN and a
  /// subfield, and a trailer.
  private var frameCount: Int {
    header.encoded.count + 2 + BGZF.subfield(memberCount: 1).count + GzipMember.trailerCount
  }

  /// What stands behind the last chunk.
  ///
  /// - Parameter checksum: Of all chunks' data; traps when it is another container's.
  /// - Returns: gzip's CRC-32 and ISIZE, BGZF's end-of-file marker, zlib's Adler-32, or nothing.
  public func end(checksum: ContentChecksum) -> [UInt8] {
    precondition(checksum.format == format, "another container's check")
    return format == .bgzf ? BGZF.endOfFile : checksum.trailer
  }
}
