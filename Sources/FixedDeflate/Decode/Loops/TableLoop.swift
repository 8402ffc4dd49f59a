// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The general hot loop, of a block coded by any two Huffman tables. It is alone in its function, all
// its state is local, and it is compiled twice: plain, and for AVX2/BMI2 by the C trampoline.
//
// Margins. Input: a round refills twice; each refill loads eight bytes and moves `at` by seven at most, so that 15
// bytes are read, 16 with the rounding. Output: at most 3 literals, a match of up to 32 bytes, and the copy's slack
// beyond it; a longer match is checked by itself.

import CDeflateKernels

enum TableLoop {
  static let inputMargin = 16
  static let outputMargin = 3 + 32 + MatchCopy.slack
}

@inline(__always)
private func tableLoop(
  _ state: UnsafeMutablePointer<FastLoopState>, _ tables: UnsafePointer<UInt32>
) {
  // SAFETY: in the whole function `state` describes the caller's buffers. Loads of input stay
  // inside because `at <= inputLast` is checked each round; stores because `to <= outputLast`
  // is; table indices are masked to the main tables, or come from a link the builder wrote.
  let input = unsafe state.pointee.input
  let output = unsafe state.pointee.output
  let limit = unsafe state.pointee.distanceLimit
  let start = unsafe state.pointee.bitPosition
  let lastIn = unsafe state.pointee.inputCount &- TableLoop.inputMargin
  let lastOut = unsafe state.pointee.outputCount &- TableLoop.outputMargin
  guard start &>> 3 < lastIn, unsafe state.pointee.outputPosition <= lastOut else { return }
  let inputLast = unsafe input + lastIn
  let outputLast = unsafe output + lastOut
  var at = unsafe input + (start &>> 3)
  var to = unsafe output + state.pointee.outputPosition

  let litlenMask = (1 as UInt64) &<< UInt64(HuffmanTable.literalLengthBits) &- 1
  let distanceMask = (1 as UInt64) &<< UInt64(HuffmanTable.distanceBits) &- 1
  var bits = unsafe load64(at, 0) &>> UInt64(truncatingIfNeeded: start & 7)
  // Only the low six bits of `count` count: whole entries are subtracted from it.
  // Bits below `count` are valid; those above may be set too, with the right values.
  var count = (56 as UInt64) &- UInt64(truncatingIfNeeded: start & 7)
  unsafe at += 7
  var rewind = 0  // bits to give back when a match is refused
  var entry = unsafe tables[Int(truncatingIfNeeded: bits & litlenMask)]

  while unsafe at <= inputLast && to <= outputLast {
    unsafe bits |= load64(at, 0) &<< count
    unsafe at += 7 &- Int(truncatingIfNeeded: (count &>> 3) & 7)
    count |= 56

    // At most three literals of at most 11 bits: 23 bits are left, enough to index again.
    if Int32(truncatingIfNeeded: entry) < 0 {
      unsafe to[0] = UInt8(truncatingIfNeeded: entry &>> 16)
      unsafe to += 1
      bits &>>= UInt64(entry)
      count &-= UInt64(entry)
      entry = unsafe tables[Int(truncatingIfNeeded: bits & litlenMask)]
      if Int32(truncatingIfNeeded: entry) < 0 {
        unsafe to[0] = UInt8(truncatingIfNeeded: entry &>> 16)
        unsafe to += 1
        bits &>>= UInt64(entry)
        count &-= UInt64(entry)
        entry = unsafe tables[Int(truncatingIfNeeded: bits & litlenMask)]
        if Int32(truncatingIfNeeded: entry) < 0 {
          unsafe to[0] = UInt8(truncatingIfNeeded: entry &>> 16)
          unsafe to += 1
          bits &>>= UInt64(entry)
          count &-= UInt64(entry)
          entry = unsafe tables[Int(truncatingIfNeeded: bits & litlenMask)]
          continue
        }
      }
    }
    if entry & HuffmanEntry.exceptional != 0 {
      if entry & HuffmanEntry.link == 0 { break }
      entry = unsafe tables[HuffmanEntry.subtableIndex(entry, bits, HuffmanTable.literalLengthBits)]
      if Int32(truncatingIfNeeded: entry) < 0 {
        unsafe to[0] = UInt8(truncatingIfNeeded: entry &>> 16)
        unsafe to += 1
        bits &>>= UInt64(entry)
        count &-= UInt64(entry)
        entry = unsafe tables[Int(truncatingIfNeeded: bits & litlenMask)]
        continue
      }
      if entry & HuffmanEntry.exceptional != 0 { break }
    }
    let lengthEntry = entry
    let length = HuffmanEntry.value(entry, bits)
    bits &>>= UInt64(entry)
    count &-= UInt64(entry)

    // At least 14 bits are valid here; 28 are needed.
    var distanceEntry = unsafe tables[
      HuffmanTable.literalLengthCount &+ Int(truncatingIfNeeded: bits & distanceMask)]
    unsafe bits |= load64(at, 0) &<< count
    unsafe at += 7 &- Int(truncatingIfNeeded: (count &>> 3) & 7)
    count |= 56
    if distanceEntry & HuffmanEntry.exceptional != 0 {
      if distanceEntry & HuffmanEntry.link != 0 {
        distanceEntry = unsafe tables[
          HuffmanTable.literalLengthCount
            &+ HuffmanEntry.subtableIndex(distanceEntry, bits, HuffmanTable.distanceBits)]
      }
      if distanceEntry & HuffmanEntry.exceptional != 0 {
        rewind = Int(lengthEntry & 63)
        break
      }
    }
    let distance = HuffmanEntry.value(distanceEntry, bits)
    bits &>>= UInt64(distanceEntry)
    count &-= UInt64(distanceEntry)
    if unsafe distance > to - output || distance > limit
      || (length > 32 && length &- 32 > outputLast - to)
    {
      rewind = Int(lengthEntry & 63) &+ Int(distanceEntry & 63)
      break
    }
    entry = unsafe tables[Int(truncatingIfNeeded: bits & litlenMask)]
    unsafe copyMatch(to, at: 0, distance: distance, length: length)
    unsafe to += length
  }
  unsafe state.pointee.bitPosition =
    (at - input) &* 8 &- Int(truncatingIfNeeded: count & 63) &- rewind
  unsafe state.pointee.outputPosition = to - output
}

/// The loop as C sees it, to be inlined into the trampolines of Kernels.h and compiled again there.
@c @implementation
func dk_table_loop_body(
  _ state: UnsafeMutableRawPointer, _ tables: UnsafePointer<UInt32>
) {
  unsafe tableLoop(state.assumingMemoryBound(to: FastLoopState.self), tables)
}

/// Runs whole tokens until a margin is reached, or the next token is the end of the block, an
/// error, or a match that does not fit the output less its slack. `tables`: literal/length table
/// and, HuffmanTable.literalLengthCount entries behind its start, the distance table. Not inlined: its call
/// of the trampoline has to stay in this file.
@inline(never)
func runTableLoop(
  _ state: inout FastLoopState, tables: UnsafePointer<UInt32>, cpu: CPUKind
) {
  // SAFETY: the pointer to `state` lives for the call only.
  unsafe withUnsafeMutablePointer(to: &state) { pointer in
    #if arch(x86_64)
      if cpu >= .avx2 { return unsafe dk_table_loop_avx2(pointer, tables) }
    #endif
    unsafe tableLoop(pointer, tables)
  }
}
