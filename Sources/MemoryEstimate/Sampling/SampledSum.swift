// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// From some of the pages to all of them, with how far that may be off.

/// A value of each sampled page of one stratum.
package struct SampledSum: Sendable, Equatable {
  /// How many values there are.
  package private(set) var count = 0
  package private(set) var mean = 0.0
  /// The plain sum, which a full count has to give without the mean's rounding.
  private var plain = 0.0
  /// The sum of squared distances from the mean (Welford's way, which loses no digits).
  private var squares = 0.0

  package init() {}

  /// Takes in one page's value.
  package mutating func add(_ value: Double) {
    count += 1
    plain += value
    let distance = value - mean
    mean += distance / Double(count)
    squares += distance * (value - mean)
  }

  /// The values' variance, by one less than their count; 0 for a single one.
  package var variance: Double { count > 1 ? squares / Double(count - 1) : 0 }

  /// The sum over `pages` pages, of which those added are a simple random sample, and the variance of
  /// that figure: 0 where all pages were added, and for a single one of several what its value
  /// allows at worst.
  package func total(of pages: Int) -> (sum: Double, variance: Double) {
    precondition(count <= pages, "more values than pages")
    guard count > 0 else { return (0, 0) }
    guard count < pages else { return (plain, 0) }
    let sum = mean * Double(pages)
    guard count > 1 else { return (sum, mean * mean * Double(pages) * Double(pages)) }
    let left = 1 - Double(count) / Double(pages)
    return (sum, Double(pages) * Double(pages) * left * variance / Double(count))
  }
}

/// A sum over several strata with its 95 % interval.
package struct EstimatedTotal: Sendable, Equatable {
  package private(set) var value = 0.0
  package private(set) var variance = 0.0

  package init() {}

  /// Adds a stratum's sum; strata are sampled without regard to each other.
  package mutating func add(_ part: (sum: Double, variance: Double)) {
    value += part.sum
    variance += part.variance
  }

  /// Half the width of the 95 % interval: 1.96 standard errors, the normal distribution's 97.5 % point.
  package var margin: Double { 1.96 * variance.squareRoot() }
}
