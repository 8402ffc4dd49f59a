// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the kernel made of values that it took: it rounds some, and a version of it may do other than
// asked. Whoever set them is told.

/// A value that reads otherwise than it was written.
package struct ReadBackChange: Sendable, Hashable, CustomStringConvertible {
  /// "wq1.0".
  package let part: String
  package let attribute: String
  package let written: String
  package let read: String

  /// Whether it is what the driver's roundup_pow_of_two makes of the value (max_transfer_size_store in
  /// its sysfs.c), which is no fault.
  package var isRounding: Bool {
    guard attribute == "max_transfer_size", let written = Int(written), let read = Int(read)
    else { return false }
    return read >= written && read / 2 < written && read.nonzeroBitCount == 1
  }

  package var description: String {
    "\(part): \(attribute) is \(read)"
      + (isRounding
        ? ": the kernel rounds \(written) up to a power of two"
        : ", although the kernel took \"\(written)\"")
  }
}

extension DeviceSettings {
  /// What reads otherwise in `now` than these settings say; what `now` does not have is left out.
  package func changes(in now: DeviceSettings) -> [ReadBackChange] {
    var changes: [ReadBackChange] = []
    func compare<Value: Equatable>(
      _ part: String, _ attribute: String, _ written: Value?, _ read: Value?
    ) {
      guard let written, let read, written != read else { return }
      changes.append(
        ReadBackChange(
          part: part, attribute: attribute, written: "\(written)", read: "\(read)"))
    }
    for index in queues.keys.sorted() {
      guard let written = queues[index], let read = now.queues[index] else { continue }
      let part = "\(PartName(kind: .queue, deviceID: name.id, index: index))"
      compare(part, "mode", written.mode.rawValue, read.mode.rawValue)
      compare(part, "size", written.size, read.size)
      compare(part, "threshold", written.threshold, read.threshold)
      compare(part, "priority", written.priority, read.priority)
      compare(part, "type", written.type.rawValue, read.type.rawValue)
      compare(part, "name", QueueName.trimmed(written.label), read.label)
      compare(part, "group_id", written.groupID, read.groupID)
      compare(part, "block_on_fault", written.blockOnFault, read.blockOnFault)
      compare(part, "max_transfer_size", written.maxTransferSize, read.maxTransferSize)
      compare(part, "ats_disable", written.atsDisable, read.atsDisable)
      compare(part, "prs_disable", written.prsDisable, read.prsDisable)
      compare(part, "enqcmds_retries", written.enqcmdsRetries, read.enqcmdsRetries)
      compare(part, "op_config", written.opConfig?.canonical.text, read.opConfig?.canonical.text)
    }
    compare("\(name)", "event_log_size", eventLogSize, now.eventLogSize)
    for index in groups.keys.sorted() {
      guard let written = groups[index], let read = now.groups[index] else { continue }
      let part = "\(PartName(kind: .group, deviceID: name.id, index: index))"
      compare(part, "traffic_class_a", written.trafficClassA, read.trafficClassA)
      compare(part, "traffic_class_b", written.trafficClassB, read.trafficClassB)
      compare(part, "desc_progress_limit", written.descProgressLimit, read.descProgressLimit)
      compare(part, "batch_progress_limit", written.batchProgressLimit, read.batchProgressLimit)
    }
    return changes
  }
}
