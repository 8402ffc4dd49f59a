// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa configure`: queues from options, from the documented default, from a number of user
// queues or from accel-config's file.

import ArgumentParser
import IAAOffload
import SystemPackage

extension QueueMode: ExpressibleByArgument {}
extension QueueType: ExpressibleByArgument {}

struct ConfigureCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "configure",
      abstract: "Set up queues and enable them.",
      discussion: """
        Name devices (iax1) or queues (iax1/wq1.0); a device alone means its queue 0. --default \
        and --user set up all IAA devices unless some are named. Other queues of a device keep \
        their set-up. Everything is checked before the first write; a failure on the way is \
        rolled back.
        """)
  }

  @OptionGroup var rootOption: RootOption
  @OptionGroup var plan: PlanOptions

  @Flag(help: "Set up what the driver documents: one dedicated kernel queue of all entries.")
  var `default` = false

  @Option(help: ArgumentHelp("Set up so many shared queues for user space.", valueName: "n"))
  var user: Int?

  @Option(help: ArgumentHelp("Set up what accel-config's file says.", valueName: "file"))
  var load: String?

  @Option(
    help: ArgumentHelp(
      "Write the present set-up as accel-config's file; - prints it.",
      valueName: "file"))
  var save: String?

  @Flag(help: "Apply the options below to every IAA device.")
  var all = false

  @OptionGroup(title: "Queue options") var queue: QueueOptions

  @Flag(help: "Leave devices and queues disabled.")
  var noEnable = false

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Reload iaa_crypto before configuring, its attributes kept; done where a kernel queue is to "
        + "be the first one."))
  var reload: Bool?

  @Argument(help: ArgumentHelp("Devices or queues.", valueName: "target"))
  var targets: [DeviceTarget] = []

  mutating func validate() throws {
    let ways = [`default`, user != nil, load != nil, save != nil].count { $0 }
    if ways > 1 { throw ValidationError("Use only one of --default, --user, --load and --save.") }
    if ways == 1, queue.isGiven {
      throw ValidationError("Queue options do not go with --default, --user, --load or --save.")
    }
    if ways == 0, targets.isEmpty, !all {
      throw ValidationError("Name a device or queue, or use --all, --default, --user or --load.")
    }
    if let user, user < 1 { throw ValidationError("--user needs 1 queue or more.") }
  }

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let topology = Topology(environment.open(rootOption.root))
    guard !topology.iaaDevices.isEmpty else {
      throw CommandFailure(
        description: "no IAA device to configure; `deflate-iaa doctor` tells why")
    }
    if let save { return try self.save(to: save, topology, environment) }
    var changes = try self.changes(topology, environment)
    let configurator = Configurator(topology)
    let problems = changes.flatMap { configurator.problems($0.device, $0.settings) }
    guard problems.isEmpty else { throw ConfigurationError(problems) }
    if noEnable {
      for index in changes.indices {
        changes[index].settings.isEnabled = false
        changes[index].settings.enabledQueues = []
      }
    }
    let runner = PlanRunner(topology: topology, options: plan, environment: environment)
    let devices = changes.map(\.device)
    // What other devices' queues hold cannot be reloaded, and need not be.
    let isFree = topology.cryptoQueues(besides: devices).isEmpty
    let settings = changes.map(\.settings)
    let reloads =
      reload ?? (`default` && isFree || configurator.needsReload(settings, disabling: devices))
    return try runner.run(
      configurator.plan(changes, reload: reloads), disabling: devices,
      expecting: changes.map(\.settings))
  }

  /// What every device in question is to be set up to.
  func changes(_ topology: Topology, _ environment: CommandEnvironment) throws
    -> [(device: Device, settings: DeviceSettings)]
  {
    if let load { return try self.load(load, topology, environment) }
    let devices =
      targets.isEmpty
      ? topology.iaaDevices : try unique(targets.map { try $0.device(in: topology) })
    if `default` { return devices.map { ($0, .documentedDefault($0)) } }
    if let user {
      for device in devices where user > device.queues.count {
        throw CommandFailure(
          description: "\(device.name) has \(device.queues.count) queues, not \(user)")
      }
      return devices.map { ($0, .forUsers(user, $0)) }
    }
    return try devices.map { device in
      var queues = targets.filter { $0.deviceID == device.name.id }.map { $0.queue ?? 0 }
      if queues.isEmpty { queues = [0] }
      var settings = DeviceSettings(device)
      // Queues that were off stay off; the device has to be on for the new ones.
      settings.isEnabled = true
      for index in unique(queues) {
        settings.queues[index] = try queue.applied(
          to: settings.queues[index], index: index, of: device, in: topology, settings)
        settings.enabledQueues.insert(index)
      }
      try queue.assignEngines(to: &settings, queues: queues, device)
      return (device, settings)
    }
  }

  func load(_ path: String, _ topology: Topology, _ environment: CommandEnvironment) throws
    -> [(device: Device, settings: DeviceSettings)]
  {
    let text: String
    do {
      text = String(
        decoding: try HostFiles.read(file: path, limit: 16 << 20), as: UTF8.self)
    } catch {
      throw CommandFailure(description: "\(path): \(error.description)")
    }
    let file = try AccelConfigFile(parsing: text)
    for note in file.notes { environment.console.err("deflate-iaa: \(note)\n") }
    guard !file.entries.isEmpty else {
      throw CommandFailure(description: "\(path) has no IAA device")
    }
    return try file.entries.map { entry in
      let target = DeviceTarget(entry.settings.name, nil)
      return (try target.device(in: topology), entry.settings)
    }
  }

  func save(to path: String, _ topology: Topology, _ environment: CommandEnvironment) throws
    -> Int32
  {
    let text = AccelConfigList(.saved).json(topology.devices).pretty()
    if path == "-" {
      environment.console.out(text)
      return 0
    }
    do {
      try HostFiles.write(Array(text.utf8), to: path)
    } catch {
      throw CommandFailure(description: "\(path): \(error.description)")
    }
    return 0
  }

  func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
    var seen: Set<Element> = []
    return elements.filter { seen.insert($0).inserted }
  }
}
