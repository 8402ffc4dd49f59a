// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the user names on the command line: "iax1", "iax1/wq1.0", or "wq1.0" alone.

import ArgumentParser
import IAADevices

/// A device, or one of its queues.
struct DeviceTarget: ExpressibleByArgument, Hashable {
  let deviceID: Int
  let kind: DeviceKind?
  /// The queue's number; nil for the device itself.
  let queue: Int?

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 1, let device = DeviceName(parts[0]) {
      self.init(device, nil)
    } else if parts.count == 1, let part = PartName(parts[0]), part.kind == .queue {
      self.init(deviceID: part.deviceID, kind: nil, queue: part.index)
    } else if parts.count == 2, let device = DeviceName(parts[0]), let part = PartName(parts[1]),
      part.kind == .queue, part.deviceID == device.id
    {
      self.init(device, part.index)
    } else {
      return nil
    }
  }

  init(_ device: DeviceName, _ queue: Int?) {
    self.init(deviceID: device.id, kind: device.kind, queue: queue)
  }

  private init(deviceID: Int, kind: DeviceKind?, queue: Int?) {
    self.deviceID = deviceID
    self.kind = kind
    self.queue = queue
  }

  /// The device meant.
  ///
  /// - Throws: when there is none, or it is not an IAA device.
  func device(in topology: Topology) throws -> Device {
    guard let device = topology.devices.first(where: { $0.name.id == deviceID }),
      kind == nil || kind == device.kind
    else {
      throw CommandFailure(
        description: "there is no \(DeviceTarget(deviceID: deviceID, kind: kind, queue: nil))")
    }
    guard device.kind == .iaa else {
      throw CommandFailure(description: "\(device.name) is a DSA device; only IAA is configured")
    }
    if let queue, !device.queues.contains(where: { $0.name.index == queue }) {
      throw CommandFailure(description: "\(device.name) has no queue wq\(deviceID).\(queue)")
    }
    return device
  }
}

/// Options of everything that writes.
struct PlanOptions: ParsableArguments {
  @Flag(
    name: [.customShort("n"), .long],
    help: "Check, and print the writes as a shell script; write nothing.")
  var dryRun = false

  @Flag(help: "Go on although queues are in use, or this kernel may crash over it.")
  var force = false

  @Flag(name: .shortAndLong, help: "Print every write as it is made.")
  var verbose = false
}

extension SystemRoot {
  /// Refuses to set up what is no device.
  ///
  /// - Throws: what can be done with it, where only device models lie below this root.
  func refuseModels() throws {
    guard isModel else { return }
    throw CommandFailure(
      description: "device models cannot be set up: DEFLATE_IAA_MODEL says what they are "
        + "(devices=, queues=, mode=, faults=, seed=)\n"
        + "what works on them: devices, doctor, configure --save, and compressing")
  }
}

/// Checks a plan, prints it or carries it out.
struct PlanRunner {
  let topology: Topology
  let options: PlanOptions
  let environment: CommandEnvironment

  /// Checks a plan, and prints it or carries it out and tells what the devices are afterwards. What is
  /// only printed is checked all the same: a script that would be refused here fails elsewhere half-way.
  ///
  /// - Parameters:
  ///   - plan: the steps.
  ///   - devices: the devices that lose queues on the way.
  ///   - expecting: what the devices have to be afterwards.
  ///   - readsBack: whether what was written is compared with what the kernel made of it.
  /// - Returns: the exit code.
  /// - Throws: `ConfigurationError` before the first write, `ExecutionError` after.
  func run(
    _ plan: ConfigurationPlan, disabling devices: [Device], expecting: [DeviceSettings],
    readsBack: Bool = false
  ) throws -> Int32 {
    let configurator = Configurator(topology)
    let console = environment.console
    let obstacles = configurator.obstacles(plan, disabling: devices, force: options.force)
    guard obstacles.isEmpty else { throw ConfigurationError(obstacles) }
    if let fault = configurator.teardownFault(plan, devices) {
      console.err("deflate-iaa: \(fault)\n")
    }
    if options.dryRun {
      if topology.root.hasReadOnlySysfs {
        console.err("deflate-iaa: /sys is read-only here; this script is for the host\n")
      }
      console.out(plan.script(for: topology.root))
      return 0
    }
    let isVerbose = options.verbose
    let executor = PlanExecutor(root: topology.root, modules: environment.modules) { step in
      if isVerbose { console.out(step.description + "\n") }
    }
    try executor.run(plan, on: topology.devices, expecting: expecting)
    if !topology.root.isLive,
      plan.steps.contains(where: { if case .module = $0.action { true } else { false } })
    {
      console.err(
        "deflate-iaa: the module was not reloaded: \(topology.root.path) is not the "
          + "running system\n")
    }
    for settings in expecting { report(settings) }
    return readsBack ? compare(expecting) : 0
  }

  /// Tells what a device is now.
  private func report(_ settings: DeviceSettings) {
    let console = environment.console
    guard settings.isEnabled else {
      console.out("\(settings.name) disabled\n")
      return
    }
    func names(_ indices: some Sequence<Int>) -> String {
      indices.sorted().map { "wq\(settings.name.id).\($0)" }.joined(separator: ", ")
    }
    let before = topology.devices.first { $0.name == settings.name }.map { DeviceSettings($0) }
    if let before, before.isEnabled, settings.enabledQueues.isStrictSubset(of: before.enabledQueues)
    {
      console.out("\(names(before.enabledQueues.subtracting(settings.enabledQueues))) disabled\n")
      return
    }
    let queues = names(settings.enabledQueues.filter { settings.queues[$0] != nil })
    console.out("\(settings.name) enabled" + (queues.isEmpty ? "" : " with \(queues)") + "\n")
  }

  /// Tells what the kernel made of values that it took.
  private func compare(_ expected: [DeviceSettings]) -> Int32 {
    let tree = SysfsTree(topology.root)
    var code: Int32 = 0
    for settings in expected {
      for change in settings.changes(in: DeviceSettings(tree.device(settings.name))) {
        if change.isRounding {
          environment.console.out("\(change)\n")
        } else {
          environment.console.err("deflate-iaa: \(change)\n")
          code = 1
        }
      }
    }
    return code
  }
}
