// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A page -> its sizes under every algorithm asked for, with the processor time of each.

import FixedDeflate

/// Where processor time is read, in nanoseconds.
package typealias ProcessorClock = @Sendable () -> Int64

/// A page's sizes.
package struct PageSizes: Sendable {
  package var algorithms: [(Algorithm, Int)] = []
  package var members: [(FamilyMode, Int)] = []

  package init() {}

  mutating func removeAll() {
    algorithms.removeAll(keepingCapacity: true)
    members.removeAll(keepingCapacity: true)
  }
}

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

    mutating func add(_ other: Time) {
      nanoseconds += other.nanoseconds
      pages += other.pages
    }
  }

  /// Bytes that one takes, and its libraries: nine encoders of 128 KiB, and zstd's tables, at most.
  static let memory = 16 << 20
  /// The pages of lowest rank, and one of so many others, whose times are taken: asking for a thread's processor
  /// time is a call of the system's.
  private static let (timedFirst, timedOneOf) = (64, 8)

  /// The algorithms measured, in their order.
  package let algorithms: [Algorithm]
  /// The libraries' versions, and what has none here.
  package let versions: [Algorithm: String]
  package let missing: [(algorithm: Algorithm, why: LibraryFailure)]
  /// Processor time so far, of some of the pages. What is measured at once is under the first of its algorithms.
  package private(set) var times: [Algorithm: Time] = [:]

  private let meters: [any SizeMeter]
  private let family: FamilyMeter?
  private let clock: ProcessorClock
  private var sizes = PageSizes()
  /// Whether slow algorithms are given only some of the pages.
  private let thins: Bool
  /// The family's members are given one of so many.
  private let familyOneOf: Int

  /// The other members that some pages are measured under.
  package var members: [String] { family?.members ?? [] }

  /// A measurer for what the options name, of so many pages; libraries that are not there are named as
  /// missing. One that `thins` gives slow algorithms one of ``Algorithm/sampledOneOf`` pages.
  package init(
    _ options: EstimateOptions, pages: Int, thins: Bool = false, clock: @escaping ProcessorClock
  ) {
    self.clock = clock
    self.thins = thins
    familyOneOf = max(1, pages / FamilyMeter.pages)
    var meters: [any SizeMeter] = []
    var versions: [Algorithm: String] = [:]
    var missing: [(algorithm: Algorithm, why: LibraryFailure)] = []
    let wanted = options.algorithms.sorted()
    let own = wanted.filter(Algorithm.ofDevice.contains)
    if !own.isEmpty { meters.append(DeviceMeter(own, profile: options.profile.rules)) }
    if wanted.contains(.best) { meters.append(BestMeter()) }
    for algorithm in wanted where algorithm.isOfSystem {
      do throws(LibraryFailure) {
        let meter = try SystemMeter(algorithm, capacity: options.pageSize)
        meters.append(meter)
        versions[algorithm] = meter.version
      } catch {
        missing.append((algorithm, error))
      }
    }
    self.meters = meters
    self.versions = versions
    self.missing = missing
    algorithms = meters.flatMap(\.algorithms).sorted()
    family =
      options.spreads && !own.isEmpty ? FamilyMeter(own, besides: options.profile.rules) : nil
  }

  /// The sizes of a page. Pages that are one word over and over are measured like the others.
  ///
  /// - Parameters:
  ///   - page: its words.
  ///   - rank: where it stands in the order drawn by lot of its stratum's sample.
  ///   - count: pages of that sample.
  /// - Returns: its sizes under those that are given a page of that rank.
  package mutating func measure(_ page: [UInt64], rank: Int, of count: Int) -> PageSizes {
    sizes.removeAll()
    // SAFETY: words are bytes without padding.
    let bytes = unsafe page.span.bytes
    let isTimed = rank < Self.timedFirst || rank % Self.timedOneOf == 0
    var last = isTimed ? clock() : 0
    for meter in meters {
      let oneOf = thins ? meter.algorithms[0].sampledOneOf : 1
      guard SamplePlan.includes(rank: rank, of: count, oneOf: oneOf) else { continue }
      meter.measure(bytes, into: &sizes.algorithms)
      guard isTimed else { continue }
      let now = clock()
      times[meter.algorithms[0], default: Time()].nanoseconds += now - last
      times[meter.algorithms[0], default: Time()].pages += 1
      last = now
    }
    if let family, SamplePlan.includes(rank: rank, of: count, oneOf: familyOneOf) {
      family.measure(bytes, into: &sizes.members)
    }
    return sizes
  }

  /// The times since this was called last.
  mutating func takeTimes() -> [Algorithm: Time] {
    defer { times.removeAll(keepingCapacity: true) }
    return times
  }
}
