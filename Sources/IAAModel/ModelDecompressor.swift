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

  mutating func decompress(
    _ input: [UInt8], flags: DecompressFlags, capacity: Int, uses32C: Bool
  ) throws(ModelFailure) -> ModelResult {
    var input = input
    // Stopping at the first end-of-block is what a decoder does with a final block.
    if flags.contains(.stopOnEndOfBlock), !flags.contains(.finalBlockOnly), !input.isEmpty {
      input[0] |= 1
    }
    var result = ModelResult()
    do throws(DeflateError) {
      let (bytes, consumed) = try decoder.decompress(
        // SAFETY: bytes have no padding.
        unsafe input.span.bytes, maximumCount: capacity)
      result.output = bytes
      result.bytesCompleted = consumed.bytes
    } catch {
      throw failure(error, input, capacity)
    }
    result.crc = DeviceChecksum.crc(result.output.span, initial: 0, uses32C: uses32C)
    result.xorChecksum = DeviceChecksum.xor(result.output.span)
    return result
  }

  private mutating func failure(
    _ error: DeflateError, _ input: [UInt8], _ capacity: Int
  ) -> ModelFailure {
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
    case .distanceTooFar: code = isBeforeStart(error, input, capacity) ? 18 : 17
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
