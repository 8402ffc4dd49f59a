// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where the block is that holds a byte of data: by an index, which is not believed before it has been
// held against the blocks, or by going through the headers, as far as needed and once.

import FixedDeflate

/// Finds blocks of one file.
struct BlockFinder {
  private let file: BlockFile
  private let given: BGZFIndex?
  /// Positions in the given index of blocks found that are confirmed one by one, and the last of those
  /// that are confirmed with all before them.
  private var confirmed: Set<Int> = []
  private var confirmedUpTo = -1

  /// The blocks whose headers have been met, and whether that is all.
  private var met = BGZFIndex()
  private var isAllMet = false

  init(_ file: BlockFile, index: BGZFIndex?) {
    self.file = file
    given = index
  }

  /// The block in which a byte of the data is to be found, if it exists.
  ///
  /// - Throws: `GzipError.index` when the index is not the file's as far as it is needed.
  mutating func block(holding dataOffset: UInt64) throws(GzipError) -> BGZFIndex.Block {
    if let given {
      if let found = given.position(holding: dataOffset) { try confirm(given, found) }
      return given.block(holding: dataOffset) ?? .beginning
    }
    try meet(upTo: dataOffset)
    return met.block(holding: dataOffset) ?? .beginning
  }

  /// All blocks, as their headers say.
  mutating func all() throws(GzipError) -> BGZFIndex {
    try meet(upTo: .max)
    return met
  }

  /// Goes on from header to header until a block begins behind a byte of the data.
  private mutating func meet(upTo dataOffset: UInt64) throws(GzipError) {
    guard !isAllMet, met.blocks.last.map({ $0.dataOffset <= dataOffset }) ?? true else { return }
    let last = met.blocks.last
    var (index, isEnd) = (met, true)
    // Those without data, as between files that were joined, take their place too.
    try file.walk(from: last ?? .beginning) { block in
      if block != last { index.append(block) }
      isEnd = block.dataOffset <= dataOffset
      return isEnd
    }
    (met, isAllMet) = (index, isEnd)
  }

  /// With no more bytes than these before a block, all blocks before it are gone through: there the
  /// index is proven right.
  private static let provenCount: UInt64 = 16 << 20

  /// Checks an index against the blocks that it speaks of, up to the one behind the block found: from
  /// the file's start, or from where it is proven so far, where that is near, else from the block
  /// before.
  private mutating func confirm(_ index: BGZFIndex, _ found: Int) throws(GzipError) {
    guard found > confirmedUpTo, !confirmed.contains(found) else { return }
    let isNear = index.blocks[found].compressedOffset <= Self.provenCount
    let first = isNear ? max(0, confirmedUpTo) : found - 1
    let last = min(found + 1, index.blocks.count - 1)
    try check(index.blocks[first...last])
    if isNear { confirmedUpTo = found } else { confirmed.insert(found) }
  }

  private func check(_ blocks: ArraySlice<BGZFIndex.Block>) throws(GzipError) {
    var rest = blocks
    var kind = DeflateError.Kind.notInFormat
    let byteCount = file.byteCount
    if let start = rest.first, start.compressedOffset < byteCount {
      try file.walk(from: start) { block in
        // An index may leave blocks out, but those that it has are where it says.
        guard let next = rest.first, block.compressedOffset >= next.compressedOffset else {
          return true
        }
        guard block == next else {
          if block.compressedOffset == next.compressedOffset { kind = .lengthMismatch }
          return false
        }
        rest.removeFirst()
        return !rest.isEmpty
      }
    }
    guard let wrong = rest.first else { return }
    let isCut = wrong.compressedOffset >= byteCount
    throw .index(
      DeflateError(
        isCut ? .truncatedInput : kind, bitPosition: bitPosition(of: wrong.compressedOffset)))
  }
}
