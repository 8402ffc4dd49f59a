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
    let halted = devices.filter { $0.state.value == .halted }
    guard let all = names(of: { $0.state.value == .halted }) else { return .ok(name, "none") }
    let it = halted.count == 1 ? "it" : "them"
    let text = "\(all) halted after an error; only a function-level reset brings \(it) back"
    let commands = halted.compactMap(\.pciAddress).map {
      "echo 1 | sudo tee \(root.locate("\(PCIDevices.path)/\($0)"))/reset"
    }
    let remedy =
      commands.isEmpty
      ? "reboot; the PCI address of \(all) is not told"
      : "reset \(it), and reboot if that does not help; run: " + commands.joined(separator: "\n")
    // Others may work.
    return halted.count == devices.count
      ? .problem(name, text, remedy: remedy) : .flaw(name, text, remedy: remedy)
  }

  func deviceState() -> Finding {
    let name = "device state"
    let enabled = devices.count(where: \.isEnabled)
    let text = "\(enabled) of \(devices.count) enabled"
    if enabled == devices.count { return .ok(name, text) }
    if let unreadable = names(of: { $0.state.value == nil }) {
      return .unknown(name, "\(text); the state of \(unreadable) cannot be read")
    }
    let isForKernel = goal == .zswap
    let remedy =
      starting(
        devices.filter { $0.state.value == .disabled },
        by: isForKernel ? "configure --default" : "configure --user 1",
        for: isForKernel ? .kernel : .user)
      ?? (devices.contains { $0.state.value == .halted }
        ? "see halted devices first" : Self.lookAtList)
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
    let all = failed.compactMap { device in
      device.commandStatus.value.map { "\(device.name): \(CommandStatus($0))" }
    }.joined(separator: "; ")
    let clear = failed.map { "echo 0 | sudo tee \(root.locate($0.path))/cmd_status" }
    let remedy =
      first.state.value == .halted
      ? "see halted devices first"
      : status.needsScalableMode
        ? scalableRemedy
        : (status.remedy.map { $0.replacing("QUEUE", with: "\(first.name)/wq\(first.name.id).0") }
          ?? "what came of a past command stays there until it is cleared")
          + "; run: " + clear.joined(separator: "\n")
    return .flaw(name, all, remedy: remedy)
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
    let text =
      "may crash the kernel: \(all) \(fault.devices.count == 1 ? "has" : "have") no event log, and "
      + fault.reason
    let other = KnownKernels.withoutTeardownFault
    if isStuck {
      return .problem(
        name, text,
        remedy: "boot another kernel (\(other)), as a queue can be had only by disabling a device; "
          + "then ask the doctor again")
    }
    return .flaw(
      name, text,
      remedy: "leave these devices as they are, or boot another kernel (\(other)) before one is "
        + "disabled or configured; the commands refuse that here without --force")
  }

  /// Whether what is asked for can be had only by taking a device down, on a kernel that may crash then.
  private var isStuck: Bool {
    let fit = devices.filter(isChangeable)
    guard !fit.isEmpty, fit.allSatisfy(isRisky) else { return false }
    return goal.includesUser && userQueues.isEmpty && !lacksScalableMode
      || goal.includesZswap && topology.cryptoQueues().isEmpty && missingCryptoDriver == nil
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
    let text = "no user queue works on \(without): no use of a process's addresses (pasid_enabled)"
    let remedy = scalableRemedy
    return hasPASID ? .flaw(name, text, remedy: remedy) : .problem(name, text, remedy: remedy)
  }

  func operations() -> Finding {
    let name = "operations"
    let known = devices.filter { $0.opCap.value != nil }
    guard !known.isEmpty else { return .unknown(name, "op_cap cannot be read") }
    let lacking = known.filter { $0.opCap.value?.lackingCodec.isEmpty == false }
    guard !lacking.isEmpty else { return .ok(name, "all compress and decompress") }
    let all = lacking.map { "\($0.name)" }.joined(separator: ", ")
    let text = "\(all) cannot compress and decompress (op_cap), as firmware or a host may have it"
    if lacking.count < devices.count {
      return .flaw(name, text, remedy: "use the other devices")
    }
    return .problem(name, text, remedy: "use another machine, or ask who restricted the devices")
  }

  /// Whether a queue of the device is bound to the kernel's driver.
  func isHeld(_ device: Device) -> Bool {
    device.queues.contains(where: \.servesKernel)
  }

  /// The kernel's default configuration gives iaa_crypto all of every device.
  func holders() -> Finding {
    let name = "holders"
    let held = devices.filter(isHeld)
    guard !held.isEmpty else { return .ok(name, "no device is held by the kernel") }
    let all = held.map { "\($0.name)" }.joined(separator: ", ")
    let text =
      "iaa_crypto holds \(all)"
      + (zswapState.usesIAA
        ? ", and zswap compresses with it"
        : kernelUsesQueues
          ? " and is in use, by pages that zswap has compressed most likely"
          : ", and nothing in the kernel uses it now")
    if userQueues.contains(where: { $0.queue.isEnabled }) || held.count < devices.count {
      return .ok(name, text)
    }
    return .problem(name, text + "; nothing is left for user space", remedy: firstUserQueue)
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
    let there = devices.filter { idle.contains($0.numaNode.value ?? -1) }
    let free = there.filter { !(kernelUsesQueues && isHeld($0)) }
    if free.isEmpty { return .ok(name, text + "; the devices there are the kernel's") }
    // A device that runs for the kernel and is not in use is set up anew, any other is started.
    let held = free.filter(isHeld)
    let remedy =
      held.isEmpty
      ? starting(free, by: "configure --user 1", for: .user)
      : change(command("configure --user 1", held), of: held, for: .user)
    return .flaw(
      name, text,
      remedy: remedy ?? Self.lookAtList)
  }
}
