// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A device with its groups, engines and queues as sysfs shows them: a snapshot that cannot change
// under the reader's feet. Attributes that the kernel hides, refuses or garbles stay visible as
// such; see `Attribute`.

/// A device's state.
public enum DeviceState: String, Sendable, Hashable, CaseIterable {
  case disabled, enabled, halted, unknown
}

/// A group: the engines that serve the queues in it.
public struct EngineGroup: Sendable, Hashable {
  /// Its name on the bus.
  public let name: PartName
  /// Its folder: "/sys/bus/dsa/devices/iax1/group1.0".
  public let path: String
  /// The numbers of its engines, from the attribute "engines".
  public let engines: Attribute<[Int]>
  /// The numbers of its queues, from the attribute "work_queues".
  public let queues: Attribute<[Int]>
  /// The PCIe traffic class for one half of the traffic, 0…7.
  public let trafficClassA: Attribute<Int>
  /// The PCIe traffic class for the other half, 0…7.
  public let trafficClassB: Attribute<Int>
  /// How many work descriptors an engine has in progress: 0 all, 1 half, 2 a quarter, 3 an eighth of its
  /// most; hidden where the device has no choice.
  public let descProgressLimit: Attribute<Int>
  /// The same for batch descriptors.
  public let batchProgressLimit: Attribute<Int>
  /// DSA only; named tokens_reserved and so on before Linux 5.17.
  public let readBuffersReserved: Attribute<Int>
  /// DSA only: 1 to share the limited read buffers.
  public let useReadBufferLimit: Attribute<Int>
  /// DSA only: the most read buffers that the group may use.
  public let readBuffersAllowed: Attribute<Int>
}

/// One of a device's processing engines.
public struct DeviceEngine: Sendable, Hashable {
  /// Its name on the bus.
  public let name: PartName
  /// Its folder: "/sys/bus/dsa/devices/iax1/engine1.0".
  public let path: String
  /// The group it works for, -1 for none.
  public let groupID: Attribute<Int>
}

/// A device, "iax1" say, at the moment it was read.
public struct Device: Sendable, Hashable {
  /// Its name on the bus.
  public let name: DeviceName
  /// Its folder: "/sys/bus/dsa/devices/iax1".
  public let path: String
  /// "0000:6a:02.0"; nil where the tree does not tell.
  public let pciAddress: String?
  /// Whether it runs.
  public let state: Attribute<DeviceState>
  /// 0x100 is generation 1 (Sapphire Rapids), 0x200 and above generation 2.
  public let version: Attribute<Int>
  /// -1 on machines without NUMA.
  public let numaNode: Attribute<Int>
  /// The general capability register.
  public let genCap: Attribute<Int>
  /// 256 bits, one for each opcode, as eight words with the most significant first.
  public let opCap: Attribute<OpcodeSet>
  /// Generation 2.
  public let iaaCap: Attribute<Int>
  /// How many groups it has.
  public let maxGroups: Attribute<Int>
  /// How many queues it has.
  public let maxQueues: Attribute<Int>
  /// Entries to share out among the queues.
  public let maxQueuesSize: Attribute<Int>
  /// How many engines it has.
  public let maxEngines: Attribute<Int>
  /// The most bytes that one descriptor may ever ask for.
  public let maxTransferSize: Attribute<Int>
  /// Descriptors in a batch; hidden for IAA devices.
  public let maxBatchSize: Attribute<Int>
  /// 1 when its queues may be set up; 0 when the firmware fixed them.
  public let configurable: Attribute<Int>
  /// 1: the device may use a process's addresses (SVM), which user-space queues need.
  public let pasidEnabled: Attribute<Int>
  /// The major number of its character devices.
  public let cdevMajor: Attribute<Int>
  /// Open files and bound drivers on all its queues.
  public let clients: Attribute<Int>
  /// The result of the last command; see `CommandStatus`.
  public let commandStatus: Attribute<Int>
  /// 256 bits of hardware error state, all zero when healthy.
  public let errors: Attribute<String>
  /// Generation 2.
  public let eventLogSize: Attribute<Int>
  /// DSA only.
  public let readBufferLimit: Attribute<Int>
  /// DSA only: its read buffers.
  public let maxReadBuffers: Attribute<Int>
  /// Whether the driver was loaded with tc_override.
  package let overridesTrafficClasses: Bool
  /// In ascending order of their numbers.
  public internal(set) var groups: [EngineGroup]
  /// In ascending order of their numbers.
  public internal(set) var engines: [DeviceEngine]
  /// In ascending order of their numbers.
  public internal(set) var queues: [WorkQueue]

  /// Whether it compresses (IAA) or not (DSA).
  public var kind: DeviceKind { name.kind }
  /// Whether it keeps an event log; without one the kernel hides the log's size.
  var hasEventLog: Bool { !eventLogSize.isAbsent }
  /// Whether the idxd driver has it running.
  public var isEnabled: Bool { state.value == .enabled }

  /// Whether its groups' traffic classes cannot be set: the driver refuses that up to version 0x200
  /// unless it was loaded with tc_override (facts, section 11).
  package var hasFixedTrafficClasses: Bool {
    (version.value ?? 0x100) <= 0x200 && !overridesTrafficClasses
  }

  /// Its user queues that processes have open.
  package var busyUserQueues: [WorkQueue] {
    queues.filter { $0.isEnabled && $0.type.value == .user && ($0.clients.value ?? 0) > 0 }
  }

  /// The engines that serve a queue: those of its group.
  public func engines(serving queue: WorkQueue) -> [DeviceEngine] {
    guard let group = queue.groupID.value, group >= 0 else { return [] }
    return engines.filter { $0.groupID.value == group }
  }

  /// Whether no engine serves a queue, as far as the tree tells: one that lists none of a device's engines, or hides
  /// which groups they are in, tells nothing. The driver enables no queue without one.
  package func hasNoEngine(for queue: WorkQueue) -> Bool {
    !engines.isEmpty && queue.groupID.value != nil
      && engines.allSatisfy { $0.groupID.value != nil } && engines(serving: queue).isEmpty
  }
}

/// The operations that a device or queue can do.
public struct OpcodeSet: Sendable, Hashable {
  /// Bit n%64 of word n/64 is opcode n.
  public let words: [UInt64]
  /// As the kernel writes it: eight groups of eight hexadecimal digits.
  public let text: String

  /// Parses the kernel's form; nil for anything else.
  public init?(_ text: String) {
    let groups = text.split(separator: ",", omittingEmptySubsequences: false)
    guard (1...8).contains(groups.count) else { return nil }
    var words = [UInt64](repeating: 0, count: 4)
    for (index, group) in groups.reversed().enumerated() {
      guard group.count <= 8, let half = UInt32(group, radix: 16) else { return nil }
      words[index / 2] |= UInt64(half) << (index % 2 == 0 ? 0 : 32)
    }
    self.words = words
    self.text = text
  }

  /// The set of these opcodes.
  package init(_ opcodes: some Sequence<UInt8>) {
    var words = [UInt64](repeating: 0, count: 4)
    for opcode in opcodes { words[Int(opcode) / 64] |= 1 << (UInt64(opcode) % 64) }
    self.init(words: words)
  }

  /// The set with these words, its text as the kernel writes it.
  private init(words: [UInt64]) {
    self.words = words
    text = words.reversed().flatMap { [$0 >> 32, $0 & 0xFFFF_FFFF] }.map { half in
      let digits = String(half, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined(separator: ",")
  }

  /// The same set written as the kernel writes it, with all eight groups of digits.
  package var canonical: OpcodeSet { OpcodeSet(words: words) }

  /// The opcodes in ascending order.
  package var opcodes: [UInt8] { (0...255).filter(contains) }

  /// Whether all of these are in `other`.
  package func isSubset(of other: OpcodeSet) -> Bool {
    zip(words, other.words).allSatisfy { $0 & ~$1 == 0 }
  }

  /// Whether the opcode (0…255) can be done.
  public func contains(_ opcode: UInt8) -> Bool {
    words[Int(opcode) / 64] >> (UInt64(opcode) % 64) & 1 == 1
  }
}

extension Device {
  /// Whether the device has a part of this name.
  package func has(_ part: PartName) -> Bool {
    switch part.kind {
    case .queue: queues.contains { $0.name == part }
    case .group: groups.contains { $0.name == part }
    case .engine: engines.contains { $0.name == part }
    }
  }

  /// The device with some of its parts: groups with all that is in them, queues with the group and the
  /// engines that serve them, engines with their group.
  package func keeping(queues wanted: Set<Int>, groups: Set<Int>, engines: Set<Int>) -> Device {
    var device = self
    let serving = Set(
      queues.filter { wanted.contains($0.name.index) }.compactMap(\.groupID.value))
    let around = Set(
      self.engines.filter { engines.contains($0.name.index) }.compactMap(\.groupID.value))
    device.queues = queues.filter {
      wanted.contains($0.name.index) || groups.contains($0.groupID.value ?? -1)
    }
    device.engines = self.engines.filter { engine in
      engines.contains(engine.name.index)
        || groups.union(serving).contains(engine.groupID.value ?? -1)
    }
    device.groups = self.groups.filter {
      groups.union(serving).union(around).contains($0.name.index)
    }
    return device
  }
}
