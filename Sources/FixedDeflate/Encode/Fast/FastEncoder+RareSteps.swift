// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the fast encoder's parse does now and then, in calls, which leave its loop the registers: steps that are not
// common, and what happens where segments and blocks end.
//
// SAFETY: as in FastEncoder+Parse.swift.

import CDeflateKernels

/// Appends a match to a cursor's list.
@inline(__always)
func appendMatch(
  _ c: UnsafeMutablePointer<dk_cursor>, _ start: Int, _ end: Int, _ source: UInt16
) {
  unsafe c.pointee.base = end
  let next = unsafe c.pointee.next
  unsafe next.pointee.start = UInt16(truncatingIfNeeded: start)
  unsafe next.pointee.end = UInt16(truncatingIfNeeded: end)
  unsafe next.pointee.source = source
  unsafe c.pointee.next = next + 1
}

/// A step that is not common: goes to the next match, or to the part's end; says whether there
/// was a match. Not inlined: it is rare, and would share registers with the loop.
@inline(never)
func rareStep(
  _ s: UnsafeMutableRawPointer, _ c: UnsafeMutablePointer<dk_cursor>,
  _ rows: UnsafeMutableRawPointer,
  _ limit: Int
) -> Bool {
  let window = unsafe s + FastEncoderLayout.window
  let base = unsafe c.pointee.base
  let end = unsafe c.pointee.end
  var search = unsafe max(base, c.pointee.search)
  while search < end {
    let word =
      unsafe (s + (FastEncoderLayout.matchBits &+ search &>> 3)).loadUnaligned(as: UInt64.self)
      &>> UInt64(truncatingIfNeeded: search & 7)
    if word == 0 {
      search &+= 57
      continue
    }
    search &+= word.trailingZeroBitCount
    if search >= end { break }
    let lane = (search &- base) & 1
    let at = FastEncoderLayout.origin &+ search
    let stop = min(32 &- lane, limit &- search)
    let row = unsafe dk_row(rows + search &* 8, lane, at)
    var length = 0
    var source: UInt16 = 0
    var slot = 0
    while slot < 4 {
      let p = unsafe (row + slot &* 2).load(as: UInt16.self)
      let run = unsafe min(dk_run32(window + at, window + Int(p), 0), stop)
      if p >= at &- FastEncoderLayout.page && run > length {
        length = run
        source = p
      }
      slot &+= 1
    }
    if length >= 3 {
      unsafe appendMatch(c, search, search &+ length, source)
      unsafe c.pointee.common = commonEnd(end, limit)
      return true
    }
    search &+= 1
  }
  unsafe c.pointee.search = max(base, end)
  return false
}

/// Where a cursor's matches are.
@inline(__always)
func tokenList(_ s: UnsafeMutableRawPointer, _ i: Int) -> UnsafeMutablePointer<dk_token> {
  unsafe (s + FastEncoderLayout.tokenList(i)).assumingMemoryBound(to: dk_token.self)
}

/// Where common matches end, of those that begin before `end`.
@inline(__always)
func commonEnd(_ end: Int, _ limit: Int) -> Int { min(end, limit &- 31) }

/// At the end of its segment a cursor goes on until it meets the parse of the next one, that is until it
/// ends a match where that one does. Returns false when it has no more to do. Not inlined: it is rare, and
/// would share registers with the loop.
@inline(never)
func continueToNextSegment(
  _ s: UnsafeMutableRawPointer, _ c: UnsafeMutablePointer<dk_cursor>, _ start: Int, _ end: Int,
  _ limit: Int, _ cursorCount: Int
) -> Bool {
  let cursors = unsafe (s + FastEncoderLayout.cursors).assumingMemoryBound(to: dk_cursor.self)
  let base = unsafe c.pointee.base, search = unsafe c.pointee.search
  if search >= end { return false }
  var nextSegment = unsafe c.pointee.next_segment
  var next = end
  while nextSegment < cursorCount {
    let stop = unsafe cursors[nextSegment].next
    let last = start &+ (nextSegment &+ 1) &* FastEncoderLayout.segment
    var other = unsafe c.pointee.other
    var otherEnd = unsafe c.pointee.other_end
    while unsafe otherEnd != base && otherEnd <= search && other < stop {
      otherEnd = unsafe Int(other.pointee.end)
      unsafe other += 1
    }
    unsafe c.pointee.other = other
    if otherEnd == base {
      unsafe c.pointee.other_end = -1
      return false
    }
    if search < last {
      unsafe c.pointee.other_end = otherEnd
      next = otherEnd > search ? min(otherEnd, last) : min(search &+ 32, last)
      break
    }
    // They never met. Try the segment after.
    nextSegment &+= 1
    unsafe c.pointee.next_segment = nextSegment
    unsafe c.pointee.other = tokenList(s, nextSegment)
    unsafe c.pointee.other_end = last
  }
  unsafe c.pointee.end = next
  unsafe c.pointee.common = base < start ? base : commonEnd(next, limit)
  return true
}

/// What is known of positions that may not have been inserted.
@inline(__always)
func knownOfPairs(_ s: UnsafeMutableRawPointer) -> UnsafeMutablePointer<dk_pairs> {
  unsafe (s + FastEncoderLayout.pairs).assumingMemoryBound(to: dk_pairs.self)
}

/// A step that is not common, as `rareStep`, with a look at what was inserted.
@inline(never)
func rarePairStep(
  _ s: UnsafeMutableRawPointer, _ c: UnsafeMutablePointer<dk_cursor>, _ limit: Int, kind: Int
) -> Bool {
  let state = unsafe s.assumingMemoryBound(to: UInt8.self)
  #if arch(x86_64)
    if kind != CPUKind.plain.rawValue {
      return unsafe dk_pairs_step_avx2(knownOfPairs(s), state, c, limit) != 0
    }
  #endif
  return unsafe dk_pairs_step_plain(knownOfPairs(s), state, c, limit) != 0
}

/// The true parse at the end of what it was told to parse.
@inline(never)
func goOn(
  _ s: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, _ cursorCount: Int
) -> Bool {
  let state = unsafe s.assumingMemoryBound(to: UInt8.self)
  let first = unsafe (s + FastEncoderLayout.cursors).assumingMemoryBound(to: dk_cursor.self)
  return unsafe dk_pairs_go_on(
    knownOfPairs(s), state, first, start, end, limit, cursorCount) != 0
}

/// Makes the table what it is, for the next block.
@inline(never)
func settle(_ s: UnsafeMutableRawPointer, _ end: Int) {
  let state = unsafe s.assumingMemoryBound(to: UInt8.self)
  unsafe dk_pairs_settle(
    knownOfPairs(s), state, state + FastEncoderLayout.table,
    (s + FastEncoderLayout.lastRow).assumingMemoryBound(to: UInt16.self), end)
}
