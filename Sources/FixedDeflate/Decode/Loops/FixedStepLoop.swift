// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The hot loops of fixed blocks. A step takes one literal if there is one, and then one token of
// any kind, without a branch on what they are: mispredicted branches between literals and
// matches cost a table decoder about as much as everything else. Only two short lookups
// (`leading`, `advance`) lie on the chain from one step to the next, and two independent
// streams stepped in turn hide even those.
//
// Margins. Input: a step loads eight bytes once, from `at` on. Output: the leading literal and the token's first
// byte are stored singly, 2 bytes; a match has at most 32 bytes; and its copy writes up to `MatchCopy.slack` bytes
// beyond the match. What is left of either goes through `fixedTail`, token by token with exact bounds.

import CDeflateKernels

enum FixedStepLoop {
  static let inputMargin = 8
  static let outputMargin = 2 + 32 + MatchCopy.slack
}

extension FastLoopState {
  /// Whether it is the end of input or output that keeps the loop from going on.
  var isWithinFixedMargins: Bool {
    unsafe outputPosition > outputCount &- FixedStepLoop.outputMargin
      || bitPosition &>> 3 > inputCount &- 2 &* FixedStepLoop.inputMargin
  }
}

/// One stream inside a hot loop.
@unsafe private struct FixedStream {
  var bits: UInt64
  /// Valid bits in `bits`, in the low six bits only: a step subtracts whole table entries, whose upper bits leave
  /// anything above them. A refill sets the count to 56...63; bits of `bits` above it are set too, with the right
  /// values, as the refill loads eight bytes.
  var count: UInt64
  var at: UnsafePointer<UInt8>
  var to: UnsafeMutablePointer<UInt8>
  let output: UnsafeMutablePointer<UInt8>
  let input: UnsafePointer<UInt8>
  /// Last places at which a step may begin.
  let inputLast: UnsafePointer<UInt8>
  let outputLast: UnsafeMutablePointer<UInt8>

  /// Nil when not even one step fits.
  @inline(__always)
  init?(_ state: UnsafeMutablePointer<FastLoopState>) {
    // SAFETY: pointers are moved inside the caller's buffers only: both guards come first.
    let position = unsafe state.pointee.bitPosition
    let last = unsafe state.pointee.inputCount &- FixedStepLoop.inputMargin
    let lastTo = unsafe state.pointee.outputCount &- FixedStepLoop.outputMargin
    guard position &>> 3 < last, unsafe state.pointee.outputPosition <= lastTo else { return nil }
    unsafe input = state.pointee.input
    unsafe output = state.pointee.output
    unsafe inputLast = input + last
    unsafe outputLast = output + lastTo
    unsafe to = output + state.pointee.outputPosition
    unsafe bits =
      load64(input, position &>> 3) &>> UInt64(truncatingIfNeeded: position & 7)
    unsafe count = 56 &- UInt64(truncatingIfNeeded: position & 7)
    unsafe at = input + (position &>> 3) + 7
  }

  @inline(__always)
  func save(_ state: UnsafeMutablePointer<FastLoopState>) {
    // SAFETY: both pointers are inside their buffers.
    unsafe state.pointee.bitPosition =
      (at - input) &* 8 &- Int(truncatingIfNeeded: count & 63)
    unsafe state.pointee.outputPosition = to - output
  }

  /// One step; false, with nothing consumed, when the careful path must go on.
  @inline(__always)
  mutating func step(_ tables: UnsafeRawPointer) -> Bool {
    // SAFETY: input is loaded only when at <= inputLast, output stored only when
    // to <= outputLast, a match copied only when its source is not before `output`; table
    // indices are masked to the tables' sizes.
    guard unsafe at <= inputLast, unsafe to <= outputLast else { return false }
    unsafe bits |= load64(at, 0) &<< count
    unsafe at += 7 &- Int(truncatingIfNeeded: (count &>> 3) & 7)
    unsafe count |= 56

    let lead = unsafe tables.load(
      fromByteOffset: FixedTables.leadingOffset &+ Int(truncatingIfNeeded: bits & 0x1FF) &* 2,
      as: UInt16.self)
    let rest = unsafe bits &>> UInt64(lead)
    let advance = unsafe tables.load(
      fromByteOffset: Int(truncatingIfNeeded: rest & 0x1FFF), as: UInt8.self)
    let symbol = unsafe tables.load(
      fromByteOffset: FixedTables.symbolsOffset &+ Int(truncatingIfNeeded: rest & 0x1FF) &* 4,
      as: UInt32.self)
    let behind = rest &>> UInt64(symbol)
    // For a literal `symbol >> 27` is 0, so that distance entry 0, distance 1, is loaded. It is always in range:
    // the literal itself comes before it.
    let entry = unsafe tables.load(
      fromByteOffset: FixedTables.distancesOffset
        &+ Int(truncatingIfNeeded: UInt32(truncatingIfNeeded: behind) & symbol &>> 27) &* 4,
      as: UInt32.self)
    unsafe to[0] = UInt8(truncatingIfNeeded: lead &>> 8)
    let next = unsafe to + Int(truncatingIfNeeded: (lead &>> 3) & 1)
    let extra = (behind &>> 5) & ((1 &<< UInt64(entry & 63)) &- 1)
    let distance = Int(truncatingIfNeeded: entry &>> 8 & 0xFFFF) &+ Int(truncatingIfNeeded: extra)
    let length = Int(truncatingIfNeeded: symbol &>> 8 & 0xFF)
    let reach = unsafe next - output &- distance
    if (symbol | entry) & FixedTables.leaveFlag != 0 || reach < 0 { return false }

    unsafe bits = rest &>> UInt64(advance)
    unsafe count &-= UInt64(UInt8(truncatingIfNeeded: lead)) &+ UInt64(advance)
    // A literal goes by this store; its copy then moves old bytes behind it, for nothing.
    unsafe next[0] = UInt8(truncatingIfNeeded: symbol &>> 16)
    unsafe to = next + length
    if distance < length {
      if distance == 1 {
        unsafe repeatByte(token: rest, bits: UInt64(advance), length: length)
        return true
      }
      if distance < 16 {
        unsafe copyMatch(output, at: next - output, distance: distance, length: length)
        return true
      }
    }
    let isMatch = Int(Int32(bitPattern: symbol) &>> 31)
    let from = unsafe output + (reach & isMatch)
    let target = unsafe next + 1 + isMatch
    unsafe copy16(from: from, to: target)
    unsafe copy16(from: from + 16, to: target + 16)
    return true
  }
}

extension FixedStream {
  /// A match of distance 1 whose token starts `token`, already consumed and counted in `to`:
  /// writes it, and as long as the very same token follows, those too (uniform pages).
  @inline(__always)
  mutating func repeatByte(token: UInt64, bits size: UInt64, length: Int) {
    // SAFETY: as in `step`; the first store starts where `step` was allowed to begin or one
    // byte later, `to` - length - 1 is the byte repeated and lies inside the output.
    let mask = (1 as UInt64) &<< size &- 1
    let byte = unsafe (to - length - 1)[0]
    let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
    unsafe splat32(pattern, to - length, 0)
    while unsafe at <= inputLast, unsafe to <= outputLast {
      unsafe bits |= load64(at, 0) &<< count
      unsafe at += 7 &- Int(truncatingIfNeeded: (count &>> 3) & 7)
      unsafe count |= 56
      guard unsafe (bits ^ token) & mask == 0 else { return }
      unsafe splat32(pattern, to, 0)
      unsafe to += length
      unsafe bits &>>= size
      unsafe count &-= size
    }
  }
}

@inline(__always)
private func fixedLoop(
  _ state: UnsafeMutablePointer<FastLoopState>, _ tables: UnsafeRawPointer
) {
  guard var stream = unsafe FixedStream(state) else { return }
  while unsafe stream.step(tables) {}
  unsafe stream.save(state)
}

/// Two streams in turn until one of them cannot go on.
@inline(__always)
private func fixedPairLoop(
  _ first: UnsafeMutablePointer<FastLoopState>, _ second: UnsafeMutablePointer<FastLoopState>,
  _ tables: UnsafeRawPointer
) -> Int32 {
  guard var a = unsafe FixedStream(first) else { return 0 }
  guard var b = unsafe FixedStream(second) else { return 1 }
  var stopped: Int32 = 0
  while true {
    guard unsafe a.step(tables) else { break }
    guard unsafe b.step(tables) else {
      stopped = 1
      break
    }
  }
  unsafe a.save(first)
  unsafe b.save(second)
  return stopped
}

/// The last tokens of input or output, one by one, with exact bounds on both. Stops before a
/// token that is not plainly good.
@inline(__always)
private func fixedTail(_ state: inout FastLoopState, _ tables: UnsafeRawPointer) {
  // SAFETY: input bytes are read below inputCount only, output is written below outputCount.
  let input = unsafe state.input
  let output = unsafe state.output
  let inputCount = unsafe state.inputCount
  let outputCount = unsafe state.outputCount
  var to = unsafe state.outputPosition
  var position = unsafe state.bitPosition
  while true {
    let at = position &>> 3
    var bits: UInt64 = 0
    if at &+ 8 <= inputCount {
      bits = unsafe load64(input, at)
    } else {
      var i = inputCount
      while i > at {
        i &-= 1
        bits = unsafe bits &<< 8 | UInt64(input[i])
      }
    }
    bits &>>= UInt64(truncatingIfNeeded: position & 7)
    let symbol = unsafe tables.load(
      fromByteOffset: FixedTables.symbolsOffset &+ Int(truncatingIfNeeded: bits & 0x1FF) &* 4,
      as: UInt32.self)
    let behind = bits &>> UInt64(symbol & 63)
    let entry = unsafe tables.load(
      fromByteOffset: FixedTables.distancesOffset
        &+ Int(truncatingIfNeeded: UInt32(truncatingIfNeeded: behind) & symbol &>> 27) &* 4,
      as: UInt32.self)
    let length = Int(truncatingIfNeeded: symbol &>> 8 & 0xFF)
    let isLiteral = symbol &>> 31 == 0
    let end = position &+ Int(symbol & 63) &+ (isLiteral ? 0 : 5 &+ Int(entry & 63))
    if (symbol | entry) & FixedTables.leaveFlag != 0 || end > inputCount &* 8
      || length > outputCount &- to
    {
      break
    }
    if isLiteral {
      unsafe output[to] = UInt8(truncatingIfNeeded: symbol &>> 16)
    } else {
      let extra = (behind &>> 5) & ((1 &<< UInt64(entry & 63)) &- 1)
      let distance = Int(truncatingIfNeeded: entry &>> 8 & 0xFFFF) &+ Int(truncatingIfNeeded: extra)
      if distance > to { break }
      if outputCount &- to >= 32 &+ MatchCopy.slack {
        unsafe copyMatch(output, at: to, distance: distance, length: length)
      } else {
        for i in 0..<length { unsafe output[to &+ i] = output[to &+ i &- distance] }
      }
    }
    to &+= length
    position = end
  }
  unsafe state.bitPosition = position
  unsafe state.outputPosition = to
}

/// The loop as C sees it, to be inlined into the trampolines of Kernels.h and compiled again there.
@c @implementation
func dk_fixed_step_loop_body(_ state: UnsafeMutableRawPointer, _ tables: UnsafeRawPointer) {
  unsafe fixedLoop(state.assumingMemoryBound(to: FastLoopState.self), tables)
}

/// The loop as C sees it, to be inlined into the trampolines of Kernels.h and compiled again there.
@c @implementation
func dk_fixed_pair_loop_body(
  _ first: UnsafeMutableRawPointer, _ second: UnsafeMutableRawPointer, _ tables: UnsafeRawPointer
) -> Int32 {
  unsafe fixedPairLoop(
    first.assumingMemoryBound(to: FastLoopState.self),
    second.assumingMemoryBound(to: FastLoopState.self), tables)
}

/// Runs whole tokens of a fixed block until a margin is reached, or the next token is the end of the block, an
/// error, or a match longer than 32. Not inlined: its call of the trampoline has to stay in this file.
@inline(never)
func runFixedStepLoop(_ state: inout FastLoopState, tables: FixedTables, cpu: CPUKind) {
  // SAFETY: the pointer to `state` lives for the call only.
  unsafe withUnsafeMutablePointer(to: &state) { pointer in
    #if arch(x86_64)
      if cpu >= .avx2 { return unsafe dk_fixed_step_loop_avx2(pointer, tables.base) }
    #endif
    unsafe fixedLoop(pointer, tables.base)
  }
}

/// Runs the tokens that `runFixedStepLoop` left within its margins of the end of input or output.
@inline(never)
func runFixedTail(_ state: inout FastLoopState, tables: FixedTables) {
  unsafe fixedTail(&state, tables.base)
}

/// Steps two streams in turn until one of them cannot go on. Returns which: 0 or 1. Not inlined: its call of
/// the trampoline has to stay in this file.
@inline(never)
func runFixedPairLoop(
  _ first: inout FastLoopState, _ second: inout FastLoopState, tables: FixedTables, cpu: CPUKind
) -> Int32 {
  // SAFETY: the pointers to both states live for the call only.
  unsafe withUnsafeMutablePointer(to: &first) { first in
    unsafe withUnsafeMutablePointer(to: &second) { second in
      #if arch(x86_64)
        if cpu >= .avx2 { return unsafe dk_fixed_pair_loop_avx2(first, second, tables.base) }
      #endif
      return unsafe fixedPairLoop(first, second, tables.base)
    }
  }
}
