// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate

@testable import IAAModel
@testable import IAAOffload

/// Submits descriptors to a model directly, as a process with a portal of its own would.
struct RawClient {
  let model: DeviceModel
  let portal: ModelPortal
  let slot = JobSlot(destinationCapacity: 1 << 16)
  let source = MappedMemory(byteCount: 1 << 16)
  let state = MappedMemory(byteCount: 4096)

  init(_ queue: DeviceModel.Queue = .init(), capabilities: IAACapabilities = []) throws {
    var configuration = DeviceModel.Configuration(queues: [queue])
    configuration.capabilities = capabilities
    model = DeviceModel(configuration)
    guard let portal = model.open(0) else { throw OpenFailure(reason: "not enabled") }
    self.portal = portal
    put(CompressionState.fixed(.last), in: state)
  }

  func put(_ bytes: [UInt8], in memory: MappedMemory) {
    // SAFETY: the tests' inputs fit the memory; `copyBytes` checks.
    unsafe UnsafeMutableRawBufferPointer(start: memory.base, count: memory.byteCount)
      .copyBytes(from: bytes)
  }

  func address(_ memory: MappedMemory) -> UInt64 { UInt64(UInt(bitPattern: unsafe memory.base)) }

  /// A valid compression of `bytes`.
  func compression(of bytes: [UInt8], room: Int = 8192) -> DescriptorFields {
    put(bytes, in: source)
    return DescriptorFields(
      opcode: .compress, flags: .withState, operationFlags: 0x6, source: address(source),
      sourceCount: bytes.count, destination: UInt64(UInt(bitPattern: unsafe slot.destination)),
      destinationCapacity: room, state: address(state), stateCount: 1568)
  }

  /// A valid decompression of `stream`.
  func decompression(of stream: [UInt8], room: Int = 8192) -> DescriptorFields {
    put(stream, in: source)
    return DescriptorFields(
      opcode: .decompress, flags: .withoutState, operationFlags: 0x0f, source: address(source),
      sourceCount: stream.count, destination: UInt64(UInt(bitPattern: unsafe slot.destination)),
      destinationCapacity: room)
  }

  /// Submits, after `change` had its way with the 64 bytes, and waits for the record.
  func run(
    _ fields: DescriptorFields, patience: Int64 = 60_000_000_000,
    change: (inout [UInt8]) -> Void = { _ in }
  ) -> CompletionRecord? {
    slot.prepare(fields)
    // SAFETY: 64 bytes of the slot's control page.
    let descriptor = unsafe UnsafeMutableRawBufferPointer(start: slot.descriptor, count: 64)
    var bytes = unsafe Array(descriptor)
    change(&bytes)
    unsafe descriptor.copyBytes(from: bytes)
    guard unsafe portal.submit(slot.descriptor) == .accepted else { return nil }
    let waiter = Waiter(
      limit: WaitLimit(polls: .max, time: .nanoseconds(patience)), hasWAITPKG: false)
    return waiter.wait(for: slot).map { slot.completion(statusByte: $0) }
  }

  func output(_ count: Int) -> [UInt8] {
    slot.withDestination(count: count) { bytes in (0..<count).map { bytes.byte(at: $0) } }
  }
}
