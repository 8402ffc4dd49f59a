// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Lookup tables of the fixed code (RFC 1951 §3.2.6) for the lane loop. The rows of 16 bytes are one shuffle each:
//
//   reversed[2]    a half byte's bits turned round, as the upper half and as the lower
//   lengths        by a length's codeword of seven bits, modulo 16: its base, how many bits stand before the
//                  distance's codeword, and the mask of its extra bits
//   distances      by the first four bits of a distance's codeword: its extra bits, and 2 unless they are zeros
//   numbers        last codewords of seven bits, and of lengths with eight, by their first eight bits; the first
//                  of literals with eight
//   orders[8 bits] the places of the ones, from the lowest on
//   patterns       bytes of a match that far back, 0...32, picked from the 32 before it by two shuffles
//   masks          32 bytes of zeros and 32 of ones: from as many before the ones as a match is long, what is behind it
//   steps[13 bits] bits of the whole token. What the loop does not take goes on by as many as its codeword has, or
//                  more: only a lane that started between two tokens goes on behind it.

@safe struct LaneTables: @unchecked Sendable {
  /// Byte offsets, also known to Lanes.h.
  static let lengths = 32
  static let distances = 80
  static let numbers = 128
  static let orders = 256
  static let patterns = orders + 256 * 8
  static let masks = patterns + 33 * 64
  static let steps = masks + 64
  static let byteCount = steps + 1 << FixedTables.advanceBits

  // SAFETY of `@unchecked Sendable`: nobody writes the memory after `init`, and it is never freed.
  let base: UnsafeRawPointer

  static let shared = LaneTables()

  private init() {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.byteCount, alignment: 64)
    // SAFETY: every index below is masked to its table, or counts to its size.
    let bytes = unsafe memory.initializeMemory(
      as: UInt8.self, repeating: 0, count: Self.byteCount)
    for half in 0..<16 {
      let reversed = (0..<4).reduce(0) { $0 | (half >> $1 & 1) << (3 - $1) }
      unsafe bytes[half] = UInt8(reversed << 4)
      unsafe bytes[16 + half] = UInt8(reversed)
    }
    for symbol in LengthAlphabet.validSymbols {
      let codeword = FixedCode.literalLength[symbol]
      let base = LengthAlphabet.base(ofSymbol: symbol)
      guard codeword.length == 7, base.length <= MatchProfile.iaaV1.compareWindow else { continue }
      let at = Self.lengths + Int(codeword.code) % 16
      unsafe bytes[at] = UInt8(base.length)
      unsafe bytes[at + 16] = UInt8(7 + base.extraBits)
      unsafe bytes[at + 32] = UInt8(1 << base.extraBits - 1)
    }
    for symbol in stride(from: 0, to: 32, by: 2) {
      // Symbols 2k and 2k + 1 have as many extra bits; only the fifth bit tells them apart. The last two, which
      // no stream has, come out as too far.
      let at = Self.distances + Int(FixedCode.distance[symbol].streamBits) & 15
      let isValid = DistanceAlphabet.validSymbols.contains(symbol)
      unsafe bytes[at] = isValid ? UInt8(DistanceAlphabet.base(ofSymbol: symbol).extraBits) : 14
      unsafe bytes[at + 16] = symbol < 2 ? 0 : 2
    }
    let numbers = [
      FixedCode.literalLength[0].code - 1, FixedCode.literalLength[287].code,
      FixedCode.literalLength[0].code,
    ]
    for (index, number) in numbers.enumerated() {
      unsafe memory.storeBytes(
        of: UInt32(number), toByteOffset: Self.numbers + 4 * index, as: UInt32.self)
    }
    for mask in 0..<256 {
      for (rank, place) in (0..<8).filter({ mask >> $0 & 1 == 1 }).enumerated() {
        unsafe bytes[Self.orders + 8 * mask + rank] = UInt8(place)
      }
    }
    for distance in 1...32 {
      for index in 0..<32 {
        let from = 32 - distance + index % distance
        let at = Self.patterns + 64 * distance + index
        unsafe bytes[at] = from < 16 ? UInt8(from) : 0x80
        unsafe bytes[at + 32] = from < 16 ? 0x80 : UInt8(from - 16)
      }
    }
    for index in 32..<64 { unsafe bytes[Self.masks + index] = 0xFF }
    for index in 0..<(1 << FixedTables.advanceBits) {
      // SAFETY: the advances are the first table of FixedTables.
      let whole = unsafe FixedTables.near.base.load(fromByteOffset: index, as: UInt8.self)
      let least = UInt8(LaneLayout.leastBits)
      unsafe bytes[Self.steps + index] = whole > 0 ? whole : index & 127 == 0 ? least : 12
    }
    unsafe base = UnsafeRawPointer(memory)
  }
}
