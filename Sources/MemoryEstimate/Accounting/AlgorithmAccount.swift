// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// What one algorithm made of the sampled pages of a stratum.
package struct AlgorithmAccount: Sendable, Equatable {
  private var sums = [SampledPair](repeating: SampledPair(), count: Measure.allCases.count)
  package private(set) var histogram = SizeHistogram()

  package init() {}

  /// Pages that it was given.
  package var count: Int { sums[0].value.count }

  /// Takes in a page, with the values of the algorithm that was given every page of the sample.
  mutating func add(size: Int, _ values: PageValues, beside other: PageValues?, pageSize: Int) {
    for measure in Measure.allCases {
      sums[measure.rawValue].add(values[measure], beside: other?[measure])
    }
    histogram.add(size: size, pageSize: pageSize)
  }

  /// A measure's sum over `pages` pages, and its variance; `other` is the account of the algorithm that
  /// was given every page of the sample.
  func total(_ measure: Measure, of pages: Int, beside other: AlgorithmAccount?)
    -> (sum: Double, variance: Double)
  {
    sums[measure.rawValue].total(of: pages, other: other?.sums[measure.rawValue].value)
  }
}

/// A mode of the device under the rules of another member of the family.
package struct FamilyMode: Sendable, Hashable {
  /// The member's name.
  package let member: String
  package let algorithm: Algorithm
}
