// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing

@testable import IAAModel
@testable import IAAOffload

/// The model codes with whatever tables the AECS holds.
@Suite struct ModelTablesTests {
  @Test("state has the documented layout")
  func stateHasTheDocumentedLayout() {
    let state = CompressionState.fixed(.last)
    #expect(state.count == 1568)
    #expect(state.littleEndian(at: 28, as: UInt32.self) == 3)
    #expect(state[32] == 0b011)
    // Literal 0 has the 8-bit code 00110000, literal 255 the 9-bit code 111111111, end-of-block
    // seven zero bits (RFC 1951 §3.2.6); distance 29 the 5-bit code 11101.
    #expect(state.littleEndian(at: 288, as: UInt32.self) == 8 << 15 | 0b0011_0000)
    #expect(state.littleEndian(at: 288 + 4 * 255, as: UInt32.self) == 9 << 15 | 0b1_1111_1111)
    #expect(state.littleEndian(at: 288 + 4 * 256, as: UInt32.self) == 7 << 15)
    #expect(state.littleEndian(at: 1440 + 4 * 29, as: UInt32.self) == 5 << 15 | 0b11101)
    #expect(state[1432..<1440].allSatisfy { $0 == 0 } && state[1560...].allSatisfy { $0 == 0 })
  }

  /// A canned code: the header of a dynamic block stands in the accumulator, and its code in the
  /// tables. All litlen symbols 9 bits but for 226 of 8 (Kraft: 226/256 + 60/512 = 1), all
  /// distances 5 bits but for two of 4.
  static func canned() -> (state: [UInt8], header: [UInt8], bitCount: Int) {
    let litlen = [UInt8](repeating: 8, count: 226) + [UInt8](repeating: 9, count: 60)
    let distance = [UInt8](repeating: 4, count: 2) + [UInt8](repeating: 5, count: 28)
    func codewords(_ lengths: [UInt8]) -> [Codeword] {
      var code = 0
      var result = [Codeword](
        repeating: Codeword(code: 0, length: 0), count: lengths.count)
      for length in UInt8(1)...15 {
        code <<= 1
        for symbol in lengths.indices where lengths[symbol] == length {
          result[symbol] = Codeword(code: UInt16(code), length: length)
          code += 1
        }
      }
      return result
    }
    var bits: [Int] = []
    func put(_ value: Int, _ count: Int) { for bit in 0..<count { bits.append(value >> bit & 1) } }
    put(1, 1)
    put(2, 2)
    put(286 - 257, 5)
    put(30 - 1, 5)
    put(19 - 4, 4)
    // Code length code: lengths 4, 5, 8 and 9 have two bits each.
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    for symbol in order { put([4, 5, 8, 9].contains(symbol) ? 2 : 0, 3) }
    let code: [UInt8: Int] = [4: 0, 5: 1, 8: 2, 9: 3]
    for length in litlen + distance {
      let value = code[length] ?? 0
      put(value >> 1 | (value & 1) << 1, 2)
    }
    var header = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
    for (index, bit) in bits.enumerated() { header[index / 8] |= UInt8(bit) << (index % 8) }
    let state = CompressionState.bytes(
      accumulator: header, bitCount: bits.count, literalLength: codewords(litlen),
      distance: codewords(distance))
    return (state, header, bits.count)
  }

  @Test(
    "canned tables make streams that decoders read",
    arguments: 0..<5)
  func cannedTablesMakeStreamsThatDecodersRead(kind: Int) throws {
    let client = try RawClient()
    let (state, header, bitCount) = Self.canned()
    client.put(state, in: client.state)
    let bytes = Sample.bytes(kind, count: 3000, seed: 3)
    let record = try #require(client.run(client.compression(of: bytes)))
    #expect(record.status == .success)
    let stream = client.output(record.outputSize)
    #expect(stream.starts(with: header.dropLast()) && bitCount > 500)
    var decoder = Decoder()
    // SAFETY: bytes have no padding.
    let (back, consumed) = unsafe try decoder.decompress(stream.span.bytes, maximumCount: 3000)
    #expect(back == bytes)
    #expect(consumed.bits % 8 == Int(record.outputBits))
  }

  @Test(
    "Intel's canned tables in the AECS make the published streams",
    arguments: CompressionTable.CannedEdition.allCases)
  func intelsCannedTablesMakeThePublishedStreams(
    edition: CompressionTable.CannedEdition
  ) throws {
    let client = try RawClient()
    client.put(CompressionState.table(.canned(edition)), in: client.state)
    let t1 = Array(String(repeating: "Join us now and share the software ", count: 2).utf8)
    let record = try #require(client.run(client.compression(of: t1)))
    #expect(record.status == .success && record.outputSize == 37)
    let stream = client.output(record.outputSize)
    #expect(stream.prefix(4) == [0x6D, 0x23, 0x43, 0x23])
    #expect(stream.suffix(2) == [0xE5, edition == .june2023 ? 0x7F : 0x3F])
    var encoder = TableEncoder(table: .canned(edition))
    #expect(try encoder.compress(t1) == stream)
    for kind in 0..<5 {
      let bytes = Sample.bytes(kind, count: 3000, seed: 4)
      let record = try #require(client.run(client.compression(of: bytes)))
      #expect(try encoder.compress(bytes) == client.output(record.outputSize))
    }
  }

  /// A buffer for a decompressor's state, both halves.
  private static func statePlace(_ client: RawClient) -> UInt64 { client.address(client.state) }

  private static func makingState(
    _ client: RawClient, of table: CompressionTable, count: Int = 1088
  ) -> DescriptorFields {
    let header = table.blockHeader
    var fields = client.decompression(of: header.bytes)
    fields.flags = .makeState
    fields.operationFlags =
      0x201 | UInt16(header.bytes.count * 8 - header.bitCount) << 6
    (fields.destination, fields.destinationCapacity) = (0, 0)
    (fields.state, fields.stateCount) = (statePlace(client), count)
    return fields
  }

  @Test("a header read with no output leaves a state that streams without one are read by")
  func headerLeavesAState() throws {
    for capabilities in [[], IAACapabilities.secondStateFormat] {
      let client = try RawClient(capabilities: capabilities)
      let count = capabilities.decompressionStateByteCount
      for edition in CompressionTable.CannedEdition.allCases {
        let made = try #require(
          client.run(Self.makingState(client, of: .canned(edition), count: count)))
        #expect(made.status == .success && made.outputSize == 0)
        var encoder = TableEncoder(table: .canned(edition))
        for kind in 0..<5 {
          let bytes = Sample.bytes(kind, count: 3000, seed: 5)
          let stream = try encoder.compress(bytes)
          var fields = client.decompression(of: stream)
          fields.flags = .withState
          (fields.state, fields.stateCount) = (Self.statePlace(client), count)
          let record = try #require(client.run(fields))
          #expect(record.status == .success && record.bytesCompleted == stream.count)
          #expect(client.output(record.outputSize) == bytes)
        }
      }
    }
  }

  @Test("without the toggle the halves change places")
  func halves() throws {
    let client = try RawClient()
    var making = Self.makingState(client, of: .canned())
    making.flags.remove(.togglesAECS)
    #expect(try #require(client.run(making)).status == .success)
    var encoder = TableEncoder()
    let bytes = Sample.bytes(1, count: 500, seed: 5)
    var reading = client.decompression(of: try encoder.compress(bytes))
    reading.flags = .withState
    (reading.state, reading.stateCount) = (Self.statePlace(client), 1088)
    // The first half still holds a compressor's.
    #expect(try #require(client.run(reading)).analyticsError.rawValue == 22)
    reading.flags.insert(.togglesAECS)
    let record = try #require(client.run(reading))
    #expect(record.status == .success && client.output(record.outputSize) == bytes)
  }

  @Test("what is wrong with making or reading a state is told")
  func wrongStates() throws {
    let client = try RawClient()
    func status(
      _ change: (inout DescriptorFields) -> Void
    ) throws -> (CompletionStatus, UInt8) {
      var fields = Self.makingState(client, of: .canned())
      change(&fields)
      let record = try #require(client.run(fields))
      return (record.status, record.analyticsError.rawValue)
    }
    #expect(try status { $0.stateCount = 1248 }.0 == .invalidSize)
    #expect(try status { $0.state += 8 }.0 == .misalignedAECS)
    #expect(try status { $0.operationFlags = 0x1 }.0 == .invalidCompressionFlag)
    #expect(try status { $0.operationFlags = 0x20f }.0 == .invalidCompressionFlag)
    #expect(try status { $0.flags.insert(.readSource2AECS) }.0 == .invalidFlags)
    #expect(
      try status {
        $0.flags = .withoutState
        $0.operationFlags = 0x201
        $0.destination = client.address(client.source) + 32_768
        $0.destinationCapacity = 100
      }.0 == .nonZeroReserved)
    #expect(try status { $0.sourceCount -= 10 } == (.analyticsError, 15))
    #expect(try status { $0.source += 1 }.0 == .analyticsError)
    #expect(try status { $0.state = $0.source & ~31 }.0 == .overlappingBuffers)
    #expect(try status { _ in }.0 == .success)
  }

  @Test("symbol without codeword is analytics error 30")
  func symbolWithoutCodewordIsAnalyticsError30() throws {
    let client = try RawClient()
    var literals = FixedCode.literalLength
    literals[0x2A] = Codeword(code: 0, length: 0)
    client.put(
      CompressionState.bytes(
        accumulator: [0b011], bitCount: 3, literalLength: literals, distance: FixedCode.distance),
      in: client.state)
    let record = try #require(client.run(client.compression(of: [1, 2, 0x2A, 4])))
    #expect(record.status == .analyticsError)
    #expect(record.analyticsError.rawValue == 30)
  }

  @Test("general path of the model equals the encoder")
  func generalPathOfTheModelEqualsTheEncoder() throws {
    // A crc in the state makes no other bits, but leaves the shortcut for the fixed state.
    let client = try RawClient()
    var state = CompressionState.fixed(.last)
    state[0] = 1
    client.put(state, in: client.state)
    for kind in 0..<5 {
      let bytes = Sample.bytes(kind, count: 2000, seed: 5)
      let record = try #require(client.run(client.compression(of: bytes)))
      #expect(client.output(record.outputSize) == Sample.software(bytes))
    }
  }
}
