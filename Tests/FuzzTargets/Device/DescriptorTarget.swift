// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Any 64 bytes as a descriptor into the device model: it answers or drops them, and writes nowhere but where the
// descriptor lets it. Addresses are of memory of our own, of memory that is not there, or of none that a process
// can have: a device writes wherever it is told, and so would the model.

import FixedDeflate
import IAADevices
import IAAModel
import IAAOffload
import TestSupport

final class DescriptorTarget: FuzzTarget {
  /// Sources, then a compressor's state, destinations, then completion records.
  private let memory = GuardedMemory(capacity: 1 << 16)
  private static let stateOffset = 0x4000
  private static let destinationOffset = 0x8000
  private static let recordOffset = 0xF000
  private let descriptor = GuardedMemory(capacity: 4096)
  private let models: [(model: DeviceModel, portal: any Portal)]
  private let empty: [UInt8]

  init() {
    let second: IAACapabilities = [.headerGeneration, .secondStateFormat]
    models = [[], second].map { (capabilities: IAACapabilities) -> (DeviceModel, any Portal) in
      var configuration = DeviceModel.Configuration(
        queues: [.init(blocksOnFault: !capabilities.isEmpty)], execution: .inPlace)
      configuration.capabilities = capabilities
      let model = DeviceModel(configuration)
      guard let portal = model.open(0) else { preconditionFailure("the model has no queue") }
      return (model, portal)
    }
    var contents = [UInt8](repeating: 0, count: memory.capacity)
    for (index, byte) in CompressionState.fixed(.last).enumerated() {
      contents[Self.stateOffset + index] = byte
    }
    empty = contents
  }

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    let portal = models[choices.number(0...1)].portal
    let addresses = (0..<4).map { _ in address(&choices) }
    var fields = choices.bytes(64)
    fields += [UInt8](repeating: 0, count: 64 - fields.count)
    // The record, the source, the destination and the second source.
    for (offset, address) in zip([8, 16, 24, 40], addresses) {
      for byte in 0..<8 { fields[offset + byte] = UInt8(truncatingIfNeeded: address >> (8 * byte)) }
    }
    var contents = empty
    for (index, byte) in choices.data.prefix(Self.stateOffset).enumerated() {
      contents[index] = byte
    }
    memory.contents = contents
    descriptor.lend(fields) { span in
      // SAFETY: 64 bytes, read before the call returns.
      unsafe span.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        _ = unsafe portal.submit(base)
      }
    }
    try demandOnlyAllowedWrites(contents, fields, addresses)
  }

  /// An address: a byte or two say where in our memory, or outside of it.
  private func address(_ choices: inout Choices) -> UInt64 {
    let kind = choices.number(0...15)
    let offset = UInt64(choices.byte()) | UInt64(choices.byte()) << 8
    switch kind {
    case 0: return 0
    // Just before the memory, and the last bytes of it.
    case 1: return memory.address - 1 - offset % 64
    case 2: return memory.address + UInt64(memory.capacity) - offset % 80
    case 3: return .max - offset
    case 4: return 1 << 63 | offset
    case 5: return memory.address + offset
    case 6...8: return memory.address + offset % 64
    case 9, 10: return memory.address + UInt64(Self.stateOffset)
    case 11...13: return memory.address + UInt64(Self.destinationOffset) + offset % 64
    default: return memory.address + UInt64(Self.recordOffset) + offset % 16 * 64
    }
  }

  private func demandOnlyAllowedWrites(
    _ before: [UInt8], _ fields: [UInt8], _ addresses: [UInt64]
  ) throws(FuzzFinding) {
    let after = memory.contents
    guard after != before else { return }
    func number(_ offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(fields[offset + $1]) << (8 * $1) }
    }
    // A move writes as much as it reads.
    let room = max(number(48), fields[7] == 3 ? number(32) : 0)
    let record = Int64(bitPattern: addresses[0] &- memory.address)
    let destination = Int64(bitPattern: addresses[2] &- memory.address)
    for index in after.indices where after[index] != before[index] {
      let place = Int64(index)
      try demand(
        place >= record && place < record &+ 64
          || place >= destination && place < destination &+ Int64(room),
        "byte \(index) was written, which is neither the record's nor the destination's")
    }
  }
}
