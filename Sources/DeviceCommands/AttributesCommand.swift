// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa attributes`: the attributes of the kernel's iaa_crypto driver.

public import ArgumentParser
import IAADevices
import SystemPackage

extension SyncMode: ExpressibleByArgument {}

struct AttributesCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "attributes",
      abstract: "Show or set the attributes of the kernel's iaa_crypto driver.",
      discussion: """
        The driver captures them when it registers its algorithms, and forgets them when its module \
        is removed: they can be set only while no queue is bound to it, and apply once it has \
        registered anew. The order is: disable the devices and reload the module, set, configure \
        and enable. When `configure` reloads the module it sets them again. The last three are \
        Intel's additions of 2025; kernels without them refuse them. What is set is read back, as \
        some kernels take a value and do another.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "1 to check every compression by decompressing it, 0 not to.",
      valueName: "0|1"), transform: { try wholeNumber($0, in: 0...1) })
  var verifyCompress: Int?

  @Option(
    help: ArgumentHelp(
      "How jobs are waited for: sync (the driver polls), async (the caller polls), async_irq "
        + "(an interrupt wakes it).", valueName: "sync|async|async_irq"))
  var syncMode: SyncMode?

  @Option(
    name: .customLong("g-comp-wqs-per-iaa"), parsing: .unconditional,
    help: ArgumentHelp(
      "How many of each device's queues, its last, take compressions only; 0: all take both.",
      valueName: "n"), transform: { try wholeNumber($0, in: 0...Int.max) })
  var compressQueuesPerDevice: Int?

  @Option(
    name: .customLong("distribute-comps"), parsing: .unconditional,
    help: ArgumentHelp("1 to spread compressions over a package's devices.", valueName: "0|1"),
    transform: { try wholeNumber($0, in: 0...1) })
  var distributeCompressions: Int?

  @Option(
    name: .customLong("distribute-decomps"), parsing: .unconditional,
    help: ArgumentHelp("1 to spread decompressions over a package's devices.", valueName: "0|1"),
    transform: { try wholeNumber($0, in: 0...1) })
  var distributeDecompressions: Int?

  @Flag(
    name: [.customShort("n"), .long], help: "Print the writes as a shell script; write nothing.")
  var dryRun = false

  /// What was asked for, by attribute, in the driver's order.
  var wanted: [(name: DriverAttributes.Name, value: String)] {
    let values: [(DriverAttributes.Name, String?)] = [
      (.verifyCompress, verifyCompress.map(String.init)), (.syncMode, syncMode?.rawValue),
      (.compressQueuesPerDevice, compressQueuesPerDevice.map(String.init)),
      (.distributeCompressions, distributeCompressions.map(String.init)),
      (.distributeDecompressions, distributeDecompressions.map(String.init)),
    ]
    return values.compactMap { name, value in value.map { (name, $0) } }
  }

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let topology = Topology(environment.open(rootOption.root))
    let root = topology.root
    if wanted.isEmpty { return show(root, environment.console) }
    var plan = ConfigurationPlan()
    plan.steps = wanted.map {
      PlanStep(action: .write(value: $0.value, path: $0.name.path), device: nil)
    }
    try check(topology)
    if dryRun {
      environment.console.out(plan.script(for: root))
      return 0
    }
    let executor = PlanExecutor(root: root, modules: environment.modules)
    try executor.run(plan, on: [])
    let code = compare(root, environment.console)
    _ = show(root, environment.console)
    environment.console.out("They apply to algorithms registered from now on. ")
    // Devices that serve user space stay with it.
    let free = topology.iaaDevices.filter { device in
      !device.queues.contains { $0.isEnabled && $0.type.value == .user }
    }
    let names = free.count == topology.iaaDevices.count ? [] : free.map { "\($0.name)" }
    environment.console.out(
      free.isEmpty
        ? "That is when the first kernel\nqueue is bound; every device serves user space now.\n"
        : "Next:\n  "
          + (["sudo deflate-iaa configure --default --no-reload"] + names).joined(separator: " ")
          + "\n")
    return code
  }

  /// Whether the driver says what was written; tells what it says instead.
  func compare(_ root: SystemRoot, _ console: Console) -> Int32 {
    let attributes = DriverAttributes(root)
    var code: Int32 = 0
    for (name, value) in wanted {
      let text = attributes.texts[name]?.text ?? ""
      let isSame =
        switch name {
        case .syncMode: text == value
        case .compressQueuesPerDevice: attributes.number(name).value.map(String.init) == value
        default: attributes.flag(name).value == (value == "1")
        }
      if isSame { continue }
      code = 1
      console.err(
        "deflate-iaa: \(name.rawValue): the driver took \"\(value)\" and says \"\(text)\""
          + (name == .syncMode && value == "async" && text == "sync"
            ? "; Linux 6.13 to 6.18, about, takes async and shows sync\n" : "\n"))
    }
    return code
  }

  func show(_ root: SystemRoot, _ console: Console) -> Int32 {
    let attributes = DriverAttributes(root)
    guard DriverAttributes.Name.allCases.contains(where: { attributes.texts[$0]?.error == nil })
    else {
      console.err(
        "deflate-iaa: \(root.locate(DriverAttributes.folder)) has no attributes: iaa_crypto is "
          + (root.missingCryptoDriver.map { "not in this kernel: \($0)\n" } ?? "not loaded\n"))
      return 1
    }
    // The first two are in every version of the driver; of the rest those that are there are shown.
    let shown = DriverAttributes.Name.allCases.filter {
      $0 == .verifyCompress || $0 == .syncMode || attributes.has($0)
    }
    let width = shown.map(\.rawValue.count).max() ?? 0
    for name in shown {
      console.out("\(pad(name.rawValue, width)) \(text(name, attributes))\n")
    }
    return 0
  }

  func text(_ name: DriverAttributes.Name, _ attributes: DriverAttributes) -> String {
    guard let attribute = attributes.texts[name] else { return "" }
    guard let text = attribute.text else { return attribute.problem }
    guard let meaning = meaning(name, attributes) else { return "\(text) (unknown)" }
    return "\(pad(text, 9)) \(meaning)"
  }

  /// An attribute's value in words; nil when it is none of its values.
  func meaning(_ name: DriverAttributes.Name, _ attributes: DriverAttributes) -> String? {
    switch name {
    case .verifyCompress:
      attributes.verifyCompress.value.map {
        $0 ? "every compression is checked by decompressing it" : "compressions are not checked"
      }
    case .syncMode:
      attributes.syncMode.value.map { mode in
        switch mode {
        case .sync: "the driver polls until a job is done"
        case .async: "the caller polls"
        case .asyncIRQ: "an interrupt wakes the caller; slower than polling"
        }
      }
    case .compressQueuesPerDevice:
      attributes.number(name).value.map {
        $0 == 0
          ? "every queue takes both kinds of job"
          : "a device's last \($0 == 1 ? "queue" : "\($0) queues") compress, the others decompress"
      }
    case .distributeCompressions:
      attributes.flag(name).value.map {
        $0 ? "compressions go round a package's devices" : "compressions stay on one device"
      }
    case .distributeDecompressions:
      attributes.flag(name).value.map {
        $0 ? "decompressions go round a package's devices" : "decompressions stay on one device"
      }
    }
  }

  /// What the driver would answer with EBUSY, explained.
  func check(_ topology: Topology) throws {
    guard topology.root.exists(DriverAttributes.folder) else {
      throw CommandFailure(
        description: "\(topology.root.locate(DriverAttributes.folder)) does not exist: "
          + (topology.root.missingCryptoDriver.map { "this kernel has no iaa_crypto: \($0)" }
            ?? "load the module with `sudo modprobe iaa_crypto` first"))
    }
    let attributes = DriverAttributes(topology.root)
    let missing = wanted.filter { !attributes.has($0.name) }.map(\.name.rawValue)
    guard missing.isEmpty else {
      throw CommandFailure(
        description: "this kernel's iaa_crypto has no \(missing.joined(separator: ", "))")
    }
    let bound = topology.cryptoQueues().map(\.name)
    guard !bound.isEmpty else { return }
    let queues = bound.map { "\($0)" }.joined(separator: ", ")
    let devices = topology.iaaDevices.filter { device in
      bound.contains { $0.deviceID == device.name.id }
    }
    let reason =
      "\(queues) \(bound.count == 1 ? "is" : "are") bound to iaa_crypto, which captured its "
      + "attributes when it registered; they can be set only while none is"
    if let fault = topology.teardownFault(of: devices) {
      throw CommandFailure(
        description: reason
          + ". Disabling \(devices.map { "\($0.name)" }.joined(separator: ", ")) may "
          + "crash this kernel: no event log, and \(fault.reason). Boot another kernel first: "
          + KnownKernels.withoutTeardownFault)
    }
    let busy = devices.flatMap(\.busyUserQueues)
    let conditions = [
      topology.root.hasReadOnlySysfs ? "on the host, as /sys is read-only here" : nil,
      busy.isEmpty
        ? nil
        : "when the processes that use \(busy.map { "\($0.name)" }.joined(separator: ", ")) have ended",
    ].compactMap { $0 }
    throw ConfigurationError(
      [reason + ". \((conditions + ["in this order:"]).joined(separator: ", ").capitalizedFirst)"]
        + order(topology, devices).map { "  \($0)" })
  }

  /// The commands that set the attributes, where `devices` are bound to the driver: zswap's pages out of
  /// the way first, the set-up and zswap as they were last.
  private func order(_ topology: Topology, _ devices: [Device]) -> [String] {
    let zswap = Zswap(topology.root)
    let state = zswap.state
    let names = devices.map { "\($0.name)" }.joined(separator: " ")
    let isInUse = state.usesIAA || (topology.cryptoUsers ?? 0) > 0
    // `disable` forgets a set-up. The driver's own is made anew; another is saved and loaded.
    let isDefault = devices.allSatisfy {
      DeviceSettings($0).resembles(.documentedDefault($0))
    }
    let file = "iaa-devices.conf"
    return (isInUse ? zswap.release : [])
      + (isDefault ? [] : ["deflate-iaa configure --save \(file)"])
      + [
        "sudo deflate-iaa disable --reload \(names)", "sudo deflate-iaa attributes " + arguments,
        isDefault
          ? "sudo deflate-iaa configure --default --no-reload \(names)"
          : "sudo deflate-iaa configure --load \(file) --no-reload",
      ]
      + (state.usesIAA
        ? ["sudo deflate-iaa zswap enable" + compressorOption(state.compressor)] : [])
  }

  private func compressorOption(_ compressor: String?) -> String {
    compressor == DeviceCompressor.dynamic.rawValue
      ? " --compressor \(DeviceCompressor.dynamic.rawValue)" : ""
  }

  var arguments: String {
    wanted.map { "--\($0.name.option) \($0.value)" }.joined(separator: " ")
  }
}
