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

extension BitWriter {
  /// Appends the tokens of `n` > 64 equal bytes.
  @inline(never)
  mutating func writeUniform(
    _ byte: UInt8, _ n: Int, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    let codeword = FixedCode.literalLength[Int(byte)]
    let (literal, literalBits) = (codeword.streamBits, Int(codeword.length))
    let window = MatchProfile.iaaV1.compareWindow
    let (full, rest) = (n - 2).quotientAndRemainder(dividingBy: window)
    try write(literal, count: literalBits, to: &output)
    try write(literal, count: literalBits, to: &output)
    let (one, oneBits) = repeatCode(length: window)
    let four = one | one << oneBits | one << (2 * oneBits) | one << (3 * oneBits)
    for _ in 0..<(full / 4) { try write(four, count: 4 * oneBits, to: &output) }
    for _ in 0..<(full % 4) { try write(one, count: oneBits, to: &output) }
    if rest >= MatchProfile.iaaV1.minimumMatchLength {
      let (last, lastBits) = repeatCode(length: rest)
      try write(last, count: lastBits, to: &output)
    } else {
      for _ in 0..<rest { try write(literal, count: literalBits, to: &output) }
    }
  }
}

/// The bits of a match one byte back, and how many they are.
private func repeatCode(length: Int) -> (bits: UInt64, count: Int) {
  let symbol = LengthAlphabet.symbol(forLength: length)
  let codeword = FixedCode.literalLength[symbol.symbol]
  let distance = FixedCode.distance[DistanceAlphabet.symbol(forDistance: 1).symbol]
  let extraStart = Int(codeword.length)
  let distanceStart = extraStart + symbol.extraBits
  return (
    UInt64(codeword.streamBits) | UInt64(symbol.extraValue) << extraStart
      | UInt64(distance.streamBits) << distanceStart,
    distanceStart + Int(distance.length)
  )
}
