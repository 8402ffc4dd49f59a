// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import CIAAShim.Device
import FixedDeflate
import Testing
import Threading

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
  static func noting(
    _ model: DeviceModel
  ) -> (source: InterposedSource, seen: Locked<[Seen]>) {
    let seen = Locked<[Seen]>([])
    let source = unsafe InterposedSource(model) { descriptor, model in
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
    return (source, seen)
  }

  @Test(
    "descriptors are the driver's",
    arguments: [false, true])
  func descriptorsAreTheDrivers(blocksOnFault: Bool) throws {
    let (source, noted) = Self.noting(
      DeviceModel(.init(queues: [.init(blocksOnFault: blocksOnFault)])))
    let dispatcher = try Dispatcher(
      .patient, source: source, topology: CPUTopology(nodes: 1, cpusPerNode: 1))
    let page = [UInt8](repeating: 0x2A, count: 4096)
    let (stream, _) = try dispatcher.compress(page, room: 4096)
    _ = try dispatcher.decompress(stream, room: 4096)
    _ = try dispatcher.compress(page, position: .notLast)
    let block: UInt32 = blocksOnFault ? 2 : 0
    let seen = noted.withLock { $0 }
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

  private static func seen(
    _ mode: CompressionMode, _ capabilities: IAACapabilities
  ) throws -> (seen: [Seen], stream: [UInt8]) {
    var device = DeviceModel.Configuration()
    device.capabilities = capabilities
    let (source, noted) = noting(DeviceModel(device))
    var configuration = Dispatcher.Configuration.patient
    configuration.mode = mode
    let dispatcher = try Dispatcher(
      configuration, source: source, topology: CPUTopology(nodes: 1, cpusPerNode: 1))
    let page = Sample.bytes(1, count: 4096, seed: 1)
    let (stream, report) = try dispatcher.compress(page)
    let (back, _) = try dispatcher.decompress(stream, room: 4096)
    #expect(report.path == .hardware && back == page)
    _ = try dispatcher.compress(page, position: .notLast)
    return (noted.withLock { $0 }, stream)
  }

  @Test("descriptors of canned mode are the driver's, its decompressor's state included")
  func cannedDescriptorsAreTheDrivers() throws {
    // The state of a device of the first generation, and of one that has the second format.
    for (capabilities, stateCount) in [([], 1088), (IAACapabilities.secondStateFormat, 1248)] {
      let (seen, stream) = try Self.seen(.canned(), capabilities)
      let header = CompressionTable.canned().blockHeader
      let ignored = UInt16(header.bytes.count * 8 - header.bitCount)
      let room = CompressionTable.canned().bound(4096)
      #expect(
        seen.first
          == Seen(
            opcode: 0x42, flags: 0x44010c, operationFlags: 0x201 | ignored << 6,
            sourceCount: header.bytes.count, room: 0, stateCount: stateCount, hasState: true))
      // Ours: a page by that state before anybody relies on it.
      #expect(
        seen[1].operationFlags == 0xf && seen[1].flags == 0x1010c && seen[1].room == 4096
          && seen[1].stateCount == stateCount)
      #expect(
        seen[2...4] == [
          Seen(
            opcode: 0x43, flags: 0x1010c, operationFlags: 0x6, sourceCount: 4096, room: room,
            stateCount: 1568, hasState: true),
          Seen(
            opcode: 0x42, flags: 0x1010c, operationFlags: 0x20f, sourceCount: stream.count,
            room: 4096, stateCount: stateCount, hasState: true),
          Seen(
            opcode: 0x42, flags: 0x1010c, operationFlags: 0xf, sourceCount: stream.count,
            room: 4096, stateCount: stateCount, hasState: true),
        ])
      // Each chunk is a stream of its own, whatever follows.
      #expect(seen.dropFirst(5).map(\.operationFlags) == [0x6, 0x20f])
    }
  }

  @Test("descriptors of dynamic mode are the driver's")
  func dynamicDescriptorsAreTheDrivers() throws {
    let (seen, stream) = try Self.seen(.dynamic, .headerGeneration)
    let room = Encoder.bound(4096, mode: .dynamic)
    #expect(
      seen.prefix(3) == [
        Seen(
          opcode: 0x43, flags: 0x10c, operationFlags: 0x3006, sourceCount: 4096, room: room,
          stateCount: 0, hasState: false),
        Seen(
          opcode: 0x42, flags: 0x10c, operationFlags: 0x20f, sourceCount: stream.count,
          room: 4096, stateCount: 0, hasState: false),
        Seen(
          opcode: 0x42, flags: 0x10c, operationFlags: 0xf, sourceCount: stream.count, room: 4096,
          stateCount: 0, hasState: false),
      ])
    // Ours: a chunk with more behind it, and all its blocks verified.
    #expect(seen.dropFirst(3).map(\.operationFlags) == [0x200a, 0x21f])
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
