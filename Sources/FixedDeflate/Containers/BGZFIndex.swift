// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The index that bgzip keeps beside a BGZF file (.gzi): where each block starts, compressed and not.
// With it a reader goes straight to any byte of the data.

/// Where the blocks of a BGZF file start. Two indexes are equal when their blocks are.
public struct BGZFIndex: Sendable {
  /// The start of a block.
  public struct Block: Sendable, Hashable {
    /// Bytes from the file's start to the block's.
    public let compressedOffset: UInt64
    /// Bytes of data before the block's.
    public let dataOffset: UInt64

    /// Creates a block's start from both offsets.
    ///
    /// - Parameters:
    ///   - compressedOffset: Bytes from the file's start to the block's.
    ///   - dataOffset: Bytes of data before the block's.
    public init(compressedOffset: UInt64, dataOffset: UInt64) {
      self.compressedOffset = compressedOffset
      self.dataOffset = dataOffset
    }
  }

  /// The blocks, in order; the first starts at 0. bgzip leaves those without data out.
  public private(set) var blocks: [Block] = []

  /// Where the next block starts; nil when it is not known where the last one ends, as in an index
  /// that was read.
  private var end: Block? = Block(compressedOffset: 0, dataOffset: 0)

  /// The index of no blocks.
  public init() {}

  /// Adds the next block, right behind the last one.
  ///
  /// Traps when it is not known where the last one ends: an index that was read, or to which a
  /// start was added, does not tell.
  ///
  /// - Parameters:
  ///   - compressedCount: Bytes of the block, at least 1; traps on fewer.
  ///   - dataCount: Bytes of its data, 0 or more; traps on fewer.
  public mutating func append(compressedCount: Int, dataCount: Int) {
    precondition(compressedCount > 0, "compressedCount below 1")
    precondition(dataCount >= 0, "negative dataCount")
    guard let end else {
      preconditionFailure("where the last block ends is not known: add the next one by its start")
    }
    blocks.append(end)
    self.end = Block(
      compressedOffset: end.compressedOffset + UInt64(compressedCount),
      dataOffset: end.dataOffset + UInt64(dataCount))
  }

  /// Adds the next block by where it starts, also to an index that was read.
  ///
  /// - Parameter start: Behind the start of the last block, and with its data not before that
  ///   block's; of the first block, 0 and 0. Traps otherwise.
  public mutating func append(_ start: Block) {
    precondition(mayFollow(start), "a block that does not start behind the last one")
    blocks.append(start)
    end = nil
  }

  /// Whether the next block may start there.
  private func mayFollow(_ start: Block) -> Bool {
    guard let last = blocks.last else {
      return start.compressedOffset == 0 && start.dataOffset == 0
    }
    return start.compressedOffset > last.compressedOffset && start.dataOffset >= last.dataOffset
  }

  /// The block in which a byte of the data is to be found, if it exists.
  ///
  /// - Parameter dataOffset: Bytes from the start of the data.
  /// - Returns: The last block that starts at or before it; nil when there are no blocks.
  /// - Complexity: O(log *n*) in the blocks.
  public func block(holding dataOffset: UInt64) -> Block? {
    position(holding: dataOffset).map { blocks[$0] }
  }

  /// The position in ``blocks`` of what ``block(holding:)`` returns.
  package func position(holding dataOffset: UInt64) -> Int? {
    guard !blocks.isEmpty else { return nil }
    var (low, high) = (0, blocks.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if blocks[middle].dataOffset <= dataOffset { low = middle } else { high = middle }
    }
    return low
  }

  /// The index as bgzip writes it: the number of starts but the first, then each one's compressed
  /// and data offset, all 64 bits, least significant byte first. Without blocks it is one less than
  /// none, as bgzip has it.
  public var encoded: [UInt8] {
    if blocks.isEmpty { return [UInt8](repeating: 0xFF, count: 8) }
    // The first block's start goes without saying.
    let starts = blocks.dropFirst()
    let numbers =
      [UInt64(starts.count)] + starts.flatMap { [$0.compressedOffset, $0.dataOffset] }
    return numbers.flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }
  }

  /// Bytes of the number of starts, and of each start's two numbers.
  package static let countByteCount = 8
  private static let entryByteCount = 16

  /// Whether the first bytes of a file are an index's of that size.
  package static func isBeginning(_ bytes: RawSpan, ofFileOf byteCount: UInt64) -> Bool {
    guard bytes.byteCount >= countByteCount, byteCount >= UInt64(countByteCount) else {
      return false
    }
    let count = bytes.littleEndianDoubleWord(at: 0)
    let (stored, rest) = (byteCount - UInt64(countByteCount)).quotientAndRemainder(
      dividingBy: UInt64(entryByteCount))
    return rest == 0 && (count == stored || count == .max && stored == 0)
  }

  /// The most bytes that an index of a file has: no block is smaller than one without data.
  package static func maximumByteCount(fileSize: UInt64) -> UInt64 {
    UInt64(countByteCount) + fileSize / UInt64(BGZF.endOfFile.count) * UInt64(entryByteCount)
  }

  /// Reads an index.
  ///
  /// - Parameter bytes: The whole of a .gzi file.
  /// - Throws: ``DeflateError``: ``DeflateError/Kind/truncatedInput`` when it is shorter than it
  ///   says, ``DeflateError/Kind/notInFormat`` when it is longer or its offsets do not ascend.
  /// - Complexity: O(*n*) in the bytes.
  public init(parsing bytes: RawSpan) throws(DeflateError) {
    guard bytes.byteCount >= Self.countByteCount else {
      throw DeflateError(.truncatedInput, bitPosition: bytes.byteCount * 8)
    }
    let stored = (bytes.byteCount - Self.countByteCount) / Self.entryByteCount
    guard Self.isBeginning(bytes, ofFileOf: UInt64(bytes.byteCount)) else {
      let count = bytes.littleEndianDoubleWord(at: 0)
      throw count <= stored || count == .max && stored == 0
        ? DeflateError(.notInFormat, bitPosition: 0)
        : DeflateError(.truncatedInput, bitPosition: bytes.byteCount * 8)
    }
    if bytes.littleEndianDoubleWord(at: 0) == .max { return }
    blocks.reserveCapacity(stored + 1)
    append(Block(compressedOffset: 0, dataOffset: 0))
    for offset in stride(
      from: Self.countByteCount, to: bytes.byteCount, by: Self.entryByteCount
    ) {
      let block = Block(
        compressedOffset: bytes.littleEndianDoubleWord(at: offset),
        dataOffset: bytes.littleEndianDoubleWord(at: offset + 8))
      guard mayFollow(block) else { throw DeflateError(.notInFormat, bitPosition: offset * 8) }
      blocks.append(block)
    }
  }
}

extension BGZFIndex: Hashable {
  /// Whether the blocks are the same. Where the last one ends is not part of an index.
  public static func == (left: BGZFIndex, right: BGZFIndex) -> Bool { left.blocks == right.blocks }

  /// Feeds the blocks to a hasher.
  ///
  /// - Parameter hasher: The hasher.
  public func hash(into hasher: inout Hasher) { hasher.combine(blocks) }
}
