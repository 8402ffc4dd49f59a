// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The hot loop of fixed blocks where the processor has AVX-512 VBMI. A table decoder waits for one lookup
// after the other; here only additions wait for each other. A segment of the input at a time:
//
//  1. How long would a token be that starts at this bit? Asked of every bit at once (`iaa_token_bits`); from
//     these, the length of two and of four tokens.
//  2. Walk from token to token, four a step, and note where each starts.
//  3. Take sixteen tokens apart at once (`iaa_token_fields`): literals to one list, matches to another.
//  4. Replay: the literals before a match, 32 bytes whatever their number, then the match, likewise.
//
// No branch depends on what a token is, and no copy waits for the parse of the next token.
//
// What the loop does not take ends it, on a token's first bit: end of block, matches longer than 32 or from
// beyond 4096 back, and what is wrong.
//
// SAFETY: `state` describes the caller's buffers. Input is read only where `lookAhead` more bytes are there,
// else from a copy with zeros behind. Output is written past a token's end only while 64 bytes are left, and
// exactly from there on; a match is read only from what was written. The rest is the scratch memory, whose
// parts are as long as VectorLayout shows them to need.

import CIAAShim.CPU

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

  /// Writes tokens: where it stands.
  @unsafe private struct Replay {
    var to: UnsafeMutablePointer<UInt8>
    var literals: UnsafePointer<UInt8>
    /// Tokens of the segment done.
    var token = 0
    let output: UnsafeMutablePointer<UInt8>
    let end: UnsafeMutablePointer<UInt8>
    let patterns: UnsafeRawPointer

    /// Writes a segment's tokens; false when the output is full or a distance too far for the next.
    @inline(__always)
    mutating func run(_ s: UnsafeMutableRawPointer, matches: Int) -> Bool {
      let indices = unsafe (s + VectorLayout.indices).assumingMemoryBound(to: UInt32.self)
      let records = unsafe (s + VectorLayout.records).assumingMemoryBound(to: UInt32.self)
      unsafe token = 0
      unsafe literals = UnsafePointer(
        (s + VectorLayout.literals).assumingMemoryBound(to: UInt8.self))
      let last = unsafe end - 64
      var i = 0
      while i < matches {
        let count = unsafe Int(indices[i]) &- token
        guard unsafe to <= last else { break }
        unsafe copy32(from: literals, to: to)
        if count > 32 {
          guard unsafe count <= last - to else { break }
          var done = 32
          while done < count {
            unsafe copy32(from: literals + done, to: to + done)
            done &+= 32
          }
        }
        unsafe skip(count)
        if unsafe records[i] == VectorTables.uniform, unsafe to > output {
          unsafe repeatByte(records, indices, &i, matches, last)
          continue
        }
        guard unsafe copyMatch(records[i], isExact: false) else { return false }
        i &+= 1
      }
      while i < matches {
        guard unsafe copyLiterals(Int(indices[i]) &- token),
          unsafe copyMatch(records[i], isExact: true)
        else { return false }
        i &+= 1
      }
      return unsafe copyLiterals(Int(indices[matches]) &- token)
    }

    /// Writes match `i`, 32 bytes of distance 1, and as many like it as follow: each copied from the one
    /// before would wait for it.
    @inline(__always)
    private mutating func repeatByte(
      _ records: UnsafeMutablePointer<UInt32>, _ indices: UnsafeMutablePointer<UInt32>,
      _ i: inout Int,
      _ matches: Int, _ last: UnsafeMutablePointer<UInt8>
    ) {
      let pattern = unsafe UInt64(to[-1]) &* 0x0101_0101_0101_0101
      repeat {
        unsafe splat32(pattern, to, 0)
        unsafe to += 32
        unsafe token &+= 1
        i &+= 1
      } while unsafe i < matches && records[i] == VectorTables.uniform
        && Int(indices[i]) == token && to <= last
    }

    @inline(__always)
    private mutating func skip(_ count: Int) {
      unsafe to += count
      unsafe literals += count
      unsafe token &+= count
    }

    /// Writes literals and not one byte more; false when not all fit.
    @inline(__always)
    private mutating func copyLiterals(_ count: Int) -> Bool {
      let fitting = unsafe min(count, end - to)
      var left = fitting
      while left > 0 {
        let now = min(left, 32)
        unsafe iaa_copy_pattern_exact(literals, patterns + 32 * 32, to, now)
        unsafe skip(now)
        left &-= now
      }
      return fitting == count
    }

    /// Writes a match, and unless `isExact`, which it has to be for the output's last 32 bytes, what may be
    /// up to 32 bytes from its start.
    @inline(__always)
    private mutating func copyMatch(_ record: UInt32, isExact: Bool) -> Bool {
      let length = Int(record &>> 16 & 0xFF)
      let pattern = Int(record &>> 24)
      let reach = Int(record & 0xFFFF)
      if isExact, unsafe length > end - to { return false }
      if unsafe reach > to - output {
        // Either too far, or one of the first bytes of all, where the 32 before it are not there.
        let distance = min(reach, pattern)
        guard unsafe distance <= to - output, reach == 32 else { return false }
        for i in 0..<length { unsafe to[i] = to[i &- distance] }
      } else if isExact {
        unsafe iaa_copy_pattern_exact(to - reach, patterns + pattern &<< 5, to, length)
      } else {
        unsafe iaa_copy_pattern(to - reach, patterns + pattern &<< 5, to)
      }
      unsafe to += length
      unsafe token &+= 1
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
    let records = unsafe (s + VectorLayout.records).assumingMemoryBound(to: UInt32.self)
    let table = unsafe tables.assumingMemoryBound(to: UInt8.self)
    let inputCount = unsafe state.pointee.inputCount
    var position = unsafe state.pointee.bitPosition
    var replay = unsafe Replay(
      to: state.pointee.output + state.pointee.outputPosition, literals: bytes,
      output: state.pointee.output, end: state.pointee.output + state.pointee.outputCount,
      patterns: tables + VectorTables.patterns)
    while position &>> 3 < inputCount {
      let left = inputCount &- position &>> 3
      var source = unsafe state.pointee.input + position &>> 3
      if left < VectorLayout.segment &+ VectorLayout.lookAhead {
        let copy = unsafe s + VectorLayout.input
        unsafe copy.copyMemory(from: source, byteCount: left)
        unsafe (copy + left).initializeMemory(
          as: UInt8.self, repeating: 0,
          count: VectorLayout.segment &+ VectorLayout.lookAhead &- left)
        unsafe source = UnsafePointer(copy.assumingMemoryBound(to: UInt8.self))
      }
      let segment = min(left, VectorLayout.segment)
      unsafe iaa_token_bits(
        source, (segment &+ 7) / 8, table, bytes + VectorLayout.one, bytes + VectorLayout.two,
        bytes + VectorLayout.four)
      var count = unsafe walk(s, from: position & 7, limit: segment &* 8)
      // The input may end within the last token.
      if count > 0, unsafe Int(starts[count]) > left &* 8 { count &-= 1 }
      guard count > 0 else { break }
      let matches = unsafe iaa_token_fields(
        source, starts, count, table, indices, records, bytes + VectorLayout.literals)
      let isWhole = unsafe replay.run(s, matches: matches)
      let done = unsafe Int(starts[replay.token])
      position = (position & ~7) &+ done
      if !isWhole || done < segment &* 8 { break }
    }
    unsafe state.pointee.bitPosition = position
    unsafe state.pointee.outputPosition = replay.to - replay.output
  }

  /// The loop as C sees it, to be inlined into the trampoline of CIAACPU.h and compiled again there.
  @c @implementation
  public func iaa_vector_loop_body(
    _ state: UnsafeMutableRawPointer, _ tables: UnsafeRawPointer, _ scratch: UnsafeMutableRawPointer
  ) {
    unsafe vectorLoop(state.assumingMemoryBound(to: FastLoopState.self), tables, scratch)
  }

  /// Runs whole tokens of a fixed block until the next one is the end of the block, an error, or does not
  /// fit what is left of input or output. Where the vector loop meets a match that only other encoders
  /// write, the general loop, with the fixed code's tables `huffman`, takes the next piece.
  @inline(never)
  func runVectorLoop(
    _ state: inout FastLoopState, scratch: UnsafeMutableRawPointer, huffman: UnsafePointer<UInt32>
  ) {
    var piece = 4096
    while true {
      let start = unsafe state.outputPosition
      // SAFETY: the pointer to `state` lives for the call only.
      unsafe withUnsafeMutablePointer(to: &state) { pointer in
        unsafe iaa_vector_loop_v4(pointer, VectorTables.shared.base, scratch)
      }
      let (bits, bytes, outputCount) =
        unsafe (state.bitPosition, state.outputPosition, state.outputCount)
      if unsafe isEndOfBlock(state) { break }
      // The less came of it, the longer the other loop's turn.
      piece = bytes &- start < piece ? min(2 &* piece, 1 &<< 17) : 4096
      unsafe state.outputCount = min(outputCount, bytes &+ piece)
      unsafe runHuffmanLoop(&state, tables: huffman, cpu: .v4)
      unsafe state.outputCount = outputCount
      if unsafe state.bitPosition == bits { break }
    }
  }

  /// Whether the next codeword is end of block: seven zeros (RFC 1951 §3.2.6). False near the input's end.
  private func isEndOfBlock(_ state: FastLoopState) -> Bool {
    let at = unsafe state.bitPosition &>> 3
    guard unsafe at &+ 1 < state.inputCount else { return false }
    // SAFETY: both bytes are below inputCount.
    let word = unsafe UInt(state.input[at]) | UInt(state.input[at &+ 1]) &<< 8
    return unsafe word &>> UInt(state.bitPosition & 7) & 0x7F == 0
  }
#endif
