// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import CIAAShim.Device
import FixedDeflate
import Testing

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

/// What the dispatcher submits is what the driver's fixed mode submits, field by field.
@Suite struct DriverFlagsTests {
  /// What a descriptor asked for.
  struct Seen: Sendable, Hashable {
    var opcode: UInt8
    var flags: UInt32
    var operationFlags: UInt16
    var sourceCount: Int
    var room: Int
    var stateCount: Int
    var hasState: Bool
  }

  /// A model whose descriptors are noted.
  struct Source: QueueSource {
    final class Portal: IAADevices.Portal {
      let model: ModelPortal
      let seen: Locked<[Seen]>
      let kind = PortalKind.model

      init(_ model: ModelPortal, _ seen: Locked<[Seen]>) {
        self.model = model
        self.seen = seen
      }

      func submit(_ descriptor: UnsafeRawPointer) -> Submission {
        let fields = unsafe ModelDescriptor(at: descriptor)
        seen.withLock {
          $0.append(
            Seen(
              opcode: fields.opcode, flags: fields.flags.rawValue,
              operationFlags: fields.operationFlags, sourceCount: fields.sourceCount,
              room: fields.destinationCapacity, stateCount: fields.source2Count,
              hasState: fields.source2 != 0))
        }
        return unsafe model.submit(descriptor)
      }

      func close() -> Bool { model.close() }
      func abandonInChild() { model.abandonInChild() }
    }

    let model: DeviceModel
    let seen = Locked<[Seen]>([])

    func queues() -> [QueueDescription] { model.queueDescriptions }

    func open(_ queue: QueueDescription) throws(OpenFailure) -> any IAADevices.Portal {
      guard let portal = model.open(queue.id.queue) else { throw OpenFailure(reason: "busy") }
      return Portal(portal, seen)
    }

    func reasonsForNone() -> [String] { [] }
  }

  @Test(
    "descriptors are the driver's",
    arguments: [false, true])
  func descriptorsAreTheDrivers(blocksOnFault: Bool) throws {
    let source = Source(model: DeviceModel(.init(queues: [.init(blocksOnFault: blocksOnFault)])))
    let dispatcher = try Dispatcher(
      .patient, source: source, topology: CPUTopology(nodes: 1, cpusPerNode: 1))
    let page = [UInt8](repeating: 0x2A, count: 4096)
    let (stream, _) = try dispatcher.compress(page, room: 4096)
    _ = try dispatcher.decompress(stream, room: 4096)
    _ = try dispatcher.compress(page, position: .notLast)
    let block: UInt32 = blocksOnFault ? 2 : 0
    let seen = source.seen.withLock { $0 }
    #expect(
      seen.prefix(3) == [
        // The compression, its verification and the decompression of the driver's own log: a page,
        // room for one, an AECS of 1568 bytes; then 228 bytes and no AECS.
        Seen(
          opcode: 0x43, flags: 0x1010c | block, operationFlags: 0x6, sourceCount: 4096, room: 4096,
          stateCount: 1568, hasState: true),
        Seen(
          opcode: 0x42, flags: 0x10c | block, operationFlags: 0x20f, sourceCount: 228, room: 4096,
          stateCount: 0, hasState: false),
        Seen(
          opcode: 0x42, flags: 0x10c | block, operationFlags: 0x0f, sourceCount: 228, room: 4096,
          stateCount: 0, hasState: false),
      ])
    // Ours: a chunk with more behind it, and all its blocks verified.
    #expect(seen.dropFirst(3).map(\.operationFlags) == [0xa, 0x21f])
  }

  @Test("largest chunk is the same on every path")
  func largestChunkIsTheSameOnEveryPath() throws {
    var configuration = Dispatcher.Configuration.patient
    configuration.chunkSize = 2 << 20
    let dispatcher = try Dispatcher(configuration, models: [DeviceModel()])
    var chunk = [UInt8](repeating: 0, count: 2 << 20)
    for index in stride(from: 0, to: chunk.count, by: 5000) { chunk[index] = UInt8(index & 0xFF) }
    let expected = Sample.software(chunk)
    let (stream, report) = try dispatcher.compress(chunk)
    #expect(stream == expected)
    // The room for any stream of so many bytes is above a queue's 2 MiB, what this one needs is not.
    #expect(report.path == .hardware)
    let (back, backReport) = try dispatcher.decompress(stream, room: chunk.count)
    #expect(back == chunk && backReport.path == .hardware)
  }
}
