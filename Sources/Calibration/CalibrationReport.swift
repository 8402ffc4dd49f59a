// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The outcome in words: a screen for who ran it, a file for an issue. Both show synthetic inputs only.

import FixedDeflate
package import IAADevices

/// What a calibration did and found.
package struct CalibrationReport: Sendable {
  package let outcome: Outcome
  package let calibrator: CalibrationSummary
  package let machine: Machine
  package let queues: [String]
  /// What came of the other modes.
  package let modes: [ModeResult]
  /// Whether the queues are of device models, so that nothing here says anything of a device.
  package let isOfModels: Bool

  package init(
    outcome: Outcome, calibrator: CalibrationSummary, machine: Machine, queues: [String],
    modes: [ModeResult] = [], isOfModels: Bool = false
  ) {
    self.outcome = outcome
    self.calibrator = calibrator
    self.machine = machine
    self.queues = queues
    self.modes = modes
    self.isOfModels = isOfModels
  }

  private static let ofModels = "These are DEVICE MODELS: nothing here says anything of a device."

  /// The verdict, a screen of it at most.
  package var verdict: String {
    let lines: [String]
    switch outcome {
    case .found(let members): lines = found(members)
    case .outside(let difference): lines = outside(difference, rows: 12)
    case .inconsistent(let inconsistency):
      lines = [
        "Verdict: the device does not answer the same question in the same way",
        "  \(inconsistency.deviatingCount) of \(inconsistency.askedCount) answers to \(Self.named(inconsistency.probe)) "
          + "deviate from the others",
      ]
    case .wrong(let wrong):
      lines = [
        "Verdict: a stream of the device does not stand for its input",
        "  \(Self.named(wrong.probe)): \(wrong.reason)",
      ]
    }
    return (summary + [""] + lines).map { $0 + "\n" }.joined()
  }

  private var summary: [String] {
    let fails = calibrator.unmetPublished
    return (isOfModels ? [Self.ofModels] : []) + [
      "\(calibrator.asked.count) probes, each sent \(calibrator.repeats) times; "
        + "\(calibrator.consideredCount) members considered",
      "\(calibrator.comparedCount) inputs of \(calibrator.comparedBytes) bytes compared on "
        + queues.joined(separator: ", "),
      fails.isEmpty
        ? "the published streams are reproduced"
        : "NOT as published: " + fails.joined(separator: ", "),
    ] + modes.map(\.line)
  }

  private func found(_ members: [MatchProfile]) -> [String] {
    guard let first = members.first else { return [] }
    var lines = ["Verdict: the device follows \(first.name.map { "\($0)" } ?? "this profile")"]
    lines += Self.rules(first)
    if members.count > 1 {
      lines.append(
        "  \(members.count - 1) more with the same streams for all that was tried, among them")
      for other in members.dropFirst().prefix(4) { lines += Self.rules(other) }
    }
    return lines
  }

  private func outside(_ difference: Difference, rows: Int) -> [String] {
    var lines = [
      "Verdict: no member of the family explains this device", "  the nearest member:",
    ]
    lines += Self.rules(difference.nearest)
    guard !difference.input.isEmpty else {
      return lines + ["  they differ on \(difference.name), which is not shown"]
    }
    let bit = difference.firstBit
    lines += [
      "  smallest differing input, \(difference.input.count) bytes: \(Self.shown(difference.input))",
      "  first differing bit of the streams: \(bit) (byte \(bit / 8), bit \(bit % 8))",
    ]
    let table = TokenTable(
      difference.stream, difference.nearestStream, limit: difference.input.count)
    return lines + table.lines(atMost: rows)
  }

  /// Everything, for an issue.
  package var text: String {
    var lines = ["deflate-iaa calibrate, report", ""]
    lines += machine.text.split(separator: "\n").map(String.init) + [""]
    lines += verdict.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if case .outside(let difference) = outcome, !difference.input.isEmpty {
      lines += ["", "Input:  \(Self.hex(difference.input))"]
      lines += ["Device: \(Self.hex(difference.stream))"]
      lines += ["Member: \(Self.hex(difference.nearestStream))", "All tokens:"]
      lines += TokenTable(
        difference.stream, difference.nearestStream, limit: difference.input.count
      ).lines()
    }
    if case .inconsistent(let inconsistency) = outcome, !inconsistency.probe.input.isEmpty {
      lines += ["", "Input: \(Self.hex(inconsistency.probe.input))"]
      lines += inconsistency.streams.map { "Answer: \(Self.hex($0))" }
    }
    if case .wrong(let wrong) = outcome {
      lines += ["", "Input:  \(Self.hex(wrong.probe.input))", "Stream: \(Self.hex(wrong.stream))"]
    }
    if !modes.isEmpty { lines += ["", "Other modes:"] + modes.flatMap(\.lines) }
    lines += ["", "Probes, members left before and after, input and stream:"]
    for asked in calibrator.asked {
      lines.append("\(asked.probe.name): \(asked.before) -> \(asked.after)")
      lines += ["  \(Self.hex(asked.probe.input))", "  \(Self.hex(asked.stream))"]
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The profile's file, if there is a profile.
  package func profile(named name: String) -> ProfileFile? {
    guard case .found(let members) = outcome, let first = members.first else { return nil }
    var file = ProfileFile(name: first.name ?? name, profile: first)
    file.evidence = .members([
      "deviceModels": isOfModels ? .bool(true) : nil, "machine": machine.json,
      "queues": .array(queues.map { .string($0) }),
      "probes": .array(
        calibrator.asked.map { asked in
          .members([
            "name": .string(asked.probe.name), "input": .string(Self.hex(asked.probe.input)),
            "stream": .string(Self.hex(asked.stream)),
          ])
        }),
      "comparedInputs": .integer(calibrator.comparedCount),
      "comparedBytes": .integer(calibrator.comparedBytes),
      "otherModes": .array(modes.map(\.json)),
      "unmetPublishedStreams": .array(calibrator.unmetPublished.map { .string($0) }),
      // As many as a file may hold; all of them make the same streams.
      "equals": .array(members.dropFirst().prefix(100).map(\.rulesJSON)),
    ])
    return file
  }

  /// A profile's rules, one a line.
  private static func rules(_ profile: MatchProfile) -> [String] {
    guard case .object(let members) = profile.rulesJSON, !members.isEmpty else {
      return ["    \(MatchProfile.iaaV1.name ?? ""), no rule changed"]
    }
    let rules = members.map { member in
      let value = member.value.pretty().split(whereSeparator: \.isWhitespace)
        .joined(separator: " ").replacing("\"", with: "")
      return "\(member.key) = \(value)"
    }
    return ["    " + rules.joined(separator: ", ")]
  }

  private static func named(_ probe: Probe) -> String {
    "\"\(probe.name)\" (\(probe.input.count) bytes)"
  }

  /// Text where it is text, and not too much of it.
  static func shown(_ bytes: [UInt8]) -> String {
    let isText = bytes.allSatisfy { (0x20...0x7E).contains($0) }
    let text = isText ? "`\(String(decoding: bytes, as: UTF8.self))`" : hex(bytes)
    return text.count <= 120 ? text : text.prefix(119) + "…"
  }

  /// Hexadecimal digits; many bytes of one value as their number.
  static func hex(_ bytes: [UInt8]) -> String {
    if bytes.count > 64, let first = bytes.first, bytes.allSatisfy({ $0 == first }) {
      return "\(bytes.count) times \(hex([first]))"
    }
    return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// What of a calibrator is reported.
package struct CalibrationSummary: Sendable {
  let asked: [AskedProbe]
  let repeats: Int
  let consideredCount: Int
  let comparedCount: Int
  let comparedBytes: Int
  /// Published streams that the target does not reproduce.
  let unmetPublished: [String]
}

extension Calibrator {
  /// What is to be reported.
  package var summary: CalibrationSummary {
    CalibrationSummary(
      asked: asked, repeats: settings.repeats, consideredCount: considered.count,
      comparedCount: comparedCount, comparedBytes: comparedBytes,
      unmetPublished: PublishedStream.all.filter { published in
        asked.contains { $0.probe == published.probe && !published.isMet($0.stream) }
      }.map(\.probe.name))
  }
}

/// The probes, for who wants to see them before a device does.
package enum ProbeList {
  /// A line for each.
  package static var text: String {
    let lines = (Probe.opening + Probe.standard).enumerated().map { number, probe in
      "\(number + 1). \(probe.name), \(probe.input.count) bytes: \(CalibrationReport.shown(probe.input))"
    }
    return lines.map { $0 + "\n" }.joined()
      + "The first \(Probe.opening.count) are always sent, of the others those that tell apart what is "
      + "left. Then inputs made by the number are compared.\n"
  }
}
