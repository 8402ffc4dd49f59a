// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Adler-32 (RFC 1950 §9), what a zlib stream ends with.

/// Adler-32: two sums modulo 65521.
public struct Adler32: Sendable, Hashable {
  private var low: UInt32 = 1
  private var high: UInt32 = 0

  /// The largest prime below 2^16 (RFC 1950 §8.2).
  private static let modulus: UInt32 = 65_521
  /// The most bytes whose sums stay below 2^32 without a reduction: 255·n(n+1)/2 + (n+1)(65520)
  /// < 2^32.
  private static let bytesPerReduction = 5552

  /// The checksum of no bytes yet.
  public init() {}

  /// The checksum of all bytes so far.
  public var value: UInt32 { high << 16 | low }

  /// Takes in more bytes.
  ///
  /// - Parameter bytes: Any number of bytes.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func update(_ bytes: RawSpan) {
    var offset = 0
    while offset < bytes.byteCount {
      let end = min(offset + Self.bytesPerReduction, bytes.byteCount)
      // Wrapping: `bytesPerReduction` keeps the sums below 2^32.
      while offset < end {
        low &+= UInt32(bytes.byte(at: offset))
        high &+= low
        offset &+= 1
      }
      low %= Self.modulus
      high %= Self.modulus
    }
  }

  /// The checksum of these bytes followed by others.
  ///
  /// - Parameters:
  ///   - other: The checksum of the bytes behind.
  ///   - count: How many those are, 0 or more.
  /// - Returns: The checksum of both.
  /// - Complexity: O(1).
  public func combined(with other: Adler32, count: Int) -> Adler32 {
    precondition(count >= 0, "negative count")
    var result = Adler32()
    // Every byte behind adds this low sum once more to the high one; each sum started at 1.
    let before = low + Self.modulus - 1
    let repeated = UInt64(before % Self.modulus) * UInt64(count % Int(Self.modulus))
    result.low = (before + other.low) % Self.modulus
    result.high = UInt32((UInt64(high) + UInt64(other.high) + repeated) % UInt64(Self.modulus))
    return result
  }
}
