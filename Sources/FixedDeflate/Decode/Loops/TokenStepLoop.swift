// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The hot loop of long dynamic blocks. A step takes one literal or two if they come first, and then one
// token of any kind, without a branch on what they are: a processor guesses that branch wrong about
// once a match, which costs as much as decoding it.
//
// Margins. Input: a step refills twice at most; each refill loads eight bytes and moves `at` by seven at most, so
// that 15 bytes are read, 16 with the rounding. Output: at most 2 literals, a match of up to 64 bytes, and the copy's
// slack beyond it; a longer match is checked by itself.

import CDeflateKernels

enum TokenStepLoop {
  static let inputMargin = 16
  static let outputMargin = 2 + 64 + MatchCopy.slack

  /// The table of leading literals stands behind those of the two codes.
  static let leadsStart = HuffmanTable.literalLengthCount + HuffmanTable.distanceCount
  static let leadsCount = 1 << HuffmanTable.literalLengthBits

  /// Makes the leads from the literal/length table: what literals an index begins with.
  ///
  ///     bits 0...5    code bits, of both literals together if there are two
  ///     bits 8...9    how many literals: 0...2
  ///     bits 16...31  the literals, the first one lower
  @inline(__always)
  static func buildLeads(_ tables: UnsafeMutablePointer<UInt32>) {
    // SAFETY: the main literal/length table and the leads have `leadsCount` entries each.
    let leads = unsafe tables + leadsStart
    var short: UInt32 = 0
    for index in 0..<leadsCount {
      let token = unsafe tables[index]
      let isLiteral = HuffmanEntry.literalMask(token)
      unsafe leads[index] = (token & 0x00FF_003F | 0x100) & isLiteral
      short &+= isLiteral & (token & 63 &- 6) &>> 31
    }
    // Where few literals have five bits or less, two of them are rarely in one index.
    if short < leadsCount / 16 { return }
    for index in 0..<leadsCount {
      let first = unsafe leads[index]
      let second = unsafe tables[index &>> Int(first & 15)]
      let bits = first & 63 &+ second & 63
      if first != 0, second & HuffmanEntry.literal != 0, bits <= HuffmanTable.literalLengthBits {
        let literals = first & 0x00FF_0000 | (second & 0x00FF_0000) &<< 8
        unsafe leads[index] = literals | 0x200 | bits
      }
    }
  }
}

/// A rare match, out of the loop's way. Needs what `copyMatch` does.
@inline(never)
private func copyRareMatch(_ to: UnsafeMutablePointer<UInt8>, distance: Int, length: Int) {
  // SAFETY: the caller has shown what `copyMatch` needs.
  unsafe copyMatch(to, at: 0, distance: distance, length: length)
}

@inline(__always)
private func stepLoop(
  _ state: UnsafeMutablePointer<FastLoopState>, _ tables: UnsafePointer<UInt32>
) {
  // SAFETY: in the whole function `state` describes the caller's buffers. Loads of input stay
  // inside because `at <= inputLast` is checked each round; stores because `to <= outputLast`
  // is; table indices are masked to the main tables, or come from a link the builder wrote.
  let input = unsafe state.pointee.input
  let output = unsafe state.pointee.output
  let limit = unsafe state.pointee.distanceLimit
  let start = unsafe state.pointee.bitPosition
  let lastIn = unsafe state.pointee.inputCount &- TokenStepLoop.inputMargin
  let lastOut = unsafe state.pointee.outputCount &- TokenStepLoop.outputMargin
  guard start &>> 3 < lastIn, unsafe state.pointee.outputPosition <= lastOut else { return }
  let inputLast = unsafe input + lastIn
  let outputLast = unsafe output + lastOut
  var at = unsafe input + (start &>> 3)
  var to = unsafe output + state.pointee.outputPosition

  let litlenMask = (1 as UInt64) &<< UInt64(HuffmanTable.literalLengthBits) &- 1
  let distanceMask = (1 as UInt64) &<< UInt64(HuffmanTable.distanceBits) &- 1
  let distances = unsafe tables + HuffmanTable.literalLengthCount
  var bits = unsafe load64(at, 0) &>> UInt64(truncatingIfNeeded: start & 7)
  // As in the general loop, only the low six bits of `count` count, and more than `count` bits are right.
  var count = (56 as UInt64) &- UInt64(truncatingIfNeeded: start & 7)
  unsafe at += 7

  // A refill leaves 64 right bits, a token without subtables takes 37 at most: so 27 are there for a lead and a
  // length, 16 for the length alone, and the refill need not be waited for before the distance.
  while unsafe at <= inputLast && to <= outputLast {
    let lead = unsafe tables[TokenStepLoop.leadsStart &+ Int(truncatingIfNeeded: bits & litlenMask)]
    unsafe UnsafeMutableRawPointer(to).storeBytes(
      of: UInt16(truncatingIfNeeded: lead &>> 16).littleEndian, as: UInt16.self)
    let next = unsafe to + Int(truncatingIfNeeded: (lead &>> 8) & 3)
    var valid = count &- UInt64(lead)
    let unfilled = bits &>> UInt64(lead)
    let rest = unsafe unfilled | load64(at, 0) &<< valid
    unsafe at += 7 &- Int(truncatingIfNeeded: (valid &>> 3) & 7)
    valid |= 56

    let token = unsafe tables[Int(truncatingIfNeeded: unfilled & litlenMask)]
    let isMatch = ~HuffmanEntry.literalMask(token)
    let behind = rest &>> UInt64(token)
    // A literal is a match of length 1 and distance 0 here.
    let entry = unsafe distances[Int(truncatingIfNeeded: behind & distanceMask)] & isMatch
    if (token | entry) & HuffmanEntry.exceptional != 0 {
      unsafe (bits, count, to) = (rest, valid, next)
      var token = token
      if token & HuffmanEntry.link != 0 {
        token = unsafe tables[
          HuffmanEntry.subtableIndex(token, rest, HuffmanTable.literalLengthBits)]
      }
      if token & HuffmanEntry.exceptional != 0 { break }
      let behind = rest &>> UInt64(token)
      if token & HuffmanEntry.literal != 0 {
        unsafe to[0] = UInt8(truncatingIfNeeded: token &>> 16)
        unsafe to += 1
        bits = behind
        count &-= UInt64(token)
      } else {
        var entry = unsafe distances[Int(truncatingIfNeeded: behind & distanceMask)]
        if entry & HuffmanEntry.link != 0 {
          entry = unsafe distances[
            HuffmanEntry.subtableIndex(entry, behind, HuffmanTable.distanceBits)]
        }
        if entry & HuffmanEntry.exceptional != 0 { break }
        let length = HuffmanEntry.value(token, rest)
        let distance = HuffmanEntry.value(entry, behind)
        if unsafe distance > next - output || distance > limit
          || (length > 32 && length &- 32 > outputLast - next)
        {
          break
        }
        unsafe copyRareMatch(next, distance: distance, length: length)
        unsafe to += length
        bits = behind &>> UInt64(entry)
        count &-= UInt64(token) &+ UInt64(entry)
      }
      // Eight bits may be all that is left.
      unsafe bits |= load64(at, 0) &<< count
      unsafe at += 7 &- Int(truncatingIfNeeded: (count &>> 3) & 7)
      count |= 56
      continue
    }
    let length =
      HuffmanEntry.value(token & (isMatch | 0xFFFF), rest) &+ Int(truncatingIfNeeded: isMatch &+ 1)
    let distance = HuffmanEntry.value(entry, behind)
    let reach = unsafe next - output &- distance
    if reach < 0 || distance > limit {
      unsafe (bits, count, to) = (rest, valid, next)
      break
    }
    // A literal goes by this store; its copy then moves old bytes behind it, for nothing.
    unsafe next[0] = UInt8(truncatingIfNeeded: token &>> 16)
    let from = unsafe output + (reach & Int(Int32(bitPattern: isMatch)))
    unsafe to = next + length
    bits = behind &>> UInt64(entry)
    count = valid &- UInt64(token) &- UInt64(entry)
    // Less 1, so that a literal's distance of 0 is a large one.
    if length <= 64 && UInt(bitPattern: distance &- 1) >= UInt(bitPattern: length &- 1) {
      let target = unsafe next + Int(truncatingIfNeeded: isMatch &+ 1)
      unsafe copy32(from: from, to: target)
      unsafe copy32(from: from + 32, to: target + 32)
      continue
    }
    if unsafe length > 32 && length &- 32 > outputLast - next {
      unsafe (bits, count, to) = (rest, valid, next)
      break
    }
    if distance >= 32 {
      var done = 0
      repeat {
        unsafe copy32(from: from + done, to: next + done)
        done &+= 32
      } while done < length
    } else if distance > 1 {
      unsafe copyMatch(next, at: 0, distance: distance, length: length)
    } else {
      // As long as the very same token follows, it is taken without being looked up.
      let size = UInt64(token & 63) &+ UInt64(entry & 63)
      let mask = (1 as UInt64) &<< size &- 1
      let pattern = unsafe UInt64(from[0]) &* 0x0101_0101_0101_0101
      let over = max(length, 32) &- 32
      var done = 0
      while true {
        repeat {
          unsafe splat32(pattern, next, done)
          done &+= 32
        } while unsafe done < to - next
        done = unsafe to - next
        guard unsafe at <= inputLast, unsafe over <= outputLast - to else { break }
        unsafe bits |= load64(at, 0) &<< count
        unsafe at += 7 &- Int(truncatingIfNeeded: (count &>> 3) & 7)
        count |= 56
        guard (bits ^ rest) & mask == 0 else { break }
        bits &>>= size
        count &-= size
        unsafe to += length
      }
    }
  }
  unsafe state.pointee.bitPosition = (at - input) &* 8 &- Int(truncatingIfNeeded: count & 63)
  unsafe state.pointee.outputPosition = to - output
}

/// The loop as C sees it, to be inlined into the trampolines of Kernels.h and compiled again there.
@c @implementation
func dk_token_step_loop_body(
  _ state: UnsafeMutableRawPointer, _ tables: UnsafePointer<UInt32>
) {
  unsafe stepLoop(state.assumingMemoryBound(to: FastLoopState.self), tables)
}

/// Runs whole tokens until a margin is reached, or the next token is the end of the block, an
/// error, or a match that does not fit the output less its slack. `tables`: literal/length table,
/// distance table and leads, at their places. Not inlined: its call of the trampoline has to stay in this file.
@inline(never)
func runTokenStepLoop(
  _ state: inout FastLoopState, tables: UnsafePointer<UInt32>, cpu: CPUKind
) {
  // SAFETY: the pointer to `state` lives for the call only.
  unsafe withUnsafeMutablePointer(to: &state) { pointer in
    #if arch(x86_64)
      if cpu >= .avx2 { return unsafe dk_token_step_loop_avx2(pointer, tables) }
    #endif
    unsafe stepLoop(pointer, tables)
  }
}
