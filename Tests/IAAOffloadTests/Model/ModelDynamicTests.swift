// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing

@testable import IAAModel
@testable import IAAOffload

/// The dynamic mode as the driver submits it: bits 12 and 13 of the compression flags, and no AECS.
@Suite struct ModelDynamicTests {
  static func fields(_ client: RawClient, _ bytes: [UInt8]) -> DescriptorFields {
    var fields = client.compression(of: bytes)
    fields.flags.remove(.readSource2AECS)
    fields.operationFlags = CompressFlags.dynamic.rawValue
    (fields.state, fields.stateCount) = (0, 0)
    return fields
  }

  @Test("the driver's dynamic flags make dynamic blocks on a device that generates headers")
  func driversDynamicFlagsMakeDynamicBlocks() throws {
    #expect(CompressFlags.dynamic.rawValue == 0x3006)
    let client = try RawClient(capabilities: .headerGeneration)
    var encoder = Encoder(mode: .dynamic)
    var decoder = Decoder(limit: .iaa)
    for kind in 0..<5 {
      for count in [1, 70, 4096] {
        let bytes = Sample.bytes(kind, count: count, seed: 6)
        let record = try #require(client.run(Self.fields(client, bytes)))
        #expect(record.status == .success)
        let stream = client.output(record.outputSize)
        #expect(stream == encoder.compress(bytes) && stream[0] & 7 == 0b101)
        // SAFETY: bytes have no padding.
        #expect(
          unsafe try decoder.decompress(stream.span.bytes, maximumCount: count).bytes == bytes)
        var crc = CRC32()
        crc.update(bytes.span)
        #expect(record.crc == crc.value)
      }
    }
  }

  @Test("a block that is not the last is not final, and ends on a byte")
  func blockThatIsNotTheLast() throws {
    let client = try RawClient(capabilities: .headerGeneration)
    let bytes = Sample.bytes(1, count: 2000, seed: 7)
    var fields = Self.fields(client, bytes)
    fields.operationFlags = CompressFlags([.notLastChunk, .header]).rawValue
    let record = try #require(client.run(fields))
    #expect(record.status == .success)
    let stream = client.output(record.outputSize)
    #expect(stream[0] & 7 == 0b100 && stream.suffix(4) == [0, 0, 0xFF, 0xFF])
  }

  @Test("what the dynamic mode has no use for is refused")
  func whatItHasNoUseForIsRefused() throws {
    let old = try RawClient()
    #expect(
      try #require(old.run(Self.fields(old, [1, 2, 3]))).status == .invalidCompressionFlag,
      "no header generation")
    let client = try RawClient(capabilities: .headerGeneration)
    #expect(
      try #require(client.run(Self.fields(client, Sample.bytes(1, count: 4097, seed: 8)))).status
        == .invalidSize)
    var fields = Self.fields(client, [1, 2, 3])
    fields.operationFlags = 0x1006
    #expect(try #require(client.run(fields)).status == .invalidCompressionFlag)
    fields = client.compression(of: [1, 2, 3])
    fields.operationFlags = 0x3006
    #expect(try #require(client.run(fields)).status == .nonZeroReserved, "an AECS beside it")
    #expect(try #require(client.run(client.compression(of: [1, 2, 3]))).status == .success)
  }
}
