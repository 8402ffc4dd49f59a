// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa configure`: queues from options, from the documented default, from a number of user
// queues or from accel-config's file.

public import ArgumentParser
public import IAADevices
import SystemPackage

extension QueueMode: ExpressibleByArgument {}
extension QueueType: ExpressibleByArgument {
  /// A queue that is set up is for someone: "none" is what sysfs says of the others.
  public init?(argument: String) {
    guard argument != Self.none.rawValue else { return nil }
    self.init(rawValue: argument)
  }

  /// What is accepted, for messages and completions.
  public static var allValueStrings: [String] {
    allCases.filter { $0 != .none }.map(\.rawValue)
  }
}

struct ConfigureCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "configure",
      abstract: "Set up queues and enable them.",
      discussion: """
        Name devices (iax1) or queues (iax1/wq1.0); a device alone means its queue 0. Other queues \
        of a device keep all of their set-up. --default, --user and --user-default replace the whole \
        set-up of all IAA devices, --load of all in the file, and --save writes that of all enabled \
        ones, unless devices are named. Everything is checked before the first write; a failure on \
        the way is rolled back, and so is a device that stays disabled although all writes were taken.
        """)
  }

  @OptionGroup var rootOption: RootOption
  @OptionGroup var plan: PlanOptions

  @Flag(help: "Set up what the driver documents: one dedicated kernel queue of all entries.")
  var `default` = false

  @Option(
    help: ArgumentHelp(
      "Set up so many shared queues for user space, which share all entries.", valueName: "n"),
    transform: accepting(AcceptedForm.number))
  var user: Int?

  @Flag(help: "Set up what accel-config's config-user-default does: all queues for user space.")
  var userDefault = false

  @Option(help: ArgumentHelp("Set up what accel-config's file says.", valueName: "file"))
  var load: String?

  @Option(
    help: ArgumentHelp(
      "Write what is enabled now as accel-config's file, a new one or over an ordinary one; - prints it.",
      valueName: "file"))
  var save: String?

  @Flag(
    help: ArgumentHelp(
      "Have all enabled IAA devices come back at every start as they are then, by a systemd unit; with "
        + "what else is asked for, after that."))
  var persist = false

  @Flag(help: "Undo --persist.")
  var unpersist = false

  @Flag(help: "Apply the queue options to queue 0 of every IAA device.")
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

  @Argument(
    help: ArgumentHelp("Devices (iax1) or queues (iax1/wq1.0).", valueName: "target"),
    transform: accepting(AcceptedForm.target))
  var targets: [DeviceTarget] = []

  /// Whether nothing is to be configured, but what stands kept for the next start, or no longer.
  private var isAboutStartsOnly: Bool {
    unpersist || persist && targets.isEmpty && !all && ways.isEmpty
  }

  /// The options given that say what to do by themselves; one at most.
  private var ways: [String] {
    [
      ("--default", `default`), ("--user", user != nil), ("--user-default", userDefault),
      ("--load", load != nil), ("--save", save != nil),
    ].filter(\.1).map(\.0)
  }

  mutating func validate() throws {
    if ways.count > 1 {
      throw ValidationError(
        "Use only one of --default, --user, --user-default, --load and --save.")
    }
    if let way = ways.first {
      if queue.isGiven { throw ValidationError("Queue options do not go with \(way).") }
      if all {
        throw ValidationError("\(way) takes all devices when none is named, without --all.")
      }
      if let target = targets.first(where: { $0.queue != nil }) {
        throw ValidationError("\(way) is for whole devices, not for \(target); name the device.")
      }
    }
    if all, !targets.isEmpty { throw ValidationError("Name devices or queues, or use --all.") }
    if save != nil, plan.dryRun || plan.force || plan.verbose || noEnable || reload != nil {
      throw ValidationError(
        "--save changes no device: it goes with --root and names of devices only; --save - prints "
          + "what it would write.")
    }
    if persist, unpersist || save != nil || noEnable {
      throw ValidationError("--persist does not go with --unpersist, --save or --no-enable.")
    }
    if isAboutStartsOnly {
      let others =
        !ways.isEmpty || all || !targets.isEmpty || queue.isGiven || noEnable || reload != nil
      if others {
        throw ValidationError(
          unpersist
            ? "--unpersist goes with --root, --dry-run and --verbose only."
            : "Name a device or queue for the queue options.")
      }
      return
    }
    if persist, plan.dryRun {
      // What would be kept is read from devices that are set up.
      throw ValidationError(
        "--dry-run shows what --persist alone keeps; what is asked for here is not set up yet.")
    }
    if ways.isEmpty, targets.isEmpty, !all {
      throw ValidationError(
        "Name a device (iax1) or queue (iax1/wq1.0), or use --all, --default, --user N or --load "
          + "FILE.")
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
    if isAboutStartsOnly { return try starts.keep(topology) }
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
      expecting: changes.map(\.settings), readsBack: true)
    guard persist, code == 0 else { return code }
    return try starts.keep(Topology(root))
  }

  /// Finds what the devices would refuse or lose, before anything is written.
  private func check(
    _ changes: [(device: Device, settings: DeviceSettings)], _ topology: Topology,
    _ environment: CommandEnvironment
  ) throws {
    let configurator = Configurator(topology)
    var problems: [String] = []
    for (device, settings) in changes {
      problems += configurator.problems(device, settings, from: load == nil ? .options : .file)
      let missing = configurator.missing(device, settings)
      problems += missing.restrictions
      for choice in missing.choices {
        // A file may come from another machine; an option is meant for this one.
        if ways.isEmpty {
          problems.append(choice)
        } else {
          environment.console.err("deflate-iaa: \(choice); passed over\n")
        }
      }
      if !ways.isEmpty {
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
    let devices = try named(topology)
    if `default` || user != nil || userDefault {
      for device in devices where device.maxQueuesSize.value == nil {
        throw CommandFailure(
          description: "\(device.name) does not tell how many entries it has "
            + "(max_work_queues_size), so they cannot be shared out; name a queue and give --size")
      }
    }
    if `default` { return devices.map { ($0, .documentedDefault($0)) } }
    if userDefault { return devices.map { ($0, .userDefault($0)) } }
    if let user {
      for device in devices {
        let most = min(device.queues.count, max(device.maxQueuesSize.value ?? .max, 0))
        guard user > most else { continue }
        throw CommandFailure(
          description: "\(device.name) has \(device.queues.count) queues and "
            + "\(device.maxQueuesSize.shown) entries; --user takes 1 to \(most) there")
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
    let wanted = targets.isEmpty ? nil : try named(topology).map(\.name)
    for name in wanted ?? [] where !file.entries.contains(where: { $0.settings.name == name }) {
      throw CommandFailure(description: "\(path) has no \(name)")
    }
    return try file.entries.filter { wanted?.contains($0.settings.name) ?? true }.map { entry in
      let target = DeviceTarget(entry.settings.name, nil)
      return (try target.device(in: topology), entry.settings)
    }
  }

  /// The devices that are named, or all IAA devices.
  private func named(_ topology: Topology) throws -> [Device] {
    targets.isEmpty ? topology.iaaDevices : try unique(targets.map { try $0.device(in: topology) })
  }

  func save(to path: String, _ topology: Topology, _ environment: CommandEnvironment) throws
    -> Int32
  {
    // All of the machine's, DSA devices too, as save-config does.
    let devices = targets.isEmpty ? topology.devices : try named(topology)
    if let off = devices.first(where: { !$0.isEnabled }), !targets.isEmpty {
      throw CommandFailure(
        description: "\(off.name) is not enabled; only what is enabled is saved, as by accel-config"
      )
    }
    guard devices.contains(where: \.isEnabled) else {
      throw CommandFailure(description: "no device is enabled, so there is nothing to save")
    }
    let text = try PersistedSetup.saved(devices, in: topology)
    if path == "-" {
      environment.console.out(text)
      return 0
    }
    do {
      try HostFiles.write(Array(text.utf8), to: path)
    } catch {
      let reason =
        switch error {
        case .tooManySymbolicLinkLevels: "a symbolic link"
        case .isDirectory: "a folder"
        case .invalidArgument: "neither an ordinary file nor new"
        default: ""
        }
      throw CommandFailure(
        description: reason.isEmpty
          ? "\(path): \(error.description)"
          : "\(path) is \(reason); --save takes the name of an ordinary file, new or old, or - to "
            + "print")
    }
    return 0
  }

  func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
    var seen: Set<Element> = []
    return elements.filter { seen.insert($0).inserted }
  }
}
