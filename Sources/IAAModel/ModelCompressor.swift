// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The compressor of the model: reads the AECS like the device does, whatever tables it holds. With
// the fixed mode's state it is the library's encoder. Which profile it follows is the model's configuration.

import FixedDeflate
import IAADevices
import IAAOffload

/// What an operation leaves behind.
struct ModelResult {
  var output: [UInt8] = []
  /// What a decompression that makes one leaves of its state.
  var state: [UInt8] = []
  var outputBits: UInt8 = 0
  var bytesCompleted = 0
  var crc: UInt32 = 0
  var xorChecksum: UInt16 = 0
}

/// Why an operation has no output: what the record will say.
enum ModelFailure: Error {
  case status(CompletionStatus)
  case analytics(AnalyticsError)
  case fault(address: UInt64, isWrite: Bool)
  case invalidFlags(UInt32)
}

/// Compresses as descriptors say.
struct ModelCompressor: ~Copyable {
  private var encoder: Encoder
  private var dynamicEncoder: Encoder
  private var referenceEncoder: ReferenceEncoder
  private static let fixedLast = CompressionState.fixed(.last)
  private static let fixedNotLast = CompressionState.fixed(.notLast)

  init(profile: MatchProfile) {
    encoder = Encoder(profile: profile)
    dynamicEncoder = Encoder(mode: .dynamic, profile: profile)
    referenceEncoder = ReferenceEncoder(profile: profile)
  }

  mutating func compress(
    _ input: [UInt8], state: [UInt8], flags: CompressFlags, capacity: Int, uses32C: Bool
  ) throws(ModelFailure) -> ModelResult {
    var result = ModelResult()
    result.bytesCompleted = input.count
    let initial = state.littleEndian(at: CompressionStateLayout.crc, as: UInt32.self)
    result.crc = DeviceChecksum.crc(input.span, initial: initial, uses32C: uses32C)
    result.xorChecksum =
      DeviceChecksum.xor(input.span)
      ^ UInt16(
        truncatingIfNeeded: state.littleEndian(
          at: CompressionStateLayout.xorChecksum, as: UInt32.self))
    let end = flags.intersection(.endMask)
    let isPlain = !flags.contains(.literalsOnly) && flags.contains(.flushOutput)
    if isPlain, end == .endOfBlock, state == Self.fixedLast {
      result.output = try encodeFixed(input, .last, capacity)
    } else if isPlain, end == .endOfBlockAndStored, state == Self.fixedNotLast {
      result.output = try encodeFixed(input, .notLast, capacity)
    } else {
      try encode(input, state: state, flags: flags, capacity: capacity, into: &result)
    }
    return result
  }

  /// Compresses as the driver's dynamic mode asks: a block in a code of its own, final or not as bit 12 says. A block
  /// that is not final ends with an empty stored one, or the model has no way to end it.
  mutating func compressDynamic(
    _ input: [UInt8], flags: CompressFlags, capacity: Int, uses32C: Bool
  ) throws(ModelFailure) -> ModelResult {
    let position: BlockPosition = flags.contains(.finalHeader) ? .last : .notLast
    let expected: CompressFlags = position == .last ? .lastChunk : .notLastChunk
    guard flags.subtracting(.finalHeader) == expected else {
      throw .status(.invalidCompressionFlag)
    }
    var result = ModelResult()
    result.bytesCompleted = input.count
    result.crc = DeviceChecksum.crc(input.span, initial: 0, uses32C: uses32C)
    result.xorChecksum = DeviceChecksum.xor(input.span)
    let bound = Encoder.bound(input.count, position: position, mode: .dynamic)
    do throws(DeflateError) {
      result.output = try makeBytes(capacity: min(capacity, bound)) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        // SAFETY: bytes have no padding.
        try dynamicEncoder.compress(unsafe input.span.bytes, position: position, into: &output)
      }
    } catch {
      throw .analytics(.outputTooSmall)
    }
    return result
  }

  private mutating func encodeFixed(
    _ input: [UInt8], _ position: BlockPosition, _ capacity: Int
  ) throws(ModelFailure) -> [UInt8] {
    do throws(DeflateError) {
      return try makeBytes(capacity: min(capacity, Encoder.bound(input.count, position: position)))
      { (output: inout OutputRawSpan) throws(DeflateError) in
        // SAFETY: bytes have no padding.
        try encoder.compress(unsafe input.span.bytes, position: position, into: &output)
      }
    } catch {
      throw .analytics(.outputTooSmall)
    }
  }

  private mutating func encode(
    _ input: [UInt8], state: [UInt8], flags: CompressFlags, capacity: Int,
    into result: inout ModelResult
  ) throws(ModelFailure) {
    let tables = try Self.tables(of: state)
    let ending: BlockEnding =
      switch flags.intersection(.endMask) {
      case []: .nothing
      case .endOfBlock: .endOfBlock
      case .endOfBlockAndStored: .endOfBlockAndStoredBlock(isFinal: false)
      default: .endOfBlockAndStoredBlock(isFinal: true)
      }
    var bitCount = 0
    do throws(ReferenceEncoder.Failure) {
      result.output = try makeBytes(capacity: capacity) {
        (output: inout OutputRawSpan) throws(ReferenceEncoder.Failure) in
        bitCount = try referenceEncoder.compress(
          // SAFETY: bytes have no padding.
          unsafe input.span.bytes, tables: tables, ending: ending,
          literalsOnly: flags.contains(.literalsOnly), into: &output)
      }
    } catch .noCodeword {
      throw .analytics(AnalyticsError(rawValue: 30))
    } catch {
      throw .analytics(.outputTooSmall)
    }
    result.outputBits = UInt8(bitCount % 8)
    // Bits that are not flushed stay in the device's accumulator.
    if !flags.contains(.flushOutput), bitCount % 8 != 0 {
      result.output.removeLast()
      result.outputBits = 0
    }
  }

  /// The code and the accumulator of a state.
  static func tables(of state: [UInt8]) throws(ModelFailure) -> CodeTables {
    typealias Layout = CompressionStateLayout
    let bitCount = Int(state.littleEndian(at: Layout.accumulatedBitCount, as: UInt32.self))
    guard bitCount <= Layout.accumulatorByteCount * 8 else {
      throw .analytics(AnalyticsError(rawValue: 22))
    }
    func codewords(at offset: Int, count: Int) -> [Codeword] {
      (0..<count).map {
        Layout.codeword(state.littleEndian(at: offset + 4 * $0, as: UInt32.self))
      }
    }
    let accumulator = Layout.accumulator..<Layout.accumulator + Layout.accumulatorByteCount
    return CodeTables(
      literalLength: codewords(at: Layout.literalLength, count: Layout.literalLengthCount),
      distance: codewords(at: Layout.distance, count: Layout.distanceCount),
      header: Array(state[accumulator]), headerBitCount: bitCount)
  }
}

extension [UInt8] {
  /// A number at an offset; traps outside the bytes.
  func littleEndian<Value: FixedWidthInteger & UnsignedInteger>(
    at offset: Int, as: Value.Type
  ) -> Value {
    (0..<Value.bitWidth / 8).reduce(0) { $0 | Value(self[offset + $1]) << (8 * $1) }
  }
}
