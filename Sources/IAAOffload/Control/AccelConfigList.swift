// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The devices as accel-config 3.5.3 prints them, byte for byte, so that scripts written for it
// keep working; plus "op_cap" where later versions print it. Where the C program reads numbers with
// strtol, narrows them or prints the negative errno of a hidden attribute, so does this: that is
// what its readers expect. Where it would crash or drop a device, the device is printed.

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

/// Writes accel-config's JSON.
package struct AccelConfigList {
  let content: AccelConfigContent
  /// Whether to add "op_cap", which 3.5.3 does not print.
  let opCap: Bool

  /// A writer for `content`.
  package init(_ content: AccelConfigContent, opCap: Bool = true) {
    self.content = content
    self.opCap = opCap
  }

  /// The array of devices.
  package func json(_ devices: [Device]) -> JSON {
    .array(devices.filter { content == .idle || $0.isEnabled }.map(device))
  }

  func device(_ device: Device) -> JSON {
    let isDSA = device.kind == .dsa
    var object: [(String, JSON?)] = [("dev", .string("\(device.name)"))]
    if isDSA { object.append(("read_buffer_limit", narrow(device.readBufferLimit))) }
    if content != .saved { object += capabilities(device) }
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
    return [
      ("max_groups", visible(device.maxGroups)),
      ("max_work_queues", visible(device.maxQueues)),
      ("max_engines", visible(device.maxEngines)),
      ("work_queue_size", visible(device.maxQueuesSize)),
      ("numa_node", narrow(device.numaNode)),
      ("op_cap", opCap ? device.opCap.text.map(JSON.string) : nil),
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
      // 3.5.3 prints 1 whenever the attribute can be read, whatever it says.
      ("pasid_enabled", number(device.pasidEnabled) < 0 ? nil : .integer(1)),
      ("cdev_major", narrow(device.cdevMajor)),
      ("clients", .integer(clients(device.clients))),
    ]
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
    object += [
      ("traffic_class_a", narrow(group.trafficClassA)),
      ("traffic_class_b", narrow(group.trafficClassB)),
    ]
    let index = group.name.index
    let queues = listed(device).filter { groupID($0.groupID) == index }
    if !queues.isEmpty { object.append(("grouped_workqueues", .array(queues.map(queue)))) }
    let engines = device.engines.filter { groupID($0.groupID) == index }
    if !engines.isEmpty { object.append(("grouped_engines", .array(engines.map(engine)))) }
    return members(object)
  }

  func queue(_ queue: WorkQueue) -> JSON {
    let size = number(queue.size)
    let isLive = content != .saved
    return members([
      ("dev", .string("\(queue.name)")),
      ("mode", .string(queue.mode.value == .shared ? "shared" : "dedicated")),
      ("size", size == -1 ? nil : .integer(size)),
      ("group_id", visible(queue.groupID)),
      ("priority", visible(queue.priority)),
      ("block_on_fault", narrow(queue.blockOnFault)),
      ("max_batch_size", narrow(queue.maxBatchSize)),
      ("max_transfer_size", .integer(number(queue.maxTransferSize))),
      ("cdev_minor", isLive ? visible(queue.cdevMinor) : nil),
      ("type", .string((queue.type.value ?? .none).rawValue)),
      ("name", .string(queue.label.text ?? "")),
      ("driver_name", queue.driverName.text.map(JSON.string)),
      ("threshold", narrow(queue.threshold)),
      ("ats_disable", narrow(queue.atsDisable)),
      ("state", isLive ? .string((queue.state.value ?? .unknown).rawValue) : nil),
      ("clients", isLive ? .integer(clients(queue.clients)) : nil),
    ])
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
