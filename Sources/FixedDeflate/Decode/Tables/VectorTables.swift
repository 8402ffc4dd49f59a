// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Lookup tables of the fixed code (RFC 1951 §3.2.6) for the vector loop, where a table is a register or two:
//
//   first[7 bits]      bits of the token: a literal's 8 or 9; a match's, less the distance's extra bits, and
//                      bit 7; 0 for what the loop does not take
//   extra[6 bits]      of which the first four tell a distance's extra bits; bit 7 if it is at most 4096
//   lengths[7-bit code, modulo 16]  base | bits to the distance << 8 | mask of the extra bits << 16
//   distances[5 bits]  base | mask of the extra bits << 16
//   numbers            least codeword of a literal, of nine bits less the last; what to subtract for the byte
//   patterns[0...32]   bytes of a match that far back, picked from the 32 before it; 32: all of them

@safe struct VectorTables: @unchecked Sendable {
  /// Byte offsets, also known to Decode.h.
  static let extra = 128
  static let lengths = 192
  static let distances = 256
  static let numbers = 384
  static let patterns = 448
  static let byteCount = patterns + 33 * 32
  /// The last pattern, counted from the first.
  static let wholePattern = 32 * 32

  // SAFETY of `@unchecked Sendable`: nobody writes the memory after `init`, and it is never freed.
  let base: UnsafeRawPointer

  static let shared = VectorTables()

  private init() {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.byteCount, alignment: 64)
    // SAFETY: every index below is masked to its table, or counts to its size.
    let bytes = unsafe memory.initializeMemory(
      as: UInt8.self, repeating: 0, count: Self.byteCount)
    for (symbol, codeword) in FixedCode.literalLength.enumerated() {
      let index = Int(codeword.streamBits) & 127
      if symbol < LengthAlphabet.endOfBlock {
        unsafe bytes[index] = codeword.length
      } else if LengthAlphabet.validSymbols.contains(symbol), codeword.length == 7 {
        let base = LengthAlphabet.base(ofSymbol: symbol)
        guard base.length <= MatchProfile.iaaV1.compareWindow else { continue }
        let distanceStart = 7 + base.extraBits
        unsafe bytes[index] = UInt8(0x80 | distanceStart + 5)
        unsafe memory.storeBytes(
          of: UInt32(base.length | distanceStart << 8 | (1 << base.extraBits - 1) << 16),
          toByteOffset: Self.lengths + 4 * (Int(codeword.code) % 16), as: UInt32.self)
      }
    }
    for symbol in DistanceAlphabet.validSymbols {
      let base = DistanceAlphabet.base(ofSymbol: symbol)
      guard base.distance <= MatchProfile.iaaV1.historySize else { continue }
      let bits = Int(FixedCode.distance[symbol].streamBits)
      unsafe memory.storeBytes(
        of: UInt32(base.distance | (1 << base.extraBits - 1) << 16),
        toByteOffset: Self.distances + 4 * bits, as: UInt32.self)
      // Symbols 2k and 2k + 1 have as many extra bits; only the fifth bit tells them apart.
      for high in 0..<4 {
        unsafe bytes[Self.extra + bits & 15 | high << 4] = UInt8(0x80 + base.extraBits)
      }
    }
    let eight = UInt32(FixedCode.literalLength[0].code)
    let nine = UInt32(FixedCode.literalLength[144].code)
    for (index, number) in [eight, nine / 2, eight, nine - 144].enumerated() {
      unsafe memory.storeBytes(
        of: number, toByteOffset: Self.numbers + 4 * index, as: UInt32.self)
    }
    for distance in 1...32 {
      for index in 0..<32 {
        unsafe bytes[Self.patterns + 32 * distance + index] =
          UInt8(32 - distance + index % distance)
      }
    }
    unsafe base = UnsafeRawPointer(memory)
  }
}
