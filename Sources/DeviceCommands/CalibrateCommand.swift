// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa calibrate`: which rules a device follows.

import ArgumentParser
import Calibration
import FixedDeflate
import IAADevices
import IAAOffload
import SystemPackage

struct CalibrateCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "calibrate",
      abstract: "Find out which match rules a device follows.",
      discussion: """
        Synthetic inputs are compressed on the device, and the streams compared with those of the \
        members of the family of profiles; then thousands of inputs are compared byte for byte, on \
        each usable queue of each device, or of those named, in fixed mode, with both editions of the \
        canned tables, and in dynamic mode where the device has it. Nothing of yours is sent or written unless \
        --pages says so. Exit code: 0 when a profile was found, 1 for errors, 2 when no queue can \
        be used, 3 when the device is no member of the family or does not answer alike.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @Argument(help: ArgumentHelp("Devices or queues.", valueName: "target"))
  var targets: [DeviceTarget] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the profile is written, for --profile.", valueName: "file"))
  var output = "deflate-iaa-profile.json"

  @Option(help: ArgumentHelp("Where the report for an issue is written.", valueName: "file"))
  var report = "deflate-iaa-calibration.txt"

  @Flag(help: "Replace these files if they are there.")
  var force = false

  @Option(
    help: ArgumentHelp(
      "Inputs that are compared on the first queue in each mode, 0 to 100000.", valueName: "n"))
  var compare = Calibrator.Settings().comparisons

  @Option(
    help: ArgumentHelp(
      "Compare the pages of this file, too; of it nothing is shown but a page's number.",
      valueName: "file"))
  var pages: String?

  @Flag(name: [.customShort("n"), .long], help: "Print the probes and send none.")
  var dryRun = false

  /// The most of a file that is compared.
  private static let pagesLimit = 64 << 20

  mutating func validate() throws {
    if !(0...100_000).contains(compare) { throw ValidationError("--compare takes 0 to 100000.") }
    if output == report { throw ValidationError("-o and --report name the same file.") }
  }

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    if dryRun {
      environment.console.out(ProbeList.text)
      return 0
    }
    let root = environment.open(rootOption.root)
    let pages = try readPages()
    if !force {
      for file in [output, report] where HostFiles.isThere(file: file) {
        throw CommandFailure(description: "\(file) is there already; --force replaces it")
      }
    }
    // Before the work, not after it.
    for file in [output, report] {
      do throws(Errno) {
        try HostFiles.checkCanWrite(file: file)
      } catch {
        throw CommandFailure(description: "\(file): \(error)")
      }
    }
    let (queues, isOfModels): ([QueueDescription], Bool)
    do throws(OffloadError) {
      (queues, isOfModels) = try usableQueues(root)
    } catch {
      environment.console.err("deflate-iaa: \(error)\n")
      return 2
    }
    do throws(CalibrationFailure) {
      let (outcome, summary) = try calibrate(queues, root, pages)
      return try write(
        CalibrationReport(
          outcome: outcome, calibrator: summary, machine: Machine(root),
          queues: queues.map { "\($0.id)" },
          modes: compareModes(outcome, queues, root, pages), isOfModels: isOfModels), environment)
    } catch {
      throw CommandFailure(description: "\(error)")
    }
  }

  /// The queues that are named, or all, and whether they are of models.
  private func usableQueues(
    _ root: SystemRoot
  ) throws(OffloadError) -> (queues: [QueueDescription], isOfModels: Bool) {
    var configuration = Dispatcher.Configuration()
    configuration.path = .hardware
    // Dedicated queues are free for the calibration's own dispatchers once this one is gone.
    let dispatcher = try Dispatcher(configuration, root: root)
    let queues = dispatcher.openQueues
    let named = queues.filter { queue in
      targets.isEmpty
        || targets.contains {
          $0.deviceID == queue.id.device && ($0.queue ?? queue.id.queue) == queue.id.queue
        }
    }
    guard !named.isEmpty else {
      throw .hardwareUnavailable(["none of the queues named can be used"])
    }
    return (named, named.contains { dispatcher.portalKind(of: $0.id) == .model })
  }

  private func calibrate(
    _ queues: [QueueDescription], _ root: SystemRoot, _ pages: [[UInt8]]
  ) throws(CalibrationFailure) -> (Outcome, CalibrationSummary) {
    let first = try target(queues[0], .fixed, root)
    var calibrator = Calibrator(
      answers: ProbeAnswers(of: .whole), settings: settings, target: first)
    var outcome = try calibrator.probe()
    for (index, queue) in queues.enumerated() {
      guard case .found = outcome else { break }
      let other = index == 0 ? first : try target(queue, .fixed, root)
      outcome = try calibrator.compare(other, comparison(index, of: queues, other, pages))
    }
    return (outcome, calibrator.summary)
  }

  private var settings: Calibrator.Settings {
    var settings = Calibrator.Settings()
    settings.comparisons = compare
    return settings
  }

  /// What is compared on a queue of those that are.
  private func comparison(
    _ index: Int, of queues: [QueueDescription], _ target: QueueTarget, _ pages: [[UInt8]]
  ) -> Comparison {
    // Chunks of megabytes once are enough: other queues lead to the same kind of engine.
    Comparison(
      count: index == 0
        ? settings.comparisons : settings.comparisons(onOtherOf: queues.count),
      maximumCount: index == 0 ? target.maximumCount : min(target.maximumCount, 1 << 16),
      pages: index == 0 ? pages : [])
  }

  /// Compares the other modes by the member that was found, if one was.
  private func compareModes(
    _ outcome: Outcome, _ queues: [QueueDescription], _ root: SystemRoot, _ pages: [[UInt8]]
  ) -> [ModeResult] {
    guard case .found(let members) = outcome, let member = members.first else { return [] }
    return CompressionMode.calibrated.map { mode in
      var result = ModeResult(mode)
      let able = queues.filter { mode != .dynamic || $0.capabilities.contains(.headerGeneration) }
      if able.isEmpty { result.ending = .notThere }
      for (index, queue) in able.enumerated() {
        do throws(CalibrationFailure) {
          let target = try target(queue, mode, root)
          result.compare(target, comparison(index, of: able, target, pages), by: member)
        } catch {
          result.ending = .stopped(error.description)
        }
      }
      return result
    }
  }

  private func target(
    _ queue: QueueDescription, _ mode: CompressionMode, _ root: SystemRoot
  ) throws(CalibrationFailure) -> QueueTarget {
    do throws(OffloadError) {
      return try QueueTarget(queue, mode: mode, root: root)
    } catch {
      throw CalibrationFailure("\(queue.id): \(error)")
    }
  }

  private func readPages() throws -> [[UInt8]] {
    guard let pages else { return [] }
    do {
      let bytes = try HostFiles.read(file: pages, limit: Self.pagesLimit)
      return stride(from: 0, to: bytes.count, by: Page.size).map {
        Array(bytes[$0..<min($0 + Page.size, bytes.count)])
      }
    } catch {
      throw CommandFailure(description: "\(pages): \(error)")
    }
  }

  /// Prints the verdict and writes the files.
  private func write(
    _ result: CalibrationReport, _ environment: CommandEnvironment
  ) throws(CalibrationFailure) -> Int32 {
    environment.console.out(result.verdict + "\n")
    let profile = result.profile(named: "calibrated")
    if let profile {
      try put(profile.text, output)
      environment.console.out("profile written: use it by --profile \(output)\n")
    }
    try put(result.text, report)
    environment.console.out("report written, without anything of yours: \(report)\n")
    return profile == nil ? 3 : 0
  }

  private func put(_ text: String, _ file: String) throws(CalibrationFailure) {
    do {
      try HostFiles.write(Array(text.utf8), to: file)
    } catch {
      throw CalibrationFailure("\(file): \(error)")
    }
  }
}
