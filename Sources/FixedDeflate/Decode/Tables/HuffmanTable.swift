// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// A code -> lookup table of HuffmanEntry values, with subtables for codes longer than
// the main index. Codes are visited in canonical order; because they are read from the low
// bit, the table of all codes up to n bits is periodic, so it grows by doubling.

enum HuffmanTable {
  static let literalLengthBits = 11
  static let distanceBits = 8
  /// The longest codewords of a code length code: it needs no subtables.
  static let codeLengthBits = CodeLengthAlphabet.longestCodeword
  /// Largest sizes for 288 symbols over 11 bits and 32 over 8 bits, codes of up to 15 bits
  /// (found by exhaustive search over complete codes; incomplete codes need no more).
  static let literalLengthCount = 2400
  static let distanceCount = 512

  /// Fills `table` from a code that is complete, single or empty. Entries of unused codes say "no code".
  /// `payloads` has an entry per symbol.
  static func build(
    _ table: UnsafeMutablePointer<UInt32>, capacity: Int, mainBits: Int, code assigned: HuffmanCode,
    payloads: [UInt32]
  ) {
    // SAFETY: in all of this function table indices are bounded as noted.
    let isComplete = assigned.shape == .complete
    precondition(assigned.shape != .invalid, "an invalid code was let through")
    // Where the codewords of each length end among the sorted ones.
    var ends = InlineArray<16, Int>(repeating: 0)
    for length in 1...15 { ends[length] = ends[length - 1] &+ Int(assigned.counts[length]) }
    let offset = ends[15]
    if !isComplete {
      for i in 0..<(1 &<< mainBits) { unsafe table[i] = HuffmanEntry.noCode }
    }
    var code = 0  // bit-reversed
    var next = 0
    var length = 1
    var filled = 2
    while length <= mainBits {
      var n = Int(assigned.counts[length])
      while n > 0 {
        let payload = payloads[Int(assigned.symbols[next])]
        unsafe table[code] =
          payload &+ UInt32(truncatingIfNeeded: length &<< 8) &+ UInt32(truncatingIfNeeded: length)
        next &+= 1
        n &-= 1
        // Next code in canonical order, on reversed bits: clear the leading ones, set the next.
        let ones = ~code & (filled &- 1)
        if ones == 0 {
          code = 0
          break
        }  // all codes used: complete
        let top = (Int.bitWidth &- 1) &- ones.leadingZeroBitCount
        code = (code & ((1 &<< top) &- 1)) | (1 &<< top)
      }
      if next == offset { break }
      length &+= 1
      if length <= mainBits {
        // The code bits appended by a longer length are zero in canonical order, so only the
        // codes already placed need a copy in the upper half.
        unsafe (table + filled).update(from: table, count: filled)
        filled &<<= 1
      }
    }
    // All codes fit the main index: double up to its size.
    while filled < 1 &<< mainBits {
      unsafe (table + filled).update(from: table, count: filled)
      filled &<<= 1
    }
    if next == offset { return }
    // Longer codes: one subtable for each main index that they share.
    var start = 1 &<< mainBits
    let mainMask = start &- 1
    var prefix = -1
    var subBits = 0
    var subStart = 0
    while next < offset {
      while next >= ends[length] { length &+= 1 }
      if code & mainMask != prefix {
        prefix = code & mainMask
        // The subtable must hold all codes with this prefix: widen while codes remain.
        subBits = length &- mainBits
        var room = 1 &<< subBits
        room &-= ends[length] &- next
        while room > 0 && subBits &+ mainBits < 15 {
          subBits &+= 1
          room = room &<< 1 &- Int(assigned.counts[mainBits &+ subBits])
        }
        subStart = start
        start &+= 1 &<< subBits
        precondition(start <= capacity, "a code needs more subtables than any can")
        for i in subStart..<start { unsafe table[i] = HuffmanEntry.noCode }
        unsafe table[prefix] =
          HuffmanEntry.exceptional | HuffmanEntry.link | UInt32(truncatingIfNeeded: subStart &<< 16)
          | UInt32(truncatingIfNeeded: subBits &<< 8) | UInt32(truncatingIfNeeded: mainBits)
      }
      let payload = payloads[Int(assigned.symbols[next])]
      let entry =
        payload &+ UInt32(truncatingIfNeeded: length &<< 8) &+ UInt32(truncatingIfNeeded: length)
      var i = subStart &+ code &>> mainBits
      while i < start {
        unsafe table[i] = entry
        i &+= 1 &<< (length &- mainBits)
      }
      next &+= 1
      let ones = ~code & ((1 &<< length) &- 1)
      if ones == 0 { break }
      let top = (Int.bitWidth &- 1) &- ones.leadingZeroBitCount
      code = (code & ((1 &<< top) &- 1)) | (1 &<< top)
    }
  }
}
