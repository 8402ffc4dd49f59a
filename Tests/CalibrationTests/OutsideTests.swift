// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Targets that are no members: they have to be called so, with the smallest input that shows it.

import Calibration
import FixedDeflate
import IAADevices
import IAAModel
import TestSupport
import Testing

@Suite("Targets outside the family") struct OutsideTests {
  private static func outcome(of target: any CalibrationTarget, comparisons: Int) throws -> Outcome
  {
    var settings = Calibrator.Settings()
    settings.repeats = 2
    settings.generatedProbes = 64
    settings.sample = 24
    var calibrator = Calibrator(
      answers: ProbeAnswers(of: Family.whole.reduced(to: 1)), settings: settings, target: target)
    let outcome = try calibrator.probe()
    guard case .found = outcome else { return outcome }
    return try calibrator.compare(
      target, Comparison(count: comparisons, maximumCount: 4096))
  }

  private static let strangers: [(String, @Sendable (inout MatchProfile) -> Void)] = [
    ("a broken hash", { $0.hash = PolynomialHash(polynomial: 0x405) }),
    ("a window of 33", { $0.compareWindow = 33 }),
    ("a window from the lane", { $0.compareWindowStart = .fromLane }),
    ("three lanes", { $0.laneCount = 3 }),
  ]

  @Test("is said of other hashes, windows and lanes", arguments: strangers.indices)
  func areOutside(_ index: Int) throws {
    var profile = MatchProfile.iaaPairFirst
    Self.strangers[index].1(&profile)
    guard
      case .outside(let difference) = try Self.outcome(of: HiddenTarget(profile), comparisons: 60)
    else {
      Issue.record("\(Self.strangers[index].0) passes for a member")
      return
    }
    var encoder = Encoder(profile: profile)
    #expect(difference.stream == encoder.compress(difference.input))
    var nearest = Encoder(profile: difference.nearest)
    #expect(difference.nearestStream == nearest.compress(difference.input))
    #expect(difference.stream != difference.nearestStream)
    #expect(difference.input.count < 120, "\(difference.input.hex)")
  }

  @Test(
    "noise in one of a hundred answers is called inconsistent, never a member", arguments: 1...2)
  func noise(_ round: Int) throws {
    var generator = SeededGenerator(test: "noise \(round)")
    let target = HiddenTarget(
      .iaaPairFirst, otherwise: .iaaV1, oneIn: 100, seed: generator.next())
    // So many answers that noise would be a miracle to miss: inputs on which the two agree hide it.
    let outcome = try Self.outcome(of: target, comparisons: 4000)
    guard case .inconsistent(let inconsistency) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(inconsistency.deviatingCount > 0 && inconsistency.streams.count == 2)
  }

  /// A target whose streams are not of their inputs.
  private struct Liar: CalibrationTarget {
    let name = "liar"
    let maximumCount = 4096

    func stream(_ input: [UInt8], position: BlockPosition) -> [UInt8] {
      var encoder = Encoder()
      return encoder.compress(Array(input.dropLast()), position: position)
    }
  }

  @Test("a stream of other bytes is called wrong")
  func liar() throws {
    guard case .wrong(let wrong) = try Self.outcome(of: Liar(), comparisons: 0) else {
      Issue.record("a lie passes")
      return
    }
    #expect(wrong.reason == "it stands for other bytes")
  }
}

@Suite("A calibration's report") struct ReportTests {
  @Test("shows both token lists, the first differing bit and nothing of --pages")
  func outside() throws {
    var stranger = MatchProfile.iaaPairFirst
    stranger.compareWindow = 40
    let target = HiddenTarget(stranger)
    var settings = Calibrator.Settings()
    settings.repeats = 2
    settings.generatedProbes = 0
    let answers = ProbeAnswers(of: Family.whole.reduced(to: 0))
    var calibrator = Calibrator(answers: answers, settings: settings, target: target)
    let outcome = try calibrator.probe()
    let machine = Machine(SystemRoot("device-model", files: ModelFiles()))
    let report = CalibrationReport(
      outcome: outcome, calibrator: calibrator.summary, machine: machine, queues: ["wq1.0"])
    let verdict = report.verdict
    #expect(verdict.contains("no member of the family explains this device"), "\(verdict)")
    #expect(verdict.contains("first differing bit of the streams: "), "\(verdict)")
    #expect(verdict.contains(" bytes from "), "\(verdict)")
    #expect(verdict.split(separator: "\n").count <= 24, "\(verdict)")
    #expect(report.text.contains("All tokens:"))
    #expect(report.profile(named: "x") == nil)

    // A faithful member, but for what a page of the user's shows.
    let secret = Array(String(repeating: "my secret page ", count: 10).utf8)
    let liar = TwoFaced(secret: secret)
    var honest = Calibrator(answers: answers, settings: settings, target: liar)
    guard case .found = try honest.probe() else {
      Issue.record("not found")
      return
    }
    let end = try honest.compare(
      liar, Comparison(count: 4, maximumCount: 4096, pages: [[1, 2, 3], secret]))
    let text = CalibrationReport(
      outcome: end, calibrator: honest.summary, machine: machine, queues: ["wq1.0"]
    ).text
    #expect(text.contains("differ on page 1 of --pages, which is not shown"), "\(text)")
    #expect(!text.contains(Array(secret.prefix(8)).hex) && !text.contains("secret"))
  }

  /// Follows other rules on one input.
  private struct TwoFaced: CalibrationTarget {
    let name = "two-faced"
    let maximumCount = 4096
    let secret: [UInt8]

    func stream(_ input: [UInt8], position: BlockPosition) -> [UInt8] {
      var narrow = MatchProfile.iaaPairFirst
      narrow.compareWindow = 16
      var encoder = Encoder(
        profile: input.starts(with: secret.prefix(40)) ? narrow : .iaaPairFirst)
      return encoder.compress(input, position: position)
    }
  }
}
