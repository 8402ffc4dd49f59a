// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa stats`: the counters of the kernel's iaa_crypto driver, as they are or by the second.

import ArgumentParser
import IAADevices

struct StatsCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "stats",
      abstract: "Show the statistics of the kernel's iaa_crypto driver.",
      discussion: """
        They are read from /sys/kernel/debug/iaa_crypto (or iaa-crypto, as the kernel's \
        documentation spells it), in either form that kernels have had, and need root. They count \
        what the kernel compresses, for zswap say; jobs of this program are not among them: compress \
        with --stats to see those.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @Flag(help: "Set all counters to 0 first.")
  var reset = false

  @Flag(help: "Print changes per second until interrupted.")
  var watch = false

  @Option(
    help: ArgumentHelp(
      "Seconds between two readings of --watch, 1 to 86400; 1 if not given.", valueName: "seconds"),
    transform: accepting("1 to 86400 seconds"))
  var interval = 1

  @Option(
    help: ArgumentHelp("Stop --watch after so many lines.", valueName: "n"),
    transform: accepting(AcceptedForm.number))
  var count: Int?

  mutating func validate() throws {
    if interval < 1 || interval > 86_400 {
      throw ValidationError("--interval takes 1 to 86400 seconds.")
    }
    if let count, count < 1 { throw ValidationError("--count takes 1 or more.") }
  }

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let root = environment.open(rootOption.root)
    if reset { try KernelStatistics.reset(root) }
    let first = try KernelStatistics(root)
    if let odd = first.oddities.first {
      let count = first.oddities.count
      environment.console.err(
        "deflate-iaa: \(count) line\(count == 1 ? " makes" : "s make") no sense and \(count == 1 ? "is" : "are") left out; "
          + "the first is in \(odd)\n")
    }
    guard watch else {
      environment.console.out(first.text)
      return 0
    }
    var last = first
    environment.console.out(StatisticsReport.header + "\n")
    var lines = 0
    while count.map({ lines < $0 }) ?? true, environment.console.loss() == nil {
      environment.pause(interval * 1000)
      let next = try KernelStatistics(root)
      environment.console.out(
        StatisticsReport.rates(from: last, to: next, seconds: interval) + "\n")
      last = next
      lines += 1
    }
    return 0
  }
}

/// Changes of the statistics by the second.
enum StatisticsReport {
  static let columns = [
    ("total_comp_calls", "comp/s"), ("total_decomp_calls", "decomp/s"),
    ("total_sw_decomp_calls", "sw-decomp/s"), ("total_comp_bytes_out", "comp-bytes/s"),
    ("total_decomp_bytes_in", "decomp-bytes/s"), ("errors", "errors/s"),
  ]

  static var header: String {
    columns.map { pad($0.1, -max($0.1.count, 11)) }.joined(separator: " ")
  }

  static func rates(from old: KernelStatistics, to new: KernelStatistics, seconds: Int) -> String {
    columns.map { name, title in
      // A counter that went down was reset in between: count from 0.
      let (before, after) = (sum(old, name), sum(new, name))
      let change = after.map { $0 >= (before ?? 0) ? $0 - (before ?? 0) : $0 }
      let text = change.map { rate($0, seconds) } ?? "-"
      return pad(text, -max(title.count, 11))
    }.joined(separator: " ")
  }

  /// One decimal where whole numbers would hide a slow trickle.
  static func rate(_ change: UInt64, _ seconds: Int) -> String {
    let (whole, rest) = change.quotientAndRemainder(dividingBy: UInt64(seconds))
    return seconds == 1 ? "\(change)" : "\(whole).\(rest * 10 / UInt64(seconds))"
  }

  static func sum(_ statistics: KernelStatistics, _ name: String) -> UInt64? {
    let values = statistics.global.filter {
      name == "errors" ? $0.name.hasSuffix("_errors") : $0.name == name
    }
    return values.isEmpty ? nil : values.reduce(0) { $0 &+ $1.value }
  }
}
