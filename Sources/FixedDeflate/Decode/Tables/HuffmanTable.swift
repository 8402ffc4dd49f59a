// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Code lengths -> lookup table of HuffmanEntry values, with subtables for codes longer than
// the main index. Codes are visited in canonical order; because they are read from the low
// bit, the table of all codes up to n bits is periodic, so it grows by doubling.

enum HuffmanTable {
  static let literalLengthBits = 11
  static let distanceBits = 8
  /// The longest codewords of a code length code: it needs no subtables.
  static let codeLengthBits = 7
  /// Largest sizes for 288 symbols over 11 bits and 32 over 8 bits, codes of up to 15 bits
  /// (found by exhaustive search over complete codes; incomplete codes need no more).
  static let literalLengthCount = 2400
  static let distanceCount = 512

  enum Outcome { case complete, incomplete, oversubscribed }

  /// Fills `table`. Entries of unused codes say "no code".
  /// `lengths` are 0...15 each; `payloads` has an entry per symbol.
  @inline(__always)
  static func build(
    _ table: UnsafeMutablePointer<UInt32>, capacity: Int, mainBits: Int,
    lengths: UnsafePointer<UInt8>, symbolCount: Int, payloads: UnsafePointer<UInt32>,
    sorted: UnsafeMutablePointer<UInt16>, counts: UnsafeMutablePointer<Int>
  ) -> Outcome {
    // SAFETY: in all of this function `counts` has 32 elements, `sorted` at least symbolCount,
    // `lengths` and `payloads` symbolCount; table indices are bounded as noted.
    for i in 0..<32 { unsafe counts[i] = 0 }
    for i in 0..<symbolCount { unsafe counts[Int(lengths[i] & 15)] &+= 1 }
    unsafe counts[0] = 0
    var left = 1
    var offset = 0
    for length in 1...15 {
      left = left &<< 1 &- (unsafe counts[length])
      if left < 0 { return .oversubscribed }
      unsafe counts[16 &+ length] = offset
      offset &+= unsafe counts[length]
    }
    for i in 0..<symbolCount {
      let length = unsafe Int(lengths[i] & 15)
      if length != 0 {
        unsafe sorted[counts[16 &+ length]] = UInt16(truncatingIfNeeded: i)
        unsafe counts[16 &+ length] &+= 1
      }
    }
    if left > 0 {
      for i in 0..<(1 &<< mainBits) { unsafe table[i] = HuffmanEntry.noCode }
    }
    var code = 0  // bit-reversed
    var next = 0
    var length = 1
    var filled = 2
    if left > 0 { unsafe table[0] = HuffmanEntry.noCode }
    while length <= mainBits {
      var n = unsafe counts[length]
      while n > 0 {
        let payload = unsafe payloads[Int(sorted[next])]
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
    if next == offset { return left == 0 ? .complete : .incomplete }
    // Longer codes: one subtable for each main index that they share.
    var start = 1 &<< mainBits
    let mainMask = start &- 1
    var prefix = -1
    var subBits = 0
    var subStart = 0
    while next < offset {
      while unsafe next >= counts[16 &+ length] { length &+= 1 }
      if code & mainMask != prefix {
        prefix = code & mainMask
        // The subtable must hold all codes with this prefix: widen while codes remain.
        subBits = length &- mainBits
        var room = 1 &<< subBits
        room &-= unsafe counts[16 &+ length] &- next
        while room > 0 && subBits &+ mainBits < 15 {
          subBits &+= 1
          room = room &<< 1 &- (unsafe counts[mainBits &+ subBits])
        }
        subStart = start
        start &+= 1 &<< subBits
        if start > capacity { return .oversubscribed }
        for i in subStart..<start { unsafe table[i] = HuffmanEntry.noCode }
        unsafe table[prefix] =
          HuffmanEntry.exceptional | HuffmanEntry.link | UInt32(truncatingIfNeeded: subStart &<< 16)
          | UInt32(truncatingIfNeeded: subBits &<< 8) | UInt32(truncatingIfNeeded: mainBits)
      }
      let payload = unsafe payloads[Int(sorted[next])]
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
    return left == 0 ? .complete : .incomplete
  }
}
