// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What all chunks of a container have in common, apart from the encoder's memory: asking whether a
// file will be BGZF should cost nothing.

/// The wrapper around DEFLATE data.
public enum ContainerFormat: Sendable, Hashable, CaseIterable {
  /// RFC 1952; one member a chunk.
  case gzip
  /// RFC 1950 with CINFO = 4, a 4 KiB window.
  case zlib
  /// RFC 1951 alone.
  case raw
}

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
  /// The gzip header of the first member.
  public let header: GzipHeader

  /// Creates a layout.
  ///
  /// - Parameters:
  ///   - format: The container.
  ///   - chunkSize: Bytes a chunk, within ``chunkSizes``; traps otherwise.
  ///   - header: The gzip header; the other formats do not use it. An extra field beyond 65,535
  ///     bytes, or a zero byte in a name or comment, traps when it is written.
  public init(
    format: ContainerFormat = .gzip, chunkSize: Int = ChunkLayout.defaultChunkSize,
    header: GzipHeader = GzipHeader()
  ) {
    precondition(Self.chunkSizes.contains(chunkSize), "chunkSize outside 4096...2 MiB")
    self.format = format
    self.chunkSize = chunkSize
    self.header = header
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
  func memberHeader(isFirst: Bool) -> GzipHeader {
    guard !isFirst else { return header }
    var header = header
    (header.name, header.comment, header.extraField) = (nil, nil, nil)
    return header
  }
}
