// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// CRC-32 (RFC 1952 §8). Whole blocks of 256 and of 64 bytes go through carry-less multiplication where the
// processor has it; the rest, and other processors, take eight bytes a step by table.

/// CRC-32 as gzip uses it: polynomial 0xEDB88320 (reflected), initial value and final xor all ones.
public struct CRC32: Sendable, Hashable {
  private var state: UInt32 = 0xFFFF_FFFF

  /// The checksum of no bytes yet.
  public init() {}

  /// The checksum of all bytes so far.
  public var value: UInt32 { ~state }

  /// Takes in more bytes.
  ///
  /// - Parameter bytes: Any number of bytes.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func update(_ bytes: RawSpan) {
    var offset = 0
    #if arch(x86_64)
      for folding in CRC32Folding.current { offset = fold(bytes, from: offset, by: folding) }
    #endif
    updateByTable(bytes, from: offset)
  }

  #if arch(x86_64)
    /// Takes in whole blocks; returns where they end.
    mutating func fold(_ bytes: RawSpan, from start: Int, by folding: CRC32Folding) -> Int {
      let blocks = (bytes.byteCount - start) / folding.blockSize
      guard blocks > 0 else { return start }
      let end = start + blocks * folding.blockSize
      state = folding.fold(bytes.extracting(start..<end), into: state)
      return end
    }
  #endif

  mutating func updateByTable(_ bytes: RawSpan, from start: Int = 0) {
    let tables = Self.tables
    var offset = start
    var state = state
    while bytes.byteCount - offset >= 8 {
      let mixed = bytes.littleEndianDoubleWord(at: offset) ^ UInt64(state)
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

  /// The checksum of these bytes followed by others.
  ///
  /// - Parameters:
  ///   - other: The checksum of the bytes behind.
  ///   - count: How many those are, 0 or more.
  /// - Returns: The checksum of both.
  /// - Complexity: O(log *count*).
  public func combined(with other: CRC32, count: Int) -> CRC32 {
    precondition(count >= 0, "negative count")
    var result = CRC32()
    // A zero byte behind multiplies by x^8; the initial and final all-ones cancel out.
    result.state = ~(Self.multiply(value, Self.shift(byteCount: UInt64(count))) ^ other.value)
    return result
  }

  /// x^8 to the power of `byteCount`, modulo the polynomial; bit 31 is the coefficient of 1.
  private static func shift(byteCount: UInt64) -> UInt32 {
    var result: UInt32 = 1 << 31
    var rest = byteCount
    while rest > 0 {
      result = multiply(result, powers[rest.trailingZeroBitCount])
      rest &= rest - 1
    }
    return result
  }

  /// x^8 to the power of 2^*k*, at *k*.
  private static let powers: [UInt32] = {
    var powers: [UInt32] = [1 << (31 - 8)]
    while powers.count < UInt64.bitWidth {
      powers.append(multiply(powers[powers.count - 1], powers[powers.count - 1]))
    }
    return powers
  }()

  /// The product of two polynomials, modulo the CRC's. Without branches: which bits are set is chance.
  private static func multiply(_ left: UInt32, _ right: UInt32) -> UInt32 {
    var product: UInt32 = 0
    var (term, bits) = (right, left)
    while bits != 0 {
      product ^= term & (0 &- (bits >> 31))
      term = term >> 1 ^ (polynomial & (0 &- (term & 1)))
      bits <<= 1
    }
    return product
  }

  /// The generator, bit-reversed (RFC 1952 §8).
  private static let polynomial: UInt32 = 0xEDB8_8320

  /// Table *k*, 256 entries at 256 *k*: the checksum of a byte with *k* zero bytes behind it.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      tables[byte] = (0..<8).reduce(UInt32(byte)) { crc, _ in
        crc >> 1 ^ (crc & 1 == 1 ? polynomial : 0)
      }
    }
    for index in 256..<tables.count {
      let previous = tables[index - 256]
      tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
    }
    return tables
  }()
}
