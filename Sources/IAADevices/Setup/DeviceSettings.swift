// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a device can be set up to: queues, and engines in groups. Values, so that a plan is made
// from two of them, checked before anything is written, and undone by planning the other way.

/// Everything that is set for one queue.
package struct QueueSettings: Sendable, Hashable {
  package var mode: QueueMode
  package var size: Int
  /// Shared queues only.
  package var threshold: Int?
  package var priority: Int
  package var type: QueueType
  package var label: String
  package var driverName: String
  package var groupID: Int
  /// nil leaves the driver's default.
  package var blockOnFault: Int?
  package var maxTransferSize: Int?
  /// 1 to do without address translation services.
  package var atsDisable: Int?
  /// 1 to do without page requests.
  package var prsDisable: Int?
  /// Shared queues only.
  package var enqcmdsRetries: Int?
  /// The operations that it is restricted to.
  package var opConfig: OpcodeSet?

  /// Settings of a queue that has none yet: all of `size`, for user space.
  package init(mode: QueueMode, size: Int, type: QueueType) {
    self.mode = mode
    self.size = size
    threshold = mode == .shared ? size : nil
    priority = Self.documentedPriority
    self.type = type
    label = type == .kernel ? "iaa_crypto" : "iaa-user"
    driverName = type == .kernel ? "crypto" : "user"
    groupID = 0
    blockOnFault = type == .user ? 1 : nil
  }

  /// The settings that a queue has; nil when it was never configured.
  package init?(_ queue: WorkQueue) {
    guard queue.isConfigured else { return nil }
    mode = queue.mode.value ?? .dedicated
    size = queue.size.value ?? 0
    threshold = mode == .shared ? queue.threshold.value : nil
    priority = queue.priority.value ?? 0
    type = queue.type.value ?? .none
    label = queue.label.value ?? ""
    driverName = queue.driverName.value ?? queue.boundDriver ?? ""
    groupID = queue.groupID.value ?? -1
    blockOnFault = queue.blockOnFault.value
    maxTransferSize = queue.maxTransferSize.value
    atsDisable = queue.atsDisable.value
    prsDisable = queue.prsDisable.value
    enqcmdsRetries = mode == .shared ? queue.enqcmdsRetries.value : nil
    opConfig = queue.opConfig.value
  }

  /// The priority of the driver's default configuration.
  package static let documentedPriority = 10
}

/// Everything that is set for one device.
package struct DeviceSettings: Sendable, Hashable {
  package let name: DeviceName
  /// Configured queues by number.
  package var queues: [Int: QueueSettings]
  /// The group of each engine that has one.
  package var engines: [Int: Int]
  /// What is set for groups beside their members, by number.
  package var groups: [Int: GroupSettings]
  /// nil leaves the driver's default.
  package var eventLogSize: Int?
  package var isEnabled: Bool
  package var enabledQueues: Set<Int>

  /// Nothing set up.
  package init(name: DeviceName) {
    self.name = name
    queues = [:]
    engines = [:]
    groups = [:]
    isEnabled = false
    enabledQueues = []
  }

  /// What a device is set up to at the moment.
  package init(_ device: Device) {
    self.init(name: device.name)
    for queue in device.queues {
      queues[queue.name.index] = QueueSettings(queue)
      if queue.isEnabled { enabledQueues.insert(queue.name.index) }
    }
    for engine in device.engines {
      if let group = engine.groupID.value, group >= 0 { engines[engine.name.index] = group }
    }
    for group in device.groups {
      let settings = GroupSettings(group, of: device)
      if settings != GroupSettings() { groups[group.name.index] = settings }
    }
    eventLogSize = device.eventLogSize.value
    isEnabled = device.isEnabled
  }

  /// Whether both set up the same queues and engines, whatever is enabled.
  package func configures(likewise other: DeviceSettings) -> Bool {
    queues == other.queues && engines == other.engines && groups == other.groups
      && eventLogSize == other.eventLogSize
  }

  /// Whether nothing but what the driver chooses by itself differs from `other`.
  package func resembles(_ other: DeviceSettings) -> Bool {
    guard engines == other.engines, Set(queues.keys) == Set(other.queues.keys) else { return false }
    return queues.allSatisfy { index, queue in
      guard let wanted = other.queues[index] else { return false }
      return queue.mode == wanted.mode && queue.size == wanted.size && queue.type == wanted.type
        && queue.priority == wanted.priority && queue.label == wanted.label
        && queue.groupID == wanted.groupID
        && (queue.driverName == wanted.driverName || queue.driverName.isEmpty)
    }
  }

  /// The driver's own default (facts, section 12): one dedicated queue of all entries for
  /// iaa_crypto, served by engine 0.
  package static func documentedDefault(_ device: Device) -> DeviceSettings {
    var settings = DeviceSettings(name: device.name)
    settings.queues[0] = QueueSettings(
      mode: .dedicated, size: device.maxQueuesSize.value ?? 0, type: .kernel)
    settings.engines[0] = 0
    settings.enable()
    return settings
  }

  /// `count` shared queues for user space that share the entries, served by all engines. Pages
  /// that are not there are waited for.
  package static func forUsers(_ count: Int, _ device: Device) -> DeviceSettings {
    var settings = DeviceSettings(name: device.name)
    let total = device.maxQueuesSize.value ?? 0
    for index in 0..<count {
      let size = total / count + (index < total % count ? 1 : 0)
      settings.queues[index] = QueueSettings(mode: .shared, size: size, type: .user)
    }
    for engine in device.engines { settings.engines[engine.name.index] = 0 }
    settings.enable()
    return settings
  }

  /// What accel-config's config-user-default sets up (its config.c, config_default): every queue shared
  /// by user space, an equal part of the entries each, without page requests where there is a choice, all
  /// served by all engines.
  package static func userDefault(_ device: Device) -> DeviceSettings {
    var settings = DeviceSettings(name: device.name)
    let size = (device.maxQueuesSize.value ?? 0) / max(device.queues.count, 1)
    for queue in device.queues {
      var wanted = QueueSettings(mode: .shared, size: size, type: .user)
      wanted.label = "user_default_wq"
      wanted.prsDisable = queue.prsDisable.isAbsent ? nil : 1
      settings.queues[queue.name.index] = wanted
    }
    for engine in device.engines { settings.engines[engine.name.index] = 0 }
    settings.enable()
    return settings
  }

  /// Marks the device and its queues as enabled.
  package mutating func enable() {
    isEnabled = true
    enabledQueues = Set(queues.keys)
  }
}
