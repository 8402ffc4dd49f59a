// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The text form of the device list: one block a device, one line a queue, and under each queue how
// it can be used from here. Eighty columns.

import IAADevices

struct DeviceReport {
  let topology: Topology
  /// What of the machine is shown.
  let devices: [Device]
  let verbose: Bool
  let includesDSA: Bool
  /// The parts of a device that were asked for by name: they are shown even where others are not.
  var asked: (Device) -> Set<PartName> = { _ in [] }

  var shown: [Device] {
    // The list goes by number: people look for iax3 before iax11.
    devices.filter { includesDSA || $0.kind == .iaa }
      .sorted { ($0.kind == .dsa ? 0 : 1, $0.name.id) < ($1.kind == .dsa ? 0 : 1, $1.name.id) }
  }

  func text() -> String {
    var lines: [String] = []
    if shown.isEmpty {
      lines += nothing()
    } else {
      lines += iommu()
      for device in shown { lines += [""] + block(device) }
    }
    let others = devices.count - shown.count
    if others > 0 {
      lines += ["", "\(others) DSA device\(others == 1 ? "" : "s") not shown; see --dsa."]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  func nothing() -> [String] {
    if let error = topology.tree.listingError {
      let path = topology.root.locate(topology.tree.devicesPath)
      return error == .noSuchFileOrDirectory
        ? wrapped(
          "No IAA device: \(path) does not exist, so the kernel's idxd driver is not loaded "
            + "or there is no device for it. `deflate-iaa doctor` tells which.")
        : wrapped("Cannot list \(path): \(error.description).")
    }
    return ["No IAA device. `deflate-iaa doctor` tells why."]
  }

  func iommu() -> [String] {
    let finding = topology.iommu
    let modes = finding.mode.queueModes.map(\.rawValue).joined(separator: " and ")
    return wrapped(
      "IOMMU mode: \(finding.mode.rawValue) (\(finding.evidence))"
        + (modes.isEmpty ? "" : "; allows \(modes) queues")
        + (finding.mode == .legacy || finding.mode == .none ? ", of the kernel's only" : "") + ".")
  }

  func block(_ device: Device) -> [String] {
    // What is used is used by queues that are not shown, too.
    let whole = topology.devices.first { $0.name == device.name } ?? device
    let asked = asked(device)
    var title = "\(device.name)  \(device.state.text ?? "state \(device.state.problem)")"
    title += "  \(device.kind == .iaa ? "IAA" : "DSA")"
    title += " version \(device.version.text ?? "?")  node \(device.numaNode.shown)"
    if let address = device.pciAddress { title += "  PCI \(address)" }
    var lines = [title]
    lines.append(
      "  entries used \(whole.usedEntriesText) of \(device.maxQueuesSize.shown), "
        + "clients \(device.clients.shown), PASID \(pasid(device))")
    if let status = device.commandStatus.value, status != 0 {
      lines += wrapped(
        "last command: \(CommandStatus(status).description)", indent: "  ", hanging: "    ")
    }
    if verbose { lines += capabilities(device) }
    for group in device.groups {
      lines += self.group(group, of: device, isAsked: asked.contains(group.name))
    }
    // A group that the device does not have is none.
    let groups = device.groups.map(\.name.index)
    let loose = device.queues.filter { !groups.contains($0.groupID.value ?? -1) }
    let configured = loose.filter {
      verbose || $0.isConfigured || $0.isEnabled || asked.contains($0.name)
    }
    if !configured.isEmpty {
      lines += ["  without a group", header] + configured.flatMap { queue($0, of: device) }
    }
    let idle = device.engines.filter {
      asked.contains($0.name) && !groups.contains($0.groupID.value ?? -1)
    }
    lines += idle.map { "  \($0.name) is in no group" }
    let unused = loose.count - configured.count
    if unused > 0 { lines.append("  \(unused) of \(device.queues.count) queues not configured") }
    return lines
  }

  func pasid(_ device: Device) -> String {
    switch device.pasidEnabled.value {
    case 1: "on"
    case 0: "off"
    default: device.pasidEnabled.problem
    }
  }

  func capabilities(_ device: Device) -> [String] {
    var lines = [
      "  gen_cap \(device.genCap.text ?? device.genCap.problem), "
        + "largest transfer \(device.maxTransferSize.shown) bytes, "
        + "configurable \(device.configurable.shown)"
    ]
    if let cap = device.iaaCap.text {
      let names = device.iaaCap.value.map { ": " + OperationName.capabilities($0).spaced } ?? ""
      lines += wrapped("iaa_cap \(cap)\(names)", indent: "  ", hanging: "    ")
    }
    lines.append("  op_cap \(device.opCap.text ?? device.opCap.problem)")
    // The names are IAA's; DSA numbers its own operations.
    if device.kind == .iaa, let operations = device.opCap.value {
      lines += wrapped(operations.names.spaced, indent: "    ", hanging: "    ")
    }
    if let size = device.eventLogSize.text { lines.append("  event log of \(size) entries") }
    if let errors = device.errors.text, errors.contains(where: { $0 != "0" && $0 != "," }) {
      lines.append("  errors \(errors)")
    }
    return lines
  }

  func group(_ group: EngineGroup, of device: Device, isAsked: Bool) -> [String] {
    let index = group.name.index
    let engines = device.engines.filter { $0.groupID.value == index }.map(\.name.index)
    let queues = device.queues.filter { $0.groupID.value == index }
    if engines.isEmpty, queues.isEmpty, !verbose, !isAsked { return [] }
    let served =
      engines.isEmpty
      ? "no engine" : "engine\(engines.count == 1 ? "" : "s") \(ranges(engines))"
    return ["  \(group.name)  \(served)\(verbose ? settings(of: group, device) : "")"]
      + (queues.isEmpty ? [] : [header]) + queues.flatMap { queue($0, of: device) }
  }

  var header: String {
    "    queue  mode      type   size  thr prio fault state    driver  name"
  }

  func queue(_ queue: WorkQueue, of device: Device) -> [String] {
    let row = [
      pad("\(queue.name)", 6), pad(queue.mode.shown, 9), pad(queue.type.shown, 6),
      pad(queue.size.shown, -4), pad(queue.threshold.shown, -4), pad(queue.priority.shown, -4),
      pad(fault(queue), 5), pad(queue.state.shown, 8),
      pad(queue.boundDriver ?? queue.driverName.shown, 7), queue.label.shown,
    ]
    var lines = [clipped("    " + row.joined(separator: " ").trimmedEnd())]
    let access = topology.access(to: queue, of: device)
    lines += wrapped(
      "from here: \(access.word) (\(access.reason))", indent: "      ", hanging: "        ")
    if verbose {
      var details = "largest transfer \(queue.maxTransferSize.shown), clients "
      details += queue.clients.shown
      if !queue.clientProcesses.isEmpty {
        details += " (pid \(queue.clientProcesses.map(String.init).joined(separator: ", ")))"
      }
      details += ", occupancy \(queue.occupancy.shown), retries \(queue.enqcmdsRetries.shown)"
      for (name, attribute) in [("ATS", queue.atsDisable), ("PRS", queue.prsDisable)]
      where attribute.value == 1 {
        details += ", without \(name)"
      }
      lines += wrapped(details, indent: "      ", hanging: "        ")
      if let operations = queue.opConfig.value, operations.words != device.opCap.value?.words {
        lines += wrapped(
          "takes only " + operations.names.spaced, indent: "      ", hanging: "        ")
      }
    }
    return lines
  }

  /// What is set for a group, as far as it differs from what the driver sets by itself.
  func settings(of group: EngineGroup, _ device: Device) -> String {
    let values = DeviceSettings(device).groups[group.name.index] ?? GroupSettings()
    let shown = [
      ("traffic class A", values.trafficClassA, nil), ("B", values.trafficClassB, nil),
      ("descriptors limited to", values.descProgressLimit, 0),
      ("batches limited to", values.batchProgressLimit, 0),
    ].compactMap { name, value, usual -> String? in
      guard let value, value != usual else { return nil }
      return usual == nil ? "\(name) \(value)" : "\(name) 1/\(1 << min(max(value, 0), 3))"
    }
    return shown.isEmpty ? "" : ", " + shown.joined(separator: ", ")
  }

  func fault(_ queue: WorkQueue) -> String {
    switch queue.blockOnFault.value {
    case 1: "block"
    case 0: "no"
    default: queue.blockOnFault.shown
    }
  }
}

extension [String] {
  fileprivate var spaced: String { joined(separator: " ") }
}
