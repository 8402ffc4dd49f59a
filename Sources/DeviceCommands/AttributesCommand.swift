// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa attributes`: the two attributes of the kernel's iaa_crypto driver.

import ArgumentParser
import IAAOffload

extension Configuration.SyncMode: ExpressibleByArgument {}

struct AttributesCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "attributes",
      abstract: "Show or set the attributes of the kernel's iaa_crypto driver.",
      discussion: """
        The driver captures them when it registers its algorithms, and forgets them when its module \
        is removed: they can be set only while no queue is bound to it, and apply once it has \
        registered anew. The order is: disable the devices and reload the module, set, configure \
        and enable. When `configure` reloads the module it sets them again.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @Option(
    help: ArgumentHelp(
      "1 to check every compression by decompressing it, 0 not to.",
      valueName: "0|1"))
  var verifyCompress: Int?

  @Option(
    help: ArgumentHelp(
      "How jobs are waited for: sync (the driver polls), async (the caller polls), async_irq "
        + "(an interrupt wakes it).", valueName: "mode"))
  var syncMode: Configuration.SyncMode?

  @Flag(
    name: [.customShort("n"), .long], help: "Print the writes as a shell script; write nothing.")
  var dryRun = false

  mutating func validate() throws {
    if let verifyCompress, !(0...1).contains(verifyCompress) {
      throw ValidationError("--verify-compress takes 0 or 1.")
    }
  }

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let topology = Topology(environment.open(rootOption.root))
    let root = topology.root
    var plan = ConfigurationPlan()
    if let verifyCompress {
      plan.steps.append(step("\(verifyCompress)", DriverAttributes.verifyCompressPath))
    }
    if let syncMode {
      plan.steps.append(step(syncMode.rawValue, DriverAttributes.syncModePath))
    }
    if plan.steps.isEmpty { return show(root, environment.console) }
    if dryRun {
      environment.console.out(plan.script(for: root))
      return 0
    }
    try check(topology)
    let executor = PlanExecutor(root: root, modules: environment.modules)
    try executor.run(plan, on: [])
    _ = show(root, environment.console)
    environment.console.out(
      """
      They apply to algorithms registered from now on. Next:
        sudo deflate-iaa configure --default --no-reload

      """)
    return 0
  }

  func show(_ root: SystemRoot, _ console: Console) -> Int32 {
    let attributes = DriverAttributes(root)
    guard attributes.verifyCompress.error == nil || attributes.syncMode.error == nil else {
      console.err(
        "deflate-iaa: \(root.locate(DriverAttributes.folder)) has no attributes: iaa_crypto is "
          + "not loaded\n")
      return 1
    }
    console.out("verify_compress \(text(attributes.verifyCompress, explain(attributes)))\n")
    console.out("sync_mode       \(text(attributes.syncMode, explainMode(attributes)))\n")
    return 0
  }

  func text<Value>(_ attribute: Attribute<Value>, _ meaning: String) -> String {
    guard let text = attribute.text else { return attribute.problem }
    return attribute.value == nil ? "\(text) (unknown)" : "\(pad(text, 9)) \(meaning)"
  }

  func explain(_ attributes: DriverAttributes) -> String {
    attributes.verifyCompress.value == true
      ? "every compression is checked by decompressing it" : "compressions are not checked"
  }

  func explainMode(_ attributes: DriverAttributes) -> String {
    switch attributes.syncMode.value {
    case .sync: "the driver polls until a job is done"
    case .async: "the caller polls"
    case .asyncIRQ: "an interrupt wakes the caller; slower than polling"
    case nil: ""
    }
  }

  /// What the driver would answer with EBUSY, explained.
  func check(_ topology: Topology) throws {
    guard topology.root.exists(DriverAttributes.folder) else {
      throw CommandFailure(
        description: "\(topology.root.locate(DriverAttributes.folder)) does not exist: load the "
          + "module with `modprobe iaa_crypto` first")
    }
    let bound = topology.cryptoQueues().map(\.name)
    guard !bound.isEmpty else { return }
    let queues = bound.map { "\($0)" }.joined(separator: ", ")
    let names = topology.iaaDevices.map(\.name)
      .filter { name in bound.contains { $0.deviceID == name.id } }.map { "\($0)" }
    throw ConfigurationError([
      "\(queues) \(bound.count == 1 ? "is" : "are") bound to iaa_crypto, which captured its "
        + "attributes when it registered; they can be set only while none is. In this order:",
      "  sudo deflate-iaa disable --reload \(names.joined(separator: " "))",
      "  sudo deflate-iaa attributes " + arguments,
      "  sudo deflate-iaa configure --default --no-reload \(names.joined(separator: " "))",
    ])
  }

  var arguments: String {
    [
      verifyCompress.map { "--verify-compress \($0)" },
      syncMode.map { "--sync-mode \($0.rawValue)" },
    ]
    .compactMap { $0 }.joined(separator: " ")
  }

  func step(_ value: String, _ path: String) -> PlanStep {
    PlanStep(action: .write(value: value, path: path), device: nil)
  }
}
