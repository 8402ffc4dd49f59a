// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The index that bgzip keeps beside a BGZF file (.gzi): where each block starts, compressed and not.
// With it a reader goes straight to any byte of the data.

/// Where the blocks of a BGZF file start.
public struct BGZFIndex: Sendable, Hashable {
  /// The start of a block.
  public struct Block: Sendable, Hashable {
    /// Bytes from the file's start to the block's.
    public let compressedOffset: UInt64
    /// Bytes of data before the block's.
    public let dataOffset: UInt64

    /// Creates a block's start from both offsets.
    public init(compressedOffset: UInt64, dataOffset: UInt64) {
      self.compressedOffset = compressedOffset
      self.dataOffset = dataOffset
    }
  }

  /// The blocks, in order; the first starts at 0. bgzip leaves those without data out.
  public private(set) var blocks: [Block] = []

  /// Where the next block starts.
  private var end = Block(compressedOffset: 0, dataOffset: 0)

  /// The index of no blocks.
  public init() {}

  /// Adds the next block.
  ///
  /// - Parameters:
  ///   - compressedCount: Bytes of the block, 0 or more.
  ///   - dataCount: Bytes of its data, 0 or more.
  public mutating func append(compressedCount: Int, dataCount: Int) {
    blocks.append(end)
    end = Block(
      compressedOffset: end.compressedOffset + UInt64(compressedCount),
      dataOffset: end.dataOffset + UInt64(dataCount))
  }

  /// The block in which a byte of the data is to be found, if it exists.
  ///
  /// - Parameter dataOffset: Bytes from the start of the data.
  /// - Returns: The last block that starts at or before it; nil when there are no blocks.
  /// - Complexity: O(log *n*) in the blocks.
  public func block(holding dataOffset: UInt64) -> Block? {
    guard !blocks.isEmpty else { return nil }
    var (low, high) = (0, blocks.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if blocks[middle].dataOffset <= dataOffset { low = middle } else { high = middle }
    }
    return blocks[low]
  }

  /// The index as bgzip writes it: the number of starts but the first, then each one's compressed
  /// and data offset, all 64 bits, least significant byte first.
  public var encoded: [UInt8] {
    // The first block's start goes without saying.
    let starts = blocks.dropFirst()
    let numbers =
      [UInt64(starts.count)] + starts.flatMap { [$0.compressedOffset, $0.dataOffset] }
    return numbers.flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }
  }

  /// Reads an index.
  ///
  /// - Parameter bytes: The whole of a .gzi file.
  /// - Throws: ``DeflateError``: ``DeflateError/Kind/truncatedInput`` when it is shorter than it
  ///   says, ``DeflateError/Kind/notInFormat`` when it is longer or its offsets do not ascend.
  /// - Complexity: O(*n*) in the bytes.
  public init(parsing bytes: RawSpan) throws(DeflateError) {
    guard bytes.byteCount >= 8 else {
      throw DeflateError(.truncatedInput, bitPosition: bytes.byteCount * 8)
    }
    let count = bytes.littleEndianDoubleWord(at: 0)
    // For a file without data bgzip writes one less than none.
    if count == .max, bytes.byteCount == 8 { return }
    let stored = (bytes.byteCount - 8) / 16
    guard count <= stored else {
      throw DeflateError(.truncatedInput, bitPosition: bytes.byteCount * 8)
    }
    guard count == stored, bytes.byteCount % 16 == 8 else {
      throw DeflateError(.notInFormat, bitPosition: 0)
    }
    blocks.reserveCapacity(stored + 1)
    blocks.append(end)
    for offset in stride(from: 8, to: bytes.byteCount, by: 16) {
      let block = Block(
        compressedOffset: bytes.littleEndianDoubleWord(at: offset),
        dataOffset: bytes.littleEndianDoubleWord(at: offset + 8))
      let previous = blocks[blocks.count - 1]
      guard block.compressedOffset > previous.compressedOffset,
        block.dataOffset >= previous.dataOffset
      else { throw DeflateError(.notInFormat, bitPosition: offset * 8) }
      blocks.append(block)
    }
  }
}
