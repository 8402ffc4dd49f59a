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

/// Where a cursor's matches are.
@inline(__always)
func tokenList(_ s: UnsafeMutableRawPointer, _ i: Int) -> UnsafeMutablePointer<dk_token> {
  unsafe (s + FastEncoderLayout.tokenList(i)).assumingMemoryBound(to: dk_token.self)
}

/// What is known of positions that may not have been inserted.
@inline(__always)
func knownOfPairs(_ s: UnsafeMutableRawPointer) -> UnsafeMutablePointer<dk_pairs> {
  unsafe (s + FastEncoderLayout.pairs).assumingMemoryBound(to: dk_pairs.self)
}

/// A step that is not common: goes to the next match, or to the part's end; says whether there was a match. `pairs`:
/// with a look at what was inserted.
@inline(__always)
func rareStep(
  _ s: UnsafeMutableRawPointer, _ c: UnsafeMutablePointer<dk_cursor>,
  _ rows: UnsafeMutableRawPointer, _ limit: Int, kind: Int, pairs: Bool
) -> Bool {
  let state = unsafe s.assumingMemoryBound(to: UInt8.self)
  let rows = unsafe rows.assumingMemoryBound(to: UInt8.self)
  #if arch(x86_64)
    if kind != CPUKind.plain.rawValue {
      return pairs
        ? unsafe dk_rare_pairs_avx2(knownOfPairs(s), state, c, limit) != 0
        : unsafe dk_rare_avx2(state, c, rows, limit) != 0
    }
  #endif
  return pairs
    ? unsafe dk_rare_pairs_plain(knownOfPairs(s), state, c, limit) != 0
    : unsafe dk_rare_plain(state, c, rows, limit) != 0
}

/// A parse at the end of what it was told to parse; false when it has no more to do. `pairs`: it is the true one.
@inline(__always)
func goOn(
  _ s: UnsafeMutableRawPointer, _ c: UnsafeMutablePointer<dk_cursor>, _ start: Int, _ end: Int,
  _ limit: Int, _ cursorCount: Int, pairs: Bool
) -> Bool {
  let state = unsafe s.assumingMemoryBound(to: UInt8.self)
  let lists = unsafe tokenList(s, 0)
  return pairs
    ? unsafe dk_pairs_go_on(knownOfPairs(s), state, c, lists, start, end, limit, cursorCount) != 0
    : unsafe dk_go_on(state, c, lists, start, end, limit, cursorCount) != 0
}

/// Makes the table what it is, for the next block.
@inline(never)
func settle(_ s: UnsafeMutableRawPointer, _ end: Int) {
  let state = unsafe s.assumingMemoryBound(to: UInt8.self)
  unsafe dk_pairs_settle(
    knownOfPairs(s), state, state + FastEncoderLayout.table,
    (s + FastEncoderLayout.lastRow).assumingMemoryBound(to: UInt16.self), end)
}
