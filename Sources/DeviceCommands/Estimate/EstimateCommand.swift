// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa estimate`: what IAA would make of memory, before anybody buys it.

import ArgumentParser
import IAADevices
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
        sizes leaves this program. Your own processes need no privilege; those of others need root. \
        No page is brought back from swap. Sizes in IAA's modes are those of profile v1: devices are \
        known to differ in runs of one byte, by about 1 % of the total.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @Argument(
    help: ArgumentHelp("Files whose pages to take: dumps, images, samples.", valueName: "file"))
  var files: [String] = []

  @Option(help: ArgumentHelp("A process; may be given more than once.", valueName: "pid"))
  var pid: [Int] = []

  @Option(
    help: ArgumentHelp(
      "The processes of a control group and of those below it: a path, also one below /sys/fs/cgroup.",
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

  @Option(help: ArgumentHelp("Choose the same pages again.", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "The kernel whose rules count (default: this one's): before 6.12 zswap keeps same-filled pages as "
        + "a word, before 6.18 it rejects pages that do not shrink.", valueName: "release"))
  var kernel: String?

  @Option(
    help: ArgumentHelp(
      "How much of the memory is cold; else it is asked of the kernel, and 30 % where that does not say.",
      valueName: "percent"))
  var cold: String?

  @Option(
    help: ArgumentHelp(
      "Swapped out, in 10^6 bytes a second, for the processor's part.", valueName: "MB/s"))
  var swapRate = 100

  @Flag(help: "Print the arithmetic behind the savings.")
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
    if let bad = pid.first(where: { $0 < 1 }) {
      throw ValidationError("--pid \(bad): takes 1 or more.")
    }
    if let kernel, KernelPolicy(release: kernel) == nil {
      throw ValidationError("--kernel takes a release such as 6.18, not '\(kernel)'.")
    }
    if let cold, Self.share(cold) == nil {
      throw ValidationError("--cold takes a percentage from 0 to 100, 30% say, not '\(cold)'.")
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

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let root = environment.open(rootOption.root)
    let interruption = Interruption()
    guard let every, let seconds = Self.seconds(every) else {
      return try once(root, environment, interruption)
    }
    var left = count ?? .max
    while left > 0, !interruption.isAsked, environment.console.loss() == nil {
      let (estimate, worth, notes) = try look(root, environment, interruption)
      if interruption.isAsked { break }
      let line = EstimateData.json(estimate, worth, notes: notes, time: WallClock.now).compact()
      environment.console.out(line + "\n")
      if let prometheus { try write(EstimateData.metrics(estimate), to: prometheus) }
      left -= 1
      if left > 0 {
        for _ in 0..<seconds * 10 where !interruption.isAsked { environment.pause(100) }
      }
    }
    return 0
  }

  private func once(
    _ root: SystemRoot, _ environment: CommandEnvironment, _ interruption: Interruption
  ) throws -> Int32 {
    let (estimate, worth, notes) = try look(root, environment, interruption)
    let console = environment.console
    if json {
      console.out(EstimateData.json(estimate, worth, notes: notes).pretty())
    } else if tsv {
      console.out(EstimateData.tsv(estimate))
    } else {
      console.out(EstimateText.report(estimate, worth, notes: notes, explains: explain))
    }
    if let html { try write(EstimatePage.html(estimate, worth, notes: notes), to: html) }
    if let prometheus { try write(EstimateData.metrics(estimate), to: prometheus) }
    // As a shell has it for a program that SIGINT ended; what was seen is printed nevertheless.
    return estimate.isPartial ? 130 : 0
  }

  private func write(_ text: String, to file: String) throws {
    do {
      try HostFiles.write(Array(text.utf8), to: file)
    } catch {
      throw CommandFailure(description: "\(file): \(error)")
    }
  }

  /// Opens the sources and looks at their pages.
  private func look(
    _ root: SystemRoot, _ environment: CommandEnvironment, _ interruption: Interruption
  ) throws -> (Estimate, Worth, notes: [String]) {
    let release = kernel ?? (try? root.line("/proc/sys/kernel/osrelease")) ?? ""
    let policy = KernelPolicy(release: release) ?? .newest
    var random = SystemRandomNumberGenerator()
    var options = EstimateOptions(seed: seed ?? random.next(), kernel: policy)
    options.pageSize = pageSize * 1024
    options.sample = Int(sample)
    let opened = try EstimateSources(command: self, root: root).open()
    let worth = Worth(
      cold: coldShare(opened.processes, root), swapRate: Double(swapRate) * 1e6)
    var generator = SplitMix64(state: options.seed)
    let meter = ProgressMeter(
      isShown: environment.console.isErrorTerminal && every == nil, environment.console)
    let estimate = Estimator.estimate(
      opened.sources, options, using: &generator, clock: ThreadClock.now
    ) { done, all in
      meter.show(done, of: all)
      return !interruption.isAsked
    }
    meter.clear()
    return (estimate, worth, opened.notes)
  }

  private func coldShare(_ processes: [Int], _ root: SystemRoot) -> ColdShare {
    if let cold, let share = Self.share(cold) { return ColdShare(share: share, origin: "as told") }
    return ColdShare.measured(
      processes: processes, groups: cgroup.map(EstimateSources.groupPath), isSystem: system, root)
      ?? ColdShare(share: 0.3, origin: "assumed; --cold says otherwise")
  }
}
