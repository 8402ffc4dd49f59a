// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The values that a set-up writes. Disabling a device resets whatever can be set for its queues and
// groups, so all of it is written back; what the driver leaves there by itself is not written, and what
// a device hides it does not have.

extension Configurator {
  /// mode, size, group, priority, type, name and driver in the documented order; the rest after.
  func configure(_ queue: QueueSettings, index: Int, on device: Device) -> [PlanStep] {
    let name = PartName(kind: .queue, deviceID: device.name.id, index: index)
    let old = device.queues.first { $0.name == name }
    var values = [
      ("mode", queue.mode.rawValue), ("size", "\(queue.size)"), ("group_id", "\(queue.groupID)"),
      ("priority", "\(queue.priority)"), ("type", queue.type.rawValue), ("name", queue.label),
    ]
    // Hidden before Linux 6.7: the driver then follows from the type.
    if old?.driverName.isAbsent != true { values.append(("driver_name", queue.driverName)) }
    if queue.mode == .shared, let threshold = queue.threshold {
      values.append(("threshold", "\(threshold)"))
    }
    if let old { values += flags(queue, old, device) }
    return values.map { step($1, "\(device.path)/\(name)/\($0)", device.name) }
  }

  private func flags(_ queue: QueueSettings, _ old: WorkQueue, _ device: Device)
    -> [(String, String)]
  {
    var values: [(String, String)?] = []
    if let block = queue.blockOnFault {
      if !old.blockOnFault.isAbsent { values.append(("block_on_fault", "\(block)")) }
    } else {
      values.append(value("block_on_fault", nil, reset: 0, old.blockOnFault))
    }
    values += [
      value(
        "max_transfer_size", queue.maxTransferSize, reset: ResetValue.maxTransferSize,
        old.maxTransferSize),
      value("ats_disable", queue.atsDisable, reset: 0, old.atsDisable),
      value("prs_disable", queue.prsDisable, reset: 0, old.prsDisable),
    ]
    let operations = value(
      "op_config", queue.opConfig?.words, reset: device.opCap.value?.words,
      old.opConfig.map(\.words))
    if operations != nil, let set = queue.opConfig ?? device.opCap.value {
      values.append(("op_config", set.canonical.text))
    }
    if queue.mode == .shared {
      values.append(
        value(
          "enqcmds_retries", queue.enqcmdsRetries, reset: ResetValue.enqcmdsRetries,
          old.enqcmdsRetries))
    }
    return values.compactMap { $0 }
  }

  /// The event log's size, then what is set for groups.
  func deviceValues(_ device: Device, _ settings: DeviceSettings) -> [PlanStep] {
    let size = value(
      "event_log_size", settings.eventLogSize, reset: ResetValue.eventLogSize,
      device.eventLogSize)
    var steps = size.map { [step($1, "\(device.path)/\($0)", device.name)] } ?? []
    for group in device.groups {
      let wanted = settings.groups[group.name.index] ?? GroupSettings()
      let limits = [
        value("desc_progress_limit", wanted.descProgressLimit, reset: 0, group.descProgressLimit),
        value(
          "batch_progress_limit", wanted.batchProgressLimit, reset: 0, group.batchProgressLimit),
      ]
      // The driver resets them to -1, the device's own choice, which cannot be written.
      let classes = [
        ("traffic_class_a", wanted.trafficClassA), ("traffic_class_b", wanted.trafficClassB),
      ].map { name, wanted in
        device.hasFixedTrafficClasses ? nil : wanted.map { (name, "\($0)") }
      }
      steps += (classes + limits).compactMap { $0 }
        .map { step($1, "\(group.path)/\($0)", device.name) }
    }
    return steps
  }

  /// An attribute to be written: what is wanted, or the driver's own value when nothing is. It is left
  /// out where the driver has set it so by then, whether its version resets this attribute or not.
  private func value<Value: Equatable>(
    _ name: String, _ wanted: Value?, reset: Value?, _ old: Attribute<Value>
  ) -> (String, String)? {
    guard !old.isAbsent, let target = wanted ?? reset else { return nil }
    if target == reset, old.value == nil || old.value == reset { return nil }
    return (name, "\(target)")
  }
}
