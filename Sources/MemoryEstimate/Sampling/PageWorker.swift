// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Pages are read and measured beside each other; what they came to is added up in the order of the walk, so
// that the sums, whose rounding depends on it, are the same whoever measured what.

import FixedDeflate
import ParallelGzip
import Synchronization

/// Some pages that follow each other in the walk, and what they came to.
final class PageBatch: Sendable {
  /// Pages of a batch: as many as `progress` is told of at a time.
  static let size = 64

  struct Content: Sendable {
    var stops: [SampleWalk.Stop] = []
    /// For each page its kind and sizes; nil where it is not there any more.
    var results: [(kind: PageKind, sizes: PageSizes)?] = []
    var times: [Algorithm: PageMeasurer.Time] = [:]
  }

  let content = Mutex(Content())
}

/// Sums so far, and how far the walk is.
final class EstimateTotals: Sendable {
  private struct State: Sendable {
    var cursor = SampleWalk.Cursor()
    var accounts: [[StratumAccount]]
    var times: [Algorithm: PageMeasurer.Time] = [:]
    var done = 0
    var isStopped = false
  }

  private let state: Mutex<State>
  private let walk: SampleWalk
  private let rules: AccountingRules
  private let progress: @Sendable (_ done: Int, _ of: Int) -> Bool

  init(
    _ sources: [any PageSource], _ walk: SampleWalk, _ options: EstimateOptions,
    progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Bool
  ) {
    state = Mutex(State(accounts: sources.map { $0.strata.map(StratumAccount.init) }))
    self.walk = walk
    self.progress = progress
    rules = AccountingRules(pageSize: options.pageSize, kernel: options.kernel)
  }

  /// The next pages of the walk.
  func nextStops() -> [SampleWalk.Stop] {
    state.withLock { state in
      var stops: [SampleWalk.Stop] = []
      while stops.count < PageBatch.size, let stop = walk.next(&state.cursor) {
        stops.append(stop)
      }
      return stops
    }
  }

  /// Adds a batch, the next in the order of the walk; answers whether to go on. Behind one that was told not to,
  /// nothing is added.
  func add(_ batch: PageBatch.Content) -> Bool {
    state.withLock { state in
      guard !state.isStopped else { return false }
      for (stop, result) in zip(batch.stops, batch.results) {
        if let (kind, sizes) = result {
          state.accounts[stop.source][stop.stratum].add(kind: kind, sizes: sizes, rules: rules)
        } else {
          state.accounts[stop.source][stop.stratum].unread += 1
        }
      }
      for (algorithm, time) in batch.times { state.times[algorithm, default: .init()].add(time) }
      state.done += batch.stops.count
      if batch.stops.count == PageBatch.size { state.isStopped = !progress(state.done, walk.count) }
      return !state.isStopped
    }
  }

  /// The sums, the times, and whether it was stopped.
  func end() -> ([[StratumAccount]], [Algorithm: PageMeasurer.Time], Bool) {
    state.withLock { state in
      _ = progress(state.done, walk.count)
      return (state.accounts, state.times, state.isStopped)
    }
  }
}

/// One thread's part of the work.
struct PageWorker: OrderedWorkers.Worker, ~Copyable {
  private let sources: [any PageSource]
  private let walk: SampleWalk
  private let totals: EstimateTotals
  private var measurer: PageMeasurer
  private var page: [UInt64]

  init(
    _ sources: [any PageSource], _ walk: SampleWalk, _ totals: EstimateTotals,
    _ measurer: consuming PageMeasurer, _ options: EstimateOptions
  ) {
    self.sources = sources
    self.walk = walk
    self.totals = totals
    self.measurer = measurer
    page = [UInt64](repeating: 0, count: options.pageSize / 8)
  }

  mutating func read(into batch: PageBatch) -> OrderedWorkers.ReadOutcome {
    let stops = totals.nextStops()
    batch.content.withLock { $0.stops = stops }
    return stops.isEmpty ? .nothing : .more
  }

  mutating func process(_ batch: PageBatch) {
    let stops = batch.content.withLock { $0.stops }
    var results: [(kind: PageKind, sizes: PageSizes)?] = []
    for stop in stops {
      if sources[stop.source].read(position: stop.position, into: &page) {
        let sizes = measurer.measure(page, rank: stop.rank, of: stop.count)
        results.append((PageKind(page.span), sizes))
      } else {
        results.append(nil)
      }
    }
    let (found, times) = (results, measurer.takeTimes())
    batch.content.withLock { content in
      content.results = found
      content.times = times
    }
  }

  mutating func write(_ batch: PageBatch) -> Bool { batch.content.withLock { totals.add($0) } }
}
