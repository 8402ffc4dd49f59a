// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

/// What a model does besides compressing: other operations, full queues, planned faults.
@Suite struct ModelQueueTests {
  static let page = ModelDescriptorTests.page

  static func bare(_ opcode: Opcode) -> DescriptorFields {
    DescriptorFields(
      opcode: opcode, flags: [.completionRecordAddressValid, .requestCompletionRecord],
      operationFlags: 0, source: 0, sourceCount: 0, destination: 0, destinationCapacity: 0)
  }

  @Test("operations without buffers succeed and take none")
  func operationsWithoutBuffersSucceedAndTakeNone() throws {
    let client = try RawClient()
    for opcode in [Opcode.noop, .drain] {
      #expect(client.run(Self.bare(opcode))?.status == .success)
      var fields = Self.bare(opcode)
      fields.source = client.address(client.source)
      #expect(client.run(fields)?.status == .nonZeroReserved)
    }
  }

  /// In the order of the queue, and not in that of the answers.
  @Test(
    "drain waits for an answer that comes late",
    arguments: [DeviceModel.Execution.threads, .inPlace])
  func drainWaitsForAnAnswerThatComesLate(execution: DeviceModel.Execution) throws {
    var faults = FaultPlan(script: [.lateCompletion])
    faults.lateness = .milliseconds(200)
    let model = DeviceModel(.init(execution: execution, faults: faults))
    let portal = try #require(model.open(0))
    let slots = [Opcode.noop, .drain].map { opcode in
      let slot = JobSlot(destinationCapacity: 1)
      slot.prepare(Self.bare(opcode))
      unsafe #expect(portal.submit(slot.descriptor) == .accepted)
      return slot
    }
    #expect(RecoveryTests.eventually { slots[1].statusByte == 1 })
    #expect(slots[0].statusByte == 1)
    #expect(portal.close())
  }

  @Test("memory move copies")
  func memoryMoveCopies() throws {
    let client = try RawClient()
    let bytes = Sample.bytes(1, count: 5000, seed: 1)
    client.put(bytes, in: client.source)
    var fields = Self.bare(.memoryMove)
    fields.source = client.address(client.source)
    fields.sourceCount = 5000
    fields.destination = UInt64(UInt(bitPattern: unsafe client.slot.destination))
    #expect(client.run(fields)?.bytesCompleted == 5000)
    #expect(client.output(5000) == bytes)
  }

  /// A decompression's own mistakes: what is changed in the descriptor's bytes, and the status.
  @Test(
    "a decompression's mistakes get their status",
    arguments: [
      (38, [0x0E], 0x30), (38, [0x2F], 0x30), (40, [0x40], 0x12), (52, [1], 0x12),
      (6, [0x02], 0x11), (6, [0x01], 0x13), (48, [0, 0, 0, 0], 0x13),
    ] as [(Int, [UInt8], UInt8)])
  func decompressionsMistakesGetTheirStatus(offset: Int, value: [UInt8], status: UInt8) throws {
    let client = try RawClient()
    let fields = client.decompression(of: Sample.software(Self.page))
    let record = try #require(
      client.run(fields) { $0.replaceSubrange(offset..<offset + value.count, with: value) })
    #expect(record.status.rawValue == status)
  }

  @Test("nothing may be written over what the job needs")
  func nothingMayBeWrittenOverWhatTheJobNeeds() throws {
    let client = try RawClient()
    var overState = client.compression(of: Self.page)
    overState.destination = overState.state + 1024
    overState.destinationCapacity = 1024
    #expect(client.run(overState)?.status == .overlappingBuffers)
    var overRecord = client.compression(of: Self.page)
    overRecord.destination = UInt64(UInt(bitPattern: unsafe client.slot.record)) + 32
    overRecord.destinationCapacity = 1024
    #expect(client.run(overRecord)?.status == .overlappingBuffers)
  }

  static func slowModel(_ queue: DeviceModel.Queue) throws -> (DeviceModel, ModelPortal) {
    var configuration = DeviceModel.Configuration(queues: [queue])
    configuration.serviceTime = .seconds(60)
    let model = DeviceModel(configuration)
    return (model, try #require(model.open(0)))
  }

  static func submitNoops(_ count: Int, to portal: ModelPortal) -> [Submission] {
    let slot = JobSlot(destinationCapacity: 1)
    slot.prepare(bare(.noop))
    // Kept for good: the model may answer whenever it likes.
    _ = unsafe Unmanaged.passRetained(slot)
    return (0..<count).map { _ in unsafe portal.submit(slot.descriptor) }
  }

  @Test("shared queue is busy above its threshold")
  func sharedQueueIsBusyAboveItsThreshold() throws {
    let (model, portal) = try Self.slowModel(.init(mode: .shared, size: 16, threshold: 3))
    let answers = Self.submitNoops(10, to: portal)
    // One may be with the engine already.
    let accepted = answers.filter { $0 == .accepted }.count
    #expect(accepted == 3 || accepted == 4)
    #expect(answers.filter { $0 == .busy }.count == 10 - accepted)
    #expect(model.droppedCount == 0)
    #expect(portal.close())
  }

  @Test("dedicated queue loses what does not fit without a word")
  func dedicatedQueueLosesWhatDoesNotFitWithoutAWord() throws {
    let (model, portal) = try Self.slowModel(.init(mode: .dedicated, size: 4))
    #expect(model.open(0) == nil, "a dedicated queue was opened twice")
    #expect(Self.submitNoops(10, to: portal).allSatisfy { $0 == .accepted })
    #expect(model.droppedCount == 5 || model.droppedCount == 6)
    #expect(portal.close())
    #expect(model.open(0) != nil)
  }

  @Test("same plan makes the same faults")
  func samePlanMakesTheSameFaults() {
    func faults(seed: UInt64) -> [Fault?] {
      let source = FaultSource(plan: .everything(rate: 0.05, seed: seed))
      return (0..<5000).map { _ in source.next().fault }
    }
    let first = faults(seed: 7)
    #expect(first == faults(seed: 7) && first != faults(seed: 8))
    for fault in Fault.allCases where fault != .queueFull {
      // 250 expected; a standard deviation is 15.
      #expect((150...350).contains(first.filter { $0 == fault }.count), "\(fault)")
    }
  }

  @Test("refusals come in bursts")
  func refusalsComeInBursts() {
    var plan = FaultPlan(seed: 3, rates: [.queueFull: 0.01])
    plan.burstLength = 5
    let source = FaultSource(plan: plan)
    let refused = (0..<20_000).map { _ in source.refusesSubmission() }
    let runs = refused.split(separator: false).map(\.count)
    #expect(runs.count > 100 && runs.allSatisfy { $0 % 5 == 0 })
    #expect(source.firedCounts[.queueFull] == refused.filter { $0 }.count / 5)
  }

  @Test("models that no device can be are refused") func impossibleModels() async {
    await #expect(processExitsWith: .failure) {
      _ = DeviceModel(.init(queues: [.init(size: .max), .init(size: .max)]))
    }
    await #expect(processExitsWith: .failure) {
      _ = DeviceModel(.init(queues: [.init(threshold: -1)]))
    }
    await #expect(processExitsWith: .failure) { _ = DeviceModel(.init(id: -1)) }
    await #expect(processExitsWith: .failure) { _ = DeviceModel(.init(engines: [.max])) }
    await #expect(processExitsWith: .failure) {
      _ = DeviceModel(.init(faults: FaultPlan(rates: [.watchdog: .nan])))
    }
    await #expect(processExitsWith: .failure) {
      var faults = FaultPlan.none
      faults.burstLength = .min
      _ = DeviceModel(.init(faults: faults))
    }
    await #expect(processExitsWith: .failure) {
      var faults = FaultPlan.none
      faults.absence = .nanoseconds(1 << 40)
      _ = DeviceModel(.init(faults: faults))
    }
  }
}
