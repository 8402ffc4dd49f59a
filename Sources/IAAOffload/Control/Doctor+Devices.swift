// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The devices: their state, their last command, who holds them.

import SystemPackage

extension Doctor {
  /// "iax1, iax3" of the devices that `condition` holds for; nil when there is none.
  func names(of condition: (Device) -> Bool) -> String? {
    let found = devices.filter(condition).map { "\($0.name)" }
    return found.isEmpty ? nil : found.joined(separator: ", ")
  }

  func halted() -> Finding {
    let name = "halted devices"
    guard let first = devices.first(where: { $0.state.value == .halted }),
      let all = names(of: { $0.state.value == .halted })
    else { return .ok(name, "none") }
    let address = first.pciAddress ?? "ADDRESS"
    return .problem(
      name, "\(all) halted after an error; only a function-level reset brings it back",
      remedy: "reset it, and reboot if it stays halted; "
        + "run: echo 1 | sudo tee /sys/bus/pci/devices/\(address)/reset")
  }

  func deviceState() -> Finding {
    let name = "device state"
    let enabled = devices.count(where: \.isEnabled)
    let text = "\(enabled) of \(devices.count) enabled"
    if enabled == devices.count { return .ok(name, text) }
    if let unreadable = names(of: { $0.state.value == nil }) {
      return .unknown(name, "\(text); the state of \(unreadable) cannot be read")
    }
    let disabled = devices.first { $0.state.value == .disabled }
    let configured = disabled?.queues.contains { $0.isConfigured } ?? false
    let remedy =
      disabled.map {
        configured
          ? "run: sudo deflate-iaa enable \($0.name)"
          : "run: sudo deflate-iaa configure \(goal == .zswap ? "--default" : "--user 1") \($0.name)"
      } ?? "see halted devices"
    let waiting = names { $0.state.value == .disabled }.map { "; disabled: \($0)" } ?? ""
    if enabled == 0 { return .problem(name, text + waiting, remedy: remedy) }
    return .flaw(name, text + waiting, remedy: remedy)
  }

  func commandStatus() -> Finding {
    let name = "last command"
    let failed = devices.filter { ($0.commandStatus.value ?? 0) != 0 }
    guard let first = failed.first, let code = first.commandStatus.value else {
      return devices.allSatisfy({ $0.commandStatus.value != nil })
        ? .ok(name, "no device reports an error")
        : .unknown(name, "cmd_status cannot be read")
    }
    let status = CommandStatus(code)
    let remedy =
      status.needsScalableMode
      ? scalableRemedy
      : status.remedy
        ?? "configure the device again, or clear this; "
        + "run: echo 0 | sudo tee \(root.locate(first.path))/cmd_status"
    return .flaw(name, "\(first.name): \(status)", remedy: remedy)
  }

  func hardwareErrors() -> Finding {
    let name = "hardware errors"
    let failed = names { ($0.errors.value ?? "").contains { $0 != "0" && $0 != "," } }
    guard let failed else {
      return devices.allSatisfy({ $0.errors.value != nil })
        ? .ok(name, "none recorded") : .unknown(name, "the errors attribute cannot be read")
    }
    return .flaw(
      name, "\(failed) has error bits set",
      remedy: "read the kernel's messages; run: sudo dmesg | grep -i idxd")
  }

  /// A kernel that crashes when a device is disabled.
  func teardown() -> Finding {
    let name = "disabling"
    guard let fault = topology.teardownFault(of: devices) else {
      return .ok(name, "nothing is known against it on this kernel")
    }
    let all = fault.devices.map { "\($0.name)" }.joined(separator: ", ")
    return .flaw(
      name,
      "may crash the kernel: \(all) has no event log, and \(fault.reason)",
      remedy: "boot another kernel before disabling or configuring; the commands refuse it here "
        + "without --force")
  }

  func pasid() -> Finding {
    let name = "PASID"
    guard let without = names(of: { $0.pasidEnabled.value != 1 }) else {
      return topology.pasidIsProof || hasPASID
        ? .ok(name, "on for every device")
        : .unknown(name, "on for every device, which since Linux 6.16 says nothing of the IOMMU")
    }
    if devices.allSatisfy({ $0.pasidEnabled.value == nil }) {
      return .unknown(name, "pasid_enabled cannot be read")
    }
    let text = "\(without) cannot use a process's addresses, so takes no user queue"
    let remedy = scalableRemedy
    return hasPASID ? .flaw(name, text, remedy: remedy) : .problem(name, text, remedy: remedy)
  }

  func operations() -> Finding {
    let name = "operations"
    let known = devices.filter { $0.opCap.value != nil }
    guard !known.isEmpty else { return .unknown(name, "op_cap cannot be read") }
    let lacking = known.filter { device in
      [Opcode.compress, .decompress].contains {
        device.opCap.value?.contains($0.rawValue) == false
      }
    }
    guard let first = lacking.first else { return .ok(name, "all compress and decompress") }
    return .problem(
      name, "\(first.name) lacks compress or decompress in op_cap",
      remedy: "use another device; this one was restricted by its firmware or host")
  }

  /// Whether a queue of the device is bound to the kernel's driver.
  func isHeld(_ device: Device) -> Bool {
    device.queues.contains { $0.type.value == .kernel && $0.isEnabled }
  }

  /// The kernel's default configuration gives iaa_crypto all of every device.
  func holders() -> Finding {
    let name = "holders"
    let held = devices.filter(isHeld)
    guard !held.isEmpty else { return .ok(name, "no device is held by the kernel") }
    let all = held.map { "\($0.name)" }.joined(separator: ", ")
    let text =
      "iaa_crypto holds \(all) "
      + (kernelUsesQueues
        ? "and is in use, by zswap most likely" : "(the kernel's default configuration)")
    if userQueues.contains(where: { $0.queue.isEnabled }) || held.count < devices.count {
      return .ok(name, text)
    }
    return .problem(name, text + "; nothing is left for user space", remedy: firstUserQueue)
  }

  /// The way to a first user queue that leaves zswap what it reads its pages back by.
  var firstUserQueue: String {
    let held = devices.filter(isHeld)
    let command = "sudo deflate-iaa configure --user 1"
    // `configure` takes nothing from the kernel for queues that cannot work.
    if [.legacy, .none].contains(topology.iommu.mode) {
      return "after what is said of the IOMMU mode, run: \(command)"
    }
    guard kernelUsesQueues, let last = held.last else { return "run: \(command)" }
    let free = devices.filter { !isHeld($0) }.map { "\($0.name)" }
    if !free.isEmpty { return "run: \(command) \(free.joined(separator: " "))" }
    if held.count > 1 {
      return "zswap goes on with the other devices; run: \(command) \(last.name)"
    }
    return "zswap has its pages on the only device: give it another compressor and fetch them back "
      + "first; run: echo lzo | sudo tee \(root.locate(Zswap.folder))/compressor && "
      + "sudo swapoff -a && sudo swapon -a && \(command)"
  }

  func numa() -> Finding {
    let name = "NUMA spread"
    if let problem = CPUList.Machine(root).problems.first {
      return .flaw(
        name, problem + ": the list is passed over, and jobs are not spread by it",
        remedy: "compare the file with the kernel's own")
    }
    let nodes = Set(devices.compactMap(\.numaNode.value)).sorted()
    guard nodes.count > 1 else {
      return nodes.isEmpty
        ? .unknown(name, "numa_node cannot be read") : .ok(name, "all devices on one node")
    }
    let serving = Set(
      userQueues.filter { $0.queue.isEnabled }.compactMap(\.device.numaNode.value))
    let idle = nodes.filter { !serving.contains($0) }
    if serving.isEmpty || idle.isEmpty {
      return .ok(name, "devices on nodes \(nodes.map(String.init).joined(separator: ", "))")
    }
    let text = "no user queue on node \(idle.map(String.init).joined(separator: ", "))"
    let free = devices.filter {
      idle.contains($0.numaNode.value ?? -1) && !(kernelUsesQueues && isHeld($0))
    }
    if free.isEmpty { return .ok(name, text + "; the devices there are the kernel's") }
    return .flaw(
      name, text,
      remedy: "run: sudo deflate-iaa configure --user 1 "
        + free.map { "\($0.name)" }.joined(separator: " "))
  }
}
