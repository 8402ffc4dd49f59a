// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Everything that the kernel or the device would refuse, found before the first write: a plan that
// fails half-way costs the user the set-up that worked.

/// Reasons not to start.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  package let problems: [String]

  /// An error that lists these problems.
  package init(_ problems: [String]) { self.problems = problems }

  package var description: String { problems.joined(separator: "\n") }
}

/// Where a set-up comes from: what is wrong with it is mended there.
package enum SettingsOrigin: Sendable, Hashable {
  /// The command line, laid over what stands.
  case options
  /// A file of accel-config's.
  case file
  /// What stands in sysfs.
  case standing

  /// An attribute in a message: "its size", or the file's key.
  func named(_ attribute: String, key: String? = nil) -> String {
    self == .file ? "\"\(key ?? attribute)\"" : "its \(attribute)"
  }

  /// What gives a group its engines, and the queue `name` with it.
  func engineRemedy(_ name: String, _ device: DeviceName) -> String {
    switch self {
    case .options: "add --engines"
    case .file: "the file has no \"grouped_engines\" for it"
    case .standing: "run `deflate-iaa configure --engines all \(device)/\(name)`"
    }
  }
}

extension Configurator {
  /// Every reason why `device` cannot take `settings`.
  package func problems(
    _ device: Device, _ settings: DeviceSettings, from origin: SettingsOrigin = .options
  ) -> [String] {
    var problems: [String] = []
    if device.kind != .iaa { problems.append("\(device.name) is not an IAA device") }
    if device.configurable.value == 0 {
      problems.append("\(device.name) is not configurable: its firmware fixed the queues")
    }
    if device.state.value == .halted {
      problems.append("\(device.name) is halted; see `deflate-iaa doctor`")
    }
    for index in settings.queues.keys.sorted() {
      guard let queue = settings.queues[index] else { continue }
      let name = "\(PartName(kind: .queue, deviceID: device.name.id, index: index))"
      if !device.queues.contains(where: { $0.name.index == index }) {
        problems.append("\(device.name) has no queue \(name)")
      }
      problems += self.problems(queue, name, device, settings, origin).map { "\(name): \($0)" }
    }
    let isForCrypto = settings.enabledQueues.contains { index in
      settings.queues[index].map { $0.type == .kernel && $0.driverName == "crypto" } == true
    }
    if isForCrypto, let missing = root.missingCryptoDriver {
      problems.append("this kernel has no iaa_crypto for a kernel queue: \(missing)")
    }
    let used = settings.queues.values.map(\.size).saturatedSum
    if let total = device.maxQueuesSize.value, used > total {
      problems.append(
        "\(device.name): the queues' sizes add up to \(used), the device has \(total) entries")
    }
    for index in settings.engines.keys.sorted() {
      if !device.engines.contains(where: { $0.name.index == index }) {
        problems.append("\(device.name) has no engine \(index)")
      }
    }
    problems += groupProblems(device, settings)
    // A queue's group has been looked at with the queue.
    let groups = Set(settings.engines.values).subtracting(settings.queues.values.map(\.groupID))
    for group in groups.sorted() where !hasGroup(group, device) {
      problems.append("\(device.name) has no group \(group)")
    }
    return problems
  }

  func problems(
    _ queue: QueueSettings, _ name: String, _ device: Device, _ settings: DeviceSettings,
    _ origin: SettingsOrigin
  ) -> [String] {
    var problems: [String] = []
    let size = origin.named("size")
    if queue.size < 1 { problems.append("\(size) has to be 1 or more, not \(queue.size)") }
    if !(1...15).contains(queue.priority) {
      problems.append("\(origin.named("priority")) has to be 1 to 15, not \(queue.priority)")
    }
    switch (queue.mode, queue.threshold) {
    case (.shared, let threshold?) where !(1...max(queue.size, 1)).contains(threshold):
      // Without entries there is no threshold to ask for.
      if queue.size > 0 {
        problems.append(
          "\(origin.named("threshold")) has to be 1 to \(size) \(queue.size), not \(threshold)")
      }
    case (.shared, nil): problems.append("a shared queue needs a threshold")
    case (.dedicated, let threshold?) where threshold != 0:
      problems.append("a dedicated queue has no threshold; only shared ones do")
    default: break
    }
    let hasPASID = device.pasidEnabled.value != 0
    if queue.mode == .shared, !hasPASID || !isAllowed(.shared) {
      problems.append(
        "shared queues need the IOMMU in scalable mode; it is \(topology.iommu.mode.rawValue) "
          + "(\(topology.iommu.evidence))")
    } else if queue.type == .user, !hasPASID || !isAllowed(.shared) {
      problems.append(
        "user queues need a PASID, and "
          + (hasPASID
            ? "the IOMMU gives none: its mode is \(topology.iommu.mode.rawValue) "
              + "(\(topology.iommu.evidence)); see `deflate-iaa doctor`"
            : "\(device.name) has none; \(CommandStatus.scalable)"))
    }
    if queue.type == .none {
      problems.append("\(origin.named("type")) has to be user or kernel")
    }
    if let fault = QueueName.fault(ofStanding: queue.label) {
      problems.append("\(origin.named("name")) \(fault)")
    }
    let drivers = queue.type == .kernel ? ["crypto", "dmaengine"] : ["user"]
    if queue.type != .none, !drivers.contains(queue.driverName) {
      problems.append(
        "a \(queue.type.rawValue) queue's driver is \(drivers.joined(separator: " or ")), "
          + "not \"\(queue.driverName)\"")
    }
    if !hasGroup(queue.groupID, device) {
      problems.append("\(device.name) has no group \(queue.groupID)")
    } else if device.engines.isEmpty {
      problems.append("\(device.name) has no engine")
    } else if !settings.engines.values.contains(queue.groupID) {
      problems.append(
        "group \(queue.groupID) has no engine; \(origin.engineRemedy(name, device.name))")
    }
    return problems + flagProblems(queue, device)
  }

  /// What else keeps a plan from starting: files to write to, and users of what is taken away.
  package func obstacles(
    _ plan: ConfigurationPlan, disabling devices: [Device], force: Bool
  ) -> [String] {
    var problems: [String] = []
    var modules: Set<String> = []
    var seen: Set<String> = []
    for step in plan.steps {
      switch step.action {
      case .module(.insert(let name)): modules.insert(name)
      case .module(.remove(let name)):
        let holders = topology.cryptoQueues(besides: devices).map { "\($0.name)" }
        if !holders.isEmpty {
          problems.append(
            "\(name) cannot be reloaded while \(holders.joined(separator: ", ")) "
              + "\(holders.count == 1 ? "is" : "are") bound to it; take all devices, or do "
              + "without the reload")
        }
      case .write(_, let path):
        // The module that is loaded on the way brings its driver's files.
        if path.hasPrefix(tree.driverPath("crypto")), modules.contains("iaa_crypto") { continue }
        if seen.insert(path).inserted, !root.exists(path) {
          problems.append("\(root.locate(path)) does not exist\(hint(path))")
        }
      }
    }
    if force { return problems }
    problems += teardownFault(plan, devices).map { [$0 + "; add --force to go on"] } ?? []
    for device in devices {
      // A device can stay where only one of its queues goes.
      for queue in device.busyUserQueues where plan.unbinds("\(queue.name)") {
        let pids = queue.clientProcesses.map(String.init).joined(separator: ", ")
        problems.append(
          "\(queue.name) is in use\(pids.isEmpty ? "" : " by process \(pids)"); stop that, or "
            + "add --force")
      }
    }
    return problems + kernelUsers(plan, devices)
  }

  /// Why a plan may crash this kernel: it disables a device that has no event log.
  package func teardownFault(_ plan: ConfigurationPlan, _ devices: [Device]) -> String? {
    let disabled = devices.filter { plan.unbinds("\($0.name)") }
    guard let fault = topology.teardownFault(of: disabled) else { return nil }
    let names = fault.devices.map { "\($0.name)" }.joined(separator: ", ")
    return "disabling \(names) may crash this kernel: no event log, and \(fault.reason)"
  }

  /// Compressed pages can only be read back through a queue, so the driver's users come first.
  func kernelUsers(_ plan: ConfigurationPlan, _ devices: [Device]) -> [String] {
    let takesKernelQueue = devices.contains { device in
      device.queues.contains {
        $0.servesKernel && plan.unbinds("\($0.name)")
      }
    }
    // With a queue left elsewhere the driver goes on by that.
    guard takesKernelQueue, topology.cryptoQueues(besides: devices).isEmpty,
      let users = topology.cryptoUsers, users > 0
    else { return [] }
    return [
      "iaa_crypto is in use (\(users) \(users == 1 ? "user" : "users")), by zswap most likely; release its "
        + "pages first, or add --force. In this order:"
    ] + Zswap(root).release.map { "  \($0)" }
  }

  func hint(_ path: String) -> String {
    if path.hasPrefix(tree.driverPath("crypto")) { return ": load the module iaa_crypto first" }
    if path.contains("/drivers/") { return ": the idxd driver is not there" }
    return ""
  }

  func hasGroup(_ index: Int, _ device: Device) -> Bool {
    device.groups.contains { $0.name.index == index }
  }

  func isAllowed(_ mode: QueueMode) -> Bool {
    topology.iommu.mode == .unknown || topology.iommu.mode.queueModes.contains(mode)
  }
}
