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
    let text = "\(userQueues.count) configured, none enabled"
    let waiting = userQueues.filter { $0.device.state.value != .halted }
    let sound = waiting.filter { canBeEnabled([$0.queue], of: $0.device) }
    if !sound.isEmpty {
      let targets = sound.map { "\($0.device.name)/\($0.queue.name)" }.joined(separator: " ")
      return .problem(
        name, text, remedy: change("sudo deflate-iaa enable \(targets)", of: [], for: .user))
    }
    if !waiting.isEmpty {
      let remedy =
        prerequisite(.user)
        ?? [queueSetup(), engines()].first { $0.status == .problem }.map { "see \($0.name) first" }
      return .problem(name, text, remedy: remedy ?? Self.lookAtList)
    }
    return .problem(
      name, userQueues.isEmpty ? "none configured" : text + ": the devices are halted",
      remedy: firstUserQueue)
  }

  func queueSetup() -> Finding {
    let name = "queue set-up"
    var faults: [(text: String, command: String, device: Device)] = []
    for (queue, device) in userQueues where isChangeable(device) {
      if let fault = queue.configurationFault(on: device) {
        faults.append(
          (
            "\(queue.name): \(fault.reason)",
            "sudo deflate-iaa configure \(fault.options) \(device.name)/\(queue.name)", device
          ))
      }
    }
    if !faults.isEmpty {
      return trouble(
        name, faults.map(\.text).joined(separator: "; "),
        remedy: change(faults.map(\.command), of: faults.map(\.device), for: .user))
    }
    for device in devices {
      let used = device.usedEntries
      if let total = device.maxQueuesSize.value, total > 0, used > total {
        return trouble(
          name, "\(device.name): queue sizes add up to \(used), the device has \(total)",
          remedy: change(
            "sudo deflate-iaa configure --user 1 \(device.name)", of: [device], for: .user))
      }
    }
    if userQueues.isEmpty { return .nothing(name, "no user queue to look at") }
    return .ok(name, "sizes, thresholds, names and drivers fit")
  }

  func engines() -> Finding {
    let name = "engines per group"
    // The kernel's queues are looked at with the kernel's own use.
    let queues = userQueues.filter { isChangeable($0.device) && !$0.device.engines.isEmpty }
    if queues.isEmpty { return .nothing(name, "no user queue to look at") }
    let idle = queues.filter { $0.device.hasNoEngine(for: $0.queue) }
    if !idle.isEmpty {
      return trouble(
        name, "no engine serves \(list(idle))", remedy: engaging(idle))
    }
    // Engines of other groups serve other queues, and are taken from none.
    let slow = queues.filter { item in
      item.device.engines.contains { $0.groupID.value == -1 }
    }
    if let first = slow.first {
      let count = first.device.engines(serving: first.queue).count
      return .flaw(
        name, "\(count) of \(first.device.engines.count) engines serve \(first.queue.name)",
        remedy: change(
          "--engines " + engines(of: first.device, serving: first.queue.groupID.value ?? 0), [first]
        ))
    }
    return .ok(name, "every user queue has engines, and none is idle")
  }

  /// Queues that were restricted to operations that are none of a codec's.
  func queueOperations() -> Finding {
    let name = "queue operations"
    let queues = devices.flatMap { device in
      device.queues.filter { queue in
        queue.isEnabled && queue.type.value == .user && goal.includesUser
          || queue.servesKernel && goal.includesZswap
      }.map { (queue: $0, device: device) }
    }
    if queues.isEmpty { return .nothing(name, "no queue to look at") }
    // What the device itself cannot do is said of the devices.
    let restricted = queues.filter { queue, device in
      device.opCap.value?.lackingCodec.isEmpty != false
        && !queue.lackingOperations(on: device).isEmpty
    }
    guard let first = restricted.first else {
      return .ok(name, "nothing is denied that a codec needs")
    }
    let lacking = first.queue.lackingOperations(on: first.device).joined(separator: ", no ")
    let text = "\(list(restricted)) may do no \(lacking) (op_config)"
    let remedy = change("--op-config all", restricted)
    return restricted.count == queues.count
      ? .problem(name, text, remedy: remedy) : .flaw(name, text, remedy: remedy)
  }

  func blockOnFault() -> Finding {
    let name = "block_on_fault"
    guard !userQueues.isEmpty else { return .nothing(name, "no user queue to look at") }
    let without = userQueues.filter { $0.queue.blockOnFault.value == 0 && isChangeable($0.device) }
    guard !without.isEmpty else {
      return userQueues.contains { $0.queue.blockOnFault.value == 1 }
        ? .ok(name, "on: page faults are served by the device")
        : .unknown(name, "cannot be read")
    }
    return .flaw(
      name, "off for \(list(without)): a page fault costs a second submission",
      remedy: change("--block-on-fault 1", without))
  }

  func transferSize() -> Finding {
    let name = "max_transfer_size"
    guard !userQueues.isEmpty else { return .nothing(name, "no user queue to look at") }
    let small = userQueues.filter {
      ($0.queue.maxTransferSize.value ?? .max) < Self.usefulTransferSize && isChangeable($0.device)
    }
    if !small.isEmpty {
      let sizes = small.map { "\($0.queue.name) \($0.queue.maxTransferSize.shown)" }
      return .flaw(
        name,
        "less than a chunk and its output may need, in bytes: \(sizes.joined(separator: ", "))",
        remedy: change("--max-transfer-size \(ResetValue.maxTransferSize)", small))
    }
    if let unread = userQueues.first(where: { $0.queue.maxTransferSize.value == nil }) {
      let attribute = unread.queue.maxTransferSize
      return .unknown(
        name,
        attribute.isAbsent
          ? "this kernel does not show it" : "\(unread.queue.name): \(attribute.problem)")
    }
    return .ok(name, "large enough for every chunk")
  }

  private func list(_ queues: [(queue: WorkQueue, device: Device)]) -> String {
    queues.map { "\($0.queue.name)" }.joined(separator: ", ")
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
