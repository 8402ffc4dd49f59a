// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The devices as accel-config prints them, byte for byte, so that scripts written for it keep working:
// 3.5.3, which Debian has, and 4.1. Where the C program reads numbers with strtol, narrows them or prints
// the negative errno of a hidden attribute, so does this: that is what its readers expect. Where it
// would crash or drop a device, the device is printed. What is saved leaves the negative numbers out,
// which accel-config writes and refuses to load (its issue 59).

import SystemPackage

/// What to put into accel-config's format.
package enum AccelConfigContent: Sendable {
  /// `list`: enabled devices and queues.
  case active
  /// `list -i`: everything.
  case idle
  /// `save-config`: enabled devices and queues, without what cannot be set.
  case saved
}

/// Whose format.
package enum AccelConfigEdition: Sendable {
  /// 3.5.3.
  case third
  /// 4.1.
  case fourth
}

/// Writes accel-config's JSON.
package struct AccelConfigList {
  let content: AccelConfigContent
  let edition: AccelConfigEdition
  /// Whether to add "op_cap", which 3.5.3 does not print.
  let opCap: Bool

  /// A writer for `content`. What is saved has every key that any edition can load.
  package init(
    _ content: AccelConfigContent, edition: AccelConfigEdition = .third, opCap: Bool = true
  ) {
    self.content = content
    self.edition = content == .saved ? .fourth : edition
    self.opCap = opCap
  }

  private var isSaved: Bool { content == .saved }
  private var isFourth: Bool { edition == .fourth }

  /// The array of devices.
  package func json(_ devices: [Device]) -> JSON {
    .array(devices.filter { content == .idle || $0.isEnabled }.map(device))
  }

  func device(_ device: Device) -> JSON {
    let isDSA = device.kind == .dsa
    var object: [(String, JSON?)] = [("dev", .string("\(device.name)"))]
    if isDSA { object.append(("read_buffer_limit", narrow(device.readBufferLimit))) }
    if isFourth { object.append(("event_log_size", visible(device.eventLogSize))) }
    if !isSaved { object += capabilities(device) }
    if !device.groups.isEmpty {
      object.append(("groups", .array(device.groups.map { group($0, of: device) })))
    }
    let ids = device.groups.prefix(groupCount(device)).map(\.name.index)
    let queues = listed(device).filter { !ids.contains(groupID($0.groupID) ?? -1) }
    // accel-config spells one with a space and the other without.
    if content == .idle, !queues.isEmpty {
      object.append(("ungrouped workqueues", .array(queues.map(queue))))
    }
    let engines = device.engines.filter { !ids.contains(groupID($0.groupID) ?? -1) }
    if !engines.isEmpty { object.append(("ungrouped_engines", .array(engines.map(engine)))) }
    return members(object)
  }

  func capabilities(_ device: Device) -> [(String, JSON?)] {
    let isDSA = device.kind == .dsa
    let pasid = number(device.pasidEnabled)
    return [
      ("max_groups", visible(device.maxGroups)),
      ("max_work_queues", visible(device.maxQueues)),
      ("max_engines", visible(device.maxEngines)),
      ("work_queue_size", visible(device.maxQueuesSize)),
      ("numa_node", narrow(device.numaNode)),
      ("errors", isFourth ? errors(device) : nil),
      ("op_cap", opCap || isFourth ? device.opCap.text.map(JSON.string) : nil),
      ("iaa_cap", isFourth ? iaaCap(device) : nil),
      ("gen_cap", hexadecimal(UInt64(bitPattern: Int64(unsigned(device.genCap))))),
      ("version", hexadecimal(UInt64(UInt32(truncatingIfNeeded: unsigned(device.version))))),
      ("state", .string(device.state.value == .disabled ? "disabled" : "enabled")),
      ("max_read_buffers", isDSA ? narrow(device.maxReadBuffers) : nil),
      ("max_batch_size", narrow(device.maxBatchSize)),
      (
        "max_transfer_size",
        number(device.maxTransferSize) == 0
          ? nil
          : .integer(number(device.maxTransferSize))
      ),
      ("configurable", visible(device.configurable)),
      // 3.5.3 prints 1 whenever the attribute can be read, whatever it says, 4.1 whenever it is not 0.
      ("pasid_enabled", isFourth ? .integer(pasid == 0 ? 0 : 1) : pasid < 0 ? nil : .integer(1)),
      ("cdev_major", narrow(device.cdevMajor)),
      ("clients", .integer(clients(device.clients))),
    ]
  }

  /// 4.1 prints error bits when there are any.
  private func errors(_ device: Device) -> JSON? {
    guard let text = device.errors.text, text.contains(where: { $0 != "0" && $0 != "," }) else {
      return nil
    }
    return .string(text)
  }

  private func iaaCap(_ device: Device) -> JSON? {
    guard device.iaaCap.error == nil else { return nil }
    return hexadecimal(UInt64(bitPattern: Int64(unsigned(device.iaaCap))))
  }

  func group(_ group: EngineGroup, of device: Device) -> JSON {
    var object: [(String, JSON?)] = [("dev", .string("\(group.name)"))]
    if device.kind == .dsa {
      object += [
        ("read_buffers_reserved", narrow(group.readBuffersReserved)),
        ("use_read_buffer_limit", narrow(group.useReadBufferLimit)),
        ("read_buffers_allowed", narrow(group.readBuffersAllowed)),
      ]
    }
    if isSaved {
      // Where the driver refuses to have them set, loading them would fail.
      if !device.hasFixedTrafficClasses {
        object += [
          ("traffic_class_a", visible(group.trafficClassA)),
          ("traffic_class_b", visible(group.trafficClassB)),
        ]
      }
    } else if !isFourth {
      object += [
        ("traffic_class_a", narrow(group.trafficClassA)),
        ("traffic_class_b", narrow(group.trafficClassB)),
      ]
    }
    if isFourth {
      object += [
        ("desc_progress_limit", visible(group.descProgressLimit)),
        ("batch_progress_limit", visible(group.batchProgressLimit)),
      ]
    }
    let index = group.name.index
    let queues = listed(device).filter { groupID($0.groupID) == index }
    if !queues.isEmpty { object.append(("grouped_workqueues", .array(queues.map(queue)))) }
    let engines = device.engines.filter { groupID($0.groupID) == index }
    if !engines.isEmpty { object.append(("grouped_engines", .array(engines.map(engine)))) }
    return members(object)
  }

  func queue(_ queue: WorkQueue) -> JSON {
    let size = number(queue.size)
    let isLive = !isSaved
    let retries = queue.enqcmdsRetries.value ?? ResetValue.enqcmdsRetries
    return members([
      ("dev", .string("\(queue.name)")),
      ("mode", .string(queue.mode.value == .shared ? "shared" : "dedicated")),
      ("size", size == -1 ? nil : .integer(size)),
      ("group_id", visible(queue.groupID)),
      ("priority", visible(queue.priority)),
      ("block_on_fault", present(queue.blockOnFault)),
      ("max_batch_size", present(queue.maxBatchSize)),
      (
        "max_transfer_size",
        isSaved && number(queue.maxTransferSize) < 0
          ? nil : .integer(number(queue.maxTransferSize))
      ),
      ("cdev_minor", isLive ? visible(queue.cdevMinor) : nil),
      ("type", .string((queue.type.value ?? .none).rawValue)),
      ("name", .string(queue.label.text ?? "")),
      ("driver_name", queue.driverName.text.map(JSON.string)),
      ("threshold", present(queue.threshold)),
      ("prs_disable", isFourth ? visible(queue.prsDisable) : nil),
      ("ats_disable", present(queue.atsDisable)),
      ("op_config", isFourth ? queue.opConfig.text.map(JSON.string) : nil),
      // Ours; accel-config knows no such key and passes it over.
      (
        "enqcmds_retries",
        isSaved && retries != ResetValue.enqcmdsRetries ? .integer(retries) : nil
      ),
      ("state", isLive ? .string((queue.state.value ?? .unknown).rawValue) : nil),
      ("clients", isLive ? .integer(clients(queue.clients)) : nil),
    ])
  }

  /// As accel-config prints it, negative numbers for what is hidden included; left out of what is saved.
  private func present(_ attribute: Attribute<Int>) -> JSON? {
    isSaved ? visible(attribute) : narrow(attribute)
  }

  func engine(_ engine: DeviceEngine) -> JSON {
    members([("dev", .string("\(engine.name)")), ("group_id", visible(engine.groupID))])
  }

  /// The queues that this content shows.
  func listed(_ device: Device) -> [WorkQueue] {
    content == .idle ? device.queues : device.queues.filter(\.isEnabled)
  }

  /// accel-config knows as many groups as the device says it has.
  func groupCount(_ device: Device) -> Int {
    device.maxGroups.value.map { max($0, 0) } ?? device.groups.count
  }

  func members(_ pairs: [(String, JSON?)]) -> JSON {
    .object(pairs.compactMap { key, value in value.map { JSON.Member(key: key, value: $0) } })
  }
}

extension AccelConfigEdition {
  /// The edition that shows all of these devices: 4.1 where one has what 3.5.3 does not know.
  package init(for devices: [Device]) {
    let isNew = devices.contains { device in
      device.eventLogSize.error == nil || device.iaaCap.error == nil
        || device.queues.contains { $0.prsDisable.error == nil || $0.opConfig.error == nil }
        || device.groups.contains {
          $0.descProgressLimit.error == nil || $0.batchProgressLimit.error == nil
        }
    }
    self = isNew ? .fourth : .third
  }
}
