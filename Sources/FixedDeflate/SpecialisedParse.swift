// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The specialised encoder's second loop: the parse, which jumps from match to match, and the tokens'
// way into the output.
//
// SAFETY: all memory is the state that SpecialisedLayout divides; positions stay within the block and
// the 64 bytes behind it, entries within the window; lists have room for a block's tokens.

import CIAAShim.CPU

/// The loop as C sees it, to be inlined into the trampolines of CIAACPU.h and compiled again there.
@c @implementation
public func iaa_parse_body(
  _ state: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, _ bmi2: Int
) {
  unsafe parse(state, start, end, limit, bmi2: bmi2 != 0)
}

/// Parses a block on a kind of processor. Not inlined: its calls would become jumps to the baseline
/// build.
@inline(never)
func parseBlock(
  _ state: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, cpu: CPUKind
) {
  #if arch(x86_64)
    switch cpu {
    case .v4: return unsafe iaa_parse_v4(state, start, end, limit)
    case .v3: return unsafe iaa_parse_v3(state, start, end, limit)
    case .plain: break
    }
  #endif
  unsafe iaa_parse_body(state, start, end, limit, 0)
}

/// Writes a list of tokens; `literal` is the first position not yet written.
@inline(__always)
private func write(
  _ s: UnsafeMutableRawPointer, _ sink: inout BitSink, _ literal: inout Int,
  _ list: UnsafeMutablePointer<UInt32>, _ count: Int, long: Bool, bmi2: Bool
) {
  let codes = unsafe (s + SpecialisedLayout.matchCodes).assumingMemoryBound(to: UInt32.self)
  var i = 0
  while i < count {
    let t = unsafe Int(list[i])
    let c = unsafe UInt64(codes[i])
    let position = t &>> 18
    unsafe sink.literals(s, from: literal, to: position, long: long, bmi2: bmi2)
    unsafe sink.append(c & 0xff_ffff, c &>> 24)
    unsafe sink.flush()
    literal = position &+ (t &>> 12) & 63
    i &+= 1
  }
}

/// The longest run among four candidates, as a mask of one bit more than its length, and where it begins.
@inline(__always)
private func longest(
  _ window: UnsafeMutableRawPointer, _ at: UnsafeMutableRawPointer,
  _ p0: Int, _ p1: Int, _ p2: Int, _ p3: Int, _ stop: UInt64
) -> (run: UInt64, position: Int) {
  let d0 = unsafe iaa_differ32(at, window + p0) | stop
  let d1 = unsafe iaa_differ32(at, window + p1) | stop
  let d2 = unsafe iaa_differ32(at, window + p2) | stop
  let d3 = unsafe iaa_differ32(at, window + p3) | stop
  let r0 = d0 ^ (d0 &- 1)
  let r1 = d1 ^ (d1 &- 1)
  let r2 = d2 ^ (d2 &- 1)
  let r3 = d3 ^ (d3 &- 1)
  let a = r1 > r0 ? r1 : r0
  let pa = r1 > r0 ? p1 : p0
  let b = r3 > r2 ? r3 : r2
  let pb = r3 > r2 ? p3 : p2
  return (b > a ? b : a, b > a ? pb : pa)
}

/// A place in the parse, in memory. After a match `base == search`, and that number alone decides all
/// that follows.
@unsafe private struct Cursor {
  var search: Int
  var end: Int
  var base: Int
  /// Tokens: position << 18 | length << 12 | distance - 1.
  var next: UnsafeMutablePointer<UInt32>
  /// The next of the ring of those still at work.
  var ring: UnsafeMutablePointer<Cursor>
  /// Where in the list of the next segment to look for a match that ends where ours does.
  var other: UnsafeMutablePointer<UInt32>
  /// Where the match before `other` ends; -1 once the two have met.
  var reached: Int
  /// The segment whose parse to meet.
  var target: Int
}

/// Goes to the next match, or as far as is known that there is none.
@inline(__always)
private func step(
  _ s: UnsafeMutableRawPointer, _ c: UnsafeMutablePointer<Cursor>, _ rows: UnsafeMutableRawPointer,
  _ limit: Int
) {
  var search = unsafe c.pointee.search
  var word = unsafe (s + (SpecialisedLayout.matchBits &+ search &>> 1)).loadUnaligned(
    as: UInt64.self)
  word &>>= UInt64(truncatingIfNeeded: (search & 1) &* 4)
  if word == 0 {
    unsafe c.pointee.search = min(search &+ 15, c.pointee.end)
    return
  }
  search &+= word.trailingZeroBitCount &>> 2
  if unsafe search >= c.pointee.end {
    unsafe c.pointee.search = c.pointee.end
    return
  }
  let window = unsafe s + SpecialisedLayout.window
  let lane = unsafe (search &- c.pointee.base) & 1
  var stop = (0x1_0000_0000 as UInt64) &>> UInt64(truncatingIfNeeded: lane)
  if search > limit &- 32 { stop |= 1 &<< UInt64(truncatingIfNeeded: limit &- search) }
  let at = SpecialisedLayout.origin &+ search
  let row = unsafe rows + search &* 16
  var p0 = unsafe Int(row.load(as: UInt16.self))
  var p1 = unsafe Int(row.load(fromByteOffset: 4, as: UInt16.self))
  var p2 = unsafe Int(row.load(fromByteOffset: 8, as: UInt16.self))
  var p3 = unsafe Int(row.load(fromByteOffset: 12, as: UInt16.self))
  if p0 &+ lane == at {
    // Lane 1 shares lane 0's bucket: it sees what lane 0 sees.
    p0 = unsafe Int(row.load(fromByteOffset: -16, as: UInt16.self))
    p1 = unsafe Int(row.load(fromByteOffset: -12, as: UInt16.self))
    p2 = unsafe Int(row.load(fromByteOffset: -8, as: UInt16.self))
    p3 = unsafe Int(row.load(fromByteOffset: -4, as: UInt16.self))
  }
  let least = at &- SpecialisedLayout.page
  var found: (run: UInt64, position: Int)
  while true {
    found = unsafe longest(window, window + at, p0, p1, p2, p3, stop)
    if found.run < 15 {
      unsafe c.pointee.search = search &+ 1
      return
    }
    if found.position >= least { break }
    // The longest is too far. Look again with something in its place that differs in its first byte.
    let none = unsafe (window + at).load(as: UInt8.self) == 0 ? 32 : 0
    if p0 < least { p0 = none }
    if p1 < least { p1 = none }
    if p2 < least { p2 = none }
    if p3 < least { p3 = none }
  }
  let length = found.run.nonzeroBitCount &- 1
  let after = search &+ length
  unsafe c.pointee.search = after
  unsafe c.pointee.base = after
  let next = unsafe c.pointee.next
  unsafe next.pointee = UInt32(
    truncatingIfNeeded: search &<< 18 | length &<< 12 | (at &- found.position &- 1))
  unsafe c.pointee.next = next + 1
}

@inline(__always)
private func list(_ s: UnsafeMutableRawPointer, _ i: Int) -> UnsafeMutablePointer<UInt32> {
  unsafe (s + (SpecialisedLayout.tokens &+ i &* SpecialisedLayout.listSize)).assumingMemoryBound(
    to: UInt32.self)
}

/// At the end of its segment a cursor goes on until it meets the parse of the next one, that is until it
/// ends a match where that one does. Returns false when it has no more to do.
@inline(__always)
private func goOn(
  _ s: UnsafeMutableRawPointer, _ c: UnsafeMutablePointer<Cursor>, _ start: Int, _ end: Int,
  _ lanes: Int
) -> Bool {
  let cursors = unsafe (s + SpecialisedLayout.cursors).assumingMemoryBound(to: Cursor.self)
  let base = unsafe c.pointee.base, search = unsafe c.pointee.search
  if search >= end { return false }
  var target = unsafe c.pointee.target
  while target < lanes {
    let stop = unsafe cursors[target].next
    let last = start &+ (target &+ 1) &* SpecialisedLayout.segment
    var other = unsafe c.pointee.other
    var reached = unsafe c.pointee.reached
    while unsafe reached != base && reached <= search && other < stop {
      let t = unsafe Int(other.pointee)
      reached = t &>> 18 &+ (t &>> 12) & 63
      unsafe other += 1
    }
    unsafe c.pointee.other = other
    if reached == base {
      unsafe c.pointee.reached = -1
      return false
    }
    if search < last {
      unsafe c.pointee.reached = reached
      unsafe c.pointee.end = reached > search ? min(reached, last) : min(search &+ 32, last)
      return true
    }
    // They never met. Try the segment after.
    target &+= 1
    unsafe c.pointee.target = target
    unsafe c.pointee.other = list(s, target)
    unsafe c.pointee.reached = last
  }
  unsafe c.pointee.end = end
  return true
}

/// Parses positions of start..<end of the page and writes their tokens. The input ends at `limit`.
///
/// What a step does waits on the length of the match before it, so the later segments of the block are
/// parsed at the same time from guesses. The true parse runs into a guessed one within a match or two:
/// once both end a match at the same place, all that follows is the same.
@inline(__always)
private func parse(
  _ s: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, bmi2: Bool
) {
  let rows = unsafe s + (SpecialisedLayout.rows &- 16 &* start)
  let first = unsafe (s + SpecialisedLayout.cursors).assumingMemoryBound(to: Cursor.self)
  let lanes = end &- start == SpecialisedLayout.block ? SpecialisedLayout.lanes : 1
  var i = 0
  while i < lanes {
    let from = start &+ i &* SpecialisedLayout.segment
    unsafe (first + i).initialize(
      to: Cursor(
        search: from, end: from &+ SpecialisedLayout.segment, base: from, next: list(s, i),
        ring: first + (i &+ 1 == lanes ? 0 : i &+ 1), other: list(s, i &+ 1),
        reached: from &+ SpecialisedLayout.segment, target: i &+ 1))
    i &+= 1
  }
  if lanes == 1 { unsafe first.pointee.end = end }
  unsafe first.pointee.base = s.load(fromByteOffset: SpecialisedLayout.base, as: Int.self)
  unsafe first.pointee.search = s.load(fromByteOffset: SpecialisedLayout.search, as: Int.self)
  var c = unsafe first
  var before = unsafe first + (lanes &- 1)
  while true {
    if unsafe c.pointee.search >= c.pointee.end {
      if unsafe !goOn(s, c, start, end, lanes) {
        // Out of the ring.
        if unsafe before == c { break }
        unsafe c = c.pointee.ring
        unsafe before.pointee.ring = c
        continue
      }
    }
    unsafe step(s, c, rows, limit)
    unsafe before = c
    unsafe c = c.pointee.ring
  }

  var sink = unsafe BitSink(
    buffer: s.load(fromByteOffset: SpecialisedLayout.bitBuffer, as: UInt64.self),
    count: s.load(fromByteOffset: SpecialisedLayout.bitCount, as: UInt64.self),
    next: s.load(fromByteOffset: SpecialisedLayout.next, as: UnsafeMutableRawPointer.self))
  var literal = unsafe s.load(fromByteOffset: SpecialisedLayout.literal, as: Int.self)
  // The tokens that count, behind those of the first segment.
  let tokens = unsafe list(s, 0)
  var last = unsafe first
  var count = unsafe first.pointee.next - tokens
  while unsafe last.pointee.reached < 0 {
    var t = unsafe last.pointee.other
    unsafe last = first + last.pointee.target
    while unsafe t < last.pointee.next {
      unsafe tokens[count] = t.pointee
      unsafe t += 1
      count &+= 1
    }
  }
  unsafe s.storeBytes(of: last.pointee.base, toByteOffset: SpecialisedLayout.base, as: Int.self)
  unsafe s.storeBytes(of: last.pointee.search, toByteOffset: SpecialisedLayout.search, as: Int.self)
  let codes = unsafe (s + SpecialisedLayout.matchCodes).assumingMemoryBound(to: UInt32.self)
  i = 0
  while i < count {
    unsafe iaa_codes16(tokens + i, codes + i)
    i &+= 16
  }
  if unsafe s.load(fromByteOffset: SpecialisedLayout.hasLong, as: UInt32.self) != 0 {
    unsafe write(s, &sink, &literal, tokens, count, long: true, bmi2: bmi2)
    if literal < end { unsafe sink.literals(s, from: literal, to: end, long: true, bmi2: bmi2) }
  } else {
    unsafe write(s, &sink, &literal, tokens, count, long: false, bmi2: bmi2)
    if literal < end { unsafe sink.literals(s, from: literal, to: end, long: false, bmi2: bmi2) }
  }
  literal = max(literal, end)
  unsafe s.storeBytes(of: sink.buffer, toByteOffset: SpecialisedLayout.bitBuffer, as: UInt64.self)
  unsafe s.storeBytes(of: sink.count, toByteOffset: SpecialisedLayout.bitCount, as: UInt64.self)
  unsafe s.storeBytes(
    of: sink.next, toByteOffset: SpecialisedLayout.next, as: UnsafeMutableRawPointer.self)
  unsafe s.storeBytes(of: literal, toByteOffset: SpecialisedLayout.literal, as: Int.self)
}
