// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What of the machine's devices is listed: those named, or the parts named, by accel-config's options.

public import ArgumentParser
public import IAADevices

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
  @Argument(
    help: ArgumentHelp("Devices (iax1) or queues (iax1/wq1.0).", valueName: "target"),
    transform: accepting(AcceptedForm.target))
  var targets: [DeviceTarget] = []

  @Option(
    name: [.customShort("d"), .customLong("device")],
    help: ArgumentHelp("Only this device, as iax1.", valueName: "device"),
    transform: accepting("a name such as iax1"))
  var devices: [DeviceName] = []

  @Option(
    name: [.customShort("q"), .customLong("workqueue")],
    help: ArgumentHelp("Only this queue, as iax1/wq1.0, and what serves it.", valueName: "queue"),
    transform: accepting("a name such as iax1/wq1.0"))
  var queues: [PartTarget] = []

  @Option(
    name: [.customShort("g"), .customLong("group")],
    help: ArgumentHelp("Only this group, as iax1/group1.0, and what is in it.", valueName: "group"),
    transform: accepting("a name such as iax1/group1.0"))
  var groups: [PartTarget] = []

  @Option(
    name: [.customShort("e"), .customLong("engine")],
    help: ArgumentHelp("Only this engine, as iax1/engine1.0, and its group.", valueName: "engine"),
    transform: accepting("a name such as iax1/engine1.0"))
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
  var isGiven: Bool { !targets.isEmpty || hasOptions }

  /// Whether anything is named by an option, as accel-config has them.
  var hasOptions: Bool {
    !(devices.isEmpty && queues.isEmpty && groups.isEmpty && engines.isEmpty)
  }

  /// The parts that are asked for by name: they are shown whatever they hold.
  func asked(of device: Device) -> Set<PartName> {
    let queues = targets.filter { $0.isIn(device) }.compactMap(\.queue).map {
      PartName(kind: .queue, deviceID: device.name.id, index: $0)
    }
    return Set(queues + parts.filter { $0.isPart(of: device) }.map(\.part))
  }

  private var parts: [PartTarget] { queues + groups + engines }

  /// Finds the first name that none of these devices has.
  func check(_ devices: [Device]) throws {
    for target in targets where !devices.contains(where: target.isIn) {
      throw CommandFailure(description: "there is no \(target)")
    }
    for name in self.devices where !devices.contains(where: { $0.name == name }) {
      throw CommandFailure(description: "there is no device \(name)")
    }
    for part in parts {
      guard devices.contains(where: { part.isPart(of: $0) && $0.has(part.part) }) else {
        throw CommandFailure(description: "there is no \(part.part)")
      }
    }
  }

  /// What is left of these devices.
  ///
  /// - Throws: the first name that none of them has.
  func applied(to devices: [Device]) throws -> [Device] {
    guard isGiven else { return devices }
    try check(devices)
    return devices.compactMap(reduced)
  }

  private func reduced(_ device: Device) -> Device? {
    if devices.contains(device.name)
      || targets.contains(where: { $0.queue == nil && $0.isIn(device) })
    {
      return device
    }
    let asked = asked(of: device)
    guard !asked.isEmpty else { return nil }
    func indices(_ kind: PartName.Kind) -> Set<Int> {
      Set(asked.filter { $0.kind == kind }.map(\.index))
    }
    return device.keeping(
      queues: indices(.queue), groups: indices(.group), engines: indices(.engine))
  }
}

extension DeviceFilter {
  /// The same as accel-config has it, which takes each option once.
  ///
  /// - Throws: what it has no form for.
  func sections(_ forms: Set<AccelConfigSections.Form>, of machine: [Device]) throws
    -> AccelConfigSections
  {
    try check(machine)
    let repeated = [
      ("-d", devices.count), ("-g", groups.count), ("-q", queues.count), ("-e", engines.count),
    ].first { $0.1 > 1 }
    if let repeated {
      throw CommandFailure(
        description: "with --json \(repeated.0) is taken once, as by accel-config; for more, name "
          + "them without an option: devices --json iax1 iax3/wq3.0")
    }
    func part(_ target: PartTarget?) -> AccelConfigSections.Part? {
      guard let target, let device = machine.first(where: target.isPart) else { return nil }
      return AccelConfigSections.Part(device: device.name, name: target.part)
    }
    var sections = AccelConfigSections()
    sections.device = devices.first
    sections.group = part(groups.first)
    sections.queue = part(queues.first)
    sections.engine = part(engines.first)
    sections.forms = forms
    return sections
  }
}

extension DeviceName: ExpressibleByArgument {
  /// The device of this name; nil for anything else.
  public init?(argument: String) { self.init(argument) }
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
