// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa doctor`: why the hardware is not used, and what to do first.

import ArgumentParser
import IAAOffload

struct DoctorCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "doctor",
      abstract: "Tell what keeps the hardware from being used, and how to fix it.",
      discussion: """
        Exit code: 0 when the hardware path is ready, 1 when something has to be fixed, 2 when \
        this machine has no IAA device.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @Flag(name: .shortAndLong, help: "Print the verdict only.")
  var quiet = false

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let doctor = Doctor(environment.open(rootOption.root))
    let sections = doctor.examine()
    let verdict = doctor.verdict(sections)
    let report = DoctorReport(isColoured: environment.console.isTerminal)
    if !quiet { environment.console.out(report.text(sections)) }
    environment.console.out(report.text(verdict, sections))
    return verdict.exitCode
  }
}

/// The findings as text: a line each, what to do under it.
struct DoctorReport {
  let isColoured: Bool

  static let nameWidth = 18

  func text(_ sections: [Doctor.Section]) -> String {
    var lines: [String] = []
    for section in sections {
      lines.append(bold(section.title))
      for finding in section.findings { lines += self.lines(finding) }
      lines.append("")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  func lines(_ finding: Finding) -> [String] {
    let status = pad(finding.status.rawValue, 8)
    let indent = "  " + status + " " + pad(finding.name, Self.nameWidth) + " "
    let hanging = String(repeating: " ", count: indent.count)
    var lines = wrapped(finding.reason, indent: indent, hanging: hanging)
    // Colours are no columns, so they come after the wrapping.
    lines[0] = "  " + coloured(status, finding) + lines[0].dropFirst(2 + status.count)
    if let remedy = finding.remedy {
      // Further left than the reason, so that most commands stay on one line.
      lines += wrapped(remedy, indent: "           -> ", hanging: "              ")
    }
    return lines
  }

  func text(_ verdict: Verdict, _ sections: [Doctor.Section]) -> String {
    var lines: [String]
    switch verdict {
    case .ready(let queues):
      lines = [bold("Verdict: hardware path ready")]
      lines += wrapped("usable from here: \(queues.joined(separator: ", "))", indent: "  ")
      let others = sections.flatMap(\.findings).count { $0.status == .problem }
      if others > 0 {
        lines.append("  \(others) finding\(others == 1 ? "" : "s") above could be better")
      }
    case .fix(let finding):
      lines = [bold("Verdict: fix this first: \(finding.name)")]
      lines += wrapped(finding.reason, indent: "  ")
      if let remedy = finding.remedy {
        lines += wrapped(remedy, indent: "  -> ", hanging: "     ")
      }
    case .noDevice:
      lines = [bold("Verdict: no IAA device here, and nothing to fix")]
      lines += wrapped(
        "deflate-iaa compresses in software on this machine. Every published device stream is "
          + "reproduced; devices are known to differ in runs; sizes agree within about 1 %.",
        indent: "  ")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

  func coloured(_ text: String, _ finding: Finding) -> String {
    guard isColoured else { return text }
    let code =
      switch finding.status {
      case .ok: "32"
      case .problem: finding.isBlocking ? "31" : "33"
      case .unknown: "36"
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
