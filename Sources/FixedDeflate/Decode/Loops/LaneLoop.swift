// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The hot loop of fixed blocks where the processor has AVX2 and no AVX-512 VBMI. A table decoder waits for one lookup after
// the other, and guesses at each whether a literal comes. Here nothing depends on what a token is, and four
// walks take turns, so that each one's waiting is the others' time to work. A segment of the input at a time:
//
//  1. Walk from token to token, from the segment's start and from three places within it, and note each token's
//     first 32 bits. The three start at any bit, but such a walk soon comes upon a token's start (the fixed code
//     synchronises itself, after some 14 tokens), and from there on finds the same as the one before.
//  2. Find where each walk meets the next one's. What lies between is the segment's tokens.
//  3. Part literals from matches, and take the matches apart, eight at once (`dk_lane_split`,
//     `dk_lane_records`).
//  4. Replay them (LaneReplay).
//
// What the loop does not take ends it, on a token's first bit: end of block, matches longer than 32 or from
// beyond 4096 back, what is wrong, and the last bytes of the input, too few for four lanes.
//
// SAFETY: `state` describes the caller's buffers. Input is copied, never beyond `inputCount`, and zeros behind it; a
// token that ends behind the input is not taken. No walk takes fewer than `leastBits` a token, so lists and
// input are as long as LaneLayout shows them to need. LaneReplay writes the output.

import CDeflateKernels

#if arch(x86_64)

  /// One step of a walk: two tokens.
  @inline(__always)
  private func step(
    _ at: inout UInt64, _ input: UnsafeRawPointer, _ steps: UnsafePointer<UInt8>,
    _ words: UnsafeMutablePointer<UInt32>, _ positions: UnsafeMutablePointer<UInt16>
  ) {
    // SAFETY: see above. A token takes 24 bits at most, and of the 57 loaded the second one's 32 or 33 are left.
    let first =
      unsafe UInt64(
        littleEndian: input.loadUnaligned(
          fromByteOffset: Int(truncatingIfNeeded: at &>> 3), as: UInt64.self)) &>> (at & 7)
    let firstBits = unsafe UInt64(steps[Int(truncatingIfNeeded: first & 0x1FFF)])
    let second = first &>> firstBits
    let secondBits = unsafe UInt64(steps[Int(truncatingIfNeeded: second & 0x1FFF)])
    unsafe words[0] = UInt32(truncatingIfNeeded: first)
    unsafe positions[0] = UInt16(truncatingIfNeeded: at)
    at &+= firstBits
    unsafe words[1] = UInt32(truncatingIfNeeded: second)
    unsafe positions[1] = UInt16(truncatingIfNeeded: at)
    at &+= secondBits
  }

  /// How far the walks of a segment came.
  private struct Walks {
    /// Tokens of each walk, at least `LaneLayout.compared`; behind them stands where the last one ends.
    let count: Int
    /// Turns of eight tokens that ended before the next walk's start.
    let before: InlineArray<4, Int>
  }

  /// Walks four times, until each walk has come to the next one's start, `share` bits behind its own, and the last
  /// to the segment's end.
  @inline(__always)
  private func walk(
    _ s: UnsafeMutableRawPointer, _ steps: UnsafePointer<UInt8>, from start: Int, share: Int
  ) -> Walks {
    let input = unsafe UnsafeRawPointer(s + LaneLayout.input)
    var words = unsafe (s + LaneLayout.words).assumingMemoryBound(to: UInt32.self)
    var positions = unsafe (s + LaneLayout.positions).assumingMemoryBound(to: UInt16.self)
    let room = LaneLayout.laneRoom
    let (end0, end1) = (UInt64(start &+ share), UInt64(start &+ 2 &* share))
    let (end2, end3) = (UInt64(start &+ 3 &* share), UInt64(start &+ 4 &* share))
    var (a, b, c, d) = (UInt64(start), end0, end1, end2)
    var turns = 0
    var (before0, before1, before2, before3) = (0, 0, 0, 0)
    repeat {
      for i in 0..<4 {
        let (w, p) = unsafe (words + 2 &* i, positions + 2 &* i)
        unsafe step(&a, input, steps, w, p)
        unsafe step(&b, input, steps, w + room, p + room)
        unsafe step(&c, input, steps, w + 2 &* room, p + 2 &* room)
        unsafe step(&d, input, steps, w + 3 &* room, p + 3 &* room)
      }
      unsafe words += 8
      unsafe positions += 8
      turns &+= 1
      before0 &+= a < end0 ? 1 : 0
      before1 &+= b < end1 ? 1 : 0
      before2 &+= c < end2 ? 1 : 0
      before3 &+= d < end3 ? 1 : 0
    } while before0 == turns || before1 == turns || before2 == turns || before3 == turns
      || 8 &* turns < LaneLayout.compared
    unsafe positions[0] = UInt16(truncatingIfNeeded: a)
    unsafe positions[room] = UInt16(truncatingIfNeeded: b)
    unsafe positions[2 &* room] = UInt16(truncatingIfNeeded: c)
    unsafe positions[3 &* room] = UInt16(truncatingIfNeeded: d)
    return Walks(count: 8 &* turns, before: [before0, before1, before2, before3])
  }

  /// A segment's tokens in lists, as they grow.
  @unsafe private struct Lists {
    let base: UnsafeMutableRawPointer
    let tables: UnsafePointer<UInt8>
    var literals: UnsafeMutablePointer<UInt8>
    var matches = 0
    var tokens = 0

    @inline(__always)
    init(_ s: UnsafeMutableRawPointer, _ tables: UnsafePointer<UInt8>) {
      unsafe base = s
      unsafe self.tables = tables
      unsafe literals = (s + LaneLayout.literals).assumingMemoryBound(to: UInt8.self)
      // The place before the first match is -1.
      unsafe indices[-1] = UInt32.max
    }

    var indices: UnsafeMutablePointer<UInt32> {
      @inline(__always) get {
        unsafe (base + LaneLayout.indices).assumingMemoryBound(to: UInt32.self)
      }
    }
    var windows: UnsafeMutablePointer<UInt32> {
      @inline(__always) get {
        unsafe (base + LaneLayout.windows).assumingMemoryBound(to: UInt32.self)
      }
    }
    var records: UnsafeMutablePointer<UInt64> {
      @inline(__always) get {
        unsafe (base + LaneLayout.records).assumingMemoryBound(to: UInt64.self)
      }
    }

    /// Adds tokens by their first bits.
    @inline(__always)
    mutating func add(_ words: UnsafePointer<UInt32>, _ count: Int) {
      let others = unsafe dk_lane_split(
        words, count, UInt32(truncatingIfNeeded: tokens), tables, windows + matches,
        indices + matches, literals)
      unsafe literals += count &- others
      unsafe matches &+= others
      unsafe tokens &+= count
    }

    /// Forgets the last token.
    @inline(__always)
    mutating func removeLast() {
      unsafe tokens &-= 1
      if unsafe matches > 0, unsafe Int(indices[matches &- 1]) == tokens { unsafe matches &-= 1 }
    }

    /// Takes the matches apart, up to the first token that the loop does not take: its place, or behind the last,
    /// stands behind those of the matches, and only tokens before it are left. `written`: bytes of output before
    /// them; returns those of the matches.
    @inline(__always)
    mutating func takeApart(behind written: Int) -> Int {
      var produced = 0
      unsafe indices[matches] = UInt32(truncatingIfNeeded: tokens)
      unsafe matches = unsafe dk_lane_records(
        windows, indices, matches, tables, written, records, &produced)
      unsafe tokens = unsafe Int(indices[matches])
      return produced
    }
  }

  /// Where a walk comes upon a token of the next one; both places are in their lists. Nil if it does not.
  @inline(__always)
  private func meet(
    _ s: UnsafeMutableRawPointer, _ steps: UnsafePointer<UInt8>, lane: Int, from: Int, count: Int
  ) -> (Int, Int)? {
    let input = unsafe UnsafePointer((s + LaneLayout.input).assumingMemoryBound(to: UInt8.self))
    let words =
      unsafe (s + LaneLayout.words).assumingMemoryBound(to: UInt32.self) + lane
      &* LaneLayout.laneRoom
    let positions =
      unsafe (s + LaneLayout.positions).assumingMemoryBound(to: UInt16.self)
      + lane &* LaneLayout.laneRoom
    let others = unsafe positions + LaneLayout.laneRoom
    var other = 0
    var at = from
    var known = count
    while true {
      let position = unsafe positions[at]
      while unsafe position > others[other &+ LaneLayout.compared &- 1] {
        other &+= LaneLayout.compared
        if other &+ LaneLayout.compared > count { return nil }
      }
      let same = unsafe dk_equal32(others + other, position)
      if same != 0 { return (at, other &+ same.trailingZeroBitCount) }
      if at >= known {
        // The walk goes on from here.
        if at &+ 1 >= LaneLayout.laneTokens { return nil }
        let word = unsafe load64(input, Int(position &>> 3)) &>> UInt64(position & 7)
        unsafe words[at] = UInt32(truncatingIfNeeded: word)
        unsafe positions[at &+ 1] =
          position &+ UInt16(steps[Int(truncatingIfNeeded: word & 0x1FFF)])
        known &+= 1
      }
      at &+= 1
    }
  }

  /// A segment on its way through the loop's steps.
  @unsafe private struct LaneSegment {
    /// It begins at bit `start` of its first byte, has `size` bytes, and `readable`, as many or more, are the input's.
    let start: Int
    let size: Int
    let readable: Int
    /// Bytes of output before it, and those of its matches.
    let written: Int
    var produced = 0
    /// Where its tokens end, and whether that is the segment's end.
    var end = 0
    var isWhole = true
    /// Tokens found; the matches before the first that the loop does not take.
    var found = 0
    var matches = 0
    /// Of each walk: its first token's place in its own list, and among all; which was the last.
    var firsts: InlineArray<4, Int> = [0, 0, 0, 0]
    var places: InlineArray<4, Int> = [0, .max, .max, .max]
    var lane = 0

    @inline(__always)
    init(start: Int, size: Int, readable: Int, written: Int) {
      unsafe self.start = start
      unsafe self.size = size
      unsafe self.readable = readable
      unsafe self.written = written
    }

    /// Where the token begins, or behind the last ends, that stands at a place among all.
    func position(_ s: UnsafeMutableRawPointer, of token: Int) -> Int {
      if unsafe token == found { return unsafe end }
      var lane = unsafe lane
      while unsafe lane > 0 && places[lane] > token { lane &-= 1 }
      let positions = unsafe (s + LaneLayout.positions).assumingMemoryBound(to: UInt16.self)
      return unsafe Int(
        positions[lane &* LaneLayout.laneRoom &+ firsts[lane] &+ token &- places[lane]])
    }
  }

  /// Finds a segment's tokens and takes them apart.
  @inline(__always)
  private func find(
    _ segment: inout LaneSegment, _ tables: UnsafePointer<UInt8>, _ s: UnsafeMutableRawPointer
  ) {
    let steps = unsafe tables + LaneTables.steps
    let start = unsafe segment.start
    let limit = unsafe 8 &* segment.readable
    let share = unsafe (8 &* segment.size &- start) / LaneLayout.lanes
    let walks = unsafe walk(s, steps, from: start, share: share)
    let allWords = unsafe (s + LaneLayout.words).assumingMemoryBound(to: UInt32.self)
    let allPositions = unsafe (s + LaneLayout.positions).assumingMemoryBound(to: UInt16.self)
    var lists = unsafe Lists(s, tables)
    var lane = 0
    var first = 0
    while true {
      let positions = unsafe allPositions + lane &* LaneLayout.laneRoom
      let target = UInt16(truncatingIfNeeded: start &+ (lane &+ 1) &* share)
      var last = max(8 &* walks.before[lane], first)
      while unsafe positions[last] < target { last &+= 1 }
      var next: Int?
      if lane < LaneLayout.lanes &- 1 {
        if let (here, there) = unsafe meet(s, steps, lane: lane, from: last, count: walks.count) {
          (last, next) = (here, there)
        } else {
          unsafe segment.isWhole = false
        }
      }
      unsafe lists.add(allWords + lane &* LaneLayout.laneRoom + first, last &- first)
      if unsafe Int(positions[last]) > limit {
        // The input ends within a token, and the walk went on through the zeros behind it.
        repeat {
          unsafe lists.removeLast()
          last &-= 1
        } while unsafe Int(positions[last]) > limit
        unsafe segment.isWhole = false
        next = nil
      }
      unsafe segment.end = Int(positions[last])
      guard let next else { break }
      lane &+= 1
      first = next
      unsafe segment.firsts[lane] = next
      unsafe segment.places[lane] = lists.tokens
    }
    unsafe segment.lane = lane
    unsafe segment.found = lists.tokens
    unsafe segment.produced = lists.takeApart(behind: segment.written)
    unsafe segment.matches = lists.matches
  }

  /// Writes a segment's tokens; returns how many.
  private func replay(
    _ segment: LaneSegment, _ state: inout FastLoopState, _ tables: UnsafeRawPointer,
    _ s: UnsafeMutableRawPointer
  ) -> Int {
    let output = unsafe state.output
    let indices = unsafe (s + LaneLayout.indices).assumingMemoryBound(to: UInt32.self)
    let matches = unsafe segment.matches
    var replay = unsafe LaneReplay(
      (s + LaneLayout.records).assumingMemoryBound(to: UInt64.self), matches: matches,
      indices: indices, literals: (s + LaneLayout.literals).assumingMemoryBound(to: UInt8.self),
      to: output + state.outputPosition, output: output, end: output + state.outputCount,
      tables: tables.assumingMemoryBound(to: UInt8.self))
    let literals = unsafe Int(indices[matches]) &- matches
    let done = unsafe replay.run(bytes: literals &+ segment.produced)
    unsafe state.outputPosition = replay.at.to - output
    return done
  }

  /// What finds the tokens as C sees it, to be inlined into the trampoline of Kernels.h and compiled again there.
  @c @implementation
  func dk_lane_find_body(
    _ segment: UnsafeMutableRawPointer, _ tables: UnsafeRawPointer,
    _ scratch: UnsafeMutableRawPointer
  ) {
    unsafe find(
      &segment.assumingMemoryBound(to: LaneSegment.self).pointee,
      tables.assumingMemoryBound(to: UInt8.self), scratch)
  }

  /// Runs whole tokens of a fixed block until the next one is the end of the block, an error, of a kind that the
  /// loop does not take, or does not fit what is left of input or output. `scratch`: laid out by LaneLayout.
  @inline(never)
  func runLaneLoop(_ state: inout FastLoopState, scratch: UnsafeMutableRawPointer) {
    let tables = unsafe LaneTables.shared.base
    let input = unsafe scratch + LaneLayout.input
    while true {
      let begin = unsafe state.bitPosition
      let at = begin &>> 3
      let left = unsafe state.inputCount &- at
      guard left >= LaneLayout.shortest else { break }
      // Segments of one size.
      let segments = (left &+ LaneLayout.segment &- 1) / LaneLayout.segment
      let size = (left &+ segments &- 1) / segments
      let readable = min(left, size &+ LaneLayout.lookAhead)
      unsafe input.copyMemory(from: state.input + at, byteCount: readable)
      unsafe (input + readable).initializeMemory(
        as: UInt8.self, repeating: 0, count: LaneLayout.zeros)
      var segment = unsafe LaneSegment(
        start: state.bitPosition & 7, size: size, readable: readable, written: state.outputPosition)
      // SAFETY: the pointer to `segment` lives for the call only.
      unsafe withUnsafeMutablePointer(to: &segment) { segment in
        unsafe dk_lane_find_avx2(segment, tables, scratch)
      }
      let done = unsafe replay(segment, &state, tables, scratch)
      unsafe state.bitPosition = at &* 8 &+ segment.position(scratch, of: done)
      if unsafe !segment.isWhole || done < segment.found { break }
      let isSuited = LoopSelection.isForLanes(
        bits: unsafe state.bitPosition &- begin,
        bytes: unsafe state.outputPosition &- segment.written)
      if !isSuited { break }
    }
  }
#endif
