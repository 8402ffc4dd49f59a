// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// Pages of one kind of mapping in one source.
package struct StratumAccount: Sendable {
  /// "heap", "file" and so on.
  package let kind: String
  /// All pages of the stratum that are in memory, those that were not looked at too.
  package let pages: Int
  /// Pages in swap already, never touched ones, and those of `pages` that other processes map too.
  package let swapped: Int
  package let holes: Int
  package let shared: Int
  /// Pages to look at that were not there any more.
  package internal(set) var unread = 0
  /// 1 for a page of zeros, and for one of another word over and over.
  package private(set) var zero = SampledSum()
  package private(set) var sameFilled = SampledSum()
  package private(set) var algorithms: [Algorithm: AlgorithmAccount] = [:]
  package private(set) var members: [FamilyMode: AlgorithmAccount] = [:]

  package init(_ stratum: Stratum) {
    kind = stratum.kind
    pages = stratum.count
    swapped = stratum.swapped
    holes = stratum.holes
    shared = stratum.shared
  }

  /// Pages that were looked at.
  package var sampled: Int { zero.count }

  /// The pages that figures are for: all, less the share that had gone among those looked at; none where
  /// none was looked at, since nothing is known of them.
  package var present: Int {
    guard sampled > 0 else { return 0 }
    guard unread > 0 else { return pages }
    let share = Double(sampled) / Double(sampled + unread)
    return max(sampled, Int((Double(pages) * share).rounded()))
  }

  /// Takes in one page's kind and sizes.
  package mutating func add(kind: PageKind, sizes: PageSizes, rules: AccountingRules) {
    zero.add(kind == .zero ? 1 : 0)
    sameFilled.add(kind == .sameFilled ? 1 : 0)
    let values = sizes.algorithms.map { algorithm, size in
      (algorithm, size, PageValues(size: size, kind: kind, rules: rules))
    }
    let fixed = values.first { $0.0 == .fixed }?.2
    for (algorithm, size, own) in values {
      algorithms[algorithm, default: .init()]
        .add(size: size, own, beside: fixed, pageSize: rules.pageSize)
    }
    for (mode, size) in sizes.members {
      let chosen = values.first { $0.0 == mode.algorithm }?.2
      members[mode, default: .init()]
        .add(
          size: size, PageValues(size: size, kind: kind, rules: rules), beside: chosen,
          pageSize: rules.pageSize)
    }
  }
}
