// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// 3 bytes -> bucket, the device's way (rule 2): the remainder of a 24-bit polynomial over GF(2).
// Being linear, the hash and the three bytes' upper bits together identify the bytes exactly.

/// A hash of three bytes: their 24-bit little-endian value modulo a polynomial over GF(2).
public struct PolynomialHash: Sendable, Hashable {
  /// The polynomial, bit *i* being the coefficient of xⁱ; x¹⁰+x³+1 is `0x409`.
  public let polynomial: UInt32

  /// The polynomial's degree: the hash has this many bits.
  package var bits: Int { UInt32.bitWidth - 1 - polynomial.leadingZeroBitCount }

  /// The number of buckets, two to the power of ``bits``.
  package var bucketCount: Int { 1 << bits }

  /// Creates the hash of a polynomial.
  ///
  /// - Parameter polynomial: Bit *i* is the coefficient of xⁱ; its degree is 1…16, traps otherwise.
  public init(polynomial: UInt32) {
    precondition((2..<0x2_0000).contains(polynomial), "polynomial degree outside 1...16")
    self.polynomial = polynomial
  }

  /// The bucket of three bytes.
  ///
  /// - Complexity: O(1), one step a bit: plain, as the general path may be.
  func bucket(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Int {
    var remainder = UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16
    let degree = bits
    for bit in stride(from: 23, through: degree, by: -1) where remainder & (1 << bit) != 0 {
      remainder ^= polynomial << (bit - degree)
    }
    return Int(remainder)
  }
}
