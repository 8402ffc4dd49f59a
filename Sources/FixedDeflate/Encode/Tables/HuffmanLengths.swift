// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Counts -> code lengths. Huffman's tree by two queues: leaves by count, then by symbol, and inner nodes in the
// order in which they are made; of equal counts a leaf goes first. This is what a published stream of the device's
// dynamic mode shows (T2 bit for bit). Where the tree is deeper than the limit, the longest codewords are cut and the
// code is mended, which loses little and is seldom needed.

/// Makes Huffman codes, with memory that serves one after the other.
struct HuffmanLengths {
  /// Symbols that have a count, by count, then by symbol; and the other side of the sort.
  private var order: [UInt64] = []
  private var sorted: [UInt64] = []
  /// Weights of leaves, then of inner nodes, and each node's parent, then its depth.
  private var weight: [UInt64] = []
  private var parent: [Int] = []
  private var perLength = [Int](repeating: 0, count: 16)

  /// Counts above this are taken for it: no sum of them overflows.
  static let largestCount: UInt64 = 1 << 48

  /// Assigns code lengths of at most `limit` bits, 0 where the count is 0. A single symbol gets one bit; no symbol,
  /// no code.
  ///
  /// - Complexity: O(*n*) in the symbols.
  mutating func assign(
    _ counts: [some FixedWidthInteger], limit: Int, to lengths: inout [UInt8]
  ) {
    order.removeAll(keepingCapacity: true)
    for symbol in counts.indices {
      lengths[symbol] = 0
      guard counts[symbol] > 0 else { continue }
      let count = min(UInt64(counts[symbol]), Self.largestCount)
      order.append(count << 9 | UInt64(symbol))
    }
    guard order.count > 1 else {
      if let only = order.first { lengths[Int(only & 511)] = 1 }
      return
    }
    sort()
    growTree()
    countLengths(limit: limit)
    // The rarest symbols get the longest codewords.
    var length = limit
    for leaf in order {
      while perLength[length] == 0 { length -= 1 }
      perLength[length] -= 1
      lengths[Int(leaf & 511)] = UInt8(length)
    }
  }

  /// Sorts by counts, a byte at a time from the lowest on; symbols are in order already, and stay so.
  private mutating func sort() {
    let largest = (order.max() ?? 0) >> 9
    if sorted.count < order.count {
      sorted = [UInt64](repeating: 0, count: order.count)
    }
    var shift: UInt64 = 9
    while largest >> (shift - 9) > 0 {
      var starts = InlineArray<256, Int>(repeating: 0)
      for key in order { starts[Int(key >> shift & 255)] += 1 }
      var start = 0
      for digit in 0..<256 {
        let count = starts[digit]
        starts[digit] = start
        start += count
      }
      for key in order {
        let digit = Int(key >> shift & 255)
        sorted[starts[digit]] = key
        starts[digit] += 1
      }
      for index in order.indices { order[index] = sorted[index] }
      shift += 8
    }
  }

  private mutating func growTree() {
    let n = order.count
    weight.removeAll(keepingCapacity: true)
    for key in order { weight.append(key >> 9) }
    if parent.count < 2 * n { parent = [Int](repeating: 0, count: 2 * n) }
    var (leaf, inner) = (0, n)
    for node in n..<(2 * n - 1) {
      var sum: UInt64 = 0
      for _ in 0..<2 {
        let takesLeaf = leaf < n && (inner >= node || weight[leaf] <= weight[inner])
        let child = takesLeaf ? leaf : inner
        if takesLeaf { leaf += 1 } else { inner += 1 }
        parent[child] = node
        sum += weight[child]
      }
      weight.append(sum)
    }
  }

  private mutating func countLengths(limit: Int) {
    let n = order.count
    for length in perLength.indices { perLength[length] = 0 }
    // From the root down, a node's parent becomes its depth.
    parent[2 * n - 2] = 0
    for node in stride(from: 2 * n - 3, through: 0, by: -1) {
      parent[node] = parent[parent[node]] + 1
      if node < n { perLength[min(parent[node], limit)] += 1 }
    }
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
  }
}
