// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the user names on the command line: "iax1", "iax1/wq1.0", or "wq1.0" alone.

import ArgumentParser
import IAAOffload

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
      throw CommandFailure(description: "there is no device \(kind?.rawValue ?? "")\(deviceID)")
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
    name: [.customShort("n"), .long], help: "Print the writes as a shell script; write nothing.")
  var dryRun = false

  @Flag(help: "Take queues away even when they are in use.")
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

  /// Prints a plan, or checks it and carries it out, and tells what the devices are afterwards.
  ///
  /// - Parameters:
  ///   - plan: the steps.
  ///   - devices: the devices that lose queues on the way.
  ///   - expecting: what the devices have to be afterwards.
  /// - Returns: the exit code.
  /// - Throws: `ConfigurationError` before the first write, `ExecutionError` after.
  func run(
    _ plan: ConfigurationPlan, disabling devices: [Device], expecting: [DeviceSettings]
  ) throws -> Int32 {
    let configurator = Configurator(topology)
    let console = environment.console
    if options.dryRun {
      // A script may be meant for another machine: files need not be there, users may be gone.
      console.out(plan.script(for: topology.root))
      if let fault = configurator.teardownFault(plan, devices) {
        console.err("deflate-iaa: \(fault)\n")
      }
      return 0
    }
    let obstacles = configurator.obstacles(plan, disabling: devices, force: options.force)
    guard obstacles.isEmpty else { throw ConfigurationError(obstacles) }
    let isVerbose = options.verbose
    let executor = PlanExecutor(root: topology.root, modules: environment.modules) { step in
      if isVerbose { console.out(step.description + "\n") }
    }
    try executor.run(plan, on: topology.devices)
    if !topology.root.isLive,
      plan.steps.contains(where: { if case .module = $0.action { true } else { false } })
    {
      console.err(
        "deflate-iaa: the module was not reloaded: \(topology.root.path) is not the "
          + "running system\n")
    }
    return report(expecting)
  }

  /// The kernel took every write; whether it did what they say is in the states.
  func report(_ expected: [DeviceSettings]) -> Int32 {
    let tree = SysfsTree(topology.root)
    var code: Int32 = 0
    for settings in expected {
      let now = DeviceSettings(tree.device(settings.name))
      let queues = settings.enabledQueues.filter { settings.queues[$0] != nil }.sorted()
      let missing = queues.filter { !now.enabledQueues.contains($0) }
      let id = settings.name.id
      if now.isEnabled != settings.isEnabled || !missing.isEmpty {
        code = 1
        environment.console.err(
          "deflate-iaa: \(settings.name): every write was taken, but "
            + (now.isEnabled != settings.isEnabled
              ? "the device says it is \(now.isEnabled ? "enabled" : "disabled")"
              : missing.map { "wq\(id).\($0)" }.joined(separator: ", ") + " is still disabled")
            + "\n")
      } else if settings.isEnabled {
        let names = queues.map { "wq\(id).\($0)" }.joined(separator: ", ")
        environment.console.out(
          "\(settings.name) enabled" + (names.isEmpty ? "" : " with \(names)") + "\n")
      } else {
        environment.console.out("\(settings.name) disabled\n")
      }
    }
    return code
  }
}
