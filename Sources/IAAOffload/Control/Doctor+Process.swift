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
    let mounts = (try? root.text("/proc/self/mounts")) ?? ""
    let fields = mounts.split(separator: "\n").map { $0.split(separator: " ") }
      .filter { $0.count >= 4 }
    let rootType = fields.first { $0[1] == "/" }?[2]
    let sysfs = fields.first { $0[1] == "/sys" }
    let isReadOnly = sysfs?[3].split(separator: ",").contains("ro") ?? false
    if !hasBus, pci.addresses?.isEmpty == false, root.exists("/sys/module/idxd") {
      return .problem(
        name, "idxd is loaded, but \(root.locate(bus)) is not visible here",
        remedy: "give the container /dev/iax, /sys/bus/dsa and /sys/devices (read-only will do)")
    }
    if hasBus, !nodes.isEmpty, !root.exists(DeviceKind.iaa.deviceFolder) {
      return .problem(
        name, "\(root.locate(DeviceKind.iaa.deviceFolder)) is missing, though queues are enabled",
        remedy: "in a container, mount /dev/iax; elsewhere, run: sudo udevadm trigger")
    }
    if mounts.isEmpty { return .unknown(name, "/proc/self/mounts cannot be read") }
    var parts: [String] = []
    if rootType == "overlay" { parts.append("the root is an overlay, so likely a container") }
    if isReadOnly { parts.append("/sys is read-only: queues can be used, not configured") }
    return .ok(name, parts.isEmpty ? "nothing is hidden" : parts.joined(separator: "; "))
  }

  func deviceFiles() -> Finding {
    let name = "device files"
    guard !nodes.isEmpty else { return .unknown(name, "no user queue is enabled") }
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
            remedy: "run: sudo setfacl -m u:$USER:rw \(path); for good: a udev rule "
              + "SUBSYSTEM==\"dsa\", KERNEL==\"wq*\", GROUP=\"iaa\", MODE=\"0660\"")
        }
      } catch {
        if trouble == nil {
          trouble = .problem(
            name, "\(path): \(error.description)",
            remedy: "run: sudo udevadm trigger; in a container, mount /dev/iax")
        }
      }
    }
    guard let trouble else { return .ok(name, "\(open) can be opened") }
    if open == 0 { return trouble }
    return .flaw(
      name, "\(open) can be opened; " + trouble.reason, remedy: trouble.remedy ?? "")
  }

  func busyQueues() -> Finding {
    let name = "busy queues"
    let busy = userQueues.filter {
      $0.queue.isEnabled && $0.queue.mode.value == .dedicated && ($0.queue.clients.value ?? 0) > 0
    }
    guard let first = busy.first else { return .ok(name, "no dedicated queue is taken") }
    let pids = first.queue.clientProcesses.map(String.init).joined(separator: ", ")
    let text =
      "\(first.queue.name) is dedicated and open"
      + (pids.isEmpty ? "" : " in process \(pids)")
    let remedy = "end that process, or use a shared queue"
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
    let restricted = devices.contains(where: topology.refusesMapping)
    if !restricted { return .ok(name, "portals are mapped") }
    if credentials.has(Credentials.rawIO) {
      return .ok(name, "portals are mapped, by CAP_SYS_RAWIO")
    }
    return .ok(
      name, "by write(2): this kernel maps portals only with CAP_SYS_RAWIO")
  }
}
