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
//  4. Replay (TokenReplay): the literals before a match, 32 bytes whatever their number, then the match, likewise.
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
    var replay = unsafe TokenReplay(
      to: output + state.pointee.outputPosition, literals: bytes, output: output,
      end: output + room, last: output + max(room &- TokenReplay.margin, -1),
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
      let done = unsafe replay.run(
        literals: bytes + VectorLayout.literals, indices: indices, records: records,
        matches: matches)
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
