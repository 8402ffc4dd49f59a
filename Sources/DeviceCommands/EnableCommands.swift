// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa enable` and `disable`: binding to the drivers, in the documented order.

import ArgumentParser
import IAADevices

struct EnableCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "enable",
      abstract: "Enable configured devices and queues.",
      discussion: """
        A device is enabled with all its configured queues; a queue with its device. --all takes \
        every IAA device that has a configured queue. When a kernel queue is the first one for an \
        algorithm that is registered already, iaa_crypto is reloaded first, its attributes kept.
        """)
  }

  @OptionGroup var rootOption: RootOption
  @OptionGroup var plan: PlanOptions

  @Flag(help: "Enable every IAA device with a configured queue.")
  var all = false

  @Argument(
    help: ArgumentHelp("Devices (iax1) or queues (iax1/wq1.0).", valueName: "target"),
    transform: accepting(AcceptedForm.target))
  var targets: [DeviceTarget] = []

  mutating func validate() throws {
    guard all != !targets.isEmpty else {
      throw ValidationError("Name devices (iax1) or queues (iax1/wq1.0), or use --all.")
    }
  }

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let topology = Topology(environment.open(rootOption.root))
    try topology.root.refuseModels()
    let configurator = Configurator(topology)
    let wanted = try targets.isEmpty ? everything(topology, environment.console) : goals(topology)
    var steps = ConfigurationPlan()
    var problems: [String] = []
    for (device, settings) in wanted {
      // Only what is to run has to be right.
      var checked = settings
      checked.queues = settings.queues.filter { settings.enabledQueues.contains($0.key) }
      problems += configurator.problems(device, checked, from: .standing)
      steps.steps += configurator.enable(device, settings, from: DeviceSettings(device))
    }
    guard problems.isEmpty else { throw ConfigurationError(problems) }
    if steps.steps.isEmpty {
      environment.console.out("everything is enabled already\n")
      return 0
    }
    let settings = wanted.map(\.settings)
    if configurator.needsReload(settings) {
      steps.steps.insert(contentsOf: configurator.reloadModule(), at: 0)
    }
    let runner = PlanRunner(topology: topology, options: plan, environment: environment)
    return try runner.run(steps, disabling: [], expecting: settings)
  }

  func everything(_ topology: Topology, _ console: Console) throws
    -> [(device: Device, settings: DeviceSettings)]
  {
    // One that only a reset brings back does not keep the others from running.
    var devices = topology.iaaDevices.filter { $0.state.value != .halted }
    if devices.isEmpty { devices = topology.iaaDevices }
    for device in topology.iaaDevices where !devices.contains(device) {
      console.err("deflate-iaa: \(device.name) is halted; passed over\n")
    }
    let wanted = devices.compactMap { device in
      var settings = DeviceSettings(device)
      settings.enable()
      return settings.queues.isEmpty ? nil : (device: device, settings: settings)
    }
    guard !wanted.isEmpty else {
      throw CommandFailure(
        description: topology.iaaDevices.isEmpty
          ? "no IAA device to enable; `deflate-iaa doctor` tells why"
          : "no IAA device has a configured queue; run `deflate-iaa configure --user 1`")
    }
    return wanted
  }

  func goals(_ topology: Topology) throws -> [(device: Device, settings: DeviceSettings)] {
    var wanted: [(device: Device, settings: DeviceSettings)] = []
    for target in targets {
      let device = try target.device(in: topology)
      let index =
        wanted.firstIndex { $0.device.name == device.name }
        ?? {
          wanted.append((device, DeviceSettings(device)))
          return wanted.count - 1
        }()
      wanted[index].settings.isEnabled = true
      if let queue = target.queue {
        guard wanted[index].settings.queues[queue] != nil else {
          throw CommandFailure(
            description: "wq\(device.name.id).\(queue) is not configured; run `deflate-iaa "
              + "configure \(device.name)/wq\(device.name.id).\(queue)`")
        }
        wanted[index].settings.enabledQueues.insert(queue)
      } else {
        wanted[index].settings.enable()
      }
    }
    return wanted
  }
}

struct DisableCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "disable",
      abstract: "Disable devices and queues.",
      discussion: """
        A device's queues are disabled first. The driver forgets the set-up of a device that is \
        disabled; of a queue that is disabled alone it keeps size and group. So save the set-up \
        before, with `configure --save FILE`, to have it back with `configure --load FILE`.
        """)
  }

  @OptionGroup var rootOption: RootOption
  @OptionGroup var plan: PlanOptions

  @Flag(help: "Disable every IAA device.")
  var all = false

  @Flag(help: "Reload iaa_crypto afterwards, so that it registers anew.")
  var reload = false

  @Argument(
    help: ArgumentHelp("Devices (iax1) or queues (iax1/wq1.0).", valueName: "target"),
    transform: accepting(AcceptedForm.target))
  var targets: [DeviceTarget] = []

  mutating func validate() throws {
    guard all != !targets.isEmpty else {
      throw ValidationError("Name devices (iax1) or queues (iax1/wq1.0), or use --all.")
    }
  }

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let topology = Topology(environment.open(rootOption.root))
    try topology.root.refuseModels()
    let configurator = Configurator(topology)
    var steps = ConfigurationPlan()
    var expected: [DeviceSettings] = []
    var affected: [Device] = []
    let devices = all ? topology.iaaDevices : try whole(topology)
    guard !topology.iaaDevices.isEmpty else {
      throw CommandFailure(
        description: "no IAA device to disable; `deflate-iaa doctor` tells why")
    }
    for device in devices where device.isEnabled {
      steps.steps += configurator.disable(device)
      var settings = DeviceSettings(device)
      settings.isEnabled = false
      settings.enabledQueues = []
      expected.append(settings)
      affected.append(device)
    }
    for target in targets {
      let device = try target.device(in: topology)
      guard let index = target.queue, !devices.contains(device),
        let queue = device.queues.first(where: { $0.name.index == index }), queue.isEnabled,
        !steps.unbinds("\(queue.name)")
      else { continue }
      steps.steps.append(configurator.unbind(queue, of: device))
      affected.append(device)
      let known = expected.firstIndex { $0.name == device.name }
      if known == nil { expected.append(DeviceSettings(device)) }
      expected[known ?? expected.count - 1].enabledQueues.remove(index)
    }
    if steps.steps.isEmpty {
      environment.console.out("everything is disabled already\n")
      if !reload { return 0 }
    }
    if reload { steps.steps += configurator.reloadModule() }
    let runner = PlanRunner(topology: topology, options: plan, environment: environment)
    return try runner.run(steps, disabling: affected, expecting: expected)
  }

  func whole(_ topology: Topology) throws -> [Device] {
    var devices: [Device] = []
    for target in targets where target.queue == nil {
      let device = try target.device(in: topology)
      if !devices.contains(device) { devices.append(device) }
    }
    return devices
  }
}
