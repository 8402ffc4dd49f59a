// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fixed code of RFC 1951 §3.2.6, derived from its code lengths by the canonical rule of
// §3.2.2. The encoder's tables, the decoder's fixed blocks and the device's compression state all
// come from here.

/// A codeword: its bits as the RFC draws them (most significant first) and its length.
package struct Codeword: Sendable, Hashable {
  /// The code, most significant bit first, in the low ``length`` bits.
  package let code: UInt16
  /// The number of bits, 1…15; 0 means the symbol has no codeword.
  package let length: UInt8

  package init(code: UInt16, length: UInt8) {
    self.code = code
    self.length = length
  }

  /// The bits in the order they enter the stream: DEFLATE packs Huffman codes from their most
  /// significant bit on, into bytes from their least significant bit on (RFC 1951 §3.1.1).
  package var streamBits: UInt16 {
    guard length > 0 else { return 0 }
    var reversed: UInt16 = 0
    for bit in 0..<length where code & (1 << bit) != 0 {
      reversed |= 1 << (length - 1 - bit)
    }
    return reversed
  }
}

/// The fixed literal/length and distance codes.
package enum FixedCode {
  /// Code lengths of literal/length symbols 0…287 (RFC 1951 §3.2.6).
  package static let literalLengthLengths: [UInt8] =
    [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
    + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8)

  /// Code lengths of distance symbols 0…31 (RFC 1951 §3.2.6).
  package static let distanceLengths = [UInt8](repeating: 5, count: 32)

  /// Codewords of literal/length symbols 0…287.
  package static let literalLength = canonicalCodewords(lengths: literalLengthLengths)

  /// Bits of the longest codeword of a literal, and of end-of-block's.
  static let longestLiteral = 9
  static let endOfBlockBits = 7

  /// Codewords of distance symbols 0…31.
  package static let distance = canonicalCodewords(lengths: distanceLengths)
}

/// Assigns codewords to symbols by their code lengths (RFC 1951 §3.2.2): one length a symbol,
/// 0…15; 0 leaves the symbol without a codeword.
func canonicalCodewords(lengths: [UInt8]) -> [Codeword] {
  var next = [UInt16](repeating: 0, count: 17)
  for length in lengths where length > 0 { next[Int(length) + 1] += 1 }
  for length in 1...15 { next[length + 1] = (next[length] + next[length + 1]) << 1 }
  return lengths.map { length in
    guard length > 0 else { return Codeword(code: 0, length: 0) }
    defer { next[Int(length)] += 1 }
    return Codeword(code: next[Int(length)], length: length)
  }
}
