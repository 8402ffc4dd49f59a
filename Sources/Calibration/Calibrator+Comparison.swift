// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What probes cannot show: that a member's streams are the target's on thousands of inputs, on pages and beyond
// them, for chunks that end a stream and chunks that do not.

import FixedDeflate
import IAADevices

/// Inputs that are compared.
package struct Comparison: Sendable {
  /// An input of the plan.
  struct Item: Sendable {
    let name: String
    let input: [UInt8]
    var position = BlockPosition.last
  }

  /// How many there are.
  package var count: Int { synthetic + pages.count }
  private let maximumCount: Int
  /// Inputs of the user's, about which nothing is ever shown but their numbers.
  private let pages: [[UInt8]]
  /// Lengths around which something changes: the window, the page and its history, the container's block, what a
  /// queue takes at most.
  private static let lengths = [
    1, 2, 3, 4, 31, 32, 33, 34, 35, 255, 4093, 4094, 4095, 4096, 4097, 4098, 4127, 4128, 4129, 5000,
    8191, 8192, 8193, 12_289, 16_384, 65_280, 65_536, 262_144, 1 << 20, (2 << 20) - 1, 2 << 20,
  ]

  /// A plan of `count` synthetic inputs, those of the special lengths included, and of pages.
  package init(count: Int, maximumCount: Int, pages: [[UInt8]] = []) {
    let lengths = Self.lengths.filter { $0 <= maximumCount }
    synthetic = max(count, 0)
    self.maximumCount = maximumCount
    self.pages = pages
    special = Array(lengths.prefix(synthetic))
  }

  private let special: [Int]
  private let synthetic: Int

  /// The input of a number below ``count``.
  func item(_ number: Int) -> Item {
    if number >= synthetic {
      let page = number - synthetic
      return Item(name: "page \(page) of --pages", input: pages[page])
    }
    // Seeds of their own, far from those of the probes.
    let seed = 1_000_000 + number
    if number < special.count {
      return Item(
        name: "input \(seed), \(special[number]) bytes",
        input: ProbeShape.input(seed, count: special[number]),
        position: number % 3 == 2 ? .notLast : .last)
    }
    let count = min(number % 4 == 0 ? Page.size : 64 + number * 37 % 2000, maximumCount)
    return Item(
      name: "input \(seed), \(count) bytes", input: ProbeShape.input(seed, count: count),
      position: number % 16 == 7 ? .notLast : .last)
  }

  /// Whether an item is the user's.
  func isPrivate(_ number: Int) -> Bool { number >= synthetic }
}

extension Calibrator {
  /// Compares a target's streams with those of the likeliest member left, byte for byte. Where they differ, the
  /// smallest input that shows it becomes a probe.
  ///
  /// - Parameters:
  ///   - other: The target; that of the probes, or another queue.
  ///   - comparison: The inputs.
  /// - Returns: What is left.
  /// - Throws: `CalibrationFailure` when a target has no answer, or this one another than that of the probes.
  package mutating func compare(
    _ other: any CalibrationTarget, _ comparison: Comparison
  ) throws(CalibrationFailure) -> Outcome {
    var number = 0
    while number < comparison.count, let member = left.first {
      let profile = answers.members[member]
      let item = comparison.item(number)
      var encoder = Encoder(profile: profile)
      let expected = encoder.compress(item.input, position: item.position)
      let stream = try other.stream(item.input, position: item.position)
      comparedCount += 1
      comparedBytes += item.input.count
      guard stream != expected else {
        number += 1
        continue
      }
      let isPrivate = comparison.isPrivate(number)
      if let outcome = try settle(other, item, expected, stream, profile, isPrivate) {
        return outcome
      }
      // Another member now, so what was alike before need not be any more.
      number = 0
    }
    return .found(left.map { answers.members[$0] })
  }

  /// Finds out what a difference means.
  ///
  /// - Returns: The outcome; nil when other members explain it.
  private mutating func settle(
    _ other: any CalibrationTarget, _ item: Comparison.Item, _ expected: [UInt8],
    _ stream: [UInt8], _ profile: MatchProfile, _ isPrivate: Bool
  ) throws(CalibrationFailure) -> Outcome? {
    let again = try other.stream(item.input, position: item.position)
    let probe = Probe(item.name, isPrivate ? [] : item.input)
    guard again == stream else {
      // The commonest answer is that of two: there is no third to tell.
      return .inconsistent(
        Inconsistency(
          probe: probe, streams: isPrivate ? [] : [stream, again], askedCount: 2,
          deviatingCount: 1))
    }
    // Before anything is made smaller: devices that differ need no more proof.
    if other.name != target.name,
      try target.stream(item.input, position: item.position) != stream
    {
      throw CalibrationFailure(
        "\(other.name) and \(target.name) make different streams of the same \(item.input.count) bytes"
      )
    }
    guard !isPrivate, let small = try Shrinker(target: other).difference(item.input, by: profile)
    else {
      // Only as a chunk that more follow, or on data that is not to be shown.
      return .outside(
        Difference(
          name: probe.name, input: probe.input, stream: isPrivate ? [] : stream, nearest: profile,
          nearestStream: isPrivate ? [] : expected))
    }
    let name = "\(item.name), made smaller: \(small.input.count) bytes"
    if let outcome = try ask(answers.number(of: Probe(name, small.input))) { return outcome }
    return try outcomeUnlessFound()
  }

  private mutating func outcomeUnlessFound() throws(CalibrationFailure) -> Outcome? {
    let outcome = try narrow()
    if case .found = outcome { return nil }
    return outcome
  }
}
