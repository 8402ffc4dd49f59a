// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The hot loops of fixed blocks, step by step, and six literals at a time, which are C (FixedLoop.c of the kernels),
// compiled twice: plain, and for AVX2 and BMI2. What is left within their margins goes through `fixedTail`, token by
// token with exact bounds.

import CDeflateKernels

enum FixedStepLoop {
  static let inputMargin = Int(DK_FIXED_INPUT_MARGIN)
  static let outputMargin = Int(DK_FIXED_OUTPUT_MARGIN)
}

extension FastLoopState {
  /// Whether it is the end of input or output that keeps the loop from going on.
  var isWithinFixedMargins: Bool {
    unsafe outputPosition > outputCount &- FixedStepLoop.outputMargin
      || bitPosition &>> 3 > inputCount &- 2 &* FixedStepLoop.inputMargin
  }

  /// Lets a loop written in C go on from here.
  @inline(__always)
  mutating func withLoopState(_ body: (inout dk_loop_state) -> Void) {
    // SAFETY: the loop gets this state's buffers and counts, and keeps no pointer.
    var loop = unsafe dk_loop_state(
      input: input, input_count: inputCount, bit_position: bitPosition, output: output,
      output_count: outputCount, output_position: outputPosition, distance_limit: distanceLimit)
    unsafe body(&loop)
    unsafe bitPosition = loop.bit_position
    unsafe outputPosition = loop.output_position
  }
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
        &+ Int(truncatingIfNeeded: UInt32(truncatingIfNeeded: behind) & symbol &>> 27) &* 8,
      as: FixedDistance.self)
    let length = Int(truncatingIfNeeded: symbol &>> 8 & 0xFF)
    let isLiteral = symbol &>> 31 == 0
    let advance = unsafe tables.load(
      fromByteOffset: Int(truncatingIfNeeded: bits & (1 &<< UInt64(FixedTables.advanceBits) &- 1)),
      as: UInt8.self)
    let end = position &+ Int(advance)
    if symbol & FixedTables.leaveFlag != 0 || entry.base == FixedTables.noDistance
      || end > inputCount &* 8 || length > outputCount &- to
    {
      break
    }
    if isLiteral {
      unsafe output[to] = UInt8(truncatingIfNeeded: symbol &>> 16)
    } else {
      let extra = UInt32(truncatingIfNeeded: behind &>> 5) & entry.mask
      let distance = Int(entry.base &+ extra)
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

/// Runs whole tokens of a fixed block until a margin is reached, or the next token is the end of the block, an
/// error, or a match longer than 32; `mostlyLiterals`: in the way that is fast where nearly all are literals.
func runFixedStepLoop(
  _ state: inout FastLoopState, tables: FixedTables, mostlyLiterals: Bool, cpu: CPUKind
) {
  // SAFETY: the loops read and write within the state's buffers alone, as both margins are checked each step, and a
  // match's distance before it is copied; table indices are masked to the tables' sizes.
  unsafe state.withLoopState { loop in
    let base = unsafe tables.base.assumingMemoryBound(to: UInt8.self)
    #if arch(x86_64)
      switch (cpu >= .avx2, mostlyLiterals) {
      case (true, false): unsafe dk_fixed_step_loop_avx2(&loop, base)
      case (true, true): unsafe dk_fixed_literal_loop_avx2(&loop, base)
      case (false, false): unsafe dk_fixed_step_loop_plain(&loop, base)
      case (false, true): unsafe dk_fixed_literal_loop_plain(&loop, base)
      }
    #else
      if mostlyLiterals {
        unsafe dk_fixed_literal_loop_plain(&loop, base)
      } else {
        unsafe dk_fixed_step_loop_plain(&loop, base)
      }
    #endif
  }
}

/// Runs the tokens that `runFixedStepLoop` left within its margins of the end of input or output.
@inline(never)
func runFixedTail(_ state: inout FastLoopState, tables: FixedTables) {
  unsafe fixedTail(&state, tables.base)
}
