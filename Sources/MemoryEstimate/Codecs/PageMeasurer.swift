// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A page -> its sizes under every algorithm asked for, with the processor time of each.

import FixedDeflate

/// Where processor time is read, in nanoseconds.
package typealias ProcessorClock = @Sendable () -> Int64

/// What measures pages; one user at a time.
package struct PageMeasurer: ~Copyable {
  /// How long an algorithm took so far.
  package struct Time: Sendable, Equatable {
    package var nanoseconds: Int64 = 0
    package var pages = 0

    /// Microseconds a page.
    package var perPage: Double {
      pages > 0 ? Double(nanoseconds) / 1000 / Double(pages) : 0
    }
  }

  /// The algorithms measured, in their order.
  package let algorithms: [Algorithm]
  /// The libraries' versions, and what has none here.
  package let versions: [Algorithm: String]
  package let missing: [Algorithm]
  /// Processor time so far. What is measured at once is under the first of its algorithms.
  package private(set) var times: [Algorithm: Time] = [:]

  private let meters: [any SizeMeter]
  private let clock: ProcessorClock
  private var sizes: [(Algorithm, Int)] = []
  /// Pages so far, and whether slow algorithms are given only some of them.
  private var count = 0
  private let thins: Bool

  /// A measurer for pages of a size; libraries that are not there are named as missing. One that
  /// `thins` gives slow algorithms one of ``Algorithm/sampledOneOf`` pages.
  package init(
    _ wanted: [Algorithm], pageSize: Int, profile: MatchProfile = .iaaV1,
    thins: Bool = false, clock: @escaping ProcessorClock
  ) {
    self.clock = clock
    self.thins = thins
    var meters: [any SizeMeter] = []
    var versions: [Algorithm: String] = [:]
    var missing: [Algorithm] = []
    let own = wanted.filter(Algorithm.ofDevice.contains).sorted()
    if !own.isEmpty { meters.append(DeviceMeter(own, profile: profile)) }
    if wanted.contains(.best) { meters.append(BestMeter()) }
    for algorithm in wanted.sorted() where algorithm.isOfSystem {
      if let meter = SystemMeter(algorithm, capacity: pageSize) {
        meters.append(meter)
        versions[algorithm] = meter.version
      } else {
        missing.append(algorithm)
      }
    }
    self.meters = meters
    self.versions = versions
    self.missing = missing
    algorithms = meters.flatMap(\.algorithms).sorted()
  }

  /// The sizes of a page. Pages that are one word over and over are measured like the others.
  package mutating func measure(_ page: [UInt64]) -> [(Algorithm, Int)] {
    sizes.removeAll(keepingCapacity: true)
    // SAFETY: words are bytes without padding.
    let bytes = unsafe page.span.bytes
    var last = clock()
    defer { count += 1 }
    for meter in meters where !thins || count % meter.algorithms[0].sampledOneOf == 0 {
      meter.measure(bytes, into: &sizes)
      let now = clock()
      times[meter.algorithms[0], default: Time()].nanoseconds += now - last
      times[meter.algorithms[0], default: Time()].pages += 1
      last = now
    }
    return sizes
  }
}
