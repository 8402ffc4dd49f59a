// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// This process: may it open the queues, how does it submit, what does its container hide.

import SystemPackage

extension Doctor {
  /// Device nodes of enabled user queues, with what stat(2) says of each.
  var nodes: [(path: String, queue: WorkQueue, device: Device)] {
    userQueues.filter { $0.queue.isEnabled }
      .map { ($0.queue.devicePath(of: $0.device.kind), $0.queue, $0.device) }
  }

  func container() -> Finding {
    let name = "container"
    let bus = topology.tree.devicesPath
    let hasBus = topology.tree.listingError == nil
    if !hasBus, pci.addresses?.isEmpty == false, root.exists("/sys/module/idxd") {
      return .problem(
        name, "idxd is loaded, but \(root.locate(bus)) is not visible here",
        remedy:
          "give the container /sys/bus/dsa and /sys/devices (read-only will do), and with --device "
          + "the files below /dev/iax")
    }
    if hasBus, !nodes.isEmpty, !root.exists(DeviceKind.iaa.deviceFolder) {
      let text = "\(root.locate(DeviceKind.iaa.deviceFolder)) is missing, though queues are enabled"
      if containment.isPod {
        return .problem(
          name, "this pod was granted no queue: " + text,
          remedy: Containment.request(nodes.map(\.queue)))
      }
      return .problem(name, text, remedy: withDeviceFiles(nodes.map(\.path)))
    }
    guard containment.isKnown else { return .unknown(name, "/proc/self/mounts cannot be read") }
    var parts: [String] = []
    if containment.isPod {
      let granted = nodes.filter { root.exists($0.path) }.map { node in
        "\(node.queue.name) (\(Containment.resource(.user, node.queue.mode.value ?? .shared)))"
      }
      parts.append(
        "a Kubernetes pod"
          + (granted.isEmpty ? "" : ", granted \(granted.joined(separator: ", "))"))
    } else if containment.isContainer {
      parts.append("likely a container")
    }
    if containment.hasReadOnlySysfs {
      parts.append("/sys is read-only: queues can be used, not configured")
    }
    return .ok(name, parts.isEmpty ? "nothing is hidden" : parts.joined(separator: "; "))
  }

  /// What brings the files of queues here. A mount alone would not do: a container's devices have to be allowed, too,
  /// which `--device` of docker and podman does with it.
  private func withDeviceFiles(_ paths: [String]) -> String {
    containment.isContainer
      ? "start the container with " + paths.map { "--device \($0)" }.joined(separator: " ")
      : "run: sudo udevadm trigger"
  }

  func deviceFiles() -> Finding {
    let name = "device files"
    guard !nodes.isEmpty else { return .nothing(name, "no user queue is enabled") }
    var open = 0
    var trouble: Finding?
    for node in nodes {
      let path = root.locate(node.path)
      do {
        let status = try root.files.status(of: node.path)
        guard let credentials = facts.credentials else {
          return .unknown(name, "\(root.locate("/proc/self/status")) does not tell who this is")
        }
        if credentials.mayReadAndWrite(status) {
          open += 1
        } else if trouble == nil {
          let mode = String(status.permissions & 0o777, radix: 8)
          trouble = .problem(
            name, "no permission for \(path) (mode \(mode))",
            remedy: containment.isContainer
              ? "give the files' group to the container's user, or mode 0666 to the files on the host"
              : "for now \"sudo setfacl -m u:$USER:rw \(path)\" will do; for good, log in again after "
                + "this; run: " + Self.udevCommands)
        }
      } catch {
        // Queues that were granted to other pods are none of ours.
        if containment.isPod, error == .noSuchFileOrDirectory { continue }
        if trouble == nil {
          trouble = .problem(
            name, "\(path): \(error.description)", remedy: withDeviceFiles([node.path]))
        }
      }
    }
    guard let trouble else {
      return open > 0
        ? .ok(name, "\(open) can be opened")
        : .problem(
          name, "none was granted to this pod", remedy: Containment.request(nodes.map(\.queue)))
    }
    if open == 0 { return trouble }
    return .flaw(
      name, "\(open) can be opened; " + trouble.reason, remedy: trouble.remedy ?? "")
  }

  func busyQueues() -> Finding {
    let name = "busy queues"
    let busy = userQueues.filter {
      $0.queue.isEnabled && $0.queue.mode.value == .dedicated && ($0.queue.clients.value ?? 0) > 0
    }
    guard !busy.isEmpty else { return .ok(name, "no dedicated queue is taken") }
    let pids = busy.flatMap(\.queue.clientProcesses).map(String.init).joined(separator: ", ")
    let text =
      "\(busy.map { "\($0.queue.name)" }.joined(separator: ", ")) "
      + (busy.count == 1 ? "is dedicated and open" : "are dedicated and open")
      + (pids.isEmpty ? "" : " in process \(pids)")
    let remedy = "wait for that process to end, or use a shared queue"
    let hasOther = userQueues.contains {
      topology.access(to: $0.queue, of: $0.device).isUsable
    }
    return hasOther ? .flaw(name, text, remedy: remedy) : .problem(name, text, remedy: remedy)
  }

  func capabilities() -> Finding {
    let name = "submission"
    guard let credentials = facts.credentials else {
      return .unknown(name, "\(root.locate("/proc/self/status")) does not tell who this is")
    }
    if credentials.has(Credentials.rawIO) {
      return .ok(name, "portals are mapped, by CAP_SYS_RAWIO")
    }
    let answers = Set(devices.map(topology.mapping))
    if answers == [.refused] {
      return .ok(name, "by write(2): this kernel maps portals only with CAP_SYS_RAWIO")
    }
    return .ok(name, "the kernel decides: portals are mapped, or descriptors go by write(2)")
  }

  /// What became of opening the queues that look usable.
  func queueTrial() -> Finding {
    let name = "queue trial"
    guard let trials else {
      return goal.includesUser
        ? .unknown(name, "not made: this is a copy of files, not the running system")
        : .nothing(name, "not made for zswap")
    }
    var answered: [String] = []
    var trouble: Finding?
    for (queue, device) in usableQueues {
      guard let result = trials[queue.name] else { continue }
      if case .answered(let kind) = result {
        answered.append("\(queue.name) \(kind.rawValue)")
      } else if trouble == nil {
        trouble = self.trouble(name, queue, device, result)
      }
    }
    guard let trouble else {
      return answered.isEmpty
        ? .unknown(name, "no queue looks usable, so none was opened")
        : .ok(name, "a no-op went through: \(answered.joined(separator: ", "))")
    }
    if answered.isEmpty { return trouble }
    return .flaw(
      name, "a no-op went through: \(answered.joined(separator: ", ")); " + trouble.reason,
      remedy: trouble.remedy ?? "")
  }

  private func trouble(
    _ name: String, _ queue: WorkQueue, _ device: Device, _ result: TrialResult
  ) -> Finding {
    let path = root.locate(queue.devicePath(of: device.kind))
    switch result {
    case .closed(.notSupported):
      let known = facts.release.flatMap(KnownKernels.sharedMemoryFault).map { " (\($0))" } ?? ""
      return .problem(
        name,
        "opening \(path) gives EOPNOTSUPP: this kernel has shared virtual memory switched off on x86"
          + known,
        remedy:
          "boot a kernel with it: 6.19 or later, or one from before the change, as 6.18.4 and "
          + "Ubuntu's 6.17.0-20")
    case .closed(.invalidArgument), .closed(.operationNotSupportedByDevice):
      return .problem(
        name, "opening \(path) fails: the IOMMU gives this process no PASID", remedy: scalableRemedy
      )
    case .closed(.permissionDenied), .closed(.notPermitted):
      return .problem(
        name, "opening \(path) is denied, though the file's mode allows it",
        remedy: "start the container with --device \(path)")
    case .closed(.resourceBusy):
      return .problem(
        name, "\(path) is taken by another process",
        remedy: "end that process, or use a shared queue")
    case .closed(let error):
      return .problem(
        name, "opening \(path): \(error.description)",
        remedy: "read the kernel's messages; run: sudo dmesg | grep -i idxd")
    case .refused(let error):
      return .problem(
        name, "\(path) can be opened, but takes no descriptor: \(error.description)",
        remedy: "read the kernel's messages; run: sudo dmesg | grep -i idxd")
    case .silent, .answered:
      return .problem(
        name, "\(path) took a no-op and did not answer within a second",
        remedy: "read the kernel's messages; run: sudo dmesg | grep -i idxd")
    }
  }

  /// The driver names a queue's file with its folder, iax/wq1.0, and udev matches that whole name; a
  /// rule whose group does not exist is passed over.
  static let udevCommands = """
    sudo groupadd -rf iaa; sudo usermod -aG iaa $USER
    rule='SUBSYSTEM=="dsa",KERNEL=="iax/wq*",GROUP="iaa",MODE="0660"'
    echo "$rule" | sudo tee /etc/udev/rules.d/60-iaa.rules
    sudo udevadm control --reload; sudo udevadm trigger
    """
}
