// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How this process can use a queue. A user queue's portal is mapped (MOVDIR64B, ENQCMD) unless the
// kernel refuses that: since 6.9.1 it wants CAP_SYS_RAWIO for generation 1 devices, and takes
// descriptors through write(2) instead.

import SystemPackage

/// The way to a queue, and why no better one.
package enum QueueAccess: Sendable, Hashable {
  /// Its portal can be mapped.
  case mapped(String)
  /// Descriptors go through write(2).
  case written(String)
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
    case .model: "device model"
    case .kernelOnly: "kernel only"
    case .unusable: "not usable"
    }
  }

  package var reason: String {
    switch self {
    case .mapped(let reason), .written(let reason), .model(let reason),
      .kernelOnly(let reason), .unusable(let reason):
      reason
    }
  }

  /// Whether this process can submit to it.
  package var isUsable: Bool {
    switch self {
    case .mapped, .written, .model: true
    case .kernelOnly, .unusable: false
    }
  }
}

extension Topology {
  /// From this kernel on, portals of generation 1 devices are mapped only with CAP_SYS_RAWIO.
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
    if device.engines(serving: queue).isEmpty {
      return .unusable("no engine in its group")
    }
    return access(toNode: queue.devicePath(of: device.kind), queue, device)
  }

  func access(toNode node: String, _ queue: WorkQueue, _ device: Device) -> QueueAccess {
    if ModelRegistry.model(at: root.locate(node)) != nil {
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
    if refusesMapping(device) {
      if facts.credentials?.has(Credentials.rawIO) != true {
        return .written(
          facts.credentials == nil
            ? "a kernel from \(Self.mappingRefused) on maps it only with CAP_SYS_RAWIO"
            : "kernel \(facts.kernel.map(String.init(describing:)) ?? "") maps it only with "
              + "CAP_SYS_RAWIO")
      }
      if lacksInstruction { return .written("this CPU has no \(instruction.uppercased())") }
      return .mapped("by CAP_SYS_RAWIO, \(instruction.uppercased())")
    }
    if lacksInstruction { return .unusable("this CPU has no \(instruction.uppercased())") }
    return .mapped(instruction.uppercased())
  }

  /// Whether this kernel maps the device's portals only with CAP_SYS_RAWIO; a kernel of unknown
  /// version is taken for a new one.
  package func refusesMapping(_ device: Device) -> Bool {
    guard (device.version.value ?? 0x100) < 0x200 else { return false }
    return facts.kernel.map { $0 >= Self.mappingRefused } ?? true
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
