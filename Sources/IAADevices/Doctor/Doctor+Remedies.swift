// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Commands that the doctor says to run. Each is one that would be taken on this very machine: what would
// refuse it is named in the place of a command, or before it where it goes away by itself.

extension Doctor {
  /// Whom a change is for.
  enum Purpose { case user, kernel }

  /// Whether taking this device down may crash the kernel.
  func isRisky(_ device: Device) -> Bool {
    topology.teardownFault(of: [device]) != nil
  }

  /// Whether a device may be set up at all: what stands there has to be readable and possible.
  func isChangeable(_ device: Device) -> Bool {
    let groups = device.groups.map(\.name.index)
    return device.configurable.value != 0
      && (device.state.value == .enabled || device.state.value == .disabled)
      && device.queues.allSatisfy { $0.type.value != nil }
      && device.engines.allSatisfy { engine in
        engine.groupID.value.map { $0 < 0 || groups.contains($0) } ?? true
      }
  }

  /// Whether `enable` takes these queues of a device.
  func canBeEnabled(_ queues: [WorkQueue], of device: Device) -> Bool {
    var settings = DeviceSettings(device)
    settings.isEnabled = true
    settings.enabledQueues.formUnion(queues.map(\.name.index))
    settings.queues = settings.queues.filter { settings.enabledQueues.contains($0.key) }
    return isChangeable(device) && Configurator(topology).problems(device, settings).isEmpty
  }

  /// What is left to say where nothing can be advised.
  static let lookAtList = "look at what is there; run: deflate-iaa devices -v"

  /// Whether user queues cannot work on any device, however they are set up.
  var lacksScalableMode: Bool {
    [.legacy, .none].contains(topology.iommu.mode)
      || !devices.isEmpty && devices.allSatisfy { $0.pasidEnabled.value == 0 }
  }

  /// What has to be done before any queue for `purpose` can be set up; nil when nothing has to.
  func prerequisite(_ purpose: Purpose) -> String? {
    switch purpose {
    case .user where lacksScalableMode:
      "see \(topology.iommu.mode == .scalable ? "PASID" : "IOMMU mode") first"
    case .kernel where missingCryptoDriver != nil: "see zswap options first"
    default: nil
    }
  }

  /// Lines for a shell that change `devices`, disabled on the way, and what has to come before them.
  func change(_ commands: [String], of devices: [Device], for purpose: Purpose) -> String {
    if let prerequisite = prerequisite(purpose) { return prerequisite }
    // A device that does not run is not taken down.
    let taken = devices.filter(\.isEnabled)
    if taken.contains(where: isRisky) { return "see disabling first" }
    let busy = taken.flatMap(\.busyUserQueues)
    var condition = ""
    if !busy.isEmpty {
      let pids = busy.flatMap(\.clientProcesses).map(String.init)
      condition =
        "when the processes that use \(busy.map { "\($0.name)" }.joined(separator: ", "))"
        + (pids.isEmpty ? "" : " (\(pids.joined(separator: ", ")))") + " have ended, "
    }
    var lines = commands
    if kernelUsesQueues, taken.contains(where: isHeld),
      topology.cryptoQueues(besides: taken).isEmpty
    {
      condition =
        "zswap has its pages behind these queues: give it another compressor and fetch them back "
        + "first; " + condition
      lines = Zswap(root).release + lines
    }
    return condition + "run: " + lines.joined(separator: "\n")
  }

  /// The same for one command.
  func change(_ command: String, of devices: [Device], for purpose: Purpose) -> String {
    change([command], of: devices, for: purpose)
  }

  /// The purpose of a queue.
  func purpose(of queue: WorkQueue) -> Purpose { queue.type.value == .kernel ? .kernel : .user }

  /// A command with names behind it; all devices need no names.
  func command(_ words: String, _ named: [Device]) -> String {
    let names = named.count == devices.count ? [] : named.map { "\($0.name)" }
    return (["sudo deflate-iaa " + words] + names).joined(separator: " ")
  }

  /// Commands that start `devices`: what is configured is enabled, the rest is set up by `words`. Nil
  /// where none of them can be.
  func starting(_ devices: [Device], by words: String, for purpose: Purpose) -> String? {
    let fit = devices.filter {
      isChangeable($0) && (purpose == .kernel || $0.pasidEnabled.value != 0)
    }
    // Who asks about user space is not helped by a queue of the kernel's.
    func prepared(_ device: Device) -> [WorkQueue] {
      device.queues.filter { $0.isConfigured && (goal != .user || $0.type.value != .kernel) }
    }
    let waiting = fit.filter { device in
      !prepared(device).isEmpty && canBeEnabled(prepared(device), of: device)
    }
    let unused = fit.filter { device in !device.queues.contains(where: \.isConfigured) }
    let bare = waiting.isEmpty && unused.isEmpty ? fit.filter { prepared($0).isEmpty } : unused
    var commands: [String] = []
    if !waiting.isEmpty {
      commands.append(
        "sudo deflate-iaa enable " + waiting.map { "\($0.name)" }.joined(separator: " "))
    }
    if !bare.isEmpty {
      commands.append(
        "sudo deflate-iaa \(words) " + bare.map { "\($0.name)" }.joined(separator: " "))
    }
    // Nothing that runs is taken down by enabling.
    return commands.isEmpty ? nil : change(commands, of: bare, for: purpose)
  }

  /// The way to a first user queue that leaves zswap what it reads its pages back by.
  var firstUserQueue: String {
    let words = "configure --user 1"
    if let prerequisite = prerequisite(.user) { return prerequisite }
    let fit = devices.filter { isChangeable($0) && $0.pasidEnabled.value != 0 }
    let safe = fit.filter { !isRisky($0) }
    if safe.isEmpty {
      return fit.isEmpty
        ? "no device can be set up: each is halted, not readable, fixed by its firmware or without a PASID"
        : "see disabling first"
    }
    // Where both are wanted the kernel keeps what it has.
    guard kernelUsesQueues || goal == .all && safe.contains(where: isHeld) else {
      return change(command(words, safe), of: safe, for: .user)
    }
    let free = safe.filter { !isHeld($0) }
    if !free.isEmpty { return change(command(words, free), of: free, for: .user) }
    let last = Array(safe.suffix(1))
    let remedy = change(command(words, last), of: last, for: .user)
    return topology.cryptoQueues(besides: last).isEmpty
      ? remedy : "zswap goes on with the other devices; " + remedy
  }

  /// The way to a queue for the kernel that leaves user space its devices, but for one where it has all.
  var firstKernelQueue: String {
    if let prerequisite = prerequisite(.kernel) { return prerequisite }
    let words = "configure --default"
    let fit = devices.filter(isChangeable)
    let safe = fit.filter { !isRisky($0) }
    if safe.isEmpty {
      return fit.isEmpty
        ? "no device can be set up: each is halted, not readable or fixed by its firmware"
        : "see disabling first"
    }
    // What is set up for the kernel and only off is turned on.
    let waiting = fit.flatMap { device in
      device.queues.filter {
        $0.type.value == .kernel && !$0.isEnabled && canBeEnabled([$0], of: device)
      }.map { "\(device.name)/\($0.name)" }
    }
    if !waiting.isEmpty {
      return change(
        "sudo deflate-iaa enable " + waiting.joined(separator: " "), of: [], for: .kernel)
    }
    let free = safe.filter { device in !device.queues.contains { $0.type.value == .user } }
    if !free.isEmpty { return change(command(words, free), of: free, for: .kernel) }
    if goal == .all, let (device, queue) = spareUserQueue(of: safe) {
      return "every device serves user space, so one of several queues has to be taken; "
        + change(
          "sudo deflate-iaa configure --type kernel --driver-name crypto --mode dedicated "
            + "--name iaa_crypto \(device.name)/\(queue.name)", of: [device], for: .kernel)
    }
    let last = [safe.last { $0.busyUserQueues.isEmpty } ?? safe[safe.count - 1]]
    return "every device serves user space, so one has to be taken; "
      + change(
        "sudo deflate-iaa \(words) \(last.map { "\($0.name)" }.joined())", of: last, for: .kernel)
  }

  /// A queue that user space can spare, as its device has another for it.
  private func spareUserQueue(of devices: [Device]) -> (Device, WorkQueue)? {
    for device in devices {
      let queues = device.queues.filter { $0.type.value == .user && $0.isConfigured }
      let busy = Set(device.busyUserQueues.map { "\($0.name)" })
      if queues.count > 1, let spare = queues.last(where: { !busy.contains("\($0.name)") }) {
        return (device, spare)
      }
    }
    return nil
  }

  /// The engines that can serve a group without being taken from another, as an option has them; all
  /// where none is free.
  func engines(of device: Device, serving group: Int) -> String {
    let free = device.engines.filter { engine in
      let now = engine.groupID.value ?? -1
      return now < 0 || now == group
    }.map(\.name.index)
    return free.isEmpty || free.count == device.engines.count
      ? "all" : free.map(String.init).joined(separator: ",")
  }

  /// Commands that put queues without an engine into a group with one.
  func engaging(_ idle: [(queue: WorkQueue, device: Device)]) -> String {
    let affected = devices.filter { device in idle.contains { $0.device.name == device.name } }
    let commands = affected.map { device in
      let isServed = device.engines.contains { $0.groupID.value == 0 }
      let targets = idle.filter { $0.device.name == device.name }
        .map { "\(device.name)/\($0.queue.name)" }.joined(separator: " ")
      return "sudo deflate-iaa configure --group 0 "
        + (isServed ? "" : "--engines \(engines(of: device, serving: 0)) ") + targets
    }
    return change(commands, of: affected, for: idle.first.map { purpose(of: $0.queue) } ?? .user)
  }

  /// A command's options for several queues, and their devices.
  func change(_ options: String, _ queues: [(queue: WorkQueue, device: Device)]) -> String {
    let targets = queues.map { "\($0.device.name)/\($0.queue.name)" }
    let devices = self.devices.filter { device in
      queues.contains { $0.device.name == device.name }
    }
    return change(
      "sudo deflate-iaa configure \(options) \(targets.joined(separator: " "))", of: devices,
      for: queues.first.map { purpose(of: $0.queue) } ?? .user)
  }
}

extension Finding {
  /// The same where nothing can be changed: what costs speed or comfort only is the host's affair, and
  /// what stands in the way is to be run there.
  func fromInside(_ containment: Containment) -> Finding {
    guard containment.hasReadOnlySysfs, let remedy, remedy.contains("sudo ") else { return self }
    let host = containment.isPod ? "node" : "host"
    if status == .problem, !isBlocking { return aside("the \(host)'s to change") }
    // A queue that is made there is granted to those that ask for one.
    let request =
      containment.isPod && remedy.contains("configure --user")
      ? ", and then the pod's resources have to ask for \(Containment.resource(.user, .shared))"
      : ""
    return Finding(
      name: name, status: status, reason: reason,
      remedy: "on the \(host), as /sys is read-only here\(request): " + remedy,
      isBlocking: isBlocking)
  }
}
