// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The queues: is there one for user space, is it set up so that it works, and well.

extension Doctor {
  /// The smallest transfer limit that holds a chunk of the default size and its worst output.
  static let usefulTransferSize = 131_072

  /// What is wrong with one queue blocks only when no other one runs.
  func trouble(_ name: String, _ reason: String, remedy: String) -> Finding {
    userQueues.contains { $0.queue.isEnabled }
      ? .flaw(name, reason, remedy: remedy) : .problem(name, reason, remedy: remedy)
  }

  func userQueuesEnabled() -> Finding {
    let name = "user queues"
    let enabled = userQueues.filter { $0.queue.isEnabled }
    if !enabled.isEmpty {
      let shared = enabled.count { $0.queue.mode.value == .shared }
      return .ok(name, "\(enabled.count) enabled, \(shared) of them shared")
    }
    if let first = userQueues.first(where: { $0.device.state.value != .halted }) {
      return .problem(
        name, "\(userQueues.count) configured, none enabled",
        remedy: "run: sudo deflate-iaa enable \(first.device.name)/\(first.queue.name)")
    }
    return .problem(
      name, "none configured", remedy: firstUserQueue)
  }

  func queueSetup() -> Finding {
    let name = "queue set-up"
    for (queue, device) in userQueues {
      if let fault = queue.configurationFault(on: device) {
        let text = "\(queue.name): \(fault.reason)"
        let remedy = "run: sudo deflate-iaa configure \(fault.options) \(device.name)/\(queue.name)"
        return trouble(name, text, remedy: remedy)
      }
    }
    for device in devices {
      let used = device.usedEntries
      if let total = device.maxQueuesSize.value, total > 0, used > total {
        return trouble(
          name, "\(device.name): queue sizes add up to \(used), the device has \(total)",
          remedy: "run: sudo deflate-iaa configure --user 1 \(device.name)")
      }
    }
    if userQueues.isEmpty { return .unknown(name, "no user queue to look at") }
    return .ok(name, "sizes, thresholds, names and drivers fit")
  }

  func engines() -> Finding {
    let name = "engines per group"
    let queues = devices.flatMap { device in
      device.queues.filter(\.isConfigured).map { (device, $0) }
    }
    if queues.isEmpty { return .unknown(name, "no queue is configured") }
    for (device, queue) in queues
    where device.engines(serving: queue).isEmpty && !device.engines.isEmpty {
      return trouble(
        name, "no engine serves \(queue.name)",
        remedy: "run: sudo deflate-iaa configure --group 0 --engines all "
          + "\(device.name)/\(queue.name)")
    }
    for (device, queue) in queues where queue.type.value == .user {
      let count = device.engines(serving: queue).count
      if count < device.engines.count {
        return .flaw(
          name, "\(count) of \(device.engines.count) engines serve \(queue.name)",
          remedy: "run: sudo deflate-iaa configure --engines all \(device.name)/\(queue.name)")
      }
    }
    return .ok(name, "every configured queue has engines")
  }

  func blockOnFault() -> Finding {
    let name = "block_on_fault"
    guard !userQueues.isEmpty else { return .unknown(name, "no user queue to look at") }
    let without = userQueues.filter { $0.queue.blockOnFault.value == 0 }
    guard let first = without.first else {
      return userQueues.contains { $0.queue.blockOnFault.value == 1 }
        ? .ok(name, "on: page faults are served by the device")
        : .unknown(name, "cannot be read")
    }
    let all = without.map { "\($0.queue.name)" }.joined(separator: ", ")
    return .flaw(
      name, "off for \(all): a page fault costs a second submission",
      remedy: "run: sudo deflate-iaa configure --block-on-fault 1 "
        + "\(first.device.name)/\(first.queue.name)")
  }

  func transferSize() -> Finding {
    let name = "max_transfer_size"
    guard !userQueues.isEmpty else { return .unknown(name, "no user queue to look at") }
    for (queue, device) in userQueues {
      guard let size = queue.maxTransferSize.value else {
        return .unknown(name, "\(queue.name): \(queue.maxTransferSize.problem)")
      }
      if size < Self.usefulTransferSize {
        return .flaw(
          name, "\(queue.name) takes \(size) bytes, less than a chunk and its output may need",
          remedy: "with \(device.name) disabled, run: echo 2097152 | sudo tee "
            + "\(root.locate(queue.path))/max_transfer_size")
      }
    }
    return .ok(name, "large enough for every chunk")
  }
}

extension WorkQueue {
  /// What keeps a user queue from being enabled, and the options that mend it. All of it at once,
  /// because `configure` finds all faults before it writes anything.
  func configurationFault(on device: Device) -> (reason: String, options: String)? {
    guard let given = size.value else { return nil }
    var faults: [(reason: String, options: String)] = []
    var size = given
    if given == 0 {
      let total = max(device.maxQueuesSize.value ?? .max, 0)
      size = min(max(total - device.usedEntries, 1), 16)
      faults.append(("its size is 0", "--size \(size)"))
    }
    if mode.value == .shared, let threshold = threshold.value,
      !(1...max(size, 1)).contains(threshold)
    {
      faults.append(("its threshold is \(threshold), not 1 to \(size)", "--threshold \(size)"))
    }
    if groupID.value == -1 {
      let isServed = device.engines.contains { $0.groupID.value == 0 }
      faults.append(("it is in no group", "--group 0" + (isServed ? "" : " --engines all")))
    }
    if priority.value == 0 { faults.append(("its priority is 0", "--priority 10")) }
    if label.value == "" { faults.append(("it has no name", "--name iaa-user")) }
    if driverName.value == "" {
      faults.append(("it has no driver name", "--driver-name user"))
    } else if type.value == .user, let driver = driverName.value, driver != "user" {
      faults.append(("its driver is \(driver), not user", "--driver-name user"))
    }
    guard !faults.isEmpty else { return nil }
    return (
      faults.map(\.reason).joined(separator: ", "), faults.map(\.options).joined(separator: " ")
    )
  }
}
