// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// How many pages have streams of which size, in 64 steps of a page each, and one for those that do
/// not shrink.
package struct SizeHistogram: Sendable, Equatable {
  /// Steps of a page; a stream of 1/64 of a page or less is in the first.
  package static let steps = 64

  /// Pages of each step; the last is of streams that are as large as a page or larger.
  package private(set) var counts = [Double](repeating: 0, count: steps + 1)

  package init() {}

  /// Takes in a page with a stream of `size` bytes.
  package mutating func add(size: Int, pageSize: Int) {
    let step = size >= pageSize ? Self.steps : max(0, size - 1) * Self.steps / pageSize
    counts[step] += 1
  }

  /// Adds another's pages, each `weight` times.
  package mutating func add(_ other: SizeHistogram, weight: Double) {
    for index in counts.indices { counts[index] += weight * other.counts[index] }
  }
}
