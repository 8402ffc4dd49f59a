// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The decompressor of the model: the library's decoder with a device's limits, and a device's names
// for what can be wrong with a stream.

import FixedDeflate
import IAAOffload

/// Decompresses as descriptors say.
struct ModelDecompressor: ~Copyable {
  private var decoder = Decoder(limit: .iaa)
  private var farDecoder = Decoder(limit: .rfc1951)
  /// The decoder of the last state that was read, and that state.
  private var tableDecoder: TableDecoder?
  private var tableState: [UInt8] = []

  /// Reads a dynamic block's header and leaves the state to decompress what comes behind it.
  static func makeState(
    _ input: [UInt8], flags: DecompressFlags, byteCount: Int
  ) throws(ModelFailure) -> ModelResult {
    do throws(DeflateError) {
      // SAFETY: bytes have no padding.
      let (table, bitCount) = try CompressionTable.reading(
        blockHeader: unsafe input.span.bytes)
      // Data behind the header would leave a state in the middle of it, which is not modelled.
      guard bitCount == input.count * 8 - flags.ignoredEndBitCount else {
        throw DeflateError(.invalidCodeLengthRepeat, bitPosition: bitCount)
      }
      var result = ModelResult()
      result.bytesCompleted = input.count
      result.state = ModelDecompressionState.bytes(table, byteCount: byteCount)
      return result
    } catch {
      throw failure(error, input)
    }
  }

  /// Decompresses what has no header, by a state.
  mutating func decompress(
    _ input: [UInt8], state: [UInt8], capacity: Int, uses32C: Bool
  ) throws(ModelFailure) -> ModelResult {
    var decoder = tableDecoder.take()
    if decoder == nil || state != tableState {
      guard let table = ModelDecompressionState.table(of: state) else {
        throw .analytics(AnalyticsError(rawValue: 22))
      }
      decoder = TableDecoder(table: table, limit: .iaa)
      tableState = state
    }
    guard var decoder = decoder.take() else { preconditionFailure("made above") }
    let decoded = Result { () throws(DeflateError) in
      // SAFETY: bytes have no padding.
      try decoder.decompress(unsafe input.span.bytes, maximumCount: capacity)
    }
    tableDecoder = consume decoder
    do throws(DeflateError) {
      let (bytes, consumed) = try decoded.get()
      return Self.result(bytes, consumed, uses32C: uses32C)
    } catch {
      throw Self.failure(error, input)
    }
  }

  private static func result(
    _ bytes: [UInt8], _ consumed: Decoder.Consumed, uses32C: Bool
  ) -> ModelResult {
    var result = ModelResult()
    result.output = bytes
    result.bytesCompleted = consumed.bytes
    result.crc = DeviceChecksum.crc(result.output.span, initial: 0, uses32C: uses32C)
    result.xorChecksum = DeviceChecksum.xor(result.output.span)
    return result
  }

  mutating func decompress(
    _ input: [UInt8], flags: DecompressFlags, capacity: Int, uses32C: Bool
  ) throws(ModelFailure) -> ModelResult {
    var input = input
    // Stopping at the first end-of-block is what a decoder does with a final block.
    if flags.contains(.stopOnEndOfBlock), !flags.contains(.finalBlockOnly), !input.isEmpty {
      input[0] |= 1
    }
    do throws(DeflateError) {
      let (bytes, consumed) = try decoder.decompress(
        // SAFETY: bytes have no padding.
        unsafe input.span.bytes, maximumCount: capacity)
      return Self.result(bytes, consumed, uses32C: uses32C)
    } catch {
      if error.kind == .distanceTooFar, isBeforeStart(error, input, capacity) {
        throw .analytics(AnalyticsError(rawValue: 18))
      }
      throw Self.failure(error, input)
    }
  }

  private static func failure(_ error: DeflateError, _ input: [UInt8]) -> ModelFailure {
    func bits(_ count: Int, at position: Int) -> Int {
      (0..<count).reduce(0) { value, index in
        let bit = position + index
        guard bit / 8 < input.count else { return value }
        return value | Int(input[bit / 8] >> (bit % 8) & 1) << index
      }
    }
    let code: UInt8
    switch error.kind {
    case .outputFull: return .status(.outputOverflow)
    case .truncatedInput: code = 15
    case .invalidBlockType: code = 13
    case .storedLengthMismatch: code = 14
    case .tooManySymbols: code = bits(5, at: 3) > 29 ? 35 : 36
    case .invalidCodeLengthCode: code = 8
    case .invalidCodeLengthRepeat: code = 6
    case .missingEndOfBlock: code = 5
    case .invalidLiteralLengthCode: code = 9
    case .invalidDistanceCode: code = 10
    case .invalidLiteralLengthSymbol: code = 11
    case .invalidDistanceSymbol: code = 12
    case .distanceTooFar: code = 17
    default: code = 1
    }
    return .analytics(AnalyticsError(rawValue: code))
  }

  /// Whether a distance is wrong for every decoder, and not just beyond the device's history.
  private mutating func isBeforeStart(
    _ error: DeflateError, _ input: [UInt8], _ capacity: Int
  ) -> Bool {
    do throws(DeflateError) {
      // SAFETY: bytes have no padding.
      _ = try farDecoder.decompress(unsafe input.span.bytes, maximumCount: capacity)
      return false
    } catch let far {
      return far == error
    }
  }
}

/// A decompressor's state as the model keeps it. What a real one has inside is the device's business: whoever uses it
/// hands it back as it came. Here it is the lengths of the code behind a word that tells it from anything else.
enum ModelDecompressionState {
  private static let mark = Array("code".utf8)
  private static let literalLengthCount = CompressionStateLayout.literalLengthCount
  private static let distanceCount = CompressionStateLayout.distanceCount
  /// Bytes that mean something.
  static var usedByteCount: Int { mark.count + literalLengthCount + distanceCount }

  static func bytes(_ table: CompressionTable, byteCount: Int) -> [UInt8] {
    let used = mark + table.literalLengthLengths + table.distanceLengths
    return used + [UInt8](repeating: 0, count: byteCount - used.count)
  }

  /// The code of a state; nil when that is none.
  static func table(of state: [UInt8]) -> CompressionTable? {
    let lengths = state.dropFirst(mark.count)
    guard state.starts(with: mark), lengths.count >= literalLengthCount + distanceCount else {
      return nil
    }
    return CompressionTable(
      literalLengthLengths: Array(lengths.prefix(literalLengthCount)),
      distanceLengths: Array(lengths.dropFirst(literalLengthCount).prefix(distanceCount)))
  }
}
