// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import MemoryEstimate
import ParallelGzip
import Synchronization
import TestSupport
import Testing

/// Pages in memory, as a source.
///
/// SAFETY of `@unchecked Sendable`: filled before it is looked at, and read alone from then on.
final class TestPages: PageSource, @unchecked Sendable {
  let name = "test"
  var strata: [Stratum] = []
  var pages: [[UInt64]] = []
  /// Pages from this position on are gone.
  var goneFrom = UInt64.max

  func add(_ kind: String, _ bytes: [[UInt8]]) {
    var stratum = Stratum(kind: kind)
    if !bytes.isEmpty { stratum.runs.append(start: UInt64(pages.count), length: bytes.count) }
    strata.append(stratum)
    pages += bytes.map { page in
      stride(from: 0, to: page.count, by: 8).map { start in
        (0..<8).reduce(0) { $0 | UInt64(page[start + $1]) << (8 * UInt64($1)) }
      }
    }
  }

  func read(position: UInt64, into page: inout [UInt64]) -> Bool {
    guard position < goneFrom else { return false }
    page = pages[Int(position)]
    return true
  }
}

@Suite("An estimate's figures are sums over the pages")
struct EstimatorTests {
  private static func pages(_ random: inout SeededGenerator) -> [[UInt8]] {
    (0..<60).map { number in
      switch number % 6 {
      case 0: [UInt8](repeating: 0, count: 4096)
      case 1: [UInt8](repeating: 0x2A, count: 4096)
      case 2: (0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }
      default: (0..<4096).map { UInt8(truncatingIfNeeded: $0 / 16 * number) & 0x7F }
      }
    }
  }

  private static func options(_ release: String, sample: Int? = nil) throws -> EstimateOptions {
    var options = EstimateOptions(seed: 1, kernel: try #require(KernelPolicy(release: release)))
    options.sample = sample
    options.spreads = false
    return options
  }

  private static func estimate(
    _ source: TestPages, _ options: EstimateOptions, stopAfter: Int = .max
  ) -> Estimate {
    var random = SeededGenerator(seed: options.seed)
    return Estimator.estimate([source], options, using: &random, clock: { 0 }) { done, _ in
      done < stopAfter
    }
  }

  @Test("a full count is what the encoders make of the pages, one by one")
  func full() throws {
    var random = SeededGenerator(seed: 3)
    let pages = Self.pages(&random)
    let source = TestPages()
    source.add("heap", Array(pages[..<40]))
    source.add("anon", Array(pages[40...]))
    let estimate = Self.estimate(source, try Self.options("6.18.0"))
    let total = estimate.total
    #expect(total.pages == 60 && total.sampled == 60)
    #expect(total.zero.value == 10 && total.sameFilled.value == 10)
    for (algorithm, mode) in [
      (Algorithm.fixed, CompressionMode.fixed), (.canned, .canned(.newest)), (.dynamic, .dynamic),
    ] {
      var encoder = Encoder(mode: mode)
      // SAFETY: bytes have no padding.
      let sizes = pages.map { page in unsafe encoder.compress(page.span.bytes).count }
      let found = try #require(total.algorithms[algorithm])
      #expect(Int(found.stream.value.rounded()) == sizes.reduce(0, +), "\(algorithm)")
      #expect(Int(found.stored.value.rounded()) == sizes.map { min($0, 4096) }.reduce(0, +))
      #expect(found.stream.margin == 0)
      #expect(Int(found.incompressible.value.rounded()) == sizes.count { $0 >= 4096 })
      #expect(found.histogram.counts.reduce(0, +) == 60)
    }
  }

  @Test("kernels before 6.12 keep a word, before 6.18 reject what does not shrink")
  func kernels() throws {
    var random = SeededGenerator(seed: 4)
    let noise = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }
    let star = [UInt8](repeating: 0x2A, count: 4096)
    let zero = [UInt8](repeating: 0, count: 4096)
    let source = TestPages()
    source.add("heap", [noise, star, zero])
    func fixed(_ release: String) throws -> AlgorithmFigures {
      let estimate = Self.estimate(source, try Self.options(release))
      return try #require(estimate.total.algorithms[.fixed])
    }
    let word = ZsmallocClasses(pageSize: 4096).memory(of: 228)
    let (old, middle, new) = (
      try fixed("6.8.0-45-generic"), try fixed("6.12.1"), try fixed("6.18.0")
    )
    #expect(old.zswap.value.rounded() == 0 && old.rejected.value.rounded() == 1)
    #expect(abs(middle.zswap.value - word) < 1e-6 && middle.rejected.value.rounded() == 1)
    #expect(abs(new.zswap.value - word - 4096) < 1e-6 && new.rejected.value == 0)
    // zram keeps a word and every page, in all of them.
    for figures in [old, middle, new] { #expect(figures.zram.value.rounded() == 4096) }
  }

  @Test("a sample's interval covers the full count, and the same seed gives the same figures")
  func sampled() throws {
    var random = SeededGenerator(seed: 5)
    let source = TestPages()
    source.add("heap", (0..<20).flatMap { _ in Self.pages(&random) })
    let full = Self.estimate(source, try Self.options("6.18")).total
    var options = try Self.options("6.18", sample: 200)
    options.seed = 77
    let first = Self.estimate(source, options).total
    #expect(first.sampled < full.sampled)
    let (a, b) = (try #require(first.algorithms[.fixed]), try #require(full.algorithms[.fixed]))
    #expect(a.stored.margin > 0)
    // Four standard errors, as one sample in twenty may lie outside two.
    #expect(abs(a.stored.value - b.stored.value) < 2.05 * a.stored.margin)
    let again = Self.estimate(source, options).total
    #expect(again.algorithms[.fixed]?.stored == a.stored)
  }

  @Test("pages that are gone are told, and figures are for those that are there")
  func gone() throws {
    var random = SeededGenerator(seed: 6)
    let source = TestPages()
    source.add("heap", Self.pages(&random))
    source.goneFrom = 30
    let total = Self.estimate(source, try Self.options("6.18")).total
    #expect(total.unread == 30 && total.sampled == 30 && total.pages == 30)
  }

  @Test("one that is interrupted stands for all pages, with a wider interval")
  func interrupted() throws {
    var random = SeededGenerator(seed: 8)
    let source = TestPages()
    source.add("heap", (0..<10).flatMap { _ in Self.pages(&random) })
    let estimate = Self.estimate(source, try Self.options("6.18", sample: 590), stopAfter: 128)
    #expect(estimate.isPartial)
    let total = estimate.total
    #expect(total.sampled < 200 && total.pages == 600)
    #expect(try #require(total.algorithms[.fixed]).stored.margin > 0)
  }

  @Test(
    "what a slow algorithm made of a part of a sample never contradicts iaa-fixed's sizes of it")
  func consistent() throws {
    var random = SeededGenerator(test: "estimate.consistent")
    let source = TestPages()
    // Pages of two sizes far apart, of which a small part may have far too many of the larger ones.
    source.add(
      "heap",
      (0..<1200).map { number in
        number % 3 == 0
          ? (0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }
          : (0..<4096).map { UInt8(truncatingIfNeeded: $0 / 16 &* number) & 0x7F }
      })
    var options = try Self.options("6.18", sample: 256)
    options.algorithms = [.fixed, .best]
    var margins = 0.0
    for seed in 0..<12 {
      options.seed = UInt64(seed)
      let total = Self.estimate(source, options).total
      let (fixed, best) = (
        try #require(total.algorithms[.fixed]), try #require(total.algorithms[.best])
      )
      #expect(best.sampled * 6 < fixed.sampled)
      // No fixed block is smaller than the smallest.
      for measure in [Measure.stream, .stored, .incompressible] {
        #expect(
          best[measure].value <= fixed[measure].value * (1 + 1e-9), "\(measure), seed \(seed)")
      }
      // A 48th alone would have 48 times the variance, 6.9 times the margin.
      margins += best.stored.margin / fixed.stored.margin
    }
    #expect(margins / 12 < 4.5)
  }

  @Test("the figures are the same, to the last bit, with any number of processors")
  func processors() throws {
    var random = SeededGenerator(test: "estimate.processors")
    let source = TestPages()
    source.add("heap", (0..<12).flatMap { _ in Self.pages(&random) })
    source.add("anon", Self.pages(&random))
    source.goneFrom = 700
    var options = try Self.options("6.18", sample: 500)
    options.spreads = true
    func look(_ count: Int, stopAfter: Int) -> Estimate {
      options.processors = Processors(count: count)
      return Self.estimate(source, options, stopAfter: stopAfter)
    }
    for stopAfter in [Int.max, 192] {
      let alone = look(1, stopAfter: stopAfter)
      #expect(alone.total.sampled > 100 && alone.isPartial == (stopAfter < .max))
      for count in [2, 3, 16] {
        let together = look(count, stopAfter: stopAfter)
        #expect(Self.values(together) == Self.values(alone), "\(count) processors")
        #expect(together.isPartial == alone.isPartial)
      }
    }
  }

  /// All sums of an estimate, with their variances and histograms.
  private static func values(_ estimate: Estimate) -> [String: [Double]] {
    var values: [String: [Double]] = [:]
    for (index, stratum) in estimate.sources.flatMap(\.strata).enumerated() {
      let figures = Figures(CollectionOfOne(stratum), pageSize: 4096)
      values["\(index)"] = [
        Double(figures.sampled), Double(figures.unread), figures.zero.value,
        figures.sameFilled.value,
      ]
      let named =
        figures.algorithms.map { ($0.rawValue, $1) }
        + figures.members.map { ("\($0.member) \($0.algorithm)", $1) }
      for (name, figures) in named {
        values["\(index) \(name)"] =
          Measure.allCases.flatMap { [figures[$0].value, figures[$0].variance] }
          + figures.histogram.counts + [Double(figures.sampled)]
      }
    }
    return values
  }

  @Test("progress is told of every 64 pages, in order, however many processors are busy")
  func progress() throws {
    var random = SeededGenerator(test: "estimate.progress")
    let source = TestPages()
    source.add("heap", (0..<10).flatMap { _ in Self.pages(&random) })
    var options = try Self.options("6.18")
    options.processors = Processors(count: 4)
    let told = Mutex<[Int]>([])
    var order = SeededGenerator(seed: 1)
    _ = Estimator.estimate([source], options, using: &order, clock: { 0 }) { done, all in
      told.withLock { $0.append(done) }
      return all == 600
    }
    #expect(told.withLock { $0 } == Array(stride(from: 64, through: 600, by: 64)) + [600])
  }

  @Test("nothing to look at is no error")
  func empty() throws {
    let source = TestPages()
    source.add("heap", [])
    let total = Self.estimate(source, try Self.options("6.18", sample: 10)).total
    #expect(total.pages == 0 && total.sampled == 0 && total.algorithms.isEmpty)
  }

  @Test("one that is interrupted before a kind was reached has no figure of it")
  func unseen() throws {
    var random = SeededGenerator(seed: 9)
    let source = TestPages()
    for kind in ["heap", "anon"] { source.add(kind, (0..<40).flatMap { _ in Self.pages(&random) }) }
    let total = Self.estimate(source, try Self.options("6.18"), stopAfter: 64).total
    #expect(total.sampled == 64 && total.pages == 2400 && total.unseen == 2400)
    let fixed = try #require(total.algorithms[.fixed])
    #expect(total.ratio(fixed.stored) < 40)
    // A slow algorithm's histogram stands for all pages, too.
    for figures in total.algorithms.values {
      #expect(abs(figures.histogram.counts.reduce(0, +) - 2400) < 1e-6)
    }
  }
}
