// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fast encoder's second loop: the parse, which chooses the matches and jumps from one to the next, and the
// tokens' way into the output. A block of 2048 positions is cut into four segments; a cursor parses each.
//
// SAFETY: all memory is the state that FastEncoderLayout divides; positions stay within the block and
// the 64 bytes behind it, entries within the window; lists have room for a block's tokens.

import CDeflateKernels

/// The loop as C sees it, to be inlined into the trampolines of Kernels.h and compiled again there.
@c @implementation
func dk_parse_body(
  _ state: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, _ far: Int, _ kind: Int
) {
  unsafe parse(state, start, end, limit, far: far != 0, kind: kind, pairs: false)
}

/// The same where of two equal hashes in a pair only the first is inserted.
@c @implementation
func dk_parse_pairs_body(
  _ state: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, _ far: Int, _ kind: Int
) {
  unsafe parse(state, start, end, limit, far: far != 0, kind: kind, pairs: true)
}

/// Parses a block on a kind of processor. Not inlined: its calls would become jumps to the baseline
/// build.
@inline(never)
func parseBlock(
  _ state: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, far: Bool, cpu: CPUKind,
  pairs: Bool
) {
  if pairs {
    #if arch(x86_64)
      if cpu >= .avx2 {
        return unsafe dk_parse_pairs_avx2(state, start, end, limit, far ? 1 : 0)
      }
    #endif
    return unsafe dk_parse_pairs_body(state, start, end, limit, far ? 1 : 0, 0)
  }
  #if arch(x86_64)
    switch cpu {
    case .avx512: return unsafe dk_parse_avx512(state, start, end, limit, far ? 1 : 0)
    case .avx2: return unsafe dk_parse_avx2(state, start, end, limit, far ? 1 : 0)
    case .plain: break
    }
  #endif
  unsafe dk_parse_body(state, start, end, limit, far ? 1 : 0, 0)
}

/// Writes matches and what is between them; `literal` is the first position not yet written.
@inline(__always)
private func write(
  _ s: UnsafeMutableRawPointer, _ sink: inout UnsafeBitWriter, _ literal: inout Int,
  _ matches: UnsafeMutablePointer<dk_coded>, _ count: Int, long: Bool
) {
  var next = unsafe matches
  let end = unsafe matches + count
  while unsafe next < end {
    let start = unsafe Int(next.pointee.start)
    let code = unsafe UInt64(next.pointee.bits & 0xff_ffff)
    let n = unsafe UInt64(next.pointee.bits &>> 24)
    if long {
      unsafe sink.literals(s, from: literal, to: start)
    } else {
      unsafe sink.byteLiterals(s, from: literal, to: start)
    }
    unsafe sink.append(code, n)
    unsafe sink.flush()
    literal = unsafe Int(next.pointee.end)
    unsafe next += 1
  }
}

/// The longest run, of 32 bytes at most, among four candidates, of slots 0...3 with the newest first. Returns
/// 4 * length + (3 - slot): a plain maximum then prefers the longer run, and the newer entry among equals.
@inline(__always)
private func longest(
  _ at: UnsafeMutableRawPointer, _ c0: UnsafeMutableRawPointer, _ c1: UnsafeMutableRawPointer,
  _ c2: UnsafeMutableRawPointer, _ c3: UnsafeMutableRawPointer
) -> Int {
  let r0 = unsafe dk_run32(at, c0, 1) &* 4 &+ 3
  let r1 = unsafe dk_run32(at, c1, 1) &* 4 &+ 2
  let r2 = unsafe dk_run32(at, c2, 1) &* 4 &+ 1
  let r3 = unsafe dk_run32(at, c3, 1) &* 4
  let a = r1 > r0 ? r1 : r0
  let b = r3 > r2 ? r3 : r2
  return b > a ? b : a
}

/// Goes to the next match if it is a common one: near the base, of at least three bytes, not too far back,
/// not cut short by the window or the input. Returns false, with nothing changed, if not.
@inline(__always)
private func step(
  _ s: UnsafeMutableRawPointer, _ c: UnsafeMutablePointer<dk_cursor>,
  _ rows: UnsafeMutableRawPointer,
  bmi2: Bool, pairs: Bool
) -> Bool {
  let base = unsafe c.pointee.base
  let word =
    unsafe (s + (FastEncoderLayout.matchBits &+ base &>> 3)).loadUnaligned(as: UInt64.self)
    &>> UInt64(truncatingIfNeeded: base & 7)
  if word == 0 { return false }
  let ahead = word.trailingZeroBitCount
  let search = base &+ ahead
  if unsafe search >= c.pointee.common { return false }
  let lane = ahead & 1
  let window = unsafe s + FastEncoderLayout.window
  let at = FastEncoderLayout.origin &+ search
  // Where lane 1 shares lane 0's bucket, it sees what lane 0 sees.
  var row = unsafe dk_row(rows + search &* 8, lane, at)
  if unsafe pairs && row.loadUnaligned(as: UInt64.self) & DK_DOUBTFUL_ROW != 0 {
    let first = unsafe (s + FastEncoderLayout.cursors).assumingMemoryBound(to: dk_cursor.self)
    let own = unsafe (window + at).assumingMemoryBound(to: UInt8.self)
    unsafe dk_pairs_see(knownOfPairs(s), c, c - first, own, search, lane)
    unsafe row = UnsafeRawPointer(s + FastEncoderLayout.pairs)
  }
  let c0 = unsafe window + Int(row.load(as: UInt16.self))
  let c1 = unsafe window + Int(row.load(fromByteOffset: 2, as: UInt16.self))
  let c2 = unsafe window + Int(row.load(fromByteOffset: 4, as: UInt16.self))
  let c3 = unsafe window + Int(row.load(fromByteOffset: 6, as: UInt16.self))
  let found =
    unsafe bmi2
    ? longest(window + at, c0, c1, c2, c3)
    : dk_longest32(window + at, c0, c1, c2, c3)
  // Lengths of 3 to 32, in lane 1 to 31: four for each, less three lengths.
  if UInt(bitPattern: found &- 12) > UInt(bitPattern: lane &* 4 ^ 119) { return false }
  let source = unsafe (row + (~found & 3) &* 2).load(as: UInt16.self)
  if source < at &- FastEncoderLayout.page { return false }
  unsafe appendMatch(c, search, search &+ found &>> 2, source)
  if pairs {
    let first = unsafe (s + FastEncoderLayout.cursors).assumingMemoryBound(to: dk_cursor.self)
    unsafe dk_pairs_note(dk_pairs_view_of(knownOfPairs(s), c - first), c.pointee.base)
  }
  return true
}

/// Takes common steps, the cursors in turn, until one has something else before it, which is returned. `all`: all
/// four are at work.
@inline(__always)
private func commonSteps(
  _ s: UnsafeMutableRawPointer, _ c: UnsafeMutablePointer<dk_cursor>,
  _ rows: UnsafeMutableRawPointer, all: Bool, far: Bool, kind: Int, pairs: Bool
) -> UnsafeMutablePointer<dk_cursor> {
  #if arch(x86_64)
    if kind == CPUKind.avx2.rawValue {
      let far = far ? 1 : 0
      if pairs {
        let pairs = unsafe knownOfPairs(s)
        return unsafe all
          ? dk_four_pairs_avx2(c, s, rows, far, pairs) : dk_ring_pairs_avx2(c, s, rows, far, pairs)
      }
      return unsafe all ? dk_four_avx2(c, s, rows, far) : dk_ring_avx2(c, s, rows, far)
    }
  #endif
  var c = unsafe c
  while unsafe step(s, c, rows, bmi2: kind != CPUKind.plain.rawValue, pairs: pairs) {
    unsafe c = c.pointee.next_at_work
  }
  return unsafe c
}

/// Puts a cursor at the beginning of its segment.
@inline(__always)
private func startCursor(
  _ s: UnsafeMutableRawPointer, _ i: Int, _ start: Int, _ limit: Int, _ cursorCount: Int
) {
  let first = unsafe (s + FastEncoderLayout.cursors).assumingMemoryBound(to: dk_cursor.self)
  let from = start &+ i &* FastEncoderLayout.segment
  let end = from &+ FastEncoderLayout.segment
  unsafe (first + i).initialize(
    to: dk_cursor(
      base: from, common: dk_common_end(end, limit), next: tokenList(s, i),
      next_at_work: first + (i &+ 1 == cursorCount ? 0 : (i &+ 1) & 3),
      before_at_work: first + (i == 0 ? cursorCount &- 1 : i &- 1), search: from, end: end,
      other: tokenList(s, i &+ 1), other_end: end, next_segment: i &+ 1))
}

/// Puts all cursors at work, the first where the block before ended.
@inline(__always)
private func startCursors(
  _ s: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, _ cursorCount: Int
) {
  // Not a loop, which the compiler would turn into scattered stores.
  unsafe startCursor(s, 0, start, limit, cursorCount)
  unsafe startCursor(s, 1, start, limit, cursorCount)
  unsafe startCursor(s, 2, start, limit, cursorCount)
  unsafe startCursor(s, 3, start, limit, cursorCount)
  let first = unsafe (s + FastEncoderLayout.cursors).assumingMemoryBound(to: dk_cursor.self)
  if cursorCount == 1 {
    unsafe first.pointee.end = end
    unsafe first.pointee.common = dk_common_end(end, limit)
  }
  unsafe first.pointee.base = s.load(fromByteOffset: FastEncoderLayout.base, as: Int.self)
  unsafe first.pointee.search = s.load(fromByteOffset: FastEncoderLayout.search, as: Int.self)
  if unsafe first.pointee.base < start { unsafe first.pointee.common = first.pointee.base }
}

/// Ends a cursor's work; returns the next one at work, or nil where it was the last.
@inline(__always)
private func takeOutOfRing(
  _ c: UnsafeMutablePointer<dk_cursor>
) -> UnsafeMutablePointer<dk_cursor>? {
  let next = unsafe c.pointee.next_at_work
  if unsafe next == c { return nil }
  unsafe c.pointee.before_at_work.pointee.next_at_work = next
  unsafe next.pointee.before_at_work = c.pointee.before_at_work
  return unsafe next
}

/// Parses the segments; where a parse meets the next one's it says so in its cursor.
@inline(__always)
private func parseSegments(
  _ s: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, _ cursorCount: Int,
  far: Bool, kind: Int
) {
  let rows = unsafe s + (FastEncoderLayout.rows &- 8 &* start)
  var c = unsafe (s + FastEncoderLayout.cursors).assumingMemoryBound(to: dk_cursor.self)
  var all = cursorCount == FastEncoderLayout.cursorCount
  while true {
    unsafe c = commonSteps(s, c, rows, all: all, far: far, kind: kind, pairs: false)
    if unsafe rareStep(s, c, rows, limit, kind: kind, pairs: false)
      || goOn(s, c, start, end, limit, cursorCount, pairs: false)
    {
      unsafe c = c.pointee.next_at_work
      continue
    }
    all = false
    guard let next = unsafe takeOutOfRing(c) else { break }
    unsafe c = next
  }
}

/// The same where of two equal hashes in a pair only the first is inserted. Guesses that hang on what was inserted
/// before them are taken over by the true parse as far as they are right, so the true one has all matches in the end.
@inline(__always)
private func parseSegmentsByPairs(
  _ s: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, _ cursorCount: Int,
  far: Bool, kind: Int
) {
  let rows = unsafe s + (FastEncoderLayout.rows &- 8 &* start)
  let first = unsafe (s + FastEncoderLayout.cursors).assumingMemoryBound(to: dk_cursor.self)
  let blockRows = unsafe (s + FastEncoderLayout.rows).assumingMemoryBound(to: UInt8.self)
  unsafe dk_pairs_begin(knownOfPairs(s), first, blockRows, start)
  var c = unsafe first
  var all = cursorCount == FastEncoderLayout.cursorCount
  while true {
    unsafe c = commonSteps(s, c, rows, all: all, far: far, kind: kind, pairs: true)
    if unsafe rareStep(s, c, rows, limit, kind: kind, pairs: true) {
      unsafe c = c.pointee.next_at_work
      continue
    }
    all = false
    guard let next = unsafe takeOutOfRing(c) else { break }
    unsafe c = next
  }
  unsafe first.pointee.next_at_work = first
  while unsafe goOn(s, first, start, end, limit, cursorCount, pairs: true) {
    repeat {
      _ = unsafe commonSteps(s, first, rows, all: false, far: far, kind: kind, pairs: true)
    } while unsafe rareStep(s, first, rows, limit, kind: kind, pairs: true)
  }
  if end < limit { unsafe settle(s, end) }
}

/// Parses positions start..<end of the page and writes their tokens. The input ends at `limit`.
///
/// What a step does waits on the length of the match before it, so the later segments of the block are
/// parsed at the same time from guesses. The true parse runs into a guessed one within a match or two:
/// once both end a match at the same place, all that follows is the same.
@inline(__always)
private func parse(
  _ s: UnsafeMutableRawPointer, _ start: Int, _ end: Int, _ limit: Int, far: Bool, kind: Int,
  pairs: Bool
) {
  let first = unsafe (s + FastEncoderLayout.cursors).assumingMemoryBound(to: dk_cursor.self)
  let cursorCount = end &- start == FastEncoderLayout.block ? FastEncoderLayout.cursorCount : 1
  unsafe startCursors(s, start, end, limit, cursorCount)
  if pairs {
    unsafe parseSegmentsByPairs(s, start, end, limit, cursorCount, far: far, kind: kind)
  } else {
    unsafe parseSegments(s, start, end, limit, cursorCount, far: far, kind: kind)
  }

  // The tokens that count, coded into the first segment's list.
  let matches = unsafe UnsafeMutableRawPointer(tokenList(s, 0)).assumingMemoryBound(
    to: dk_coded.self)
  let collects = unsafe s.load(fromByteOffset: FastEncoderLayout.collected, as: Int.self) != 0
  var count = 0
  var last = unsafe first
  var from = unsafe tokenList(s, 0)
  while true {
    let n = unsafe last.pointee.next - from
    if collects { unsafe appendCollected(s, from, n) }
    var i = collects ? n : 0
    while i < n {
      unsafe dk_codes8(from + i, UInt32(FastEncoderLayout.origin), matches + (count &+ i))
      i &+= 8
    }
    count &+= n
    if unsafe last.pointee.other_end >= 0 { break }
    unsafe from = last.pointee.other
    unsafe last = first + last.pointee.next_segment
  }
  unsafe s.storeBytes(of: last.pointee.base, toByteOffset: FastEncoderLayout.base, as: Int.self)
  unsafe s.storeBytes(
    of: max(last.pointee.base, last.pointee.search), toByteOffset: FastEncoderLayout.search,
    as: Int.self)
  if collects { return }
  if unsafe s.load(fromByteOffset: FastEncoderLayout.onlyCounts, as: UInt32.self) != 0 {
    return unsafe countBits(s, matches, count, start, end)
  }
  var literal = unsafe s.load(fromByteOffset: FastEncoderLayout.literal, as: Int.self)
  if kind != CPUKind.plain.rawValue {
    #if arch(x86_64)
      unsafe writeBySlots(s, &literal, matches, count, start, end)
    #endif
  } else {
    var sink = unsafe UnsafeBitWriter(
      buffer: s.load(fromByteOffset: FastEncoderLayout.bitBuffer, as: UInt64.self),
      count: s.load(fromByteOffset: FastEncoderLayout.bitCount, as: UInt64.self),
      next: s.load(fromByteOffset: FastEncoderLayout.next, as: UnsafeMutableRawPointer.self))
    if unsafe s.load(fromByteOffset: FastEncoderLayout.hasLong, as: UInt32.self) != 0 {
      unsafe write(s, &sink, &literal, matches, count, long: true)
      if literal < end { unsafe sink.literals(s, from: literal, to: end) }
    } else {
      unsafe write(s, &sink, &literal, matches, count, long: false)
      if literal < end { unsafe sink.byteLiterals(s, from: literal, to: end) }
    }
    unsafe s.storeBytes(of: sink.buffer, toByteOffset: FastEncoderLayout.bitBuffer, as: UInt64.self)
    unsafe s.storeBytes(of: sink.count, toByteOffset: FastEncoderLayout.bitCount, as: UInt64.self)
    unsafe s.storeBytes(
      of: sink.next, toByteOffset: FastEncoderLayout.next, as: UnsafeMutableRawPointer.self)
  }
  unsafe s.storeBytes(
    of: max(literal, end), toByteOffset: FastEncoderLayout.literal, as: Int.self)
}

#if arch(x86_64)
  /// Writes a block's matches and literals with BMI2; the literals' codewords are made here, in the form that the
  /// block's bytes allow.
  @inline(__always)
  private func writeBySlots(
    _ s: UnsafeMutableRawPointer, _ literal: inout Int,
    _ matches: UnsafeMutablePointer<dk_coded>, _ count: Int, _ start: Int, _ end: Int
  ) {
    let bytes = unsafe (s + (FastEncoderLayout.window + FastEncoderLayout.origin + start))
      .assumingMemoryBound(to: UInt8.self)
    let slots = unsafe (s + FastEncoderLayout.slots).assumingMemoryBound(to: UInt8.self)
    let codes = unsafe s + FastEncoderLayout.codes
    let wide = unsafe dk_any_long(bytes, FastEncoderLayout.block) != 0
    var i = 0
    while i < FastEncoderLayout.block {
      if wide {
        unsafe dk_slots32(bytes + i, slots + 2 &* i)
      } else {
        unsafe _ = dk_literals32(bytes + i, codes + (start &+ i))
      }
      i &+= 32
    }
    // What is behind the last match goes before a match of no bits.
    let last = unsafe count > 0 ? Int(matches[count &- 1].end) : literal
    let to = UInt16(truncatingIfNeeded: end)
    unsafe matches[count] = dk_coded(start: to, end: to, bits: 0)
    let sink = unsafe (s + FastEncoderLayout.bitBuffer).assumingMemoryBound(to: dk_sink.self)
    unsafe dk_write_matches_bmi2(
      sink, wide ? UnsafeRawPointer(slots - 2 &* start) : UnsafeRawPointer(codes),
      wide ? 1 : 0, literal, matches, last < end ? count &+ 1 : count)
    literal = last
  }
#endif
