// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// What one algorithm made of the sampled pages of a stratum.
package struct AlgorithmAccount: Sendable, Equatable {
  /// Bytes of the streams, those larger than a page too.
  package private(set) var stream = SampledSum()
  /// min(stream, page): what is kept when a page that does not shrink stays as it is.
  package private(set) var stored = SampledSum()
  /// Bytes of zsmalloc's memory, where a page that does not shrink takes a page.
  package private(set) var pool = SampledSum()
  /// 1 for a page that does not shrink.
  package private(set) var incompressible = SampledSum()
  package private(set) var histogram = SizeHistogram()

  package init() {}

  mutating func add(size: Int, pageSize: Int, classes: ZsmallocClasses) {
    let shrinks = size < pageSize
    stream.add(Double(size))
    stored.add(Double(min(size, pageSize)))
    pool.add(shrinks ? classes.memory(of: size) : Double(pageSize))
    incompressible.add(shrinks ? 0 : 1)
    histogram.add(size: size, pageSize: pageSize)
  }

  /// A page of one word over and over, which the kernel keeps without a stream: the stream is counted,
  /// memory is not.
  mutating func addSameFilled(size: Int, pageSize: Int) {
    stream.add(Double(size))
    stored.add(Double(min(size, pageSize)))
    pool.add(0)
    incompressible.add(0)
  }
}

/// Pages of one kind of mapping in one source.
package struct StratumAccount: Sendable {
  /// All pages of the stratum that are in memory, those that were not looked at too.
  package var pages: Int
  /// Pages in swap already, and never touched ones.
  package var swapped = 0
  package var holes = 0
  /// Sampled pages that could not be read any more.
  package var unread = 0
  /// 1 for a page of zeros, and for one of another word over and over.
  package private(set) var zero = SampledSum()
  package private(set) var sameFilled = SampledSum()
  package private(set) var algorithms: [Algorithm: AlgorithmAccount] = [:]

  package init(pages: Int) { self.pages = pages }

  /// Takes in one page's kind and sizes.
  package mutating func add(
    kind: PageKind, sizes: [Algorithm: Int], pageSize: Int, classes: ZsmallocClasses
  ) {
    zero.add(kind == .zero ? 1 : 0)
    sameFilled.add(kind == .sameFilled ? 1 : 0)
    for (algorithm, size) in sizes {
      if kind == .ordinary {
        algorithms[algorithm, default: .init()].add(size: size, pageSize: pageSize, classes: classes)
      } else {
        algorithms[algorithm, default: .init()].addSameFilled(size: size, pageSize: pageSize)
      }
    }
  }
}
