// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Plans the writes that take devices from one set-up to another, in the documented
// order (facts, section 11): queues disabled, device disabled, queues configured, engines put
// into groups, device enabled, queues enabled. The driver forgets a device's configuration when it
// is disabled, so a change writes all queues anew, the untouched ones too.

/// Makes plans for the devices of one machine.
package struct Configurator {
  let topology: Topology

  var root: SystemRoot { topology.root }
  var tree: SysfsTree { topology.tree }

  /// A configurator for the machine as it was read.
  package init(_ topology: Topology) { self.topology = topology }

  /// Everything needed to set these devices up.
  ///
  /// With `reload` the module is reloaded once, between disabling and configuring all devices, as
  /// the documented script does; without it each device is done in turn.
  package func plan(_ changes: [(device: Device, settings: DeviceSettings)], reload: Bool)
    -> ConfigurationPlan
  {
    var plan = ConfigurationPlan()
    if reload {
      for change in changes { plan.steps += disable(change.device) }
      plan.steps += reloadModule()
      for change in changes { plan.steps += configure(change.device, to: change.settings) }
      for change in changes { plan.steps += enable(change.device, change.settings) }
    } else {
      for change in changes {
        plan.steps +=
          disable(change.device) + configure(change.device, to: change.settings)
          + enable(change.device, change.settings)
      }
    }
    return plan
  }

  /// Disables a device's queues in order, then the device.
  package func disable(_ device: Device) -> [PlanStep] {
    device.queues.filter(\.isEnabled).map { unbind($0, of: device) }
      + (device.isEnabled ? [step("\(device.name)", bind("idxd", "unbind"), device.name)] : [])
  }

  /// Takes a queue from its driver.
  package func unbind(_ queue: WorkQueue, of device: Device) -> PlanStep {
    step("\(queue.name)", bind(driver(of: queue), "unbind"), device.name)
  }

  /// Enables a device unless it is, then those of its queues that are not.
  package func enable(_ device: Device, _ settings: DeviceSettings, from now: DeviceSettings? = nil)
    -> [PlanStep]
  {
    var steps: [PlanStep] = []
    guard settings.isEnabled else { return steps }
    if now?.isEnabled != true {
      steps.append(step("\(device.name)", bind("idxd", "bind"), device.name))
    }
    for index in settings.enabledQueues.sorted() where now?.enabledQueues.contains(index) != true {
      // Enabled without a set-up is what a queue looks like that cannot be read.
      guard let queue = settings.queues[index] else { continue }
      let name = PartName(kind: .queue, deviceID: device.name.id, index: index)
      let driver = queue.driverName
      steps.append(step("\(name)", bind(driver.isEmpty ? "user" : driver, "bind"), device.name))
    }
    return steps
  }

  /// Writes the settings of a device that is disabled.
  package func configure(_ device: Device, to settings: DeviceSettings) -> [PlanStep] {
    var steps: [PlanStep] = []
    if !device.isEnabled { steps += clearLeftovers(device, settings) }
    steps += deviceValues(device, settings)
    for index in settings.queues.keys.sorted() {
      guard let queue = settings.queues[index] else { continue }
      steps += configure(queue, index: index, on: device)
    }
    for index in settings.engines.keys.sorted() {
      guard let group = settings.engines[index] else { continue }
      let name = PartName(kind: .engine, deviceID: device.name.id, index: index)
      steps.append(step("\(group)", "\(device.path)/\(name)/group_id", device.name))
    }
    return steps
  }

  /// A device that is disabled may still carry a set-up, an old one or a half-written one. Queues
  /// that shrink or go give up their entries first, so that the sum fits at every step.
  func clearLeftovers(_ device: Device, _ settings: DeviceSettings) -> [PlanStep] {
    var steps: [PlanStep] = []
    for queue in device.queues where queue.isConfigured {
      let target = settings.queues[queue.name.index]
      if (queue.size.value ?? 0) > (target?.size ?? 0) {
        steps.append(step("0", "\(queue.path)/size", device.name))
      }
      if target == nil {
        steps.append(step("-1", "\(queue.path)/group_id", device.name))
        steps.append(step("none", "\(queue.path)/type", device.name))
      }
    }
    for engine in device.engines
    where (engine.groupID.value ?? -1) >= 0 && settings.engines[engine.name.index] == nil {
      steps.append(step("-1", "\(engine.path)/group_id", device.name))
    }
    return steps
  }

  /// Takes a device from where it is now to where it was, disturbing as little as possible.
  package func restore(_ device: Device, to settings: DeviceSettings) -> [PlanStep] {
    let now = DeviceSettings(device)
    if now == settings { return [] }
    let isSame = now.configures(likewise: settings)
    if isSame, now.isEnabled, settings.isEnabled {
      let extra = device.queues.filter {
        $0.isEnabled && !settings.enabledQueues.contains($0.name.index)
      }
      return extra.map { unbind($0, of: device) } + enable(device, settings, from: now)
    }
    return disable(device) + (isSame && !now.isEnabled ? [] : configure(device, to: settings))
      + enable(device, settings)
  }

  /// Reloads iaa_crypto so that it registers its algorithms anew, with its attributes as they are.
  package func reloadModule() -> [PlanStep] {
    let isLoaded = root.exists("/sys/module/iaa_crypto")
    return (isLoaded ? [PlanStep(action: .module(.remove("iaa_crypto")), device: nil)] : [])
      + [PlanStep(action: .module(.insert("iaa_crypto")), device: nil)]
      + DriverAttributes(root).kept
  }

  /// Whether the algorithm has to be registered anew before `settings` can be enabled: the driver
  /// registers it with the first queue bound to it, once in the life of its module.
  ///
  /// - Parameters:
  ///   - settings: what is going to be enabled.
  ///   - devices: the devices that lose their queues first.
  /// - Returns: whether to reload the module in between.
  package func needsReload(_ settings: [DeviceSettings], disabling devices: [Device] = []) -> Bool {
    let bindsKernelQueue = settings.contains { settings in
      settings.enabledQueues.contains { settings.queues[$0]?.type == .kernel }
    }
    guard bindsKernelQueue, topology.cryptoQueues(besides: devices).isEmpty else { return false }
    return !topology.cryptoQueues().isEmpty || root.registersDeflateIAA == true
  }

  /// The driver that holds a queue.
  func driver(of queue: WorkQueue) -> String {
    if let bound = queue.boundDriver { return bound }
    if let name = queue.driverName.value, !name.isEmpty { return name }
    return queue.type.value == .kernel ? "crypto" : "user"
  }

  func bind(_ driver: String, _ file: String) -> String {
    "\(tree.driverPath(driver))/\(file)"
  }

  func step(_ value: String, _ path: String, _ device: DeviceName) -> PlanStep {
    PlanStep(action: .write(value: value, path: path), device: device)
  }
}
