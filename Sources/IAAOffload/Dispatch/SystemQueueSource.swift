// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Queues as the system shows them: found in sysfs, opened as device files. Below a root that is not
// the live one, or wherever a model was laid, a queue's file may stand for a model; opening it is
// the only step where that shows.

import Glibc
public import IAADevices
import SystemPackage

/// The user queues of a system's IAA devices.
struct SystemQueueSource: QueueSource {
  let root: SystemRoot
  let features: CPUFeatures

  func queues() -> [QueueDescription] {
    SysfsTree(root).devices().filter { $0.kind == .iaa && $0.isEnabled }
      .flatMap { device in device.queues.compactMap { description($0, device) } }
      .sorted { $0.id < $1.id }
  }

  /// What is known of a usable queue. An attribute that cannot be read gets the value that asks
  /// least of the device: the default transfer size, no blocking on faults.
  private func description(_ queue: WorkQueue, _ device: Device) -> QueueDescription? {
    guard queue.isEnabled, queue.type.value == .user, let mode = queue.mode.value,
      let size = queue.size.value, size > 0
    else { return nil }
    guard queue.uselessness(on: device) == nil else { return nil }
    let path = queue.devicePath(of: .iaa)
    guard root.exists(path) else { return nil }
    return QueueDescription(
      id: QueueID(device: queue.name.deviceID, queue: queue.name.index),
      name: queue.label.value ?? "", mode: mode, size: size,
      threshold: queue.threshold.value ?? 0,
      maximumTransferSize: max(1, queue.maxTransferSize.value ?? 2 << 20),
      blocksOnFault: queue.blockOnFault.value == 1, numaNode: device.numaNode.value ?? -1,
      path: path, pciAddress: device.pciAddress,
      capabilities: IAACapabilities(
        rawValue: UInt64(bitPattern: Int64(device.iaaCap.value ?? 0))))
  }

  func open(_ queue: QueueDescription) throws(OpenFailure) -> any Portal {
    let path = root.locate(queue.path)
    if let open = MountedQueues.opener(at: path) {
      guard let portal = open() else {
        throw OpenFailure(reason: "\(queue.path): Device or resource busy")
      }
      return portal
    }
    // Before the file is there: a fork in between gives it to the child too.
    let forkCount = ForkGuard.forkCount
    let file: Int32
    do throws(Errno) {
      file = try HostFiles(root: root.path).openDevice(queue.path).rawValue
    } catch {
      throw OpenFailure(
        reason: error == .operationNotSupportedByDevice
          ? "\(queue.path) is not a device" : "\(queue.path): \(error.description)")
    }
    do throws(Errno) {
      return try MappedPortal(
        file: file, isShared: queue.mode == .shared, features: features, forkCount: forkCount)
    } catch {
      // Newer kernels refuse the mapping and take write(2); whether this one does, a probe tells.
      return WrittenPortal(file: file, forkCount: forkCount)
    }
  }

  func reasonsForNone() -> [String] {
    let topology = Topology(root)
    var reasons: [String] = []
    if topology.iaaDevices.isEmpty {
      reasons.append("no IAA device in \(root.locate("/sys/bus/dsa/devices"))")
    }
    for device in topology.iaaDevices {
      for queue in device.queues where queue.isConfigured || queue.isEnabled {
        let access = topology.access(to: queue, of: device)
        if !access.isUsable { reasons.append("\(queue.name): \(access.reason)") }
      }
    }
    if !topology.iaaDevices.isEmpty, reasons.isEmpty { reasons.append("no queue is configured") }
    return reasons
  }

  func missingInstructions() -> [String] { features.missing }
}

extension Dispatcher {
  /// Creates a dispatcher over the queues of a system.
  ///
  /// - Parameters:
  ///   - configuration: How it works.
  ///   - root: The system: the live one, or a tree laid out like one, below which device models may
  ///     have been mounted.
  ///   - trace: Is told of every submission and completion, on the thread that sees to it.
  ///   - listener: Is told of what happens to queues.
  /// - Throws: ``OffloadError/hardwareUnavailable(_:)`` when the path is hardware and no queue can
  ///   be used; the reasons name what is missing, instructions included.
  public convenience init(
    _ configuration: Dispatcher.Configuration = Dispatcher.Configuration(),
    root: SystemRoot = .live,
    trace: Trace? = nil, listener: QueueListener? = nil
  ) throws(OffloadError) {
    try self.init(
      configuration, source: SystemQueueSource(root: root, features: .current),
      topology: CPUTopology.read(root: root.isLive ? "" : root.path), trace: trace,
      listener: listener)
  }
}
