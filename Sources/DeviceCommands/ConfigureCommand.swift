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
        Name devices (iax1) or queues (iax1/wq1.0); a device alone means its queue 0. --default, \
        --user and --user-default set up all IAA devices unless some are named. Other queues of a \
        device keep all of their set-up. Everything is checked before the first write; a failure \
        on the way is rolled back.
        """)
  }

  @OptionGroup var rootOption: RootOption
  @OptionGroup var plan: PlanOptions

  @Flag(help: "Set up what the driver documents: one dedicated kernel queue of all entries.")
  var `default` = false

  @Option(help: ArgumentHelp("Set up so many shared queues for user space.", valueName: "n"))
  var user: Int?

  @Flag(help: "Set up what accel-config's config-user-default does: all queues for user space.")
  var userDefault = false

  @Option(help: ArgumentHelp("Set up what accel-config's file says.", valueName: "file"))
  var load: String?

  @Option(
    help: ArgumentHelp(
      "Write the present set-up as accel-config's file; - prints it.",
      valueName: "file"))
  var save: String?

  @Flag(help: "Have the set-up, the new one or the present, come back at every start (systemd).")
  var persist = false

  @Flag(help: "Undo --persist.")
  var unpersist = false

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

  /// Whether nothing is to be configured, but what stands kept for the next start, or no longer.
  private var isAboutStartsOnly: Bool {
    unpersist || persist && targets.isEmpty && !all && ways == 0
  }

  private var ways: Int {
    [`default`, user != nil, userDefault, load != nil, save != nil].count { $0 }
  }

  mutating func validate() throws {
    if ways > 1 {
      throw ValidationError(
        "Use only one of --default, --user, --user-default, --load and --save.")
    }
    if ways == 1, queue.isGiven {
      throw ValidationError(
        "Queue options do not go with --default, --user, --user-default, --load or --save.")
    }
    if persist, unpersist || save != nil || noEnable {
      throw ValidationError("--persist does not go with --unpersist, --save or --no-enable.")
    }
    if isAboutStartsOnly {
      let others = ways > 0 || all || !targets.isEmpty || queue.isGiven || noEnable || reload != nil
      if others {
        throw ValidationError(
          unpersist
            ? "--unpersist goes with --root and --dry-run only."
            : "Name a device or queue for the queue options.")
      }
      return
    }
    if persist, plan.dryRun {
      // What would be kept is read from devices that are set up.
      throw ValidationError(
        "--dry-run shows what --persist alone keeps; what is asked for here is not set up yet.")
    }
    if ways == 0, targets.isEmpty, !all {
      throw ValidationError("Name a device or queue, or use --all, --default, --user or --load.")
    }
    if let user, user < 1 { throw ValidationError("--user needs 1 queue or more.") }
  }

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let root = environment.open(rootOption.root)
    let starts = PersistedSetup(root: root, options: plan, environment: environment)
    if unpersist {
      try root.refuseModels()
      return try starts.remove()
    }
    let topology = Topology(root)
    guard !topology.iaaDevices.isEmpty else {
      throw CommandFailure(
        description: "no IAA device to configure; `deflate-iaa doctor` tells why")
    }
    if let save { return try self.save(to: save, topology, environment) }
    try root.refuseModels()
    if isAboutStartsOnly { return try starts.keep(topology.devices) }
    var changes = try self.changes(topology, environment)
    try check(changes, topology, environment)
    if noEnable {
      for index in changes.indices {
        changes[index].settings.isEnabled = false
        changes[index].settings.enabledQueues = []
      }
    }
    let configurator = Configurator(topology)
    let runner = PlanRunner(topology: topology, options: plan, environment: environment)
    let devices = changes.map(\.device)
    // What other devices' queues hold cannot be reloaded, and need not be.
    let isFree = topology.cryptoQueues(besides: devices).isEmpty
    let settings = changes.map(\.settings)
    let reloads =
      reload ?? (`default` && isFree || configurator.needsReload(settings, disabling: devices))
    let code = try runner.run(
      configurator.plan(changes, reload: reloads), disabling: devices,
      expecting: changes.map(\.settings))
    guard persist, code == 0 else { return code }
    return try starts.keep(SysfsTree(root).devices())
  }

  /// Finds what the devices would refuse or lose, before anything is written.
  private func check(
    _ changes: [(device: Device, settings: DeviceSettings)], _ topology: Topology,
    _ environment: CommandEnvironment
  ) throws {
    let configurator = Configurator(topology)
    var problems: [String] = []
    for (device, settings) in changes {
      problems += configurator.problems(device, settings)
      let missing = configurator.missing(device, settings)
      problems += missing.restrictions
      for choice in missing.choices {
        // A file may come from another machine; an option is meant for this one.
        if ways == 0 {
          problems.append(choice)
        } else {
          environment.console.err("deflate-iaa: \(choice); passed over\n")
        }
      }
      if ways > 0 {
        for queue in configurator.freed(device, settings) {
          environment.console.err(
            "deflate-iaa: \(queue) was restricted to some operations and takes all of them now\n")
        }
      }
    }
    guard problems.isEmpty else { throw ConfigurationError(unique(problems)) }
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
    if userDefault { return devices.map { ($0, .userDefault($0)) } }
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
      queue.surroundings.apply(to: &settings, queues: queues)
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
