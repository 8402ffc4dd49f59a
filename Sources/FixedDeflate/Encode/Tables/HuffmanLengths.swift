// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Counts -> code lengths. Huffman's tree by two queues: leaves by count, then by symbol, and inner nodes in the
// order in which they are made; of equal counts a leaf goes first. This is what a published stream of the device's
// dynamic mode shows (T2 bit for bit). Where the tree is deeper than the limit, the longest codewords are cut and the
// code is mended, which loses little and is seldom needed.

/// Makes Huffman codes, with memory that serves one after the other.
struct HuffmanLengths {
  /// Symbols that have a count, by count, then by symbol, `count` of them; and the other side of the sort.
  private var order: [UInt64] = []
  private var sorted: [UInt64] = []
  private var count = 0
  /// Weights of leaves, then of inner nodes, and each node's parent, then an inner one's depth. Between the two stands one
  /// that no leaf has, as behind those inner nodes that there are.
  private var weight: [UInt64] = []
  private var parent: [Int] = []

  /// Counts above this are taken for it: no sum of them overflows.
  static let largestCount: UInt64 = 1 << 48

  /// Assigns code lengths of at most `limit` bits, 0 where the count is 0. A single symbol gets one bit; no symbol,
  /// no code.
  ///
  /// - Complexity: O(*n*) in the symbols.
  mutating func assign(
    _ counts: [some FixedWidthInteger], limit: Int, to lengths: inout [UInt8]
  ) {
    if order.count < counts.count {
      order = Array(repeating: 0, count: counts.count)
      sorted = order
      weight = Array(repeating: 0, count: 2 * counts.count + 1)
      parent = Array(repeating: 0, count: 2 * counts.count + 1)
    }
    let largest: UInt64
    (count, largest) = take(counts)
    var to = lengths.mutableSpan
    for symbol in counts.indices { to[symbol] = 0 }
    guard count > 1 else {
      if count == 1 { to[Int(order[0] & 511)] = 1 }
      return
    }
    sort(largest)
    Self.growTree(order, count, &weight, &parent)
    let perLength = Self.countLengths(count, limit: limit, &parent)
    // The rarest symbols get the longest codewords.
    let order = self.order.span
    var leaf = 0
    for length in (1...limit).reversed() {
      for _ in 0..<perLength[length] {
        to[Int(order[leaf] & 511)] = UInt8(length)
        leaf += 1
      }
    }
  }

  /// Takes over the symbols that have a count; returns how many they are, and the largest count.
  private mutating func take(_ counts: [some FixedWidthInteger]) -> (count: Int, largest: UInt64) {
    let from = counts.span
    var next = 0
    var largest: UInt64 = 0
    var to = order.mutableSpan
    for symbol in from.indices {
      // Written in any case, which takes no branch.
      let count = min(UInt64(from[symbol]), Self.largestCount)
      to[next] = count << 9 | UInt64(symbol)
      next += count > 0 ? 1 : 0
      largest = max(largest, count)
    }
    return (next, largest)
  }

  /// Sorts by counts, six bits at a time from the lowest on; symbols are in order already, and stay so.
  private mutating func sort(_ largest: UInt64) {
    var shift: UInt64 = 9
    while largest >> (shift - 9) > 0 {
      Self.sort(order, count, shift, into: &sorted)
      swap(&order, &sorted)
      shift += 6
    }
  }

  private static func sort(
    _ order: [UInt64], _ count: Int, _ shift: UInt64, into sorted: inout [UInt64]
  ) {
    let keys = order.span.extracting(first: count)
    var starts = InlineArray<64, Int>(repeating: 0)
    for index in keys.indices { starts[Int(keys[index] >> shift & 63)] += 1 }
    var start = 0
    for digit in starts.indices {
      let count = starts[digit]
      starts[digit] = start
      start += count
    }
    var to = sorted.mutableSpan
    for index in keys.indices {
      let digit = Int(keys[index] >> shift & 63)
      to[starts[digit]] = keys[index]
      starts[digit] += 1
    }
  }

  private static func growTree(
    _ order: [UInt64], _ n: Int, _ weights: inout [UInt64], _ parents: inout [Int]
  ) {
    let order = order.span
    var weight = weights.mutableSpan
    var parent = parents.mutableSpan
    for leaf in 0..<n { weight[leaf] = order[leaf] >> 9 }
    // Inner nodes begin behind the weight that stands for no more leaves.
    weight[n] = .max
    var (leaf, inner) = (0, n + 1)
    for node in n + 1..<2 * n {
      weight[node] = .max
      var sum: UInt64 = 0
      for _ in 0..<2 {
        let (first, second) = (weight[leaf], weight[inner])
        let takesLeaf = first <= second
        parent[takesLeaf ? leaf : inner] = node
        sum += takesLeaf ? first : second
        leaf += takesLeaf ? 1 : 0
        inner += takesLeaf ? 0 : 1
      }
      weight[node] = sum
    }
  }

  private static func countLengths(
    _ n: Int, limit: Int, _ parents: inout [Int]
  ) -> InlineArray<16, Int> {
    var perLength = InlineArray<16, Int>(repeating: 0)
    var parent = parents.mutableSpan
    // From the root down, a node's parent becomes its depth.
    parent[2 * n - 1] = 0
    for node in (n + 1..<2 * n - 1).reversed() { parent[node] = parent[parent[node]] + 1 }
    for leaf in 0..<n { perLength[min(parent[parent[leaf]] + 1, limit)] += 1 }
    // Kraft's sum in units of the longest codeword; what is above 1 came by cutting.
    var excess = -(1 << limit)
    for length in 1...limit { excess += perLength[length] << (limit - length) }
    while excess > 0 {
      // A codeword of the longest length joins another that is lengthened by one bit: one unit less.
      guard let length = (1..<limit).last(where: { perLength[$0] > 0 }) else {
        preconditionFailure("more symbols than codewords of so many bits")
      }
      perLength[length] -= 1
      perLength[length + 1] += 2
      perLength[limit] -= 1
      excess -= 1
    }
    return perLength
  }
}
