// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Glibc
import OffloadStress
import Testing

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

/// Several clients of one model, and devices that lie consistently.
@Suite struct ModelClientTests {
  @Test("a closed client's jobs end while others go on")
  func closedClientsJobsEndWhileOthersGoOn() throws {
    var configuration = DeviceModel.Configuration()
    configuration.serviceTime = .milliseconds(500)
    let model = DeviceModel(configuration)
    let leaving = try #require(model.open(0))
    let staying = try #require(model.open(0))
    let source = MappedMemory(byteCount: 4096)
    let state = MappedMemory(byteCount: 4096)
    // SAFETY: a page has room for the state.
    unsafe UnsafeMutableRawBufferPointer(start: state.base, count: 4096)
      .copyBytes(from: CompressionState.fixed(.last))
    let slots = (0..<6).map { _ in JobSlot(destinationCapacity: 8192) }
    // Descriptors hold addresses, which keep nothing alive.
    defer { withExtendedLifetime((source, state, slots)) {} }
    for (index, slot) in slots.enumerated() {
      slot.prepare(
        DescriptorFields(
          opcode: .compress, flags: .withState, operationFlags: 0x6,
          source: UInt64(UInt(bitPattern: unsafe source.base)), sourceCount: 4096,
          destination: UInt64(UInt(bitPattern: unsafe slot.destination)),
          destinationCapacity: 8192,
          state: UInt64(UInt(bitPattern: unsafe state.base)), stateCount: 1568))
      unsafe #expect((index < 5 ? leaving : staying).submit(slot.descriptor) == .accepted)
    }
    #expect(leaving.close())
    let answered = slots[..<5].map(\.statusByte)
    #expect(RecoveryTests.eventually { slots[5].statusByte == 1 })
    #expect(slots[..<5].map(\.statusByte) == answered, "a closed client's job was answered")
    #expect(answered.contains(0))
    unsafe #expect(leaving.submit(slots[0].descriptor) != .accepted)
    staying.close()
  }

  /// A device that reads another byte than there is makes a stream and CRCs that agree.
  @Test("device that read the wrong bytes is noticed")
  func deviceThatReadTheWrongBytesIsNoticed() throws {
    let source = misreading()
    let dispatcher = try Dispatcher(
      .patient, source: source, topology: CPUTopology(nodes: 1, cpusPerNode: 1))
    let bytes = Sample.bytes(1, count: 3000, seed: 2)
    let (stream, report) = try dispatcher.compress(bytes)
    #expect(stream == Sample.software(bytes))
    #expect(report.fallback == .verificationFailed)
    #expect(dispatcher.statistics.verificationMismatches == 1 && dispatcher.statistics.addsUp)
  }
}

/// A model that sees the first byte of each compression's source changed. One job at a time.
private func misreading() -> InterposedSource {
  // Both hold what the model reads.
  let copy = MappedMemory(byteCount: 1 << 16)
  let slot = JobSlot(destinationCapacity: 1)
  return unsafe InterposedSource(DeviceModel()) { descriptor, model in
    let fields = unsafe ModelDescriptor(at: descriptor)
    guard fields.opcode == Opcode.compress.rawValue,
      let source = unsafe UnsafeRawPointer(bitPattern: UInt(fields.source))
    else { return unsafe model.submit(descriptor) }
    // SAFETY: the source fits the copy, as the test has it; the descriptor has 64 bytes.
    unsafe copy.base.copyMemory(from: source, byteCount: fields.sourceCount)
    unsafe copy.base.storeBytes(of: 0xA5, as: UInt8.self)
    unsafe slot.descriptor.copyMemory(from: descriptor, byteCount: 64)
    unsafe slot.descriptor.storeBytes(
      of: UInt64(UInt(bitPattern: copy.base)), toByteOffset: 16, as: UInt64.self)
    return unsafe model.submit(UnsafeRawPointer(slot.descriptor))
  }
}
