// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The way to devices for one run. Where the system has none, finding that out is a look at one
// directory, and nothing else of the run knows that there could be any.

import FixedDeflate
import IAADevices
import IAAOffload

/// A dispatcher over the queues there are, or the reason why there is none.
final class Offload: Sendable {
  /// Does the blocks; nil when all is done in software.
  let dispatcher: Dispatcher?
  private let absence: Absence
  /// What hardware cannot do is an error.
  let isStrict: Bool
  /// The models that are laid below the root.
  private let models: [ModelBelow]

  /// Why there is no dispatcher.
  private enum Absence {
    case asAsked
    case noDevice(root: String?)
    case noQueue([String])
  }

  /// Why there is no dispatcher, for people; put into words only when somebody asks.
  var reason: String {
    switch absence {
    case .asAsked: return "as --path software says"
    case .noDevice(let path):
      let root = SystemRoot(path ?? "/")
      return "no IAA device in \(root.locate(SysfsTree(root).devicesPath))"
    case .noQueue(let reasons): return reasons.joined(separator: "; ")
    }
  }

  /// All in software.
  static let none = Offload(.asAsked)

  private init(_ absence: Absence) {
    dispatcher = nil
    models = []
    self.absence = absence
    isStrict = false
  }

  private init(_ dispatcher: Dispatcher, _ models: [ModelBelow] = []) {
    self.dispatcher = dispatcher
    self.models = models
    absence = .noQueue([])
    isStrict = dispatcher.configuration.path == .hardware
  }

  /// Looks for queues, as far as the options want any.
  ///
  /// - Throws: `OffloadError.hardwareUnavailable` when hardware is all that is wanted and there is
  ///   no queue.
  static func open(
    _ options: OffloadOptions, blockSize: Int, mode: CompressionMode
  ) throws(OffloadError) -> Offload {
    let path = options.path ?? .auto
    if path == .software { return none }
    if path == .auto, options.models == nil, !hasBus(below: options.root) {
      return Offload(.noDevice(root: options.root))
    }
    let configuration = options.configuration(blockSize: blockSize, mode: mode)
    let trace: Trace? = options.isTraced ? write : nil
    if let models = options.models?.makeModels() {
      guard let root = options.root.map({ SystemRoot($0) }), !root.isLive else {
        return Offload(try Dispatcher(configuration, models: models, trace: trace))
      }
      let mounts = try models.map { (model) throws(OffloadError) in try ModelBelow(root, model) }
      return Offload(try Dispatcher(configuration, root: root, trace: trace), mounts)
    }
    let root = SystemRoot(options.root ?? "/")
    if path == .auto, !SysfsTree(root).hasDevice(of: .iaa) {
      return Offload(.noDevice(root: options.root))
    }
    let dispatcher = try Dispatcher(configuration, root: root, trace: trace)
    return dispatcher.isOperational
      ? Offload(dispatcher) : Offload(.noQueue(dispatcher.reasonsForNoQueue))
  }

  /// Whether the system has a bus that IAA devices are on: all that most machines are asked.
  private static func hasBus(below root: String?) -> Bool {
    let root = SystemRoot(root ?? "/")
    return SysfsTree.buses.contains { root.exists($0) }
  }

  private static func write(_ event: TraceEvent) { Reporter.writeAside("\(event)") }

  /// Where blocks were worked on, for people; `idle` says why there were none.
  func describe(_ tally: BlockTally, idle: String) -> String {
    guard let dispatcher else { return "in software: \(reason)" }
    if tally.isEmpty { return "in software: \(idle)" }
    var parts: [String] = []
    if tally.hardwareCount > 0 {
      let queues = tally.hardware.keys.sorted().map { queue in
        switch dispatcher.portalKind(of: queue) {
        case .mapped: "\(queue) (mapped portal)"
        case .written: "\(queue) (write)"
        case .model: "\(queue) (device model)"
        case nil: "\(queue)"
        }
      }
      parts.append(
        "in hardware: \(blocks(tally.hardwareCount)) on \(queues.joined(separator: ", "))")
    }
    if tally.softwareCount > 0 {
      let reasons = tally.software.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { $0.value == tally.softwareCount ? $0.key : "\($0.key): \($0.value)" }
      parts.append(
        "in software: \(blocks(tally.softwareCount)) (\(reasons.joined(separator: ", ")))")
    }
    return parts.joined(separator: "; ")
  }

  private func blocks(_ count: Int) -> String { "\(count) block\(count == 1 ? "" : "s")" }

  /// The driver's statistics of the run, and in their form what the driver does not count.
  func statistics(_ tally: BlockTally) -> String {
    let statistics = dispatcher?.statistics ?? Statistics()
    let devices = statistics.wqStats()
    let reasons = statistics.fallbacks.sorted { $0.key.rawValue < $1.key.rawValue }
    // Drivers with the dynamic mode count compressions by software too.
    let isDynamic = dispatcher?.configuration.mode == .dynamic
    let own =
      ["deflate-iaa:", "  hardware_blocks: \(tally.hardwareCount)"]
      + ["  software_blocks: \(tally.softwareCount)"]
      + reasons.map { "  fallback_\($0.key.rawValue): \($0.value)" }
    return [
      statistics.globalStats(isDynamic ? .dynamic : .newer), devices, own.joined(separator: "\n"),
    ]
    .filter { !$0.isEmpty }.joined(separator: "\n")
  }
}

/// Where blocks were worked on.
struct BlockTally: Sendable {
  /// Blocks done by devices, by queue.
  private(set) var hardware: [QueueID: Int] = [:]
  /// Blocks done in software, by reason.
  private(set) var software: [String: Int] = [:]

  var hardwareCount: Int { hardware.values.reduce(0, +) }
  var softwareCount: Int { software.values.reduce(0, +) }
  var isEmpty: Bool { hardware.isEmpty && software.isEmpty }

  /// Counts what a dispatcher did.
  mutating func add(_ report: JobReport) {
    if report.path == .hardware, let queue = report.queue {
      hardware[queue, default: 0] += 1
    } else {
      addSoftware(report.fallback.map { "\($0)" } ?? "")
    }
  }

  /// Counts a block that the codec did; without a reason when there was no dispatcher.
  mutating func addSoftware(_ reason: String = "") { software[reason, default: 0] += 1 }

  /// Counts another tally's blocks too.
  mutating func add(_ other: BlockTally) {
    hardware.merge(other.hardware, uniquingKeysWith: +)
    software.merge(other.software, uniquingKeysWith: +)
  }
}
