// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The options that describe one queue, laid over what it was.

import ArgumentParser
import IAADevices

struct QueueOptions: ParsableArguments {
  @Option(help: "shared (many clients) or dedicated (one).")
  var mode: QueueMode?

  @Option(
    help: ArgumentHelp("Entries of the device's storage.", valueName: "n"),
    transform: accepting(AcceptedForm.number))
  var size: Int?

  @Option(
    help: ArgumentHelp("Entries that shared clients may fill, 1 to size.", valueName: "n"),
    transform: accepting(AcceptedForm.number))
  var threshold: Int?

  @Option(
    help: ArgumentHelp("1 to 15, the largest first; 10 for a new queue.", valueName: "n"),
    transform: accepting(AcceptedForm.number))
  var priority: Int?

  @Option(help: "user or kernel.")
  var type: QueueType?

  @Option(help: ArgumentHelp("What the queue is called.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("The driver to bind: user, crypto, dmaengine.", valueName: "name"))
  var driverName: String?

  @Option(
    help: ArgumentHelp("The number of the group that serves it.", valueName: "n"),
    transform: accepting(AcceptedForm.number))
  var group: Int?

  @Option(
    help: ArgumentHelp("The group's engines: all, or numbers as 0,1,4-7.", valueName: "list"),
    transform: accepting("all, or numbers and ranges such as 0,1,4-7"))
  var engines: EngineList?

  @Option(
    help: ArgumentHelp(
      "1 to let the device wait for page faults, 0 to let it report them.", valueName: "0|1"),
    transform: accepting(AcceptedForm.flag))
  var blockOnFault: Int?

  @Option(
    help: ArgumentHelp(
      "The most bytes that a descriptor may ask for; the kernel rounds them up to a power of two.",
      valueName: "n"),
    transform: accepting(AcceptedForm.number))
  var maxTransferSize: Int?

  @Option(
    help: ArgumentHelp(
      "The operations it takes: names or numbers with commas, hexadecimal groups, or all.",
      valueName: "list"),
    transform: accepting(
      "all, names or numbers of operations such as compress,0x45, or the kernel's hexadecimal groups"
    ))
  var opConfig: OperationList?

  @Option(
    help: ArgumentHelp("1 to do without address translation services.", valueName: "0|1"),
    transform: accepting(AcceptedForm.flag))
  var atsDisable: Int?

  @Option(
    help: ArgumentHelp("1 to do without page requests.", valueName: "0|1"),
    transform: accepting(AcceptedForm.flag))
  var prsDisable: Int?

  @Option(
    help: ArgumentHelp("How often write(2) tries a full shared queue, 0 to 64.", valueName: "n"),
    transform: accepting(AcceptedForm.number))
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
    let others = settings.queues.filter { $0.key != index }.values.map { max($0.size, 0) }
    let free = max(device.maxQueuesSize.value ?? 0, 0) - others.saturatedSum
    if old == nil, size == nil, free < 1 {
      throw CommandFailure(
        description: Self.shortage(
          PartName(kind: .queue, deviceID: device.name.id, index: index), device, settings))
    }
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
  mutating func validate() throws {
    if let name, let fault = QueueName.fault(ofChoice: name) {
      throw ValidationError("--name \(fault), not '\(name)'.")
    }
  }

  /// Why a new queue gets no size by itself.
  static func shortage(_ name: PartName, _ device: Device, _ settings: DeviceSettings) -> String {
    guard let total = device.maxQueuesSize.value else {
      return "\(name): \(device.name) does not tell how many entries it has; add --size"
    }
    let holders = settings.queues.sorted { $0.key < $1.key }
      .filter { $0.value.size > 0 && $0.key != name.index }
      .map { "wq\(device.name.id).\($0.key) has \($0.value.size)" }
    guard !holders.isEmpty else { return "\(name): \(device.name) has no entries" }
    let first = holders[0].split(separator: " ")[0]
    return "\(name): no entries are left of \(device.name)'s \(total): "
      + holders.joined(separator: ", ") + "; make one smaller first, for example with "
      + "`deflate-iaa configure --size N \(device.name)/\(first)`"
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
