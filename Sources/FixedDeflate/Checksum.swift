// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// CRC-32 (RFC 1952 §8) and Adler-32 (RFC 1950 §9).

/// CRC-32 as gzip uses it: polynomial 0xEDB88320 (reflected), initial value and final xor all ones.
public struct CRC32: Sendable, Hashable {
  private var state: UInt32 = 0xFFFF_FFFF

  /// The checksum of no bytes yet.
  public init() {}

  /// The checksum of all bytes so far.
  public var value: UInt32 { ~state }

  /// Takes in more bytes.
  ///
  /// - Complexity: O(*n*) in the bytes, eight a step.
  public mutating func update(_ bytes: RawSpan) {
    let tables = Self.tables
    var offset = 0
    var state = state
    while bytes.byteCount - offset >= 8 {
      // SAFETY: eight bytes are left, checked above; `unsafeLoadUnaligned` checks again.
      let word = UInt64(
        littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let mixed = word ^ UInt64(state)
      state = 0
      for index in 0..<8 {
        state ^= tables[(7 - index) << 8 | Int(mixed >> (8 * index) & 0xFF)]
      }
      offset += 8
    }
    while offset < bytes.byteCount {
      state = tables[Int(UInt8(truncatingIfNeeded: state) ^ bytes.byte(at: offset))] ^ state >> 8
      offset += 1
    }
    self.state = state
  }

  /// Table *k*, 256 entries at 256 *k*: the checksum of a byte with *k* zero bytes behind it.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      tables[byte] = (0..<8).reduce(UInt32(byte)) { crc, _ in
        crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0)
      }
    }
    for index in 256..<tables.count {
      let previous = tables[index - 256]
      tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
    }
    return tables
  }()
}

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
}
