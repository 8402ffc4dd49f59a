// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// zlib's words in ours. Where the two may differ, and why, is said here and nowhere else.

import FixedDeflate
import TestSupport

extension Zlib {
  /// What the library must say where zlib says `message`.
  static func kind(_ message: String) -> DeflateError.Kind? {
    switch message {
    case "invalid block type": .invalidBlockType
    case "invalid stored block lengths": .storedLengthMismatch
    case "too many length or distance symbols": .tooManySymbols
    case "invalid code lengths set": .invalidCodeLengthCode
    case "invalid bit length repeat": .invalidCodeLengthRepeat
    case "invalid code -- missing end-of-block": .missingEndOfBlock
    case "invalid literal/lengths set": .invalidLiteralLengthCode
    case "invalid distances set": .invalidDistanceCode
    case "invalid literal/length code": .invalidLiteralLengthSymbol
    case "invalid distance code": .invalidDistanceSymbol
    case "invalid distance too far back": .distanceTooFar
    case "incorrect header check": .notInFormat
    case "unknown compression method": .unsupportedMethod
    case "unknown header flags set": .reservedFlags
    case "header crc mismatch": .headerChecksumMismatch
    case "incorrect data check": .checksumMismatch
    case "incorrect length check": .lengthMismatch
    case "invalid window size": .invalidWindowSize
    default: nil
    }
  }

  /// The error the library must report for a verdict; nil for a good stream.
  static func kind(_ verdict: Verdict) -> DeflateError.Kind? {
    switch verdict {
    case .accepted: nil
    case .truncated: .truncatedInput
    case .tooLong: .outputFull
    case .needsDictionary: .presetDictionary
    case .rejected(let message): kind(message)
    }
  }

  /// Whether both refuse a stream but may name different reasons.
  ///
  /// - A code for code lengths without any codeword: zlib takes every bit for length 0 and stumbles
  ///   later, over the missing end-of-block or the end of the input.
  /// - A codeword that stands for nothing at the very end of the input: with no codeword at all
  ///   zlib waits for one bit more before it complains.
  /// - A container's header that ends after a first byte which is already wrong, or after a second:
  ///   zlib waits for both, and for the flags along with the method.
  /// - A gzip trailer with a wrong CRC-32 that ends early: we read all eight bytes of it first.
  static func mayDiffer(_ theirs: DeflateError.Kind, _ ours: DeflateError.Kind) -> Bool {
    switch (theirs, ours) {
    case (.missingEndOfBlock, .invalidCodeLengthCode), (.truncatedInput, .invalidCodeLengthCode),
      (.invalidCodeLengthRepeat, .invalidCodeLengthCode),
      (.truncatedInput, .invalidDistanceSymbol), (.checksumMismatch, .truncatedInput),
      (.truncatedInput, .notInFormat), (.truncatedInput, .unsupportedMethod),
      (.truncatedInput, .presetDictionary):
      true
    default: false
    }
  }

  /// Inflates one stream, or all members of a gzip file as gzip does: up to whatever is no member.
  static func inflateAllMembers(
    _ stream: [UInt8], _ format: ContainerFormat, maximumCount: Int
  ) -> Inflated {
    guard format == .gzip || format == .bgzf else {
      return inflate(
        stream, wrapper: format == .raw ? .raw : .zlib, maximumCount: maximumCount)
    }
    var bytes: [UInt8] = []
    var consumed = 0
    while true {
      let rest = Array(stream[consumed...])
      let member = inflate(rest, wrapper: .gzip, maximumCount: maximumCount - bytes.count)
      bytes += member.bytes
      consumed += member.consumed
      let isLast = !stream[consumed...].starts(with: [0x1F, 0x8B])
      if member.verdict != .accepted || isLast {
        return Inflated(verdict: member.verdict, bytes: bytes, consumed: consumed)
      }
    }
  }
}
