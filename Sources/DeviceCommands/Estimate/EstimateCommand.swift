// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa estimate`: what IAA would make of memory, before anybody buys it.

import ArgumentParser
import FixedDeflate
import MemoryEstimate

struct EstimateCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "estimate",
      abstract: "Tell what compressing memory with IAA would save.",
      discussion: """
        Takes pages of files or of running processes, compresses each as IAA would and as the \
        system's libraries do, and adds up sizes, what zswap and zram would need for them, and what \
        that saves. Processes are never stopped, traced or written to, and of their pages nothing but \
        sizes leaves this program. Your own processes need no privilege, unless the kernel keeps users \
        out of theirs (kernel.yama.ptrace_scope); those of others need root. \
        No page is brought back from swap. Which match rules a device follows is known within a family \
        of profiles: sizes in IAA's modes are those of --profile, and beside them stands what the \
        family's members make of some of the pages.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @Argument(
    help: ArgumentHelp(
      "Files whose pages to take: dumps, images, samples; pipes, too, and \"-\" for standard input.",
      valueName: "file"))
  var files: [String] = []

  @Option(help: ArgumentHelp("A process; may be given more than once.", valueName: "pid"))
  var pid: [Int] = []

  @Option(
    help: ArgumentHelp(
      "The processes of a control group and of those below it: a path, also one below /sys/fs/cgroup or "
        + "its memory controller's folder.",
      valueName: "path"))
  var cgroup: [String] = []

  @Flag(help: "All processes that may be read.")
  var system = false

  @Option(help: ArgumentHelp("Size of a page in KiB: 4, 16 or 64.", valueName: "KiB"))
  var pageSize = 4

  @Option(
    help: ArgumentHelp(
      "Look at about so many pages, chosen at random, and at 256 of each kind of mapping; \"all\" for every page.",
      valueName: "n|all"))
  var sample = "65536"

  @Option(
    name: [.customShort("p"), .long],
    help: ArgumentHelp(
      "Use this many processors, 1 to 1024. Unless given, all allowed. The figures are the same with any number.",
      valueName: "n"))
  var processes: Int?

  @Option(help: ArgumentHelp("Choose the same pages again.", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "The kernel whose rules count (default: this one's): before 6.12 zswap keeps same-filled pages as "
        + "a word, before 6.18 it rejects pages that do not shrink.", valueName: "release"))
  var kernel: String?

  @Option(
    help: ArgumentHelp(
      "How much of the memory is cold, 30% say; or a time, 60s say, for which to track with the kernel's "
        + "idle marks which pages nobody uses. Else the kernel's own account is asked, and 30 % assumed "
        + "where that does not say.", valueName: "percent|time"))
  var cold: String?

  @Option(
    help: ArgumentHelp(
      "The match rules of IAA's modes: a member of the family by name, or the file that calibrate wrote.",
      valueName: "name|file"))
  var profile = MatchProfile.defaultName

  @Option(
    help: ArgumentHelp(
      "Swapped out, in 10^6 bytes a second, for the processor's part.", valueName: "MB/s"))
  var swapRate = 100

  @Flag(help: "Print the arithmetic behind the savings, with --json as its member \"explanation\".")
  var explain = false

  @Flag(help: "Print JSON (Documentation/estimate-schema.md).")
  var json = false

  @Flag(
    help: "Print a line for each source, kind of mapping and algorithm, in columns parted by tabs.")
  var tsv = false

  @Option(
    help: ArgumentHelp("Also write a page for a browser, all in one file.", valueName: "file"))
  var html: String?

  @Option(
    help: ArgumentHelp(
      "Estimate again and again, a line of JSON each time, until interrupted: 10s, 5m, 1h.",
      valueName: "time"))
  var every: String?

  @Option(help: ArgumentHelp("Stop --every after so many.", valueName: "n"))
  var count: Int?

  @Option(
    help: ArgumentHelp(
      "Also write the figures for node_exporter's textfile collector, replaced as a whole.",
      valueName: "file"))
  var prometheus: String?

  mutating func validate() throws {
    if ![4, 16, 64].contains(pageSize) { throw ValidationError("--page-size takes 4, 16 or 64.") }
    if sample != "all", (Int(sample).map { $0 < 1 }) ?? true {
      throw ValidationError("--sample takes a number from 1 on, or \"all\".")
    }
    if let processes, !(1...1024).contains(processes) {
      throw ValidationError("-p takes 1 to 1024.")
    }
    if let bad = pid.first(where: { $0 < 1 }) {
      throw ValidationError("--pid \(bad): takes 1 or more.")
    }
    if let kernel, KernelPolicy(release: kernel) == nil {
      throw ValidationError("--kernel takes a release such as 6.18, not '\(kernel)'.")
    }
    if let cold, Self.share(cold) == nil, trackingTime == nil {
      throw ValidationError(
        "--cold takes a percentage from 0 to 100, 30% say, or a time such as 60s, not '\(cold)'.")
    }
    if !(1...1_000_000).contains(swapRate) {
      throw ValidationError("--swap-rate takes 1 to 1000000.")
    }
    let outputs = [html, prometheus].compactMap { $0 }
    if let both = outputs.first(where: files.contains) {
      throw ValidationError("\(both) is to be read and written.")
    }
    if html != nil, html == prometheus {
      throw ValidationError("--html and --prometheus name the same file.")
    }
    if explain, tsv { throw ValidationError("--explain goes with text and JSON, not with --tsv.") }
    if json, tsv { throw ValidationError("--json and --tsv exclude each other.") }
    if let every, Self.seconds(every) == nil {
      throw ValidationError("--every takes a time such as 10s, 5m or 1h, not '\(every)'.")
    }
    if every != nil, tsv || html != nil {
      throw ValidationError("--every prints lines of JSON, and goes with neither --tsv nor --html.")
    }
    if let count, count < 1 { throw ValidationError("--count takes 1 or more.") }
    if count != nil, every == nil { throw ValidationError("--count goes with --every.") }
    if files.isEmpty, pid.isEmpty, cgroup.isEmpty, !system {
      throw ValidationError("name files, or use --pid, --cgroup or --system.")
    }
  }

  /// 0 to 1 of a percentage with or without its sign.
  static func share(_ text: String) -> Double? {
    let number = text.hasSuffix("%") ? text.dropLast() : Substring(text)
    guard let value = Double(String(number)), (0...100).contains(value) else { return nil }
    return value / 100
  }

  /// Seconds of "10s", "5m", "1h" or a bare number, 1 to a day.
  static func seconds(_ text: String) -> Int? {
    let units = ["s": 1, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[String($0)] }
    guard let number = Int(unit == nil ? text : String(text.dropLast())) else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
    return !overflow && (1...86_400).contains(product) ? product : nil
  }

  /// How long --cold asks to track pages, in seconds; nil where it names a share or nothing. A bare number
  /// is a share.
  var trackingTime: Int? {
    cold.flatMap { $0.last?.isLetter == true ? Self.seconds($0) : nil }
  }

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let run = EstimateRun(
      command: self, profile: try chosenProfile(),
      root: environment.open(rootOption.root), environment: environment,
      interruption: Interruption())
    guard let every, let seconds = Self.seconds(every) else { return try run.once() }
    return try run.again(every: seconds, count: count ?? .max)
  }

  private func chosenProfile() throws -> ProfileChoice {
    do throws(ProfileChoice.Failure) {
      return try ProfileChoice(profile)
    } catch {
      throw CommandFailure(description: "--profile: \(error)")
    }
  }
}
