// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How this process can use a queue, as far as files tell. A user queue's portal is mapped (MOVDIR64B,
// ENQCMD) unless the kernel refuses that: since 6.9.1, and in older series that took the change, it
// wants CAP_SYS_RAWIO for devices with the erratum, and takes descriptors through write(2) instead.
// Which devices and which series no file says: `QueueTrial` asks the kernel.

import SystemPackage

/// The way to a queue, and why no better one.
package enum QueueAccess: Sendable, Hashable {
  /// Its portal can be mapped.
  case mapped(String)
  /// Descriptors go through write(2).
  case written(String)
  /// One of the two; the kernel decides when the queue is opened.
  case either(String)
  /// No device is behind it, but a model in this process.
  case model(String)
  /// Only the kernel's own users reach it.
  case kernelOnly(String)
  /// Nobody does, or not this process.
  case unusable(String)

  package var word: String {
    switch self {
    case .mapped: "mapped"
    case .written: "written"
    case .either: "mapped or written"
    case .model: "device model"
    case .kernelOnly: "kernel only"
    case .unusable: "not usable"
    }
  }

  package var reason: String {
    switch self {
    case .mapped(let reason), .written(let reason), .either(let reason), .model(let reason),
      .kernelOnly(let reason), .unusable(let reason):
      reason
    }
  }

  /// Whether this process can submit to it.
  package var isUsable: Bool {
    switch self {
    case .mapped, .written, .either, .model: true
    case .kernelOnly, .unusable: false
    }
  }
}

extension Topology {
  /// From this mainline kernel on, portals of generation 1 devices are mapped only with
  /// CAP_SYS_RAWIO.
  package static let mappingRefused = KernelVersion(6, 9, 1)

  /// How `queue` of `device` can be used by this process.
  package func access(to queue: WorkQueue, of device: Device) -> QueueAccess {
    switch queue.type.value {
    case .kernel:
      let driver = queue.boundDriver ?? queue.driverName.value ?? ""
      return .kernelOnly(
        queue.isEnabled
          ? "held by the kernel driver \(driver.isEmpty ? "of its type" : driver)"
          : "set up for the kernel, not enabled")
    case .user: break
    case .some(.none): return .unusable("not configured")
    case nil: return .unusable("its type cannot be read (\(queue.type.problem))")
    }
    if device.state.value == .halted { return .unusable("the device is halted") }
    guard queue.isEnabled else {
      return .unusable(
        device.isEnabled ? "configured, but not enabled" : "configured; the device is not enabled")
    }
    if let reason = queue.uselessness(on: device) { return .unusable(reason) }
    return access(toNode: queue.devicePath(of: device.kind), queue, device)
  }

  func access(toNode node: String, _ queue: WorkQueue, _ device: Device) -> QueueAccess {
    if MountedQueues.opener(at: root.locate(node)) != nil {
      return .model("in the command's own process; no device is behind it")
    }
    let status: FileStatus
    do {
      status = try root.files.status(of: node)
    } catch {
      return .unusable(
        error == .noSuchFileOrDirectory
          ? "\(node) is missing" : "\(node): \(error.description)")
    }
    if let credentials = facts.credentials, !credentials.mayReadAndWrite(status) {
      return .unusable("no permission to open \(node)")
    }
    if queue.mode.value == .dedicated, let clients = queue.clients.value, clients > 0 {
      return .unusable("dedicated, and another process has it open")
    }
    let instruction = queue.mode.value == .shared ? "enqcmd" : "movdir64b"
    let lacksInstruction = facts.cpuFlags.map { !$0.contains(instruction) } ?? false
    if facts.credentials?.has(Credentials.rawIO) == true {
      // Every kernel maps it then.
      return lacksInstruction
        ? .written("this CPU has no \(instruction.uppercased())")
        : .mapped("by CAP_SYS_RAWIO, \(instruction.uppercased())")
    }
    let version = facts.kernel.map(String.init(describing:)) ?? ""
    switch mapping(of: device) {
    case .refused:
      return .written("kernel \(version) maps it only with CAP_SYS_RAWIO")
    case .undecided:
      return lacksInstruction
        ? .written("this CPU has no \(instruction.uppercased())")
        : .either("\(instruction.uppercased()) or write(2): the kernel decides")
    case .likely:
      // Without write(2) there is no other way.
      return lacksInstruction
        ? .unusable("this CPU has no \(instruction.uppercased())")
        : .either("\(instruction.uppercased()), or write(2) where this kernel took 6.9.1's change")
    }
  }

  /// What a kernel is known to say to a process without CAP_SYS_RAWIO that maps a portal.
  package enum Mapping: Sendable, Hashable {
    /// EPERM, and it takes write(2).
    case refused
    /// Nothing is known: an unknown kernel, or devices of generation 2 on a new one.
    case undecided
    /// Yes, unless the change of 6.9.1 was taken into an older series.
    case likely
  }

  /// The answer for a device.
  package func mapping(of device: Device) -> Mapping {
    guard let kernel = facts.kernel else { return .undecided }
    if kernel < Self.mappingRefused { return .likely }
    return (device.version.value ?? 0x100) < 0x200 ? .refused : .undecided
  }
}

extension WorkQueue {
  /// Why nobody would ever do a codec's jobs in the queue, if so, although it is enabled.
  package func uselessness(on device: Device) -> String? {
    if device.hasNoEngine(for: self) { return "no engine in its group" }
    let lacking = lackingOperations(on: device)
    return lacking.isEmpty ? nil : "it takes no \(lacking.joined(separator: ", no "))"
  }
}

extension Attribute {
  /// Why there is no value, in a few words.
  package var problem: String {
    if let error { return isAbsent ? "hidden" : error.description }
    return value == nil ? "unexpected \"\(text ?? "")\"" : ""
  }

  /// The value as text, "-" when hidden, "?" when unreadable or malformed.
  package var shown: String {
    if let value { return "\(value)" }
    return isAbsent ? "-" : "?"
  }
}
