// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// From a part of a sample to all pages, by what the whole sample tells of a related value: slow
// algorithms are given few pages, but what they make of those beside what a fast one makes of them
// varies little. (W. G. Cochran, Sampling Techniques, 3rd edition, 12.9: double sampling, ratio.)

/// A value of pages that are a simple random part of a sample, each beside another value that all pages
/// of the sample have.
package struct SampledPair: Sendable, Equatable {
  package private(set) var value = SampledSum()
  private var other = SampledSum()
  /// The sum of products of both distances from their means.
  private var products = 0.0

  package init() {}

  /// Takes in one page's value, and the other one where there is one.
  package mutating func add(_ value: Double, beside other: Double?) {
    if let other {
      let distance = other - self.other.mean
      self.other.add(other)
      self.value.add(value)
      products += distance * (value - self.value.mean)
    } else {
      self.value.add(value)
    }
  }

  /// The sum over `pages` pages, and the variance of that figure.
  ///
  /// Where the value follows the other one, it is the other's sum times the ratio of both among the
  /// pages that have both; a value that no page has larger than the other one is then no larger in sum.
  ///
  /// - Parameters:
  ///   - pages: All pages, of which the sample is a simple random one.
  ///   - all: The other value, of the whole sample.
  /// - Returns: The sum, and the variance of it.
  package func total(of pages: Int, other all: SampledSum?) -> (sum: Double, variance: Double) {
    let count = value.count
    guard let all, other.count == count, all.count > count, count > 0, other.mean > 0 else {
      return value.total(of: pages)
    }
    let ratio = value.mean / other.mean
    // Of what is left when the ratio is told by the other value.
    let left =
      count > 1
      ? max(
        0,
        value.variance - 2 * ratio * products / Double(count - 1)
          + ratio * ratio * other.variance)
      : value.mean * value.mean
    // Both are 0, but for rounding, where all pages are alike.
    guard count == 1 || left <= value.variance * (1 + 1e-9) + 1e-9 else {
      return value.total(of: pages)
    }
    let spread = count > 1 ? value.variance : left
    let size = Double(pages)
    let first = (1 / Double(all.count) - 1 / size) * spread
    let second = (1 / Double(count) - 1 / Double(all.count)) * left
    return (size * all.mean * ratio, size * size * max(0, first + second))
  }
}
