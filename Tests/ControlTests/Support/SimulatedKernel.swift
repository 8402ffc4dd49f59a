// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the idxd driver does with a write, and what it refuses: attributes only while a queue or
// device is disabled, sizes within the device, thresholds of shared queues only, and all of a
// device's set-up forgotten when it is disabled, of a queue's all but its size and group. Written from
// the driver's sysfs.c and device.c (idxd_wq_disable_cleanup, idxd_wq_device_reset_cleanup,
// idxd_groups_clear_state, idxd_device_evl_free), apart from the configurator, whose order and checks
// it judges.

import IAADevices
import SystemPackage

enum SimulatedKernel {
  /// Applies a write.
  ///
  /// - Returns: the errno that the kernel would answer with.
  static func write(_ value: String, to path: String, _ entries: inout [String: Entry]) -> Errno? {
    let parts = path.split(separator: "/").map(String.init)
    if parts.count == 6, parts[3] == "drivers", parts[5] == "bind" || parts[5] == "unbind" {
      return bind(value, driver: parts[4], parts[5] == "bind", &entries)
    }
    if parts.count == 6, parts[3] == "devices", let device = DeviceName(parts[4]) {
      // /sys/bus/dsa/devices/iax1/cmd_status
      if parts[5] == "cmd_status" { entries[path] = .text("0x0") }
      if text(folder(device) + "/state", entries) == "enabled" { return .notPermitted }
      if parts[5] == "event_log_size" {
        guard let size = Int(value), (64...65535).contains(size) else { return .invalidArgument }
        entries[path] = .text(value)
      }
      return nil
    }
    if parts.count == 7, parts[3] == "devices", let device = DeviceName(parts[4]),
      let part = PartName(parts[5])
    {
      return attribute(value, path, parts[6], part, device, &entries)
    }
    if path.hasPrefix("/sys/bus/dsa/drivers/crypto/") {
      let isBound = entries.contains { key, entry in
        key.hasSuffix("/driver_name") && entry == .text("crypto")
          && text(key.replacing("driver_name", with: "state"), entries) == "enabled"
      }
      if isBound { return .resourceBusy }
    }
    entries[path] = .text(value)
    return nil
  }

  static func attribute(
    _ value: String, _ path: String, _ name: String, _ part: PartName, _ device: DeviceName,
    _ entries: inout [String: Entry]
  ) -> Errno? {
    if text(folder(device) + "/state", entries) == "enabled" { return .notPermitted }
    let queue = "\(folder(device))/\(part)"
    let number = Int(value)
    if part.kind == .queue {
      switch name {
      case "mode":
        let isAllowed =
          value == "dedicated"
          || value == "shared" && text(folder(device) + "/pasid_enabled", entries) == "1"
        if !isAllowed { return .invalidArgument }
        // enqcmds_retries_show: EOPNOTSUPP for a dedicated queue.
        let retries = queue + "/enqcmds_retries"
        if value == "dedicated", entries[retries] != nil {
          entries[retries] = .failing(.notSupported)
        } else if case .failing = entries[retries] {
          entries[retries] = .text("32")
        }
      case "size":
        guard let number, number >= 0 else { return .invalidArgument }
        let others = entries.keys.filter {
          $0.hasPrefix(folder(device) + "/wq") && $0.hasSuffix("/size") && $0 != path
        }.reduce(0) { $0 + (Int(text($1, entries) ?? "") ?? 0) }
        let total = Int(text(folder(device) + "/max_work_queues_size", entries) ?? "") ?? 0
        if number + others > total { return .invalidArgument }
      case "threshold":
        if text(queue + "/mode", entries) == "dedicated" { return .invalidArgument }
        let size = Int(text(queue + "/size", entries) ?? "") ?? 0
        guard let number, (1...max(size, 1)).contains(number) else { return .invalidArgument }
      case "priority":
        guard let number, (0...15).contains(number) else { return .invalidArgument }
      case "type":
        if QueueType(rawValue: value) == nil { return .invalidArgument }
      case "name", "driver_name":
        if value.isEmpty { return .invalidArgument }
      case "group_id":
        let groups = Int(text(folder(device) + "/max_groups", entries) ?? "") ?? 4
        guard let number, (-1..<groups).contains(number) else { return .invalidArgument }
      case "ats_disable", "prs_disable", "block_on_fault":
        guard let number, (0...1).contains(number) else { return .invalidArgument }
      case "max_transfer_size":
        guard let number, number > 0 else { return .invalidArgument }
        // The driver rounds up to a power of two.
        entries[path] = .text(
          "\(number == 1 ? 1 : 1 << (Int.bitWidth - (number - 1).leadingZeroBitCount))")
        return nil
      case "op_config":
        guard let set = OpcodeSet(value), let all = text(folder(device) + "/op_cap", entries),
          let all = OpcodeSet(all), set.isSubset(of: all)
        else { return .invalidArgument }
      case "enqcmds_retries":
        if text(queue + "/mode", entries) == "dedicated" { return .notSupported }
        guard let number, (0...64).contains(number) else { return .invalidArgument }
      default: break
      }
    }
    if part.kind == .group {
      switch name {
      case "traffic_class_a", "traffic_class_b":
        if !overridesTrafficClasses(device, entries) { return .notPermitted }
        guard let number, (0...7).contains(number) else { return .invalidArgument }
      case "desc_progress_limit", "batch_progress_limit":
        guard let number, (0...3).contains(number) else { return .invalidArgument }
      default: return .notPermitted
      }
    }
    entries[path] = .text(value)
    return nil
  }

  /// Up to version 0x200 they are fixed unless the module was loaded with tc_override.
  static func overridesTrafficClasses(_ device: DeviceName, _ entries: [String: Entry]) -> Bool {
    let version = text(folder(device) + "/version", entries) ?? ""
    return (Int(version.dropFirst(2), radix: 16) ?? 0x100) > 0x200
      || text("/sys/module/idxd/parameters/tc_override", entries) == "Y"
  }

  static func bind(
    _ value: String, driver: String, _ isBind: Bool, _ entries: inout [String: Entry]
  ) -> Errno? {
    if let device = DeviceName(value) {
      let state = folder(device) + "/state"
      guard driver == "idxd", text(state, entries) != nil else { return .noSuchAddressOrDevice }
      if (text(state, entries) == "enabled") == isBind { return .resourceBusy }
      if !isBind {
        let hasQueue = queues(device, entries).contains {
          text($0 + "/state", entries) == "enabled"
        }
        if hasQueue { return .resourceBusy }
        forget(device, &entries)
      }
      entries[state] = .text(isBind ? "enabled" : "disabled")
      return nil
    }
    guard let part = PartName(value), part.kind == .queue,
      let device = DeviceKind.allCases.map({ DeviceName(kind: $0, id: part.deviceID) })
        .first(where: { text(folder($0) + "/state", entries) != nil })
    else { return .noSuchAddressOrDevice }
    let queue = "\(folder(device))/\(part)"
    if (text(queue + "/state", entries) == "enabled") == isBind { return .resourceBusy }
    if isBind, let status = refusal(queue, device, driver, entries) {
      entries[folder(device) + "/cmd_status"] = .text(status)
      return .noSuchAddressOrDevice
    }
    if !isBind { forgetQueue(queue, device, &entries) }
    entries[queue + "/state"] = .text(isBind ? "enabled" : "disabled")
    entries[queue + "/driver"] = isBind ? .link("../../../../../bus/dsa/drivers/\(driver)") : nil
    return nil
  }

  /// The cmd_status of a queue that cannot be enabled.
  static func refusal(
    _ queue: String, _ device: DeviceName, _ driver: String, _ entries: [String: Entry]
  ) -> String? {
    if text(folder(device) + "/state", entries) != "enabled" { return "0x80000020" }
    if text(queue + "/size", entries) == "0" { return "0x800e0000" }
    let group = text(queue + "/group_id", entries) ?? "-1"
    if group == "-1" { return "0x80030000" }
    let hasEngine = entries.contains { key, entry in
      key.hasPrefix(folder(device) + "/engine") && entry == .text(group)
    }
    if !hasEngine { return "0x15" }
    if text(queue + "/name", entries) == "" { return "0x80040000" }
    if text(queue + "/driver_name", entries) != driver { return "0x80200000" }
    if text(queue + "/mode", entries) == "shared", text(queue + "/threshold", entries) == "0" {
      return "0x80060000"
    }
    return nil
  }

  /// Disabling a device resets it.
  static func forget(_ device: DeviceName, _ entries: inout [String: Entry]) {
    for queue in queues(device, entries) {
      forgetQueue(queue, device, &entries)
      entries[queue + "/size"] = .text("0")
      entries[queue + "/group_id"] = .text("-1")
    }
    let trafficClass = overridesTrafficClasses(device, entries) ? "-1" : "1"
    for key in entries.keys where key.hasPrefix(folder(device) + "/group") {
      switch key.split(separator: "/").last {
      case "traffic_class_a", "traffic_class_b": entries[key] = .text(trafficClass)
      case "desc_progress_limit", "batch_progress_limit": entries[key] = .text("0")
      default: break
      }
    }
    if entries[folder(device) + "/event_log_size"] != nil {
      entries[folder(device) + "/event_log_size"] = .text("64")
    }
    for key in entries.keys
    where key.hasPrefix(folder(device) + "/engine") && key.hasSuffix("/group_id") {
      entries[key] = .text("-1")
    }
  }

  /// idxd_wq_disable_cleanup: all flags, so that the mode is shared, retries, largest transfer and
  /// operations among the rest.
  static func forgetQueue(
    _ queue: String, _ device: DeviceName, _ entries: inout [String: Entry]
  ) {
    let operations = text(folder(device) + "/op_cap", entries) ?? ""
    for (name, value) in [
      ("priority", "0"), ("type", "none"), ("name", ""), ("driver_name", ""), ("threshold", "0"),
      ("mode", "shared"), ("block_on_fault", "0"), ("ats_disable", "0"), ("prs_disable", "0"),
      ("enqcmds_retries", "32"), ("max_transfer_size", "2097152"), ("op_config", operations),
    ] where entries["\(queue)/\(name)"] != nil {
      entries["\(queue)/\(name)"] = .text(value)
    }
  }

  static func queues(_ device: DeviceName, _ entries: [String: Entry]) -> [String] {
    (0..<8).map { "\(folder(device))/wq\(device.id).\($0)" }
      .filter { entries[$0 + "/state"] != nil }
  }

  static func folder(_ device: DeviceName) -> String { "/sys/bus/dsa/devices/\(device)" }

  static func text(_ path: String, _ entries: [String: Entry]) -> String? {
    if case .text(let text) = entries[path] { return text }
    return nil
  }
}
