// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Carries a plan out. When a step fails, the devices that were touched are taken back to what they
// were: their state is read again and a plan is made from there, so it does not matter where the
// first plan stopped. What cannot be taken back is told, device by device.

package import SystemPackage

/// A plan that stopped half-way.
package struct ExecutionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The step that failed, and why.
  package let failure: String
  /// The device's own word on it, decoded.
  package let status: String?
  /// Devices that are as they were again.
  package let restored: [String]
  /// What could not be taken back.
  package let remains: [String]

  package var description: String {
    var lines = [failure]
    if let status { lines.append("the driver says: \(status)") }
    if !restored.isEmpty { lines.append("rolled back: \(restored.joined(separator: ", "))") }
    if restored.isEmpty, remains.isEmpty { lines.append("nothing had been changed") }
    lines += remains.map { "remains: \($0)" }
    return lines.joined(separator: "\n")
  }
}

/// Carries plans out on one machine.
package struct PlanExecutor {
  let root: SystemRoot
  let modules: any ModuleLoader
  /// Told of every step before it is taken.
  let log: (PlanStep) -> Void

  /// An executor that reloads modules with `modules`.
  package init(
    root: SystemRoot, modules: any ModuleLoader, log: @escaping (PlanStep) -> Void = { _ in }
  ) {
    self.root = root
    self.modules = modules
    self.log = log
  }

  /// Takes every step, or none of lasting effect.
  ///
  /// - Parameters:
  ///   - plan: the steps.
  ///   - devices: the devices as they were when the plan was made.
  ///   - expected: what devices have to be afterwards: the kernel takes writes that it does not act on.
  /// - Throws: where it stopped and what was done about it.
  package func run(
    _ plan: ConfigurationPlan, on devices: [Device], expecting expected: [DeviceSettings] = []
  ) throws(ExecutionError) {
    var touched: [DeviceName] = []
    var reloaded = false
    for step in plan.steps {
      log(step)
      if let reason = perform(step) {
        throw rollBack(step.device, reason, touched: touched, reloaded: reloaded, devices)
      }
      if case .module = step.action { reloaded = true }
      if let name = step.device, !touched.contains(name) { touched.append(name) }
    }
    for settings in expected {
      guard let reason = shortfall(settings) else { continue }
      throw rollBack(settings.name, reason, touched: touched, reloaded: reloaded, devices)
    }
  }

  /// What of a device's states is not as it was to be; nil when all is.
  private func shortfall(_ settings: DeviceSettings) -> String? {
    let now = DeviceSettings(SysfsTree(root).device(settings.name))
    let before = "\(settings.name): every write was taken, but "
    if now.isEnabled != settings.isEnabled {
      return before + "the device says it is \(now.isEnabled ? "enabled" : "disabled")"
    }
    func names(_ indices: some Sequence<Int>) -> String {
      indices.sorted()
        .map { "\(PartName(kind: .queue, deviceID: settings.name.id, index: $0))" }
        .joined(separator: ", ")
    }
    // Enabled without a set-up is what a queue looks like that cannot be read.
    let missing = settings.enabledQueues.subtracting(now.enabledQueues)
      .filter { settings.queues[$0] != nil }
    if !missing.isEmpty {
      return before + names(missing) + (missing.count == 1 ? " is" : " are") + " still disabled"
    }
    let extra = now.enabledQueues.subtracting(settings.enabledQueues)
    guard !extra.isEmpty else { return nil }
    return before + names(extra) + (extra.count == 1 ? " is" : " are") + " still enabled"
  }

  /// Takes one step.
  ///
  /// - Returns: why it failed; nil when it did not.
  func perform(_ step: PlanStep) -> String? {
    switch step.action {
    case .write(let value, let path):
      do {
        try root.write(value, to: path)
        return nil
      } catch {
        return "cannot write \"\(value)\" to \(root.locate(path)): \(error.description)"
          + (PlanExecutor.hint(error).map { "; \($0)" } ?? "")
      }
    case .module(let command):
      // Modules belong to the running kernel, not to a tree.
      guard root.isLive else { return nil }
      do {
        try modules.run(command)
        return nil
      } catch {
        return "\(command) failed: \(error)"
      }
    }
  }

  package static func hint(_ error: Errno) -> String? {
    switch error {
    case .permissionDenied: "this needs root"
    case .notPermitted: "the device or queue has to be disabled for that, and you have to be root"
    case .resourceBusy: "it is in use or bound already"
    case .readOnlyFileSystem: "it is read-only here, as in a container; do this on the host"
    case .notSupported: "the IOMMU is not in scalable mode"
    default: nil
    }
  }

  func rollBack(
    _ device: DeviceName?, _ reason: String, touched: [DeviceName], reloaded: Bool,
    _ devices: [Device]
  ) -> ExecutionError {
    let status = device.flatMap(statusText)
    var restored: [String] = []
    var remains: [String] = []
    let configurator = Configurator(Topology(root))
    for name in touched.reversed() {
      guard let original = devices.first(where: { $0.name == name }).map(DeviceSettings.init)
      else { continue }
      let failures = restore(name, to: original, configurator)
      let now = DeviceSettings(SysfsTree(root).device(name))
      let differences = original.differences(to: now)
      if differences.isEmpty {
        restored.append("\(name)")
      } else {
        remains += differences + failures
      }
    }
    if reloaded { remains.append("the module iaa_crypto was reloaded; nothing takes that back") }
    return ExecutionError(failure: reason, status: status, restored: restored, remains: remains)
  }

  /// Takes a device back as far as that goes; a failing write does not keep the rest from trying.
  func restore(
    _ name: DeviceName, to settings: DeviceSettings, _ configurator: Configurator
  ) -> [String] {
    configurator.restore(configurator.tree.device(name), to: settings).compactMap { step in
      log(step)
      return perform(step)
    }
  }

  func statusText(_ name: DeviceName) -> String? {
    guard let code = SysfsTree(root).device(name).commandStatus.value, code != 0 else { return nil }
    let status = CommandStatus(code)
    return status.description + (status.remedy.map { "; \($0)" } ?? "")
  }
}

extension DeviceSettings {
  /// What differs in `now` from these settings, a line each.
  package func differences(to now: DeviceSettings) -> [String] {
    var lines: [String] = []
    if isEnabled != now.isEnabled {
      lines.append("\(name) is \(now.isEnabled ? "enabled" : "disabled"), was not")
    }
    for index in Set(queues.keys).union(now.queues.keys).sorted() {
      let queue = PartName(kind: .queue, deviceID: name.id, index: index)
      if queues[index] != now.queues[index] {
        lines.append(
          now.queues[index] == nil
            ? "\(queue) lost its configuration" : "\(queue) is configured otherwise than before")
      }
      let was = enabledQueues.contains(index)
      if was != now.enabledQueues.contains(index) {
        lines.append("\(queue) is \(was ? "disabled" : "enabled"), was not")
      }
    }
    if engines != now.engines {
      lines.append("\(name)'s engines are grouped otherwise than before")
    }
    if groups != now.groups { lines.append("\(name)'s groups are set otherwise than before") }
    if eventLogSize != now.eventLogSize {
      lines.append("\(name)'s event log has another size than before")
    }
    return lines
  }
}
