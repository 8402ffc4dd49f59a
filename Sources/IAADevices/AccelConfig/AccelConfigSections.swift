// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What accel-config's `list` prints for its options -d, -g, -q, -e and -D, -G, -Q, -E (its list.c, the
// same in 3.5.3 and 4.1): lines of headings with JSON between them. A filter leaves out other parts of its
// own kind only, the first of device, group, queue and engine counts, and the last device of the machine
// comes first.

/// Which part of the machine `list` was asked for, and in which form.
package struct AccelConfigSections: Sendable, Hashable {
  /// The forms, in the order in which the first that was asked for is printed.
  package enum Form: Sendable, Hashable, CaseIterable { case devices, groups, queues, engines }

  package var device: DeviceName?
  /// The group, queue and engine, each with its device.
  package var group: Part?
  package var queue: Part?
  package var engine: Part?
  package var forms: Set<Form> = []

  /// A part of a device: "iax1/wq1.0".
  package struct Part: Sendable, Hashable {
    package let device: DeviceName
    package let name: PartName

    /// The part of this name.
    package init(device: DeviceName, name: PartName) {
      self.device = device
      self.name = name
    }
  }

  /// Everything, in no form.
  package init() {}

  /// The form that is printed: that of the filter when none is asked for.
  private var form: Form {
    let filters: [(Form, Bool)] = [
      (.devices, device != nil), (.groups, group != nil), (.queues, queue != nil),
      (.engines, engine != nil),
    ]
    return Form.allCases.first(where: forms.contains) ?? filters.first(where: \.1)?.0 ?? .devices
  }

  /// What is left of these devices by the filter that counts.
  private func filtered(_ devices: [Device]) -> [Device] {
    let part = device == nil ? group ?? queue ?? engine : nil
    guard let name = device ?? part?.device else { return devices }
    return devices.filter { $0.name == name }.map { device in
      guard let part else { return device }
      var device = device
      switch part.name.kind {
      case .group:
        let index = part.name.index
        device.groups.removeAll { $0.name != part.name }
        device.queues.removeAll { $0.groupID.value != index }
        device.engines.removeAll { $0.groupID.value != index }
      case .queue: device.queues.removeAll { $0.name != part.name }
      case .engine: device.engines.removeAll { $0.name != part.name }
      }
      return device
    }
  }

  /// The text; nil where accel-config finds nothing that matches.
  package func text(_ devices: [Device], by list: AccelConfigList) -> String? {
    let left = filtered(devices.filter { list.content == .idle || $0.isEnabled })
    if left.isEmpty, device != nil || group != nil || queue != nil || engine != nil { return nil }
    if device == nil, group == nil, queue != nil, left.allSatisfy({ list.listed($0).isEmpty }) {
      return nil
    }
    switch form {
    case .devices:
      guard device != nil, let only = left.first else {
        return "devices:\n" + list.json(left).pretty()
      }
      return "devices:\n" + list.device(only).pretty()
    case .groups:
      return section("groups:\n", left, of: group) { device in
        JSON.array(device.groups.map { list.group($0, of: device) }).pretty()
      }
    case .queues:
      return section("workqueues:\n", left, of: queue) { device in
        // Without a group they are shown with the idle ones only.
        Self.grouped(
          list.listed(device), device, list, "workqueues", isFlat: queue != nil,
          showsUngrouped: list.content == .idle, group: { groupID($0.groupID) }, json: list.queue)
      }
    case .engines:
      return section("engines:\n", left, of: engine) { device in
        Self.grouped(
          device.engines, device, list, "engines", isFlat: engine != nil, showsUngrouped: true,
          group: { groupID($0.groupID) }, json: list.engine)
      }
    }
  }

  /// A heading and each device's part; with the form's own filter that filter's device alone, and nil
  /// where another filter has left it out.
  private func section(
    _ heading: String, _ devices: [Device], of part: Part?, _ body: (Device) -> String
  ) -> String? {
    let shown = devices.reversed().filter { part == nil || $0.name == part?.device }
    guard part == nil || !shown.isEmpty else { return nil }
    return heading + shown.map { "device \($0.name):\n" + body($0) }.joined()
  }

  /// Queues or engines by group, then those in none; without the headings when `isFlat`.
  private static func grouped<Part>(
    _ parts: [Part], _ device: Device, _ list: AccelConfigList, _ word: String, isFlat: Bool,
    showsUngrouped: Bool, group: (Part) -> Int?, json: (Part) -> JSON
  ) -> String {
    let ids = device.groups.prefix(list.groupCount(device)).map(\.name.index)
    var text = ""
    for id in ids {
      let members = parts.filter { group($0) == id }
      if members.isEmpty { continue }
      if !isFlat {
        if text.isEmpty { text += "grouped \(word):\n" }
        text += "group id \(id):\n"
      }
      text += JSON.array(members.map(json)).pretty()
    }
    let rest = parts.filter { !ids.contains(group($0) ?? -1) }
    if showsUngrouped, !rest.isEmpty {
      if !isFlat { text += "ungrouped \(word):\n" }
      text += JSON.array(rest.map(json)).pretty()
    }
    return text
  }
}
