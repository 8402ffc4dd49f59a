// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The last step of the lane loop: writing the tokens that were found. A match and the literals behind it are 32 bytes
// written at once, so that no branch depends on the number of either (`dk_replay_matches`).
//
// SAFETY: the maker vouches for `output`...`end`, and for lists that are as long as they say and can be read 32 bytes
// on. `dk_lane_records` has shown that no match reaches back before `output`. The kernel gets only matches that
// stand 32 bytes or more from both; what is near either is written byte by byte.

import CDeflateKernels

#if arch(x86_64)

  /// Writes tokens: where it stands.
  @unsafe struct LaneReplay {
    var at: dk_replay
    let records: UnsafePointer<dk_match>
    let stop: UnsafePointer<dk_match>
    let indices: UnsafePointer<UInt32>
    let output: UnsafeMutablePointer<UInt8>
    let end: UnsafeMutablePointer<UInt8>
    let tables: UnsafePointer<UInt8>

    /// Starts at `to`, before the first of the tokens, `matches` of which are matches. What begins at `output` may
    /// be read.
    @inline(__always)
    init(
      _ records: UnsafePointer<UInt64>, matches: Int, indices: UnsafePointer<UInt32>,
      literals: UnsafePointer<UInt8>, to: UnsafeMutablePointer<UInt8>,
      output: UnsafeMutablePointer<UInt8>, end: UnsafeMutablePointer<UInt8>,
      tables: UnsafePointer<UInt8>
    ) {
      // SAFETY: a record is eight bytes, as dk_match is.
      unsafe self.records = unsafe UnsafeRawPointer(records).assumingMemoryBound(to: dk_match.self)
      unsafe stop = self.records + matches
      unsafe at = dk_replay(next: self.records, literals: literals, to: to)
      unsafe self.indices = indices
      unsafe self.output = output
      unsafe self.end = end
      unsafe self.tables = tables
    }

    /// Writes literals and matches, up to the first token for which the output is full; returns how many tokens.
    /// `bytes`: what all would write.
    mutating func run(bytes: Int) -> Int {
      let spare = unsafe end - at.to - bytes
      if let done = unsafe start() { return done }
      unsafe dk_replay_matches(&at, lastWhole(spare: spare), tables)
      return unsafe finish() ?? Int(indices[stop - records])
    }

    /// Writes the literals before the first match, and the matches that the kernel must not write because not all of
    /// the bytes before them are there. If not all fits: how many tokens did.
    mutating func start() -> Int? {
      let first = unsafe Self.literals(before: records)
      let lead = unsafe copyLiterals(first)
      guard lead == first else { return lead }
      while unsafe at.next < stop && at.to - output < LaneLayout.width {
        if let done = unsafe copyMatch() { return done }
      }
      return nil
    }

    /// Writes what the kernel has left at the end. If not all fits: how many tokens did.
    mutating func finish() -> Int? {
      while unsafe at.next < stop {
        if let done = unsafe copyMatch() { return done }
      }
      return nil
    }

    /// The literals before a match.
    @inline(__always)
    static func literals(before match: UnsafePointer<dk_match>) -> Int {
      unsafe Int(match.pointee.literals) & 0x7FFF
    }

    /// What a match and the literals behind it write.
    @inline(__always)
    static func size(_ match: UnsafePointer<dk_match>) -> Int {
      unsafe Int(match.pointee.length) &+ literals(before: match + 1)
    }

    /// How far the kernel may go: `stop`, or the first match that starts too near the end. `spare`: bytes of
    /// output that are left behind all tokens, below zero if they do not fit.
    @inline(__always)
    func lastWhole(spare: Int) -> UnsafePointer<dk_match> {
      var last = unsafe stop
      if spare >= 0 {
        var behind = spare
        while unsafe last > at.next {
          unsafe behind &+= Self.size(last - 1)
          if behind >= LaneLayout.width { break }
          unsafe last -= 1
        }
        return unsafe last
      }
      unsafe last = unsafe at.next
      var left = unsafe end - at.to
      while unsafe last < stop && left >= LaneLayout.width, unsafe Self.size(last) <= left {
        unsafe left &-= Self.size(last)
        unsafe last += 1
      }
      return unsafe last
    }

    /// Writes literals and not one byte more; returns how many fitted.
    private mutating func copyLiterals(_ count: Int) -> Int {
      let fitting = unsafe min(count, end - at.to)
      unsafe at.to.update(from: at.literals, count: fitting)
      unsafe at.to += fitting
      unsafe at.literals += fitting
      return fitting
    }

    /// Writes the next match and the literals behind it, and not one byte more. If not all fits: how many tokens did.
    private mutating func copyMatch() -> Int? {
      let match = unsafe at.next.pointee
      let index = unsafe Int(indices[at.next - records])
      let length = Int(match.length)
      let distance =
        Int(match.reach) > LaneLayout.width ? Int(match.reach) : Int(match.pattern) / 32
      guard unsafe length <= end - at.to else { return index }
      for i in 0..<length { unsafe at.to[i] = at.to[i &- distance] }
      unsafe at.to += length
      unsafe at.next += 1
      let count = unsafe Self.literals(before: at.next)
      let copied = unsafe copyLiterals(count)
      return copied == count ? nil : index &+ 1 &+ copied
    }
  }
#endif
