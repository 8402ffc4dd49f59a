// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Members of the family are hidden in targets, and have to be found again. CALIBRATION_HIDDEN says how many;
// a release build takes 2,000 in minutes.

import Calibration
import FixedDeflate
import Foundation
import TestSupport
import Testing

@Suite("Hidden members") struct HiddenMemberTests {
  private static let scale =
    ProcessInfo.processInfo.environment["CALIBRATION_HIDDEN"].flatMap { Int($0) } ?? 0

  /// What became of many hidden members.
  private struct Figures {
    var probes: [Int] = []
    var classes: [Int: Int] = [:]
    var considered = 0

    func print() {
      let sorted = probes.sorted()
      guard let most = sorted.last else { return }
      let sizes = classes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      Swift.print(
        "hidden members: \(sorted.count) recovered; probes: median \(sorted[sorted.count / 2]), "
          + "maximum \(most); members in the class: times: \(sizes.joined(separator: ", "))")
    }
  }

  /// Calibrates a hidden member and checks that what is found has its streams on inputs of other making.
  private static func recover(
    _ hidden: MatchProfile, _ answers: ProbeAnswers, _ settings: Calibrator.Settings,
    _ generator: inout SeededGenerator, _ figures: inout Figures
  ) throws {
    let target = HiddenTarget(hidden)
    var calibrator = Calibrator(
      answers: answers, settings: settings, target: target)
    var outcome = try calibrator.probe()
    if case .found = outcome {
      outcome = try calibrator.compare(
        target, Comparison(count: settings.comparisons, maximumCount: 300))
    }
    guard case .found(let members) = outcome, let first = members.first else {
      Issue.record("\(hidden) is not found: \(outcome)")
      return
    }
    figures.probes.append(calibrator.asked.count)
    figures.classes[members.count, default: 0] += 1
    for round in 0..<20 {
      let kinds = Inputs.Family.allCases
      let input = Inputs.make(
        kinds[round % kinds.count], count: generator.number(1...300), using: &generator)
      var encoder = Encoder(profile: first)
      guard encoder.compress(input) == target.stream(input, position: .last) else {
        Issue.record("\(hidden) is taken for \(first), which differs on \(input.hex)")
        return
      }
    }
  }

  @Test("each is recovered up to equal output")
  func recovery() throws {
    var generator = SeededGenerator(test: "hidden members")
    let isWhole = Self.scale > 0
    let family = isWhole ? Family.whole : Family.whole.reduced(to: 1)
    var pool = family.nearMembers()
    if isWhole { pool += family.pairMembers() }
    var settings = Calibrator.Settings()
    settings.repeats = 2
    settings.comparisons = isWhole ? 200 : 60
    if !isWhole { settings.generatedProbes = 16 }
    let answers = ProbeAnswers(of: family)
    var figures = Figures()
    var count = 0
    while count < max(Self.scale, 4) {
      let hidden = pool[generator.number(0...(pool.count - 1))]
      guard hidden.isPlausible else { continue }
      count += 1
      try Self.recover(hidden, answers, settings, &generator, &figures)
    }
    figures.print()
    #expect(figures.probes.count == count)
  }
}
