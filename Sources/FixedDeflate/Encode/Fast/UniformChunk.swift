// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// A chunk of one repeated byte (zero pages above all) has a stream that can be written without a search:
// the pair at 0 sees nothing, so two literals; from then on the newest entry is one back and fills the
// window, so (32, 1) over and over, and what is left as one last match or as literals.

import CDeflateKernels

/// Whether all bytes are the same.
@inline(never)
func isUniform(_ input: UnsafeRawBufferPointer) -> Bool {
  guard input.count > 64, let p = input.baseAddress else { return false }
  var i = 0
  while i &+ 33 <= input.count {
    // SAFETY: reads bytes i..<i + 33, all inside.
    if unsafe dk_differ32(p + i, p + i + 1) != 0 { return false }
    i &+= 32
  }
  return unsafe dk_differ32(p + (input.count - 33), p + (input.count - 32)) == 0
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
  let codeword = FixedCode.literalLength[Int(byte)]
  let (literal, literalBits) = (UInt64(codeword.streamBits), UInt64(codeword.length))
  let full = (n - 2) / 32, rest = (n - 2) % 32
  let (one, oneBits) = repeatCode(length: 32)
  let (last, lastBits) = repeatCode(length: max(rest, 3))
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

/// The bits of a match one byte back, and how many they are.
private func repeatCode(length: Int) -> (bits: UInt64, count: UInt64) {
  let symbol = LengthAlphabet.symbol(forLength: length)
  let codeword = FixedCode.literalLength[symbol.symbol]
  let distance = FixedCode.distance[DistanceAlphabet.symbol(forDistance: 1).symbol]
  let extraStart = UInt64(codeword.length)
  let distanceStart = extraStart + UInt64(symbol.extraBits)
  return (
    UInt64(codeword.streamBits) | UInt64(symbol.extraValue) << extraStart
      | UInt64(distance.streamBits) << distanceStart,
    distanceStart + UInt64(distance.length)
  )
}
