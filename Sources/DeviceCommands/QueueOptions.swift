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

  var isGiven: Bool {
    mode != nil || size != nil || threshold != nil || priority != nil || type != nil || name != nil
      || driverName != nil || group != nil || engines != nil || blockOnFault != nil
  }

  /// The queue's settings with these options; what is not given stays, or is chosen so that the
  /// queue works.
  func applied(
    to old: QueueSettings?, index: Int, of device: Device, in topology: Topology,
    _ settings: DeviceSettings
  ) throws -> QueueSettings {
    if let blockOnFault, !(0...1).contains(blockOnFault) {
      throw CommandFailure(description: "--block-on-fault takes 0 or 1")
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
    if queue.mode == .shared {
      queue.threshold = threshold ?? (wasWhole ? queue.size : oldThreshold) ?? queue.size
    } else {
      queue.threshold = threshold
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
