// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The checksums a device computes on the uncompressed side of every job.

import FixedDeflate
import IAADevices
import IAAOffload

/// CRC-32 of both polynomials, and the XOR of 16-bit words.
enum DeviceChecksum {
  /// The reflected polynomial of RFC 3720.
  private static let polynomial32C: UInt32 = 0x82F6_3B78
  /// The reflected polynomial of RFC 1952.
  private static let polynomial: UInt32 = 0xEDB8_8320

  /// - Parameters:
  ///   - bytes: What to sum up.
  ///   - initial: The CRC of what came before; 0 at the start.
  ///   - uses32C: Whether the polynomial is RFC 3720's.
  /// - Returns: The CRC, in a form that can be the next one's initial value.
  static func crc(_ bytes: Span<UInt8>, initial: UInt32, uses32C: Bool) -> UInt32 {
    guard uses32C || initial != 0 else {
      var crc = CRC32()
      // SAFETY: bytes have no padding.
      crc.update(unsafe bytes.bytes)
      return crc.value
    }
    let polynomial = uses32C ? polynomial32C : polynomial
    var state = ~initial
    for index in bytes.indices {
      state ^= UInt32(bytes[index])
      for _ in 0..<8 { state = state >> 1 ^ (state & 1 == 1 ? polynomial : 0) }
    }
    return ~state
  }

  /// The XOR of little-endian words; an odd last byte counts as a word with a high byte of 0.
  static func xor(_ bytes: Span<UInt8>) -> UInt16 {
    var low: UInt8 = 0
    var high: UInt8 = 0
    var index = 0
    while index + 1 < bytes.count {
      low ^= bytes[index]
      high ^= bytes[index + 1]
      index += 2
    }
    if index < bytes.count { low ^= bytes[index] }
    return UInt16(high) << 8 | UInt16(low)
  }
}
