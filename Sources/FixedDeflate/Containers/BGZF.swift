// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// BGZF, the blocked gzip of the SAM specification (§4.1): every member at most 64 KiB and its own
// size in the header, so that others can split, index and decode the file in parallel.

enum BGZF {
  /// The largest chunk: even as a stored block its member stays within 64 KiB.
  static let maximumChunkSize = 65_280

  /// The end-of-file marker: an empty member, the same 28 bytes in every BGZF file.
  static let endOfFile: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0x06, 0x00, 0x42, 0x43,
    0x02, 0x00, 0x1B, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  ]

  /// SI1, SI2 of the subfield that holds BSIZE.
  static let subfieldIdentifier: InlineArray<2, UInt8> = [0x42, 0x43]

  /// The subfield of a member of `memberCount` bytes; BSIZE is one less.
  static func subfield(memberCount: Int) -> [UInt8] {
    let size = memberCount - 1
    return [
      subfieldIdentifier[0], subfieldIdentifier[1], 2, 0,
      UInt8(truncatingIfNeeded: size), UInt8(size >> 8),
    ]
  }

  /// Appends a member around one chunk, whose stream `compress` appends. The chunk has at most
  /// `maximumChunkSize` bytes, the check is its own, and the header has no extra field.
  static func write(
    _ chunk: RawSpan, _ checksum: ContentChecksum, header: GzipHeader,
    into output: inout OutputRawSpan, _ compress: ChunkLayout.ChunkCompressor
  ) throws(DeflateError) {
    let start = output.byteCount
    // The header is as long whatever size it tells, so it is written first and mended last.
    try output.appendIfRoom(encodedHeader(header, memberCount: 1))
    try ChunkLayout.writeOrStore(chunk, position: .last, into: &output, compress)
    try output.appendIfRoom(checksum.trailer)
    output.overwrite(
      at: start, with: encodedHeader(header, memberCount: output.byteCount - start))
  }

  private static func encodedHeader(_ header: GzipHeader, memberCount: Int) -> [UInt8] {
    var header = header
    header.extraField = subfield(memberCount: memberCount)
    return header.encoded
  }
}

/// Whether the members of a file are BGZF's from the first to the end-of-file marker.
struct BGZFChain: Sendable, Hashable {
  /// Every member so far says its size.
  private(set) var isUnbroken = true
  /// The last member is the end-of-file marker.
  private var isEnded = false
  private var memberCount = 0
  private var blockSize: Int?

  /// All members have been BGZF's, and no end-of-file marker is the last of them.
  var isMissingEnd: Bool { isUnbroken && memberCount > 0 && !isEnded }

  /// Counts a member whose header has been read.
  mutating func beginMember(blockSize: Int?) {
    isUnbroken = isUnbroken && blockSize != nil
    self.blockSize = blockSize
  }

  /// Counts the member as complete.
  mutating func endMember(dataCount: UInt64) {
    memberCount += 1
    isEnded = dataCount == 0 && blockSize == BGZF.endOfFile.count
  }

  /// Counts the members that follow these.
  mutating func append(_ other: BGZFChain) {
    guard other.memberCount > 0 else { return }
    isUnbroken = isUnbroken && other.isUnbroken
    memberCount += other.memberCount
    (isEnded, blockSize) = (other.isEnded, other.blockSize)
  }
}

extension GzipHeader {
  /// The total bytes of the member, from its BGZF subfield; nil when it has none.
  public var bgzfBlockSize: Int? {
    guard let field = extraField else { return nil }
    var offset = 0
    while offset + 4 <= field.count {
      let count = Int(field[offset + 2]) | Int(field[offset + 3]) << 8
      let isBGZF =
        field[offset] == BGZF.subfieldIdentifier[0]
        && field[offset + 1] == BGZF.subfieldIdentifier[1]
      if isBGZF, count == 2, offset + 6 <= field.count {
        return (Int(field[offset + 4]) | Int(field[offset + 5]) << 8) + 1
      }
      offset += 4 + count
    }
    return nil
  }
}
