// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// accel-config's configuration files: what save-config writes and load-config reads. Keys that
// cannot be set are passed over, as accel-config does; so are DSA devices, which are not ours.

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
  /// - Throws: the first thing in it that makes no sense.
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
      entries.append(Entry(settings: try Self.settings(name, device)))
    }
    self.entries = entries
    self.notes = notes
  }

  static func settings(_ name: DeviceName, _ device: JSON) throws(ConfigurationError)
    -> DeviceSettings
  {
    var settings = DeviceSettings(name: name)
    for group in device.list("groups") {
      let index = try part(group, .group, name)
      for queue in group.list("grouped_workqueues") {
        try add(queue, group: index, to: &settings)
      }
      for engine in group.list("grouped_engines") {
        settings.engines[try part(engine, .engine, name)] = index
      }
    }
    // list -i prints these; without a group they cannot run, so only configured ones count.
    for queue in device.list("ungrouped workqueues") {
      if (queue["size"]?.number ?? 0) > 0 { try add(queue, group: -1, to: &settings) }
    }
    settings.enable()
    return settings
  }

  static func add(_ queue: JSON, group: Int, to settings: inout DeviceSettings)
    throws(ConfigurationError)
  {
    let index = try part(queue, .queue, settings.name)
    let name = PartName(kind: .queue, deviceID: settings.name.id, index: index)
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
    // -2 and its like stand for attributes that the device did not have.
    result.blockOnFault = try number("block_on_fault", of: queue, name).flatMap {
      $0 < 0 ? nil : $0
    }
    result.maxTransferSize = try number("max_transfer_size", of: queue, name).flatMap {
      $0 <= 0 ? nil : $0
    }
    let threshold = try number("threshold", of: queue, name)
    result.threshold = mode == .shared ? threshold ?? size : nil
    settings.queues[index] = result
  }

  /// A number of a queue; nil when it is not there.
  static func number(
    _ key: String, of queue: JSON, _ name: PartName
  ) throws(ConfigurationError) -> Int? {
    guard let value = queue[key] else { return nil }
    guard let number = value.number else {
      throw ConfigurationError(["\(name): \"\(key)\" has to be a whole number"])
    }
    return number
  }

  static func part(_ object: JSON, _ kind: PartName.Kind, _ device: DeviceName)
    throws(ConfigurationError) -> Int
  {
    guard let text = object.name, let name = PartName(text), name.kind == kind else {
      throw ConfigurationError(
        ["\(device): a \(kind) has no \"dev\" with a name such as \(kind.rawValue)\(device.id).0"])
    }
    guard name.deviceID == device.id else {
      throw ConfigurationError(["\(name) does not belong to \(device)"])
    }
    return name.index
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
