// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa doctor`: why the hardware is not used, and what to do first.

import ArgumentParser
import IAADevices

extension Goal: ExpressibleByArgument {}

struct DoctorCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "doctor",
      abstract: "Tell what keeps the hardware from being used, and how to fix it.",
      discussion: """
        The machine is looked over for its use by zswap, by user space or both; what is in use by \
        the one is nothing to fix for the other. Without --for that is guessed from what is set \
        up, and said. On the running system each queue that looks usable is opened, and a no-op \
        sent through it. "none" stands where there is nothing to look at, "aside" where something \
        is not this goal's or not this reader's to change. Exit code: 0 when the hardware path is ready, 1 when something has to be fixed, 2 when \
        this machine has no IAA device.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @Flag(name: .shortAndLong, help: "Print the verdict only.")
  var quiet = false

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "Look it over for zswap, for user queues, or for all.", valueName: "zswap|user|all"))
  var goal: Goal?

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let root = environment.open(rootOption.root)
    let doctor = Doctor(root, for: goal, trial: environment.trial(root))
    let sections = doctor.examine()
    let verdict = doctor.verdict(sections)
    let report = DoctorReport(isColoured: environment.console.isTerminal)
    if !quiet {
      environment.console.out(report.heading(doctor) + report.text(sections))
    }
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
      if let closing = section.closing { lines += wrapped(closing, indent: "  ") }
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
    // Further left than the reason, so that most commands stay on one line.
    lines += self.lines(remedy: finding.remedy, indent: 11)
    return lines
  }

  /// What to do, and the shell commands for it: lines that can be copied as they stand.
  func lines(remedy: String?, indent: Int) -> [String] {
    guard let remedy else { return [] }
    let space = String(repeating: " ", count: indent)
    guard let run = remedy.firstRange(of: "run: ") else {
      return wrapped(remedy, indent: space + "-> ", hanging: space + "   ")
    }
    let commands = remedy[run.upperBound...].split(separator: "\n").flatMap {
      shellWrapped(String($0), indent: space + "   ")
    }
    let isShort = remedy.startIndex == run.lowerBound && commands.count == 1
    if isShort, indent + 8 + commands[0].trimmedStart().count <= terminalWidth {
      return [space + "-> run: " + commands[0].trimmedStart()]
    }
    return wrapped(
      String(remedy[..<run.upperBound]), indent: space + "-> ", hanging: space + "   ")
      + commands
  }

  /// Whom the machine is looked over for, and why.
  func heading(_ doctor: Doctor) -> String {
    guard let guess = doctor.guess else { return "For \(doctor.goal.phrase)\n\n" }
    return wrapped(
      "For \(doctor.goal.phrase): a guess, as \(guess) (--for zswap, user or all says otherwise)",
      hanging: "  "
    ).joined(separator: "\n") + "\n\n"
  }

  func text(_ verdict: Verdict, _ sections: [Doctor.Section]) -> String {
    var lines: [String]
    switch verdict {
    case .ready(let ready):
      // Queues for user space are tried on a running system; zswap's way is read from files everywhere.
      let isSure = ready.isTried && ready.kernelQueues.isEmpty
      lines = [
        ready.isModel
          ? bold("Verdict: device models ready, with no device behind them")
          : bold("Verdict: hardware path ready" + (isSure ? "" : ", as far as files tell"))
      ]
      if !ready.kernelQueues.isEmpty {
        lines += wrapped(
          "zswap compresses by \(ready.kernelQueues.joined(separator: ", ")); to see it at "
            + "work: deflate-iaa zswap exercise 1000", indent: "  ")
      }
      if !ready.queues.isEmpty {
        lines += wrapped(
          "usable from here: \(ready.queues.joined(separator: ", "))"
            + (ready.isTried
              ? ", each tried by a no-op" : ready.isModel ? "" : "; no queue was opened"),
          indent: "  ")
      }
      let others = sections.flatMap(\.findings).filter { $0.status == .problem }.map(\.name)
      if !others.isEmpty {
        lines += wrapped(
          "could be better, see there: \(others.joined(separator: ", "))", indent: "  ",
          hanging: "    ")
      }
    case .fix(let finding):
      lines = [bold("Verdict: fix this first: \(finding.name)")]
      lines += wrapped(finding.reason, indent: "  ")
      lines += self.lines(remedy: finding.remedy, indent: 2)
    case .noDevice:
      lines = [bold("Verdict: no IAA device here, and nothing to fix")]
      lines += wrapped(
        "deflate-iaa compresses in software on this machine. Every published device stream is "
          + "reproduced; devices are known to differ in runs; sizes agree within about 1 %; "
          + "'deflate-iaa calibrate' settles it where there is a device.",
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
      case .unknown, .aside, .nothing: "36"
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
