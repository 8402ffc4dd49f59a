// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// A chunk of one repeated byte (zero pages above all) has a stream that can be written without a search:
// the pair at 0 sees nothing, so two literals; from then on the newest entry is one back and fills the
// window, so (32, 1) over and over, and what is left as one last match or as literals. Where of two equal hashes in a
// pair only the first is inserted, it is two back.

import CDeflateKernels

/// The byte that a chunk of more than 64 bytes repeats; nil where they are fewer, or not all the same.
@inline(__always)
func uniformByte(of input: RawSpan) -> UInt8? {
  // SAFETY: `isUniform` reads within the input.
  unsafe input.withUnsafeBytes({ unsafe isUniform($0) }) ? input.byte(at: 0) : nil
}

/// Whether all bytes are the same.
@inline(never)
private func isUniform(_ input: UnsafeRawBufferPointer) -> Bool {
  guard input.count > 64, let p = input.baseAddress else { return false }
  var i = 0
  while i &+ 33 <= input.count {
    // SAFETY: reads bytes i..<i + 33, all inside.
    if unsafe dk_differ32(p + i, p + i + 1) != 0 { return false }
    i &+= 32
  }
  return unsafe dk_differ32(p + (input.count - 33), p + (input.count - 32)) == 0
}

/// The tokens of `n` > 64 equal bytes behind their two literals: so many matches of the window's length, and a shorter
/// one or as many literals as there are bytes left.
private func uniformMatches(_ n: Int) -> (full: Int, rest: Int) {
  let window = MatchProfile.iaaV1.compareWindow
  return ((n - 2) / window, (n - 2) % window)
}

/// Whether what is left of equal bytes is a match.
private func isMatch(rest: Int) -> Bool { rest >= MatchProfile.iaaV1.minimumMatchLength }

/// The bits of the tokens of `n` > 64 equal bytes in the fixed code, at either distance.
func uniformBitCount(_ byte: UInt8, _ n: Int) -> Int {
  func matchBits(_ length: Int) -> Int { repeatCode(length: length, distance: 1).count }
  let literal = Int(FixedCode.literalLength[Int(byte)].length)
  let (full, rest) = uniformMatches(n)
  return 2 * literal + full * matchBits(MatchProfile.iaaV1.compareWindow)
    + (isMatch(rest: rest) ? matchBits(rest) : rest * literal)
}

/// Lists the matches of `n` > 64 equal bytes, which go 1 or 2 back; returns how many there are, and where the last one ends.
///
/// SAFETY: the list has room for a third as many matches as there are bytes.
func collectUniform(
  _ n: Int, distance: UInt16, into list: UnsafeMutablePointer<ChunkMatch>
) -> (count: Int, end: Int) {
  let (full, rest) = uniformMatches(n)
  for index in 0..<full {
    unsafe list[index] = ChunkMatch(
      literals: index == 0 ? 2 : 0, length: UInt16(MatchProfile.iaaV1.compareWindow),
      distance: distance)
  }
  guard isMatch(rest: rest) else { return (full, n - rest) }
  unsafe list[full] = ChunkMatch(literals: 0, length: UInt16(rest), distance: distance)
  return (full + 1, n)
}

extension BitWriter {
  /// Appends the tokens of `n` > 64 equal bytes, whose matches go 1 or 2 back.
  @inline(never)
  mutating func writeUniform(
    _ byte: UInt8, _ n: Int, distance: Int, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    let codeword = FixedCode.literalLength[Int(byte)]
    let (literal, literalBits) = (codeword.streamBits, Int(codeword.length))
    let (full, rest) = uniformMatches(n)
    try write(literal, count: literalBits, to: &output)
    try write(literal, count: literalBits, to: &output)
    let (one, oneBits) = repeatCode(length: MatchProfile.iaaV1.compareWindow, distance: distance)
    let four = one | one << oneBits | one << (2 * oneBits) | one << (3 * oneBits)
    try writeRepeatedly(four, byteCount: 4 * oneBits / 8, times: full / 4, to: &output)
    for _ in 0..<(full % 4) { try write(one, count: oneBits, to: &output) }
    if isMatch(rest: rest) {
      let (last, lastBits) = repeatCode(length: rest, distance: distance)
      try write(last, count: lastBits, to: &output)
    } else {
      for _ in 0..<rest { try write(literal, count: literalBits, to: &output) }
    }
  }
}

extension BitWriter {
  /// Appends a group of bits that fills 4…7 bytes so many times, with room asked for once.
  private mutating func writeRepeatedly(
    _ group: UInt64, byteCount: Int, times: Int, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    precondition(4...7 ~= byteCount, "two groups fill a store and one does not")
    guard times > 0 else { return }
    try flush(to: &output)
    let (shift, groupBits) = (UInt64(bitCount), UInt64(8 * byteCount))
    let rest = group &>> (groupBits - shift)
    guard output.freeCapacity >= byteCount * times else {
      throw DeflateError(.outputFull, bitPosition: output.capacity * 8)
    }
    // All but the last by stores of eight bytes, which reach into the next group's.
    if times > 1 {
      var waiting = bitBuffer
      unsafe output.withUnsafeMutableBytes { buffer, count in
        guard let base = buffer.baseAddress else { return }
        for _ in 1..<times {
          // SAFETY: this group and the next one fit, checked above, and have eight bytes or more.
          unsafe (base + count).storeBytes(
            of: (waiting | group &<< shift).littleEndian, as: UInt64.self)
          waiting = rest
          count &+= byteCount
        }
      }
      self = BitWriter(bitBuffer: waiting, bitCount: bitCount)
    }
    try write(group, count: 8 * byteCount, to: &output)
  }
}

/// The bits of a match 1 to 4 bytes back, which needs no extra bits for that, and how many they are.
private func repeatCode(length: Int, distance: Int) -> (bits: UInt64, count: Int) {
  let symbol = LengthAlphabet.symbol(forLength: length)
  let codeword = FixedCode.literalLength[symbol.symbol]
  let distance = FixedCode.distance[DistanceAlphabet.symbol(forDistance: distance).symbol]
  let extraStart = Int(codeword.length)
  let distanceStart = extraStart + symbol.extraBits
  return (
    UInt64(codeword.streamBits) | UInt64(symbol.extraValue) << extraStart
      | UInt64(distance.streamBits) << distanceStart,
    distanceStart + Int(distance.length)
  )
}
