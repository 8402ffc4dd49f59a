// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import MemoryEstimate
import TestSupport
import Testing

@Suite("Samples stand for all pages within their interval")
struct SamplingTests {
  @Test("a full count has no interval, and its sum is exact")
  func full() {
    var sum = SampledSum()
    for value in [100.0, 200, 4096] { sum.add(value) }
    let total = sum.total(of: 3)
    #expect(abs(total.sum - 4396) < 1e-9)
    #expect(total.variance == 0)
  }

  @Test("of many samples about 95 in 100 have the true sum in their interval")
  func coverage() {
    var random = SeededGenerator(test: "estimate.coverage")
    // Two strata as memory has them: one of near equal sizes, one of two heaps far apart.
    let strata = [
      (0..<3000).map { _ in Double.random(in: 1000...1400, using: &random) },
      (0..<9000).map { _ in
        Bool.random(using: &random) ? 60.0 : Double.random(in: 2000...4096, using: &random)
      },
    ]
    let truth = strata.joined().reduce(0, +)
    let counts = SamplePlan.counts(of: strata.map(\.count), wanted: 1200)
    let trials = 400
    var within = 0
    for _ in 0..<trials {
      var total = EstimatedTotal()
      for (values, count) in zip(strata, counts) {
        var sum = SampledSum()
        for number in SamplePlan.numbers(count, below: values.count, using: &random) {
          sum.add(values[number])
        }
        total.add(sum.total(of: values.count))
      }
      if abs(total.value - truth) <= total.margin { within += 1 }
    }
    // 380 are expected with a standard deviation of 4.4; five of them on the low side.
    #expect(within >= 358, "\(within) of \(trials)")
    #expect(within < trials)
  }

  @Test(
    "a value told by its ratio to another one is in its interval as often as is said, and better known"
  )
  func ratios() {
    var random = SeededGenerator(test: "estimate.ratios")
    let pages = (0..<4000).map { _ -> (other: Double, value: Double) in
      let other =
        Bool.random(using: &random) ? 60.0 : Double.random(in: 1500...4096, using: &random)
      return (other, other * Double.random(in: 0.8...1, using: &random))
    }
    let truth = pages.map(\.value).reduce(0, +)
    let trials = 400
    var (within, better) = (0, 0)
    for _ in 0..<trials {
      var (pair, all, alone) = (SampledPair(), SampledSum(), SampledSum())
      for round in SamplePlan.rounds(800, below: pages.count, using: &random) {
        for choice in round {
          let page = pages[choice.number]
          all.add(page.other)
          guard SamplePlan.includes(rank: choice.rank, of: 800, oneOf: 8) else { continue }
          pair.add(page.value, beside: page.other)
          alone.add(page.value)
        }
      }
      #expect(pair.value.count == 100 && all.count == 800)
      let total = pair.total(of: pages.count, other: all)
      if abs(total.sum - truth) <= 1.96 * total.variance.squareRoot() { within += 1 }
      if total.variance < alone.total(of: pages.count).variance / 4 { better += 1 }
    }
    // 380 are expected with a standard deviation of 4.4; five of them on the low side.
    #expect(within >= 358 && within < trials, "\(within) of \(trials)")
    #expect(better == trials)
  }

  @Test("where a value does not follow the other one, it stands alone")
  func unrelated() {
    var (pair, all) = (SampledPair(), SampledSum())
    for number in 0..<40 {
      let other = number % 2 == 0 ? 1.0 : 4096
      all.add(other)
      if number < 20 { pair.add(1000, beside: other) }
    }
    let total = pair.total(of: 100, other: all)
    #expect(abs(total.sum - 100_000) < 1e-6 && total.variance < 1e-6)
  }

  @Test("every round holds pages of its ranks, in order, the two lowest ranks first")
  func rounds() {
    var random = SeededGenerator(test: "estimate.rounds")
    let rounds = SamplePlan.rounds(160, below: 1000, using: &random)
    #expect(rounds.flatMap { $0 }.map(\.rank).sorted() == Array(0..<160))
    for (number, round) in rounds.enumerated() {
      #expect(round.map(\.rank).sorted() == Array(10 * number..<10 * number + 10))
      let numbers = round.dropFirst(number == 0 ? 2 : 0).map(\.number)
      #expect(numbers == numbers.sorted())
    }
    #expect(Set(rounds[0].prefix(2).map(\.rank)) == [0, 1])
    #expect(SamplePlan.rounds(0, below: 0, using: &random).allSatisfy { $0.isEmpty })
  }

  @Test("numbers are different, ascending, and each as likely as the others")
  func numbers() {
    var random = SeededGenerator(test: "estimate.numbers")
    var hits = [Int](repeating: 0, count: 20)
    for _ in 0..<20_000 {
      let numbers = SamplePlan.numbers(5, below: 20, using: &random)
      #expect(numbers.count == 5 && zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
      for number in numbers { hits[number] += 1 }
    }
    // 5000 each are expected with a standard deviation of 61.
    #expect(hits.allSatisfy { abs($0 - 5000) < 6 * 61 }, "\(hits)")
    #expect(SamplePlan.numbers(7, below: 7, using: &random) == Array(0..<7))
  }

  @Test("small strata are looked at whole, large ones by their size")
  func plan() {
    #expect(SamplePlan.counts(of: [10, 20], wanted: 30) == [10, 20])
    let counts = SamplePlan.counts(of: [10, 1000, 1_000_000], wanted: 10_000)
    #expect(counts[0] == 10)
    #expect(counts[1] == SamplePlan.fewest)
    #expect((9_900...10_100).contains(counts[2]))
  }
}
