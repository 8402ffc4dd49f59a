// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// All matches of a position: for each length the nearest place that has it. Positions of one hash stand in a binary
// tree that is ordered by the bytes that follow them, and in which a newer position is never below an older one. Of
// all that begin with the same bytes the newest is then met first on the way down, so the way from the root meets
// for each length the nearest, and nothing has to be searched beyond it: within 4 KiB. Farther back the way may be cut,
// and what hung below is forgotten.

/// The last positions of a chunk, as many as the history has bytes, by what follows them.
struct MatchTree {
  /// The most positions that are looked at for one: all that a device's history has, so that there nothing is missed,
  /// and few enough farther back that no input takes without end.
  private static let mostVisited = 4096

  private let history: Int
  /// Positions whose place in `children` is their own: more than the history, and a power of two.
  private let ring: Int
  private let hashBits: Int

  /// The newest position of each hash, -1 where there is none.
  private var heads: [Int32]
  /// Two for each position: what sorts before it, and what sorts behind.
  private var children: [Int32]

  /// Creates a tree.
  ///
  /// - Parameter history: How far back a match may begin, in bytes, a power of two.
  init(history: Int) {
    precondition(history > 0 && history & (history - 1) == 0, "a history that is no power of two")
    self.history = history
    ring = 2 * history
    hashBits = ring.trailingZeroBitCount
    heads = [Int32](repeating: -1, count: 1 << hashBits)
    children = [Int32](repeating: -1, count: 2 * ring)
  }

  /// Forgets everything.
  mutating func reset() {
    for index in heads.indices { heads[index] = -1 }
  }

  /// Adds a position, which is the next one, and tells its matches in ascending order of length, each the nearest
  /// that is so long and longer than those before it.
  ///
  /// - Complexity: O(1) in the bytes of the chunk: at most 4096 positions are looked at, as a rule a few.
  mutating func add(
    _ position: Int, of chunk: borrowing RawSpan, _ found: (_ length: Int, _ distance: Int) -> Void
  ) {
    let limit = min(LengthAlphabet.lengths.upperBound, chunk.byteCount - position)
    guard limit >= LengthAlphabet.lengths.lowerBound else { return }
    let hash = hash(
      chunk.byte(at: position), chunk.byte(at: position + 1), chunk.byte(at: position + 2))
    var node = Int(heads[hash])
    heads[hash] = Int32(position)
    // Where what sorts before the position, and behind it, is to hang.
    var before = 2 * (position & (ring - 1))
    var behind = before + 1
    var (commonBefore, commonBehind) = (0, 0)
    var longest = LengthAlphabet.lengths.lowerBound - 1
    var visited = 0
    while node >= 0, position - node <= history, visited < Self.mostVisited {
      visited += 1
      let pair = 2 * (node & (ring - 1))
      // Whatever lies between two strings has in common with both what these have.
      let length = Self.commonRun(
        node, position, from: min(commonBefore, commonBehind), limit: limit, of: chunk)
      if length > longest {
        longest = length
        found(length, position - node)
      }
      if length == limit {
        // Nobody will tell the two apart: the newer takes the older's place.
        children[before] = children[pair]
        children[behind] = children[pair + 1]
        return
      }
      if chunk.byte(at: node + length) < chunk.byte(at: position + length) {
        children[before] = Int32(node)
        before = pair + 1
        node = Int(children[before])
        commonBefore = length
      } else {
        children[behind] = Int32(node)
        behind = pair
        node = Int(children[behind])
        commonBehind = length
      }
    }
    children[before] = -1
    children[behind] = -1
  }

  /// Knuth's multiplicative hash of three bytes.
  private func hash(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> Int {
    let value = UInt32(a) | UInt32(b) << 8 | UInt32(c) << 16
    return Int((value &* 2_654_435_761) >> UInt32(32 - hashBits))
  }

  private static func commonRun(
    _ earlier: Int, _ later: Int, from start: Int, limit: Int, of chunk: borrowing RawSpan
  ) -> Int {
    var length = start
    while limit - length >= 8 {
      let differing =
        chunk.littleEndianDoubleWord(at: earlier + length)
        ^ chunk.littleEndianDoubleWord(at: later + length)
      if differing != 0 { return length + differing.trailingZeroBitCount / 8 }
      length += 8
    }
    while length < limit, chunk.byte(at: earlier + length) == chunk.byte(at: later + length) {
      length += 1
    }
    return length
  }
}
