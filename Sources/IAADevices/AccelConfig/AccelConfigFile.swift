// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// accel-config's configuration files: what save-config writes and load-config reads. What a list prints
// and nobody can set is passed over, as accel-config does; so are DSA devices, which are not ours. Keys
// that neither program knows are named.

import SystemPackage

/// A configuration file, read.
package struct AccelConfigFile: Sendable {
  /// What one device is to be set up to.
  package struct Entry: Sendable, Hashable {
    package let settings: DeviceSettings
  }

  package let entries: [Entry]
  /// What was passed over and why, a line each.
  package let notes: [String]

  /// Parses the text of a file.
  ///
  /// - Throws: the first thing in it that makes no sense, or that is there twice.
  package init(parsing text: String) throws(ConfigurationError) {
    let document: JSON
    do {
      document = try JSON(parsing: text)
    } catch {
      throw ConfigurationError(["not a configuration file: \(error)"])
    }
    guard case .array(let devices) = document else {
      throw ConfigurationError(["not a configuration file: it has to be a list of devices"])
    }
    var entries: [Entry] = []
    var notes: [String] = []
    for device in devices {
      guard let text = device.name, let name = DeviceName(text) else {
        throw ConfigurationError(["a device has no \"dev\" with a name such as iax1"])
      }
      guard name.kind == .iaa else {
        notes.append("\(name) is not an IAA device; passed over")
        continue
      }
      if entries.contains(where: { $0.settings.name == name }) {
        throw ConfigurationError(["\(name) is in the file twice"])
      }
      var reader = DeviceReader(name: name)
      entries.append(Entry(settings: try reader.read(device)))
      notes += reader.notes
    }
    self.entries = entries
    self.notes = notes
  }
}

/// Reads one device's object.
private struct DeviceReader {
  let name: DeviceName
  var settings: DeviceSettings
  var notes: [String] = []

  init(name: DeviceName) {
    self.name = name
    settings = DeviceSettings(name: name)
  }

  mutating func read(_ device: JSON) throws(ConfigurationError) -> DeviceSettings {
    note(device, AccelConfigKeys.device, "\(name)", "a device")
    settings.eventLogSize = try natural("event_log_size", of: device, "\(name)")
    var groups: Set<Int> = []
    for group in device.list("groups") {
      let index = try part(group, .group)
      let name = "\(PartName(kind: .group, deviceID: self.name.id, index: index))"
      try once(index, &groups, name)
      note(group, AccelConfigKeys.group, name, "a group")
      var values = GroupSettings()
      values.trafficClassA = try natural("traffic_class_a", of: group, name)
      values.trafficClassB = try natural("traffic_class_b", of: group, name)
      values.descProgressLimit = try natural("desc_progress_limit", of: group, name)
      values.batchProgressLimit = try natural("batch_progress_limit", of: group, name)
      if values != GroupSettings() { settings.groups[index] = values }
      for queue in group.list("grouped_workqueues") { try add(queue, group: index) }
      for engine in group.list("grouped_engines") { try addEngine(engine, group: index) }
    }
    // list -i prints these; without a group they cannot run, so only configured ones count.
    for queue in device.list("ungrouped workqueues") {
      if (queue["size"]?.number ?? 0) > 0 { try add(queue, group: -1) }
    }
    for engine in device.list("ungrouped_engines") { try addEngine(engine, group: -1) }
    settings.enable()
    return settings
  }

  mutating func addEngine(_ engine: JSON, group: Int) throws(ConfigurationError) {
    let index = try part(engine, .engine)
    let name = "\(PartName(kind: .engine, deviceID: self.name.id, index: index))"
    note(engine, AccelConfigKeys.engine, name, "an engine")
    if settings.engines[index] != nil {
      throw ConfigurationError(["\(name) is in the file twice"])
    }
    // accel-config goes by the key alone, wherever the object stands.
    let group = try number("group_id", of: engine, name) ?? group
    if group >= 0 { settings.engines[index] = group }
  }

  mutating func add(_ queue: JSON, group: Int) throws(ConfigurationError) {
    let index = try part(queue, .queue)
    let name = "\(PartName(kind: .queue, deviceID: self.name.id, index: index))"
    note(queue, AccelConfigKeys.queue, name, "a queue")
    if settings.queues[index] != nil {
      throw ConfigurationError(["\(name) is in the file twice"])
    }
    guard let mode = queue["mode"]?.text.flatMap(QueueMode.init) else {
      throw ConfigurationError(["\(name): \"mode\" has to be \"shared\" or \"dedicated\""])
    }
    guard let size = try number("size", of: queue, name) else {
      throw ConfigurationError(["\(name): \"size\" is missing"])
    }
    let type = queue["type"]?.text.flatMap(QueueType.init) ?? .none
    var result = QueueSettings(mode: mode, size: size, type: type)
    result.groupID = try number("group_id", of: queue, name) ?? group
    result.priority = try number("priority", of: queue, name) ?? result.priority
    result.label = queue["name"]?.text ?? ""
    // Files older than Linux 6.7 have no driver_name; the type tells which it is.
    if let driver = queue["driver_name"]?.text { result.driverName = driver }
    result.blockOnFault = try natural("block_on_fault", of: queue, name)
    result.maxTransferSize = try natural("max_transfer_size", of: queue, name)
      .flatMap { $0 == 0 ? nil : $0 }
    result.atsDisable = try natural("ats_disable", of: queue, name)
    result.prsDisable = try natural("prs_disable", of: queue, name)
    result.opConfig = try operations(of: queue, name)
    let threshold = try number("threshold", of: queue, name)
    if mode == .shared {
      result.threshold = threshold ?? size
      result.enqcmdsRetries = try natural("enqcmds_retries", of: queue, name)
    } else {
      result.threshold = nil
    }
    settings.queues[index] = result
  }

  /// The operations that a queue is restricted to. A restriction that cannot be read is never passed
  /// over: without it the queue would take more than it should.
  func operations(of queue: JSON, _ name: String) throws(ConfigurationError) -> OpcodeSet? {
    guard let value = queue["op_config"] else { return nil }
    guard let set = value.text.flatMap(OpcodeSet.init) else {
      throw ConfigurationError([
        "\(name): \"op_config\" has to be groups of hexadecimal digits with commas between them"
      ])
    }
    return set.canonical
  }

  /// A number; nil when it is not there.
  func number(_ key: String, of object: JSON, _ name: String) throws(ConfigurationError) -> Int? {
    guard let value = object[key] else { return nil }
    guard let number = value.number else {
      throw ConfigurationError(["\(name): \"\(key)\" has to be a whole number"])
    }
    return number
  }

  /// A number; nil when it is not there, too, or negative: accel-config prints -2 and its like for an
  /// attribute that the device does not have.
  func natural(_ key: String, of object: JSON, _ name: String) throws(ConfigurationError) -> Int? {
    try number(key, of: object, name).flatMap { $0 < 0 ? nil : $0 }
  }

  func part(_ object: JSON, _ kind: PartName.Kind) throws(ConfigurationError) -> Int {
    guard let text = object.name, let part = PartName(text), part.kind == kind else {
      throw ConfigurationError(
        ["\(name): a \(kind) has no \"dev\" with a name such as \(kind.rawValue)\(name.id).0"])
    }
    guard part.deviceID == name.id else {
      throw ConfigurationError(["\(part) does not belong to \(name)"])
    }
    return part.index
  }

  func once(_ index: Int, _ seen: inout Set<Int>, _ name: String) throws(ConfigurationError) {
    guard seen.insert(index).inserted else {
      throw ConfigurationError(["\(name) is in the file twice"])
    }
  }

  mutating func note(_ object: JSON, _ keys: AccelConfigKeys, _ name: String, _ kind: String) {
    guard case .object(let members) = object else { return }
    for member in members where !keys.isKnown(member.key) {
      notes.append("\(name): \"\(member.key)\" is no key of \(kind); passed over")
    }
  }
}

extension JSON {
  var name: String? { self["dev"]?.text }

  var text: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  var number: Int? {
    if case .integer(let number) = self { return number }
    return nil
  }

  func list(_ key: String) -> [JSON] {
    if case .array(let values) = self[key] { return values }
    return []
  }
}
