// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The hot loop of fixed blocks where the processor has AVX-512 VBMI. A table decoder waits for one lookup
// after the other; here only additions wait for each other. A segment of the input at a time:
//
//  1. How long would a token be that starts at this bit? Asked of every bit at once (`dk_token_bits`); from
//     these, the length of two and of four tokens.
//  2. Walk from token to token, four a step, and note where each starts.
//  3. Take sixteen tokens apart at once (`dk_token_fields`): literals to one list, matches to another.
//  4. Replay: the literals before a match, 32 bytes whatever their number, then the match, likewise.
//
// No branch depends on what a token is, and no copy waits for the parse of the next token.
//
// What the loop does not take ends it, on a token's first bit: end of block, matches longer than 32 or from
// beyond 4096 back, and what is wrong.
//
// SAFETY: `state` describes the caller's buffers. Input is read only where `lookAhead` more bytes are there,
// else from a copy; a token that ends behind the input is not taken, whatever is there. Output is written
// past a token's end only while 64 bytes are left, and exactly from there on; a match is read only from what
// was written. The rest is the scratch memory, whose parts are as long as VectorLayout shows them to need.

import CDeflateKernels

#if arch(x86_64)

  /// Notes where the tokens of a segment start, from bit `start` on; those count that start below `limit` and
  /// that the loop takes. Behind the last of them stands where it ends.
  @inline(__always)
  private func walk(_ s: UnsafeMutableRawPointer, from start: Int, limit: Int) -> Int {
    let one = unsafe (s + VectorLayout.one).assumingMemoryBound(to: UInt8.self)
    let two = unsafe (s + VectorLayout.two).assumingMemoryBound(to: UInt8.self)
    let four = unsafe (s + VectorLayout.four).assumingMemoryBound(to: UInt8.self)
    let starts = unsafe (s + VectorLayout.starts).assumingMemoryBound(to: UInt32.self)
    var next = unsafe starts
    var at = start
    while at < limit {
      let step = unsafe Int(four[at])
      let third = unsafe at &+ Int(two[at])
      unsafe next[0] = UInt32(truncatingIfNeeded: at)
      unsafe next[1] = UInt32(truncatingIfNeeded: at &+ Int(one[at]))
      unsafe next[2] = UInt32(truncatingIfNeeded: third)
      unsafe next[3] = UInt32(truncatingIfNeeded: third &+ Int(one[third]))
      unsafe next += 4
      if step == 0 { break }
      at &+= step
    }
    unsafe next[0] = UInt32(truncatingIfNeeded: at)
    let end = at < limit ? at : limit
    while unsafe next > starts && Int(next[-1]) >= end { unsafe next -= 1 }
    return unsafe next - starts
  }

  /// A match as `dk_token_fields` tells of it.
  private struct MatchRecord {
    /// How far back the 32 bytes are that the match is made of: its distance, or 32 if that is less.
    let reach: UInt16
    /// Which of them, and in which order: an offset in VectorTables' patterns.
    let pattern: UInt16
    /// Literals before it; bit 15: 32 bytes of distance 1.
    let literals: UInt16
    let length: UInt16

    static let isUniform = 0x8000
  }

  /// Writes tokens: where it stands.
  @unsafe private struct Replay {
    var to: UnsafeMutablePointer<UInt8>
    var literals: UnsafePointer<UInt8>
    let output: UnsafeMutablePointer<UInt8>
    let end: UnsafeMutablePointer<UInt8>
    /// The last place with 64 bytes left; before all places if there is none.
    let last: UnsafeMutablePointer<UInt8>
    let patterns: UnsafeRawPointer

    /// Writes a segment's tokens, up to the first for which the output is full or whose distance is too far;
    /// returns how many.
    @inline(__always)
    mutating func run(_ s: UnsafeMutableRawPointer, matches: Int) -> Int {
      let indices = unsafe (s + VectorLayout.indices).assumingMemoryBound(to: UInt32.self)
      let records = unsafe (s + VectorLayout.records).assumingMemoryBound(to: MatchRecord.self)
      unsafe literals = UnsafePointer(
        (s + VectorLayout.literals).assumingMemoryBound(to: UInt8.self))
      var next = unsafe records
      let stop = unsafe records + matches
      while unsafe next < stop && to <= last {
        unsafe copy32(from: literals, to: to)
        var count = unsafe Int(next.pointee.literals)
        if count > 32 {
          let isUniform = count & MatchRecord.isUniform != 0
          count &= ~MatchRecord.isUniform
          guard unsafe count <= last - to else { break }
          var done = 32
          while done < count {
            unsafe copy32(from: literals + done, to: to + done)
            done &+= 32
          }
          if isUniform, unsafe to + count > output {
            unsafe skip(count)
            unsafe repeatByte(&next, stop)
            continue
          }
        }
        unsafe skip(count)
        guard unsafe replayMatch(next.pointee, isExact: false) else {
          return unsafe Int(indices[next - records])
        }
        unsafe next += 1
      }
      while unsafe next < stop {
        // Indices are those of matches; the one before the first is -1.
        let first = unsafe Int(indices[next - records - 1] &+ 1)
        let count = unsafe Int(next.pointee.literals) & ~MatchRecord.isUniform
        let copied = unsafe copyLiterals(count)
        guard copied == count, unsafe replayMatch(next.pointee, isExact: true) else {
          return first &+ copied
        }
        unsafe next += 1
      }
      let first = unsafe Int(indices[matches - 1] &+ 1)
      return unsafe first &+ copyLiterals(Int(indices[matches]) &- first)
    }

    @inline(__always)
    private mutating func skip(_ count: Int) {
      unsafe to += count
      unsafe literals += count
    }

    /// Writes 32 bytes like the one before, for a match and as many as follow and say the same: each copied
    /// from the one before would wait for it.
    @inline(__always)
    private mutating func repeatByte(
      _ next: inout UnsafeMutablePointer<MatchRecord>, _ stop: UnsafeMutablePointer<MatchRecord>
    ) {
      let pattern = unsafe UInt64(to[-1]) &* 0x0101_0101_0101_0101
      repeat {
        unsafe splat32(pattern, to, 0)
        unsafe to += 32
        unsafe next += 1
      } while unsafe next < stop && Int(next.pointee.literals) == MatchRecord.isUniform
        && to <= last
    }

    /// Writes literals and not one byte more; returns how many fitted.
    @inline(__always)
    private mutating func copyLiterals(_ count: Int) -> Int {
      let fitting = unsafe min(count, end - to)
      var left = fitting
      while left > 0 {
        let now = min(left, 32)
        unsafe dk_copy_pattern_exact(
          literals, patterns + VectorTables.wholePattern, to, now)
        unsafe skip(now)
        left &-= now
      }
      return fitting
    }

    /// Writes a match, and unless `isExact`, as it has to be near the output's end, what may be behind it up
    /// to 32 bytes from its start. False if its distance is too far or it does not fit.
    @inline(__always)
    private mutating func replayMatch(_ record: MatchRecord, isExact: Bool) -> Bool {
      let length = Int(record.length)
      let reach = Int(record.reach)
      if isExact, unsafe length > end - to { return false }
      if unsafe reach > to - output {
        // Either too far, or near the output's start, where the 32 bytes before it are not all there.
        let distance = reach > 32 ? reach : Int(record.pattern) / 32
        guard unsafe distance <= to - output, unsafe length <= end - to else { return false }
        for i in 0..<length { unsafe to[i] = to[i &- distance] }
      } else if isExact {
        unsafe dk_copy_pattern_exact(to - reach, patterns + Int(record.pattern), to, length)
      } else {
        unsafe dk_copy_pattern(to - reach, patterns + Int(record.pattern), to)
      }
      unsafe to += length
      return true
    }
  }

  @inline(__always)
  private func vectorLoop(
    _ state: UnsafeMutablePointer<FastLoopState>, _ tables: UnsafeRawPointer,
    _ s: UnsafeMutableRawPointer
  ) {
    let bytes = unsafe s.assumingMemoryBound(to: UInt8.self)
    let starts = unsafe (s + VectorLayout.starts).assumingMemoryBound(to: UInt32.self)
    let indices = unsafe (s + VectorLayout.indices).assumingMemoryBound(to: UInt32.self)
    let windows = unsafe (s + VectorLayout.windows).assumingMemoryBound(to: UInt32.self)
    let records = unsafe (s + VectorLayout.records).assumingMemoryBound(to: UInt64.self)
    let table = unsafe tables.assumingMemoryBound(to: UInt8.self)
    let inputCount = unsafe state.pointee.inputCount
    var position = unsafe state.pointee.bitPosition
    let output = unsafe state.pointee.output
    let room = unsafe state.pointee.outputCount
    var replay = unsafe Replay(
      to: output + state.pointee.outputPosition, literals: bytes, output: output,
      end: output + room, last: output + max(room &- 64, -1),
      patterns: tables + VectorTables.patterns)
    let isShort = unsafe (s + VectorLayout.isShort).assumingMemoryBound(to: Bool.self)
    var most = unsafe isShort.pointee ? VectorLayout.shortSegment : VectorLayout.segment
    while position &>> 3 < inputCount {
      let left = inputCount &- position &>> 3
      var source = unsafe state.pointee.input + position &>> 3
      if unsafe state.pointee.readableCount &- position &>> 3
        < VectorLayout.segment &+ VectorLayout.lookAhead
      {
        let copy = unsafe s + VectorLayout.input
        unsafe copy.copyMemory(from: source, byteCount: left)
        unsafe source = UnsafePointer(copy.assumingMemoryBound(to: UInt8.self))
      }
      let segment = min(left, most)
      most = VectorLayout.segment
      unsafe dk_token_bits(
        source, (segment &+ 7) / 8, table, bytes + VectorLayout.one, bytes + VectorLayout.two,
        bytes + VectorLayout.four)
      var count = unsafe walk(s, from: position & 7, limit: segment &* 8)
      // The input may end within the last token.
      if count > 0, unsafe Int(starts[count]) > left &* 8 { count &-= 1 }
      guard count > 0 else { break }
      let matches = unsafe dk_token_fields(
        source, starts, count, table, indices, windows, records, bytes + VectorLayout.literals)
      let done = unsafe replay.run(s, matches: matches)
      let end = unsafe Int(starts[done])
      position = (position & ~7) &+ end
      if done < count || end < segment &* 8 { break }
    }
    unsafe isShort.pointee =
      position &- state.pointee.bitPosition < 8 &* VectorLayout.shortSegment
    unsafe state.pointee.bitPosition = position
    unsafe state.pointee.outputPosition = replay.to - replay.output
  }

  /// The loop as C sees it, to be inlined into the trampoline of Kernels.h and compiled again there.
  @c @implementation
  func dk_vector_loop_body(
    _ state: UnsafeMutableRawPointer, _ tables: UnsafeRawPointer, _ scratch: UnsafeMutableRawPointer
  ) {
    unsafe vectorLoop(state.assumingMemoryBound(to: FastLoopState.self), tables, scratch)
  }

  /// Runs whole tokens of a fixed block until the next one is the end of the block, an error, a match that
  /// only other encoders write, or does not fit what is left of input or output. Not inlined: its call of the
  /// trampoline has to stay in this file.
  @inline(never)
  func runVectorLoop(_ state: inout FastLoopState, scratch: UnsafeMutableRawPointer) {
    // SAFETY: the pointer to `state` lives for the call only.
    unsafe withUnsafeMutablePointer(to: &state) { pointer in
      unsafe dk_vector_loop_avx512(pointer, VectorTables.shared.base, scratch)
    }
  }
#endif
