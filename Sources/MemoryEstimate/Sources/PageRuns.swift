// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Pages that follow each other, and numbers for them without a list of them all: a process of 16 GiB
// has four million.

/// Runs of pages, each page with a number from 0 in the order of the runs.
package struct PageRuns: Sendable {
  private var starts: [UInt64] = []
  /// How many pages lie before each run; one more at the end.
  private var before: [Int] = [0]

  package init() {}

  /// How many pages there are.
  package var count: Int { before[before.count - 1] }

  /// Adds pages behind the last.
  ///
  /// - Parameters:
  ///   - start: the first's position, in pages.
  ///   - length: how many, 1 or more.
  package mutating func append(start: UInt64, length: Int) {
    precondition(length > 0, "an empty run")
    if let last = starts.last,
      last + UInt64(before[before.count - 1] - before[before.count - 2]) == start
    {
      before[before.count - 1] += length
      return
    }
    starts.append(start)
    before.append(count + length)
  }

  /// The position of the page with a number, in pages.
  ///
  /// - Complexity: O(log *r*) in the runs.
  package subscript(number: Int) -> UInt64 {
    precondition((0..<count).contains(number), "no such page")
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if before[middle] <= number { low = middle } else { high = middle }
    }
    return starts[low] + UInt64(number - before[low])
  }
}
