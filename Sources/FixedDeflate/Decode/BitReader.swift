// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Bytes -> bits, least significant bit first (RFC 1951 §3.1.1). Bits are looked at before they are
// taken, so an element that the input cuts short is simply tried again when more has come.

/// The bits of an input that arrives in pieces.
struct BitReader {
  /// Bits read from the input and not taken yet; those above `bitCount` are 0.
  var bitBuffer: UInt64 = 0
  var bitCount = 0
  /// The next byte of the current piece.
  var nextByte = 0
  /// Bits taken since the stream began.
  var position = 0

  /// The most bits `has` may be asked for.
  static let maximumCount = 56

  /// Whether `count` bits are there, once the input has given what it can.
  @inline(__always)
  mutating func has(_ count: Int, in input: RawSpan) -> Bool {
    while bitCount < count {
      guard nextByte < input.byteCount else { return false }
      bitBuffer |= UInt64(input.byte(at: nextByte)) << bitCount
      nextByte += 1
      bitCount += 8
    }
    return true
  }

  /// `count` bits behind the first `offset` ones, which must be there.
  @inline(__always)
  func peek(_ count: Int, at offset: Int = 0) -> Int {
    assert(offset + count <= bitCount, "bits looked at before they are there")
    return Int(truncatingIfNeeded: bitBuffer >> offset & (1 << count - 1))
  }

  /// Takes `count` bits that are there.
  @inline(__always)
  mutating func take(_ count: Int) {
    assert(count <= bitCount, "bits taken before they are there")
    bitBuffer >>= count
    bitCount -= count
    position += count
  }

  /// Goes to a bit of the current piece; `position` is the caller's to set.
  mutating func move(to bit: Int, in input: RawSpan) {
    nextByte = bit >> 3
    bitBuffer = 0
    bitCount = 0
    guard bit & 7 > 0, has(8, in: input) else { return }
    bitBuffer >>= UInt64(bit & 7)
    bitCount -= bit & 7
  }

  /// Bits to the next byte boundary of the stream.
  var bitsToByteBoundary: Int { (8 - position % 8) % 8 }
}
