// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Options for what a queue shares with others: its group's traffic classes and progress limits, its
// device's event log. And the list of operations that a queue may be restricted to.

import ArgumentParser
import IAADevices

struct SurroundingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The group's PCIe traffic class for low bandwidth.", valueName: "0-7"),
    transform: accepting("a number from 0 to 7"))
  var trafficClassA: Int?

  @Option(
    help: ArgumentHelp("The group's PCIe traffic class for the rest.", valueName: "0-7"),
    transform: accepting("a number from 0 to 7"))
  var trafficClassB: Int?

  @Option(
    help: ArgumentHelp(
      "Descriptors in progress at once in the group: 0 all, 1 half, 2 a quarter, 3 an eighth.",
      valueName: "0-3"),
    transform: accepting("a number from 0 to 3"))
  var descProgressLimit: Int?

  @Option(
    help: ArgumentHelp("The same for batches.", valueName: "0-3"),
    transform: accepting("a number from 0 to 3"))
  var batchProgressLimit: Int?

  @Option(
    help: ArgumentHelp("Entries of the device's event log, 64 to 65535.", valueName: "n"),
    transform: accepting("a number from 64 to 65535"))
  var eventLogSize: Int?

  private var forGroup: [Int?] {
    [trafficClassA, trafficClassB, descProgressLimit, batchProgressLimit]
  }

  var isGiven: Bool { eventLogSize != nil || forGroup.contains { $0 != nil } }

  /// Lays them over a device's settings, for the groups of the queues with these numbers.
  func apply(to settings: inout DeviceSettings, queues: [Int]) {
    settings.eventLogSize = eventLogSize ?? settings.eventLogSize
    guard forGroup.contains(where: { $0 != nil }) else { return }
    for group in Set(queues.compactMap { settings.queues[$0]?.groupID }) {
      var values = settings.groups[group] ?? GroupSettings()
      values.trafficClassA = trafficClassA ?? values.trafficClassA
      values.trafficClassB = trafficClassB ?? values.trafficClassB
      values.descProgressLimit = descProgressLimit ?? values.descProgressLimit
      values.batchProgressLimit = batchProgressLimit ?? values.batchProgressLimit
      settings.groups[group] = values
    }
  }
}

/// "all", names and numbers of operations, or the kernel's groups of hexadecimal digits.
struct OperationList: ExpressibleByArgument {
  /// nil for all.
  let operations: OpcodeSet?

  init?(argument: String) {
    if argument == "all" {
      operations = nil
      return
    }
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    let opcodes = words.compactMap(OperationName.opcode)
    if opcodes.count == words.count {
      operations = OpcodeSet(opcodes)
      return
    }
    // Eight digits are a group; a shorter number is an operation's.
    guard words.contains(where: { $0.count == 8 }), let set = OpcodeSet(argument) else {
      return nil
    }
    operations = set.canonical
  }

  func set(of device: Device) throws -> OpcodeSet {
    guard let set = operations ?? device.opCap.value else {
      throw CommandFailure(description: "\(device.name) does not tell its operations")
    }
    return set
  }
}
