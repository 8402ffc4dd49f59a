// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// The rules by which a page's size becomes memory.
package struct AccountingRules: Sendable {
  package let pageSize: Int
  package let classes: ZsmallocClasses
  package let kernel: KernelPolicy

  package init(pageSize: Int, kernel: KernelPolicy) {
    self.pageSize = pageSize
    self.kernel = kernel
    classes = ZsmallocClasses(pageSize: pageSize)
  }
}

/// What one algorithm made of the sampled pages of a stratum.
package struct AlgorithmAccount: Sendable, Equatable {
  /// Bytes of the streams, those larger than a page too.
  package private(set) var stream = SampledSum()
  /// min(stream, page).
  package private(set) var stored = SampledSum()
  /// Bytes of zswap's pool.
  package private(set) var zswap = SampledSum()
  /// Bytes of zram's.
  package private(set) var zram = SampledSum()
  /// 1 for a page that zswap sends on to the swap device.
  package private(set) var rejected = SampledSum()
  /// 1 for a page that does not shrink.
  package private(set) var incompressible = SampledSum()
  package private(set) var histogram = SizeHistogram()

  package init() {}

  mutating func add(size: Int, kind: PageKind, rules: AccountingRules) {
    let pageSize = rules.pageSize
    let shrinks = size < pageSize
    stream.add(Double(size))
    stored.add(Double(min(size, pageSize)))
    incompressible.add(shrinks ? 0 : 1)
    histogram.add(size: size, pageSize: pageSize)
    let memory = shrinks ? rules.classes.memory(of: size) : Double(pageSize)
    zram.add(kind == .ordinary ? memory : 0)
    let isWord = kind == .zero || kind == .sameFilled && rules.kernel.zswapKeepsSameFilled
    let isRejected = !isWord && !shrinks && !rules.kernel.zswapKeepsIncompressible
    rejected.add(isRejected ? 1 : 0)
    zswap.add(isWord || isRejected ? 0 : memory)
  }
}

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

  package init(_ stratum: Stratum) {
    kind = stratum.kind
    pages = stratum.runs.count
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
  package mutating func add(kind: PageKind, sizes: [(Algorithm, Int)], rules: AccountingRules) {
    zero.add(kind == .zero ? 1 : 0)
    sameFilled.add(kind == .sameFilled ? 1 : 0)
    for (algorithm, size) in sizes {
      algorithms[algorithm, default: .init()].add(size: size, kind: kind, rules: rules)
    }
  }
}
