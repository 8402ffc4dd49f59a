// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

@Suite struct ModelDescriptorTests {
  static let page = [UInt8](repeating: 0x2A, count: 4096)

  @Test("fixed page makes the record of the documented device")
  func fixedPageMakesTheRecordOfTheDocumentedDevice() throws {
    let client = try RawClient()
    let record = try #require(client.run(client.compression(of: Self.page)))
    #expect(record.status == .success)
    #expect(record.outputSize == 228)
    #expect(record.bytesCompleted == 4096)
    var crc = CRC32()
    // SAFETY: bytes have no padding.
    unsafe crc.update(Self.page.span.bytes)
    #expect(record.crc == crc.value)
    #expect(record.xorChecksum == 0)
    #expect(client.output(228) == Sample.software(Self.page))
  }

  /// One mistake each: what is changed in the descriptor's bytes, and the status it gets.
  static let mistakes: [(name: String, offset: Int, value: [UInt8], status: UInt8)] = [
    ("opcode of a filter", 7, [0x50], 0x10),
    ("opcode of nothing", 7, [0xFF], 0x10),
    ("reserved bit beside the PASID", 2, [0x10], 0x12),
    ("privilege bit", 3, [0x80], 0x1D),
    ("fence flag", 4, [0x0D], 0x11),
    ("block-on-fault where the queue does not", 4, [0x0E], 0x11),
    ("reserved flag bit 9", 5, [0x03], 0x11),
    ("write-AECS flag", 6, [0x05], 0x11),
    ("interrupt handle", 36, [1], 0x19),
    ("compression flag 15", 39, [0x80], 0x30),
    ("statistics mode", 38, [0x07], 0x30),
    ("AECS off its 32-byte boundary", 40, [0x10], 0x1C),
    ("AECS of another size", 52, [0x21, 0x06], 0x13),
    ("empty source", 32, [0, 0, 0, 0], 0x13),
    ("source above the maximum transfer size", 32, [1, 0, 0x20, 0], 0x13),
    ("no room", 48, [0, 0, 0, 0], 0x13),
    ("filter flags", 56, [1], 0x12),
    ("number of inputs", 60, [1], 0x12),
  ]

  @Test(
    "every mistake gets its status",
    arguments: mistakes.indices)
  func everyMistakeGetsItsStatus(index: Int) throws {
    let mistake = Self.mistakes[index]
    let client = try RawClient()
    let record = try #require(
      client.run(client.compression(of: Self.page)) { bytes in
        bytes.replaceSubrange(
          mistake.offset..<mistake.offset + mistake.value.count, with: mistake.value)
      }, "\(mistake.name): no record")
    #expect(record.status.rawValue == mistake.status, "\(mistake.name)")
    if mistake.status == 0x11 { #expect(record.invalidFlags != 0, "\(mistake.name)") }
  }

  @Test("overlap of source and destination is noticed")
  func overlapOfSourceAndDestinationIsNoticed() throws {
    let client = try RawClient()
    var fields = client.compression(of: Self.page)
    fields.destination = fields.source + 4095
    #expect(client.run(fields)?.status == .overlappingBuffers)
    var behind = client.compression(of: Self.page)
    behind.destination = behind.source + 4096
    #expect(client.run(behind)?.status == .success)
  }

  @Test("record that cannot be written loses the descriptor")
  func recordThatCannotBeWrittenLosesTheDescriptor() throws {
    let client = try RawClient()
    let fields = client.compression(of: Self.page)
    #expect(client.run(fields, patience: 300_000_000) { $0[8] |= 0x20 } == nil)
    #expect(client.model.droppedCount == 1)
  }

  @Test("pages that are not there fault")
  func pagesThatAreNotThereFault() throws {
    let client = try RawClient()
    var read = client.compression(of: Self.page)
    read.source = 0x1000
    let readFault = try #require(client.run(read))
    #expect(readFault.status == .pageFault && !readFault.isWriteFault)
    #expect(readFault.faultAddress == 0x1000)
    #expect(readFault.statusByte == 0x03)
    var write = client.compression(of: Self.page)
    write.destination = 0x2000
    let writeFault = try #require(client.run(write))
    #expect(writeFault.statusByte == 0x83)
    #expect(writeFault.faultAddress == 0x2000)
  }

  @Test("output that does not fit is the driver's E2BIG")
  func outputThatDoesNotFitIsTheDriversE2BIG() throws {
    let client = try RawClient()
    let record = try #require(client.run(client.compression(of: Self.page, room: 227)))
    #expect(record.status == .analyticsError)
    #expect(record.analyticsError == .outputTooSmall)
    #expect(client.run(client.compression(of: Self.page, room: 228))?.status == .success)
  }

  @Test("decompression stops at the first block unless told otherwise")
  func decompressionStopsAtTheFirstBlockUnlessToldOtherwise() throws {
    let client = try RawClient()
    let first = Sample.software(Array("first".utf8), .notLast)
    let stream = first + Sample.software(Array("second".utf8))
    let one = try #require(client.run(client.decompression(of: stream)))
    #expect(client.output(one.outputSize) == Array("first".utf8))
    #expect(one.bytesCompleted < stream.count)
    var all = client.decompression(of: stream)
    all.operationFlags = 0x1f
    let both = try #require(client.run(all))
    #expect(client.output(both.outputSize) == Array("firstsecond".utf8))
    #expect(both.bytesCompleted == stream.count)
  }

  @Test("suppressed output is not written")
  func suppressedOutputIsNotWritten() throws {
    let client = try RawClient()
    var fields = client.decompression(of: Sample.software(Self.page))
    fields.operationFlags = 0x20f
    unsafe client.slot.destination.storeBytes(of: 0x77, as: UInt8.self)
    let record = try #require(client.run(fields))
    #expect(record.status == .success)
    #expect(client.output(1) == [0x77])
  }

  /// Bad streams by hand, and the code the device has for them.
  @Test(
    "bad streams get their analytics code",
    arguments: [
      ([0x07], 13), ([0x01, 0x01, 0x00, 0x00, 0x00], 14), ([0x4B], 15),
      ([0x03, 0x02, 0x00], 18), ([0x1B, 0x03], 11),
    ] as [([UInt8], UInt8)])
  func badStreamsGetTheirAnalyticsCode(stream: [UInt8], code: UInt8) throws {
    let client = try RawClient()
    let record = try #require(client.run(client.decompression(of: stream)))
    #expect(record.status == .analyticsError)
    #expect(record.analyticsError.rawValue == code)
  }

  /// 4097 literals, then a match from the first one: RFC 1951 allows it, the device does not.
  static func streamWithFarDistance() -> [UInt8] {
    var bits: [Bool] = [true, true, false]
    func put(_ code: Int, _ count: Int) {
      for bit in (0..<count).reversed() { bits.append(code >> bit & 1 == 1) }
    }
    func putExtra(_ value: Int, _ count: Int) {
      for bit in 0..<count { bits.append(value >> bit & 1 == 1) }
    }
    for index in 0..<4097 { put(0x30 + index % 64, 8) }
    put(1, 7)  // Length 3.
    put(24, 5)  // Distances 4097…6144.
    putExtra(0, 11)
    put(0, 7)
    var stream = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
    for (index, bit) in bits.enumerated() where bit { stream[index / 8] |= 1 << (index % 8) }
    return stream
  }

  @Test("verification in software holds streams to a device's history")
  func verificationInSoftwareHoldsStreamsToADevicesHistory() throws {
    let stream = Self.streamWithFarDistance()
    var decoder = Decoder(limit: .rfc1951)
    // SAFETY (here and below): bytes have no padding.
    let bytes = unsafe try decoder.decompress(stream.span.bytes, maximumCount: 8192).bytes
    #expect(bytes.count == 4100)
    let near = Sample.software(bytes)
    let shorter = Array(bytes.dropLast())
    var verifier = SoftwareVerifier(.fixed)
    unsafe #expect(!verifier.isStream(stream.span.bytes, of: bytes.span.bytes))
    unsafe #expect(verifier.isStream(near.span.bytes, of: bytes.span.bytes))
    unsafe #expect(!verifier.isStream(near.span.bytes, of: shorter.span.bytes))
  }

  @Test("distance beyond the history buffer is the device's own")
  func distanceBeyondTheHistoryBufferIsTheDevicesOwn() throws {
    let stream = Self.streamWithFarDistance()
    let client = try RawClient()
    let record = try #require(client.run(client.decompression(of: stream)))
    #expect(record.analyticsError.rawValue == 17)

    // The dispatcher does it in software and counts that.
    let dispatcher = try Dispatcher(.patient, models: [DeviceModel()])
    let (bytes, report) = try dispatcher.decompress(stream, room: 8192)
    #expect(bytes.count == 4100)
    #expect(report.fallback == .analytics(AnalyticsError(rawValue: 17)))
    #expect(dispatcher.statistics.softwareDecompressCalls == 1)
    #expect(dispatcher.statistics.invalidErrors == 1)
  }
}
