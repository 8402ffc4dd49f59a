// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// A chunk of one repeated byte (zero pages above all) has a stream that can be written without a search:
// the pair at 0 sees nothing, so two literals; from then on the newest entry is one back and fills the
// window, so (32, 1) over and over, and what is left as one last match or as literals.

import CIAAShim.CPU

/// Whether all bytes are the same.
@inline(never)
func isUniform(_ input: UnsafeRawBufferPointer) -> Bool {
  guard input.count > 64, let p = input.baseAddress else { return false }
  var i = 0
  while i &+ 33 <= input.count {
    // SAFETY: reads bytes i..<i + 33, all inside.
    if unsafe iaa_differ32(p + i, p + i + 1) != 0 { return false }
    i &+= 32
  }
  return unsafe iaa_differ32(p + (input.count - 33), p + (input.count - 32)) == 0
}

/// Bits into a buffer of which no byte past the last one they need is touched.
@safe struct BoundedSink {
  var buffer: UInt64
  var count: UInt64
  var next = 0
  let output: UnsafeMutableRawBufferPointer

  /// At most 56 bits.
  @inline(__always)
  mutating func append(_ bits: UInt64, _ n: UInt64) {
    buffer |= bits &<< count
    count &+= n
    let whole = Int(truncatingIfNeeded: count &>> 3)
    if unsafe output.count &- next >= 8, let base = unsafe output.baseAddress {
      // SAFETY: eight bytes are left.
      unsafe (base + next).storeBytes(of: buffer, as: UInt64.self)
    } else {
      var i = 0
      while i < whole {
        // SAFETY: `write` checked that all whole bytes fit.
        unsafe output[next &+ i] = UInt8(truncatingIfNeeded: buffer &>> UInt64(i &* 8))
        i &+= 1
      }
    }
    next &+= whole
    buffer = whole == 8 ? 0 : buffer &>> (count & 0x38)
    count &= 7
  }
}

/// The tokens of `n` > 64 equal bytes behind `sink`'s bits; false when they do not fit.
@inline(never)
func writeUniform(_ byte: UInt8, _ n: Int, _ sink: inout BoundedSink) -> Bool {
  let literalBits: UInt64 = byte < 144 ? 8 : 9
  let code = UInt64((byte < 144 ? byte &+ 0x30 : byte).bitReversed)
  let literal = literalBits == 8 ? code : code &<< 1 | 1
  let full = (n - 2) / 32, rest = (n - 2) % 32
  // (32, 1): symbol 272 is 7 bits, 0010000, two extra bits 01; distance 1 is five zeros.
  let one: UInt64 = 0b01_0000100, oneBits: UInt64 = 14
  // A last match of 3...31, by RFC 1951 3.2.5.
  let l = UInt64(max(rest, 3) - 3)
  let extra = l < 8 ? 0 : UInt64(61 - l.leadingZeroBitCount)
  let symbol = l < 8 ? l : 4 * extra + (l >> extra)
  let last = UInt64((UInt8(symbol + 1)).bitReversed >> 1) | (l & (1 << extra - 1)) << 7
  let lastBits = 7 + extra + 5
  let tail = rest >= 3 ? lastBits : UInt64(rest) * literalBits
  let bits = sink.count + 2 * literalBits + UInt64(full) * oneBits + tail
  guard unsafe sink.output.count - sink.next >= Int(bits / 8) else { return false }
  sink.append(literal, literalBits)
  sink.append(literal, literalBits)
  let four = one | one << oneBits | one << (2 * oneBits) | one << (3 * oneBits)
  for _ in 0..<(full / 4) { sink.append(four, 4 * oneBits) }
  for _ in 0..<(full % 4) { sink.append(one, oneBits) }
  if rest >= 3 {
    sink.append(last, lastBits)
  } else {
    for _ in 0..<rest { sink.append(literal, literalBits) }
  }
  return true
}

extension UInt8 {
  fileprivate var bitReversed: UInt8 {
    var v = self
    v = v >> 4 | v << 4
    v = (v & 0xcc) >> 2 | (v & 0x33) << 2
    return (v & 0xaa) >> 1 | (v & 0x55) << 1
  }
}
