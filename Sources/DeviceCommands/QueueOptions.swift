// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The options that describe one queue, laid over what it was.

import ArgumentParser
import IAAOffload

struct QueueOptions: ParsableArguments {
  @Option(help: "shared (many clients) or dedicated (one).")
  var mode: QueueMode?

  @Option(help: ArgumentHelp("Entries of the device's storage.", valueName: "n"))
  var size: Int?

  @Option(help: ArgumentHelp("Entries that shared clients may fill, 1 to size.", valueName: "n"))
  var threshold: Int?

  @Option(help: ArgumentHelp("1 to 15; 10 if not given.", valueName: "n"))
  var priority: Int?

  @Option(help: "user or kernel.")
  var type: QueueType?

  @Option(help: ArgumentHelp("What the queue is called.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("The driver to bind: user, crypto, dmaengine.", valueName: "name"))
  var driverName: String?

  @Option(help: ArgumentHelp("The group that serves it.", valueName: "n"))
  var group: Int?

  @Option(help: ArgumentHelp("The group's engines: all, or numbers as 0,1,4-7.", valueName: "list"))
  var engines: EngineList?

  @Option(help: ArgumentHelp("1 to let the device wait for page faults.", valueName: "0|1"))
  var blockOnFault: Int?

  @Option(help: ArgumentHelp("The most bytes that a descriptor may ask for.", valueName: "n"))
  var maxTransferSize: Int?

  @Option(
    help: ArgumentHelp(
      "The operations it takes: names or numbers with commas, hexadecimal groups, or all.",
      valueName: "list"))
  var opConfig: OperationList?

  @Option(help: ArgumentHelp("1 to do without address translation services.", valueName: "0|1"))
  var atsDisable: Int?

  @Option(help: ArgumentHelp("1 to do without page requests.", valueName: "0|1"))
  var prsDisable: Int?

  @Option(help: ArgumentHelp("How often write(2) tries a full queue, 0 to 64.", valueName: "n"))
  var enqcmdsRetries: Int?

  @OptionGroup var surroundings: SurroundingOptions

  var isGiven: Bool {
    let texts: [Any?] = [mode, type, name, driverName, engines, opConfig]
    let numbers = [
      size, threshold, priority, group, blockOnFault, maxTransferSize, atsDisable, prsDisable,
      enqcmdsRetries,
    ]
    return texts.contains { $0 != nil } || numbers.contains { $0 != nil } || surroundings.isGiven
  }

  /// The queue's settings with these options; what is not given stays, or is chosen so that the
  /// queue works.
  func applied(
    to old: QueueSettings?, index: Int, of device: Device, in topology: Topology,
    _ settings: DeviceSettings
  ) throws -> QueueSettings {
    if let name, let fault = Self.fault(ofName: name) {
      throw CommandFailure(description: "--name: its name \(fault)")
    }
    let others = settings.queues.filter { $0.key != index }.values.map { max($0.size, 0) }
    let free = max(device.maxQueuesSize.value ?? 0, 0) - others.saturatedSum
    let canShare = device.pasidEnabled.value != 0 && topology.iommu.mode != .legacy
    var queue =
      old
      ?? QueueSettings(
        mode: type == .kernel || !canShare ? .dedicated : .shared, size: max(free, 0),
        type: type ?? .user)
    if let type, type != queue.type {
      // Another type needs another driver and, by custom, another name.
      let fresh = QueueSettings(mode: queue.mode, size: queue.size, type: type)
      queue.type = type
      queue.driverName = fresh.driverName
      queue.label = fresh.label
    }
    let oldThreshold = queue.threshold
    let wasWhole = oldThreshold == queue.size
    queue.mode = mode ?? queue.mode
    queue.size = size ?? queue.size
    queue.priority = priority ?? queue.priority
    queue.label = name ?? queue.label
    queue.driverName = driverName ?? queue.driverName
    queue.groupID = group ?? (queue.groupID < 0 ? 0 : queue.groupID)
    queue.blockOnFault = blockOnFault ?? queue.blockOnFault
    queue.maxTransferSize = maxTransferSize ?? queue.maxTransferSize
    queue.atsDisable = atsDisable ?? queue.atsDisable
    queue.prsDisable = prsDisable ?? queue.prsDisable
    if let opConfig { queue.opConfig = try opConfig.set(of: device) }
    if queue.mode == .shared {
      queue.threshold = threshold ?? (wasWhole ? queue.size : oldThreshold) ?? queue.size
      queue.enqcmdsRetries = enqcmdsRetries ?? queue.enqcmdsRetries
    } else {
      if enqcmdsRetries != nil {
        throw CommandFailure(description: "--enqcmds-retries is for shared queues")
      }
      queue.threshold = threshold
      queue.enqcmdsRetries = nil
    }
    return queue
  }

  /// Gives the queues' groups their engines: those asked for, or all free ones when there is none.
  func assignEngines(
    to settings: inout DeviceSettings, queues: [Int], _ device: Device
  ) throws {
    let groups = Set(queues.compactMap { settings.queues[$0]?.groupID })
    if let engines {
      guard groups.count == 1, let group = groups.first else {
        throw CommandFailure(description: "--engines needs queues of one group; add --group")
      }
      settings.engines = settings.engines.filter { $0.value != group }
      for index in engines.indices(of: device) { settings.engines[index] = group }
    } else {
      for group in groups.sorted() where !settings.engines.values.contains(group) {
        for engine in device.engines where settings.engines[engine.name.index] == nil {
          settings.engines[engine.name.index] = group
        }
      }
    }
  }
}

extension QueueOptions {
  /// Why a name that is given here is refused. The driver takes any, and what stands is written back as
  /// it is; this rule, ours, keeps lists and scripts readable.
  static func fault(ofName name: String) -> String? {
    if name.isEmpty { return "is empty" }
    if name.utf8.count > 63 { return "is longer than 63 bytes" }
    let isPlain = name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    return isPlain ? nil : "may hold printable ASCII without spaces only"
  }
}

/// "all", or numbers and ranges.
struct EngineList: ExpressibleByArgument {
  /// nil for all.
  let numbers: [Int]?

  init?(argument: String) {
    if argument == "all" {
      numbers = nil
      return
    }
    var numbers: [Int] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
        .map { UInt8($0).map(Int.init) }
      switch ends.count {
      case 1:
        guard let number = ends[0] else { return nil }
        numbers.append(number)
      case 2:
        guard let first = ends[0], let last = ends[1], first <= last else { return nil }
        numbers += first...last
      default: return nil
      }
    }
    self.numbers = numbers
  }

  func indices(of device: Device) -> [Int] { numbers ?? device.engines.map(\.name.index) }
}
