// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What of the machine's devices is listed: those named, or the parts named, by accel-config's options.

import ArgumentParser
import IAAOffload

/// A part of a device as accel-config names it: "iax1/wq1.0", or "wq1.0" alone.
struct PartTarget: ExpressibleByArgument, Hashable {
  let kind: DeviceKind?
  let part: PartName

  init?(argument: String) {
    let words = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard let last = words.last, let part = PartName(last), words.count <= 2 else { return nil }
    self.part = part
    guard words.count == 2 else {
      kind = nil
      return
    }
    guard let device = DeviceName(words[0]), device.id == part.deviceID else { return nil }
    kind = device.kind
  }

  func isPart(of device: Device) -> Bool {
    device.name.id == part.deviceID && kind.map { $0 == device.kind } ?? true
  }
}

/// Devices and parts to list.
struct DeviceFilter: ParsableArguments {
  @Argument(help: ArgumentHelp("Devices or queues.", valueName: "target"))
  var targets: [DeviceTarget] = []

  @Option(
    name: [.customShort("q"), .customLong("workqueue")],
    help: ArgumentHelp("Only this queue, as iax1/wq1.0, and what serves it.", valueName: "queue"))
  var queues: [PartTarget] = []

  @Option(
    name: [.customShort("g"), .customLong("group")],
    help: ArgumentHelp("Only this group, as iax1/group1.0, and what is in it.", valueName: "group"))
  var groups: [PartTarget] = []

  @Option(
    name: [.customShort("e"), .customLong("engine")],
    help: ArgumentHelp("Only this engine, as iax1/engine1.0, and its group.", valueName: "engine"))
  var engines: [PartTarget] = []

  mutating func validate() throws {
    for (option, targets, kind) in [
      ("-q", queues, PartName.Kind.queue), ("-g", groups, .group), ("-e", engines, .engine),
    ] {
      if let other = targets.first(where: { $0.part.kind != kind }) {
        throw ValidationError(
          "\(option) takes a name such as iax1/\(kind.rawValue)1.0, not \(other.part).")
      }
    }
  }

  /// Whether anything is named.
  var isGiven: Bool { !(targets.isEmpty && queues.isEmpty && groups.isEmpty && engines.isEmpty) }

  /// What is left of these devices.
  ///
  /// - Throws: the first name that none of them has.
  func applied(to devices: [Device]) throws -> [Device] {
    guard isGiven else { return devices }
    for target in targets where !devices.contains(where: target.isIn) {
      throw CommandFailure(description: "there is no \(target)")
    }
    for part in queues + groups + engines {
      guard devices.contains(where: { part.isPart(of: $0) && $0.has(part.part) }) else {
        throw CommandFailure(description: "there is no \(part.part)")
      }
    }
    return devices.compactMap(reduced)
  }

  private func reduced(_ device: Device) -> Device? {
    if targets.contains(where: { $0.queue == nil && $0.isIn(device) }) { return device }
    let queues =
      targets.filter { $0.isIn(device) }.compactMap(\.queue) + indices(of: self.queues, device)
    let groups = indices(of: self.groups, device)
    let engines = indices(of: self.engines, device)
    guard !(queues.isEmpty && groups.isEmpty && engines.isEmpty) else { return nil }
    return device.keeping(queues: Set(queues), groups: Set(groups), engines: Set(engines))
  }

  private func indices(of parts: [PartTarget], _ device: Device) -> [Int] {
    parts.filter { $0.isPart(of: device) }.map(\.part.index)
  }
}

extension DeviceTarget: CustomStringConvertible {
  /// Whether the device is meant, or has the queue that is meant.
  func isIn(_ device: Device) -> Bool {
    device.name.id == deviceID && kind.map { $0 == device.kind } ?? true
      && queue.map { index in device.queues.contains { $0.name.index == index } } ?? true
  }

  var description: String {
    let device = kind.map { "\($0.rawValue)\(deviceID)" }
    guard let queue else { return "device \(device ?? "\(deviceID)")" }
    return "queue \(device.map { $0 + "/" } ?? "")wq\(deviceID).\(queue)"
  }
}
