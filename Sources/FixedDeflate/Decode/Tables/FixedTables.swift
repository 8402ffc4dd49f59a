// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Lookup tables of the fixed code (RFC 1951 §3.2.6) for the hot loops, derived from the code
// lengths and the length and distance rules. 11 KiB; made once, kept for the process, all in one block.
//
//   leading[9 bits]   bits 0...3 code bits of a literal, 0 for anything else; 8...15 the literal
//   symbols[9 bits]   bits 0...5 code and extra bits, 8...13 bytes produced (literal 1, match
//                     3...32), 16...23 literal, bit 26 "leave the loop", 27...31 all set: match
//   distances[5 bits] bits 0...5 extra bits, 8...23 base, bit 26 "leave the loop"
//   advance[13 bits]  bits of the whole token, 0 where `symbols` says leave. 13 bits reach the
//                     last distance bit but one, and that one does not change the extra bits.

@safe struct FixedTables: @unchecked Sendable {
  static let advanceBits = 13
  static let leaveFlag: UInt32 = 1 &<< 26
  static let matchFlag: UInt32 = 31 &<< 27
  /// Byte offsets of the tables: one base register serves all of them.
  static let symbolsOffset = 8192
  static let leadingOffset = 8192 + 2048
  static let distancesOffset = 8192 + 2048 + 1024
  static let byteCount = 8192 + 2048 + 1024 + 128

  let base: UnsafeRawPointer

  /// For distances of at most 4096, and of at most 32,768.
  static let near = FixedTables(maximumDistance: DistanceLimit.iaa.maximumDistance)
  static let far = FixedTables(maximumDistance: DistanceLimit.rfc1951.maximumDistance)

  /// The tables for distances up to a decoder's limit.
  static func upTo(_ distanceLimit: Int) -> FixedTables {
    distanceLimit <= DistanceLimit.iaa.maximumDistance ? near : far
  }

  private init(maximumDistance: Int) {
    let lastSymbol = DistanceAlphabet.symbol(forDistance: maximumDistance).symbol
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.byteCount, alignment: 64)
    // SAFETY: the four tables fill the allocation; every index below is masked or bounded.
    let advance = unsafe memory.initializeMemory(
      as: UInt8.self, repeating: 0, count: 1 &<< Self.advanceBits)
    let symbols = unsafe (memory + Self.symbolsOffset).initializeMemory(
      as: UInt32.self, repeating: Self.leaveFlag, count: 512)
    let leading = unsafe (memory + Self.leadingOffset).initializeMemory(
      as: UInt16.self, repeating: 0, count: 512)
    let distances = unsafe (memory + Self.distancesOffset).initializeMemory(
      as: UInt32.self, repeating: Self.leaveFlag, count: 32)

    for (symbol, codeword) in FixedCode.literalLength.enumerated() {
      let entry = HuffmanEntry.literalLength(symbol)
      let length = Int(codeword.length)
      let extra = Int(entry & 63)
      for high in 0..<(512 &>> length) {
        let index = Int(codeword.streamBits) | high &<< length
        if entry & HuffmanEntry.literal != 0 {
          unsafe symbols[index] = UInt32(symbol) &<< 16 | 1 &<< 8 | UInt32(length)
          unsafe leading[index] = UInt16(symbol) &<< 8 | UInt16(length)
        } else if entry & HuffmanEntry.exceptional == 0, length + extra <= 9 {
          let produced = Int(entry &>> 16) + high & ((1 &<< extra) - 1)
          if produced <= MatchProfile.iaaV1.compareWindow {
            unsafe symbols[index] =
              Self.matchFlag | UInt32(produced) &<< 8 | UInt32(length + extra)
          }
        }
      }
    }
    for symbol in 0..<32 {
      let entry = HuffmanEntry.distance(symbol)
      let index = Int(FixedCode.distance[symbol].streamBits)
      let extra = entry & 63
      let fused = (entry &>> 16) &<< 8 | extra
      if symbol <= lastSymbol { unsafe distances[index] = fused }
    }
    for index in 0..<(1 &<< Self.advanceBits) {
      let symbol = unsafe symbols[index & 511]
      let bits = Int(symbol & 63)
      if unsafe leading[index & 511] != 0 {
        unsafe advance[index] = UInt8(bits)
      } else if symbol & Self.leaveFlag == 0 {
        // With nine bits of length the last distance bit is missing; symbols 2k and 2k+1 have
        // equal extra bits from 4 on and none below.
        // Reversing five bits leads from codeword to symbol as from symbol to codeword.
        let distance = Int(FixedCode.distance[(index &>> bits) & 31].streamBits)
        let extra = distance < 4 ? 0 : distance / 2 - 1
        unsafe advance[index] = UInt8(bits + 5 + extra)
      }
    }
    unsafe base = UnsafeRawPointer(memory)
  }
}
