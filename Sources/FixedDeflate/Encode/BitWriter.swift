// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Bits -> bytes, least significant bit first (RFC 1951 §3.1.1), with every store checked. The
// specialised encoder has its own writer; this one serves the general path and the containers.

/// Collects bits and appends whole bytes to an output.
struct BitWriter {
  private var bitBuffer: UInt64 = 0
  private var bitCount = 0

  /// Bits waiting for their byte, 0…7.
  var pendingBitCount: Int { bitCount }

  /// Appends the low `count` bits of `bits`, 0…32 of them; all higher bits must be 0.
  mutating func write(
    _ bits: some FixedWidthInteger, count: Int, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    bitBuffer |= UInt64(truncatingIfNeeded: bits) << bitCount
    bitCount += count
    while bitCount >= 8 {
      guard output.freeCapacity > 0 else {
        throw DeflateError(.outputFull, bitPosition: output.capacity * 8)
      }
      output.append(UInt8(truncatingIfNeeded: bitBuffer))
      bitBuffer >>= 8
      bitCount -= 8
    }
  }

  /// Fills the last byte with zero bits.
  mutating func alignToByte(to output: inout OutputRawSpan) throws(DeflateError) {
    try write(0, count: (8 - bitCount % 8) % 8, to: &output)
  }
}
