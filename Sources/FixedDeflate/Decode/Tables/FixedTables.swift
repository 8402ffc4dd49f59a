// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Lookup tables of the fixed code (RFC 1951 §3.2.6) for the hot loops, derived from the code
// lengths and the length and distance rules. 19 KiB, of which the step loop uses 11 and the literal
// loop 9; made once, kept for the process, all in one block.
//
//   advance[13 bits]  bits of the whole token, 0 where `symbols` says leave. 13 bits reach the
//                     last distance bit but one, and that one does not change the extra bits.
//   symbols[9 bits]   bits 0...5 code and extra bits, 8...15 bytes produced (literal 1, match
//                     3...32), 16...23 literal, bit 26 "leave the loop", 27...31 all set: match
//   leads[9 bits]     bits 0...3 code bits of a literal, 0 for anything else; 8...15 the literal
//   distances[5 bits] mask of the extra bits and base, 32 bits each; base 2^31: "leave the loop"
//   pairs[13 bits]    bits of two literals, 0 unless both may be literals; of the second, 13 bits may
//                     show only four, which are also those of four symbols that are none: `leads` tells

import CDeflateKernels

@safe struct FixedTables: @unchecked Sendable {
  static let advanceBits = Int(DK_FIXED_ADVANCE_BITS)
  static let leaveFlag: UInt32 = DK_FIXED_LEAVE
  static let matchFlag: UInt32 = DK_FIXED_MATCH
  static let noDistance: UInt32 = DK_FIXED_NO_DISTANCE
  /// Byte offsets of the tables: one base register serves all of them.
  static let symbolsOffset = Int(DK_FIXED_SYMBOLS)
  static let leadsOffset = Int(DK_FIXED_LEADS)
  static let distancesOffset = Int(DK_FIXED_DISTANCES)
  static let pairsOffset = Int(DK_FIXED_PAIRS)
  static let byteCount = Int(DK_FIXED_TABLE_BYTES)

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
    // SAFETY: the five tables fill the allocation; every index below is masked or bounded.
    let advance = unsafe memory.initializeMemory(
      as: UInt8.self, repeating: 0, count: 1 &<< Self.advanceBits)
    let symbols = unsafe (memory + Self.symbolsOffset).initializeMemory(
      as: UInt32.self, repeating: Self.leaveFlag, count: 512)
    let leads = unsafe (memory + Self.leadsOffset).initializeMemory(
      as: UInt16.self, repeating: 0, count: 512)
    let distances = unsafe (memory + Self.distancesOffset).initializeMemory(
      as: FixedDistance.self, repeating: FixedDistance(mask: 0, base: Self.noDistance), count: 32)
    let pairs = unsafe (memory + Self.pairsOffset).initializeMemory(
      as: UInt8.self, repeating: 0, count: 1 &<< Self.advanceBits)

    for (symbol, codeword) in FixedCode.literalLength.enumerated() {
      let entry = HuffmanEntry.literalLength(symbol)
      let length = Int(codeword.length)
      let extra = Int(entry & 63)
      for high in 0..<(512 &>> length) {
        let index = Int(codeword.streamBits) | high &<< length
        if entry & HuffmanEntry.literal != 0 {
          unsafe symbols[index] = UInt32(symbol) &<< 16 | 1 &<< 8 | UInt32(length)
          unsafe leads[index] = UInt16(symbol) &<< 8 | UInt16(length)
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
      if symbol <= lastSymbol {
        unsafe distances[index] = FixedDistance(mask: 1 &<< extra &- 1, base: entry &>> 16)
      }
    }
    for index in 0..<(1 &<< Self.advanceBits) {
      let symbol = unsafe symbols[index & 511]
      let bits = Int(symbol & 63)
      if unsafe leads[index & 511] != 0 {
        unsafe advance[index] = UInt8(bits)
      } else if symbol & Self.leaveFlag == 0 {
        // With nine bits of length the last distance bit is missing; symbols 2k and 2k+1 have
        // equal extra bits from 4 on and none below.
        // Reversing five bits leads from codeword to symbol as from symbol to codeword.
        let distance = Int(FixedCode.distance[(index &>> bits) & 31].streamBits)
        let extra = distance < 4 ? 0 : distance / 2 - 1
        unsafe advance[index] = UInt8(bits + 5 + extra)
      }
      // Behind nine bits, the two highest of a codeword both 1 are taken for a literal's of nine.
      let first = unsafe Int(leads[index & 511] & 15)
      let second = unsafe index &>> 9 & 3 == 3 && first == 9 ? 9 : leads[index &>> first & 511] & 15
      if first != 0, second != 0 { unsafe pairs[index] = UInt8(first) + UInt8(second) }
    }
    unsafe base = UnsafeRawPointer(memory)
  }
}

/// What a distance's codeword says. The bits behind it, masked, are added to the base.
struct FixedDistance {
  var mask: UInt32
  var base: UInt32
}
