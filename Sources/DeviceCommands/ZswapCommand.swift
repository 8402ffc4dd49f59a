// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa zswap`: status, the documented set-up and the way back, and the documented test.

import ArgumentParser
import IAADevices

extension PageFill: ExpressibleByArgument {}

struct ZswapCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "zswap",
      abstract: "Have zswap compress by IAA: status, enable, restore, exercise.",
      subcommands: [
        ZswapStatus.self, ZswapEnable.self, ZswapRestore.self, ZswapExercise.self,
      ],
      defaultSubcommand: ZswapStatus.self)
  }
}

struct ZswapStatus: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "status", abstract: "Show zswap's settings and counters.")
  }

  @OptionGroup var rootOption: RootOption

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let root = environment.open(rootOption.root)
    let zswap = Zswap(root)
    let console = environment.console
    let parameters = zswap.parameters
    guard !parameters.isEmpty else {
      console.err("deflate-iaa: this kernel has no zswap (CONFIG_ZSWAP)\n")
      return 1
    }
    let swap = SwapAreas(root)
    let areas = swap.names
    let registered = root.registeredCompressors ?? []
    var rows = parameters.map { (name: $0.name, value: $0.value.text ?? $0.value.problem) }
    rows += [
      (
        "swap areas",
        areas.map { $0.isEmpty ? "none" : $0.joined(separator: " ") } ?? "cannot be read"
      ),
      (
        "IAA compressors registered",
        registered.isEmpty ? "none" : registered.joined(separator: " ")
      ),
    ]
    let disks = ZramDevice.all(root)
    rows += disks.map { ("\($0.name) compressor", $0.algorithm ?? "cannot be read") }
    rows += SwapCounters(root).entries.map { ($0.name, "\($0.value)") }
    do {
      _ = try KernelStatistics(root)
    } catch {
      rows.append(("iaa_crypto statistics", error.description))
    }
    console.out(table(rows, width: 28))
    let state = zswap.state
    var notes = notes(state, parameters.map(\.name), swap, disks)
    if state.usesIAA, let fault = Topology(root).kernelQueueFault { notes[0] += " But \(fault)." }
    console.out(notes.flatMap { wrapped($0) }.map { $0 + "\n" }.joined())
    return 0
  }
}

extension ZswapStatus {
  /// What the values come to.
  func notes(
    _ zswap: Zswap.State, _ parameters: [String], _ swap: SwapAreas, _ disks: [ZramDevice]
  ) -> [String] {
    var notes: [String] = []
    if let compressor = zswap.compressor, let isOn = zswap.isEnabled {
      notes.append(
        !isOn
          ? "zswap is off."
          : zswap.usesIAA
            ? "zswap compresses with \(compressor), so by IAA."
            : "zswap compresses with \(compressor), so in software.")
    }
    if let shortcoming = swap.shortcoming { notes.append("Mind: \(shortcoming).") }
    if !parameters.contains("zpool") {
      notes.append(
        "This kernel's zswap has zsmalloc without a choice (no zpool); from Linux 6.18 on a page "
          + "that does not shrink is kept as it is, and counted as stored_incompressible_pages.")
    }
    if !disks.isEmpty { notes.append("zram: \(ZramDevice.advice(disks)).") }
    return notes
  }
}

/// The driver's compressors that zswap can be given.
enum DeviceCompressor: String, CaseIterable, ExpressibleByArgument {
  case fixed = "deflate-iaa"
  case dynamic = "deflate-iaa-dynamic"
}

struct ZswapEnable: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "enable",
      abstract: "Make zswap compress with IAA.",
      discussion: """
        Sets the compressor, the allocator zsmalloc and enabled, and nothing else. \
        --documented-test sets what the kernel's page sets for its test too: a pool of half the \
        memory, swappiness 100, no huge pages, overcommit_memory 1. The previous settings are kept in /run/deflate-iaa for `zswap restore`. Parameters that \
        this kernel lacks are skipped and named.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @Option(
    help: ArgumentHelp(
      "Which: deflate-iaa (fixed blocks), or deflate-iaa-dynamic where there is such.",
      valueName: "deflate-iaa|deflate-iaa-dynamic"))
  var compressor = DeviceCompressor.fixed

  @Flag(help: "Set the machine up for the test of the kernel's page; not for everyday use.")
  var documentedTest = false

  @Flag(help: "The same, with same-filled pages off, as the first edition of the page has it.")
  var firstEdition = false

  @Flag(help: "Go on although the compressor is not registered.")
  var force = false

  @Flag(
    name: [.customShort("n"), .long], help: "Print the writes as a shell script; write nothing.")
  var dryRun = false

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let root = environment.open(rootOption.root)
    let extent: Zswap.Extent =
      firstEdition ? .firstEdition : documentedTest ? .documentedTest : .compressor
    if dryRun {
      try Zswap(root).check(compressor: compressor.rawValue, force: force)
      environment.console.out(
        zswapScript(Zswap.sequence(extent, compressor: compressor.rawValue), root))
    } else {
      report(
        try Zswap(root).enable(extent, compressor: compressor.rawValue, force: force), root,
        environment)
    }
    for shortcoming in [Topology(root).kernelQueueFault, SwapAreas(root).shortcoming] {
      if let shortcoming { environment.console.err("deflate-iaa: \(shortcoming)\n") }
    }
    return 0
  }
}

struct ZswapRestore: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "restore", abstract: "Put back the settings that `zswap enable` replaced.")
  }

  @OptionGroup var rootOption: RootOption

  @Flag(
    name: [.customShort("n"), .long], help: "Print the writes as a shell script; write nothing.")
  var dryRun = false

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let root = environment.open(rootOption.root)
    if dryRun {
      environment.console.out(zswapScript(try Zswap(root).restoreSequence(), root))
      return 0
    }
    report(try Zswap(root).restore(), root, environment)
    return 0
  }
}

/// A script that skips the parameters which the kernel lacks.
func zswapScript(_ settings: [Zswap.Setting], _ root: SystemRoot) -> String {
  var lines = [
    "#!/bin/sh",
    "# Written by deflate-iaa --dry-run; it needs root.",
    "put() {",
    "  if [ ! -e \"$2\" ]; then echo \"skipped, not there: $2\" >&2; return; fi",
    "  printf '%s\\n' \"$1\" > \"$2\" || { echo \"cannot write $1 to $2\" >&2; exit 1; }",
    "}",
  ]
  lines += settings.map { "put \(shellQuoted($0.value)) \(shellQuoted(root.locate($0.path)))" }
  return lines.joined(separator: "\n") + "\n"
}

func report(
  _ outcomes: [Zswap.Outcome], _ root: SystemRoot, _ environment: CommandEnvironment
) {
  for outcome in outcomes {
    switch outcome {
    case .written(let setting):
      environment.console.out("\(root.locate(setting.path)) = \(setting.value)\n")
    case .absent(let path):
      environment.console.out("skipped, this kernel lacks it: \(root.locate(path))\n")
    }
  }
}

struct ZswapExercise: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "exercise",
      abstract: "Swap pages out and in again, and compare every byte.",
      discussion: """
        Exit code: 0 when the pages went out through zswap on deflate-iaa and came back right, \
        1 when a byte was wrong, 2 when all bytes were right but something could not be done.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @Option(
    help: ArgumentHelp(
      "What pages hold: text, star (as the documented program) or random.",
      valueName: "text|star|random"))
  var fill = PageFill.text

  // A number with a minus before it is a wrong value, and not an option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Wait so many seconds for pages to leave memory.", valueName: "0-3600"),
    transform: { try wholeNumber($0, in: 0...3600) })
  var wait = 5

  // 64 GiB: more is a slip of the keyboard.
  @Argument(
    help: "How many pages of \(Page.size) bytes, 1 to 16777216.",
    transform: { try wholeNumber($0, in: 1...(1 << 24)) })
  var pages: Int

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    #if os(Linux)
      let root = environment.open(rootOption.root)
      let console = environment.console
      console.out("Allocating \(pages) pages to swap in/out\n")
      let exercise = SwapExercise(root: root, pause: environment.pause)
      let result: SwapExerciseResult
      do {
        result = try exercise.run(count: pages, fill: fill, wait: wait)
      } catch {
        throw CommandFailure(description: "no memory for \(pages) pages: \(error.description)")
      }
      console.out(text(result))
      return result.wrongBytes > 0 ? 1 : result.shortfalls.isEmpty ? 0 : 2
    #else
      throw CommandFailure(description: "only Linux can swap single pages out")
    #endif
  }

  func text(_ result: SwapExerciseResult) -> String {
    var lines: [String] = []
    if let out = result.swappedOut {
      lines.append("Swapped out \(out) of \(result.pages) pages")
    }
    lines.append("Swapped in and compared \(result.pages) pages, \(result.pages * Page.size) bytes")
    lines.append(
      result.wrongBytes == 0
        ? "All bytes are right"
        : "BAD DATA: \(result.wrongBytes) bytes are wrong, the first in page "
          + "\(result.firstWrongPage ?? 0)")
    if !result.after.entries.isEmpty {
      // The longest of the driver's names leaves room for two columns of 13.
      func row(_ before: String, _ after: String) -> String { pad(before, -13) + pad(after, -14) }
      let rows = result.after.entries.map { entry in
        (
          name: entry.name,
          value: row(result.before[entry.name].map(String.init) ?? "-", "\(entry.value)")
        )
      }
      lines.append(
        String(table([("counter", row("before", "after"))] + rows, width: 42).dropLast()))
    }
    lines += result.shortfalls.flatMap {
      wrapped($0, indent: "not done: ", hanging: "  ")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
