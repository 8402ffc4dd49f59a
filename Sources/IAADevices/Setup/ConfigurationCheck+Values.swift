// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Ranges of what can be set beside size, mode and the like, and what a device does not have at all.

extension Configurator {
  /// What is out of range among a queue's values; the ranges are those of the driver's sysfs.c.
  func flagProblems(_ queue: QueueSettings, _ device: Device) -> [String] {
    var problems = [
      outside(0...1, queue.blockOnFault, "block_on_fault"),
      outside(0...1, queue.atsDisable, "ats_disable"),
      outside(0...1, queue.prsDisable, "prs_disable"),
      // IDXD_ENQCMDS_MAX_RETRIES.
      outside(0...64, queue.enqcmdsRetries, "enqcmds_retries"),
    ].compactMap { $0 }
    if let size = queue.maxTransferSize {
      if size < 1 { problems.append("its transfer size has to be 1 or more, not \(size)") }
      if let most = device.maxTransferSize.value, size > most {
        problems.append("its transfer size \(size) is more than the device's \(most)")
      }
    }
    if let operations = queue.opConfig, let all = device.opCap.value, !operations.isSubset(of: all)
    {
      let unknown = operations.opcodes.filter { !all.contains($0) }
      problems.append(
        "\(device.name) cannot do \(unknown.map(OperationName.text).joined(separator: ", "))")
    }
    return problems
  }

  func groupProblems(_ device: Device, _ settings: DeviceSettings) -> [String] {
    var problems: [String] = []
    // IDXD_EVL_SIZE_MIN and IDXD_EVL_SIZE_MAX.
    if let fault = outside(64...65535, settings.eventLogSize, "event_log_size") {
      problems.append("\(device.name): \(fault)")
    }
    for index in settings.groups.keys.sorted() {
      guard let group = settings.groups[index] else { continue }
      let name = PartName(kind: .group, deviceID: device.name.id, index: index)
      if !hasGroup(index, device) { problems.append("\(device.name) has no group \(name)") }
      problems += [
        outside(0...7, group.trafficClassA, "traffic_class_a"),
        outside(0...7, group.trafficClassB, "traffic_class_b"),
        outside(0...3, group.descProgressLimit, "desc_progress_limit"),
        outside(0...3, group.batchProgressLimit, "batch_progress_limit"),
      ].compactMap { $0 }.map { "\(name): \($0)" }
    }
    return problems
  }

  private func outside(_ range: ClosedRange<Int>, _ value: Int?, _ name: String) -> String? {
    guard let value, !range.contains(value) else { return nil }
    let word = range == 0...1 ? "or" : "to"
    return "\(name) has to be \(range.lowerBound) \(word) \(range.upperBound), not \(value)"
  }

  /// What is asked for and the device has not, a line each. A restriction of operations among it
  /// would be lost, which nobody may pass over; the rest are choices that the device does not give.
  package func missing(_ device: Device, _ settings: DeviceSettings) -> MissingValues {
    var missing = MissingValues()
    func check(_ attribute: Attribute<Int>?, _ value: Int?, reset: Int, _ name: String) {
      guard let value, value != reset, attribute?.isAbsent != false else { return }
      missing.choices.append(
        "\(name) \(value): neither this device nor the kernel's driver has such a setting")
    }
    check(
      device.eventLogSize, settings.eventLogSize, reset: ResetValue.eventLogSize,
      "\(device.name): event_log_size")
    for queue in device.queues {
      guard let wanted = settings.queues[queue.name.index] else { continue }
      check(queue.atsDisable, wanted.atsDisable, reset: 0, "\(queue.name): ats_disable")
      check(queue.prsDisable, wanted.prsDisable, reset: 0, "\(queue.name): prs_disable")
      check(queue.blockOnFault, wanted.blockOnFault, reset: 0, "\(queue.name): block_on_fault")
      check(
        queue.maxTransferSize, wanted.maxTransferSize, reset: ResetValue.maxTransferSize,
        "\(queue.name): max_transfer_size")
      if let operations = wanted.opConfig, queue.opConfig.isAbsent,
        operations.words != device.opCap.value?.words
      {
        missing.restrictions.append(
          "\(queue.name) cannot be restricted to some operations: the device has no op_config")
      }
    }
    for group in device.groups {
      guard let wanted = settings.groups[group.name.index] else { continue }
      check(
        group.descProgressLimit, wanted.descProgressLimit, reset: 0,
        "\(group.name): desc_progress_limit")
      check(
        group.batchProgressLimit, wanted.batchProgressLimit, reset: 0,
        "\(group.name): batch_progress_limit")
      guard device.hasFixedTrafficClasses else { continue }
      for (name, value, now) in [
        ("traffic_class_a", wanted.trafficClassA, group.trafficClassA),
        ("traffic_class_b", wanted.trafficClassB, group.trafficClassB),
      ] {
        if let value, value != now.value {
          missing.choices.append(
            "\(group.name): \(name) \(value): on this device it is fixed, unless idxd is loaded with "
              + "tc_override=1")
        }
      }
    }
    return missing
  }
}

extension Configurator {
  /// Queues that are restricted to some operations and would not be afterwards.
  package func freed(_ device: Device, _ settings: DeviceSettings) -> [PartName] {
    device.queues.filter { queue in
      guard let now = queue.opConfig.value, let all = device.opCap.value, now.words != all.words,
        let wanted = settings.queues[queue.name.index]
      else { return false }
      return !(wanted.opConfig ?? all).isSubset(of: now)
    }.map(\.name)
  }
}

/// What a set-up asks for and a device does not have.
package struct MissingValues: Sendable, Hashable {
  /// Values that cannot be set here, and why: "wq1.0: ats_disable 1: neither …".
  package var choices: [String] = []
  /// Restrictions that would be lost, in a sentence each.
  package var restrictions: [String] = []
}
