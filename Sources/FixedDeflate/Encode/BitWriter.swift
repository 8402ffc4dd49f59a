// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Bits -> bytes, least significant bit first (RFC 1951 §3.1.1), with every store checked. It writes everything but
// the inside of the fast encoder's blocks, which has a writer without checks (UnsafeBitWriter).

/// Collects bits and appends whole bytes to an output.
struct BitWriter {
  /// Bits that wait for their byte, the next one lowest; those above `bitCount` are 0.
  private(set) var bitBuffer: UInt64
  private(set) var bitCount: Int

  /// Starts with bits that another writer left, 0…63 of them; all higher bits must be 0.
  init(bitBuffer: UInt64 = 0, bitCount: Int = 0) {
    self.bitBuffer = bitBuffer
    self.bitCount = bitCount
  }

  /// Appends the low `count` bits of `bits`, 0…56 of them; all higher bits must be 0. Bytes go to the output eight
  /// at a time; room is asked for as soon as there are bits for them.
  @inline(__always)
  mutating func write(
    _ bits: some FixedWidthInteger, count: Int, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    let bits = UInt64(truncatingIfNeeded: bits)
    bitBuffer |= bits &<< UInt64(truncatingIfNeeded: bitCount)
    guard output.freeCapacity >= (bitCount + count) / 8 else {
      throw DeflateError(.outputFull, bitPosition: output.capacity * 8)
    }
    bitCount += count
    if bitCount >= 64 {
      output.append(littleEndian: bitBuffer)
      bitCount -= 64
      // Less than `count` bits are left, so the shift is 1...56.
      bitBuffer = bits &>> UInt64(truncatingIfNeeded: count - bitCount)
    }
  }

  /// Appends the whole bytes among the waiting bits; 0…7 bits are left.
  mutating func flush(to output: inout OutputRawSpan) throws(DeflateError) {
    guard output.freeCapacity >= bitCount / 8 else {
      throw DeflateError(.outputFull, bitPosition: output.capacity * 8)
    }
    while bitCount >= 8 {
      output.append(UInt8(truncatingIfNeeded: bitBuffer))
      bitBuffer >>= 8
      bitCount -= 8
    }
  }

  /// Fills the last byte with zero bits and appends all that waits.
  mutating func alignToByte(to output: inout OutputRawSpan) throws(DeflateError) {
    bitCount = (bitCount + 7) & ~7
    try flush(to: &output)
  }
}
