// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The two loops over a chunk's tokens: counting what occurs, and writing it in a code.
//
// SAFETY: all memory is the block that TokenLayout divides, the chunk and the list of its matches, whose literals and
// lengths sum to the chunk's bytes at most; at the place of a match the chunk has three bytes more. Literals are
// gathered as long as there are no more than `gatheredCount`, and behind that is room for one copy. The output has room
// for what the counts come to in the code, and for a store of eight bytes.

import CDeflateKernels

/// The loops as C sees them, to be inlined into the trampolines of Kernels.h and compiled again there.
@c @implementation
func dk_tokens_count_body(_ state: UnsafeMutableRawPointer) { unsafe countTokens(state) }

@c @implementation
func dk_tokens_write_body(_ state: UnsafeMutableRawPointer) { unsafe writeTokens(state) }

/// Counts on a kind of processor. Not inlined: its calls would become jumps to the baseline build.
@inline(never)
func countTokens(_ state: UnsafeMutableRawPointer, cpu: CPUKind) {
  #if arch(x86_64)
    if cpu >= .avx2 { return unsafe dk_tokens_count_avx2(state) }
  #endif
  unsafe dk_tokens_count_body(state)
}

/// Writes on a kind of processor.
@inline(never)
func writeTokens(_ state: UnsafeMutableRawPointer, cpu: CPUKind) {
  #if arch(x86_64)
    if cpu >= .avx2 { return unsafe dk_tokens_write_avx2(state) }
  #endif
  unsafe dk_tokens_write_body(state)
}

/// The number of extra bits of a distance less one, as RFC 1951 §3.2.5 has them: two symbols for each.
@inline(__always)
private func extraBits(ofDistanceLessOne offset: Int) -> Int { (offset | 2).floorLog2 &- 1 }

@inline(__always)
private func pointer(_ s: UnsafeMutableRawPointer, _ offset: Int) -> UnsafeMutablePointer<UInt32> {
  unsafe (s + offset).assumingMemoryBound(to: UInt32.self)
}

/// Counts literals that lie behind each other, in four tables, so that one that is repeated does not wait for itself.
@inline(__always)
private func countLiterals(
  _ counts: UnsafeMutablePointer<UInt32>, _ from: UnsafePointer<UInt8>, _ count: Int
) {
  var i = 0
  while i &+ 8 <= count {
    let eight = unsafe UnsafeRawPointer(from + i).loadUnaligned(as: UInt64.self)
    unsafe counts[Int(eight & 255)] &+= 1
    unsafe counts[Int(256 &+ (eight &>> 8) & 255)] &+= 1
    unsafe counts[Int(512 &+ (eight &>> 16) & 255)] &+= 1
    unsafe counts[Int(768 &+ (eight &>> 24) & 255)] &+= 1
    unsafe counts[Int((eight &>> 32) & 255)] &+= 1
    unsafe counts[Int(256 &+ (eight &>> 40) & 255)] &+= 1
    unsafe counts[Int(512 &+ (eight &>> 48) & 255)] &+= 1
    unsafe counts[Int(768 &+ eight &>> 56)] &+= 1
    i &+= 8
  }
  while i < count {
    unsafe counts[Int(from[i])] &+= 1
    i &+= 1
  }
}

@inline(__always)
private func countTokens(_ s: UnsafeMutableRawPointer) {
  let literals = unsafe pointer(s, TokenLayout.literalCounts)
  let lengths = unsafe pointer(s, TokenLayout.lengthCounts)
  let distances = unsafe pointer(s, TokenLayout.distanceCounts)
  let symbols = unsafe (s + TokenLayout.lengthSymbols).assumingMemoryBound(to: UInt8.self)
  let gathered = unsafe (s + TokenLayout.gathered).assumingMemoryBound(to: UInt8.self)
  var p = unsafe s.load(
    fromByteOffset: TokenLayout.input, as: UnsafePointer<UInt8>.self)
  let inputEnd = unsafe s.load(
    fromByteOffset: TokenLayout.inputEnd, as: UnsafePointer<UInt8>.self)
  var match = unsafe s.load(
    fromByteOffset: TokenLayout.matches, as: UnsafePointer<ChunkMatch>.self)
  let end = unsafe s.load(
    fromByteOffset: TokenLayout.matchesEnd, as: UnsafePointer<ChunkMatch>.self)
  var n = 0
  while unsafe match < end {
    let run = unsafe Int(match.pointee.literals)
    if unsafe run <= TokenLayout.copiedAtOnce && inputEnd - p >= TokenLayout.copiedAtOnce {
      // As one value: a call for each would cost more than the counting.
      let bytes = unsafe UnsafeRawPointer(p).loadUnaligned(as: SIMD16<UInt8>.self)
      unsafe UnsafeMutableRawPointer(gathered + n).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
      n &+= run
      if n > TokenLayout.gatheredCount {
        unsafe countLiterals(literals, gathered, n)
        n = 0
      }
    } else {
      unsafe countLiterals(literals, p, run)
    }
    let length = unsafe Int(match.pointee.length)
    let offset = unsafe Int(match.pointee.distance) &- 1
    let extra = extraBits(ofDistanceLessOne: offset)
    unsafe lengths[Int(symbols[length])] &+= 1
    unsafe distances[2 &* extra &+ offset &>> extra] &+= 1
    unsafe p += run &+ length
    unsafe match += 1
  }
  unsafe countLiterals(literals, gathered, n)
  unsafe countLiterals(literals, p, s.load(fromByteOffset: TokenLayout.literals, as: Int.self))
}

/// Codes put together before the writer takes them: what waits on the writer is then one shift, not one a code.
private struct Bits {
  var bits: UInt64
  var count: UInt64

  /// Of a code: bits below, their number above bit 24.
  @inline(__always)
  init(_ code: UInt32) {
    bits = UInt64(code & 0xff_ffff)
    count = UInt64(code &>> 24)
  }

  @inline(__always)
  init(_ bits: Int, count: Int) {
    self.bits = UInt64(truncatingIfNeeded: bits)
    self.count = UInt64(truncatingIfNeeded: count)
  }

  @inline(__always)
  static func + (first: Bits, second: Bits) -> Bits {
    var sum = first
    sum.bits |= second.bits &<< first.count
    sum.count &+= second.count
    return sum
  }
}

extension UnsafeBitWriter {
  @inline(__always)
  fileprivate mutating func append(_ bits: Bits) { unsafe append(bits.bits, bits.count) }

  /// Four literals, and a flush; two if four may have more than 56 bits.
  @inline(__always)
  fileprivate mutating func append4(
    _ codes: UnsafeMutablePointer<UInt32>, _ p: UnsafePointer<UInt8>, isDeep: Bool
  ) {
    let first = unsafe Bits(codes[Int(p[0])]) + Bits(codes[Int(p[1])])
    let second = unsafe Bits(codes[Int(p[2])]) + Bits(codes[Int(p[3])])
    if isDeep {
      unsafe append(first)
      unsafe flush()
      unsafe append(second)
    } else {
      unsafe append(first + second)
    }
    unsafe flush()
  }
}

@inline(__always)
private func writeTokens(_ s: UnsafeMutableRawPointer) {
  let literals = unsafe pointer(s, TokenLayout.literalCodes)
  let lengths = unsafe pointer(s, TokenLayout.lengthCodes)
  let distances = unsafe pointer(s, TokenLayout.distanceCodes)
  let masks = unsafe pointer(s, TokenLayout.masks)
  let isDeep = unsafe s.load(fromByteOffset: TokenLayout.isDeep, as: Int.self) != 0
  var p = unsafe s.load(
    fromByteOffset: TokenLayout.input, as: UnsafePointer<UInt8>.self)
  var match = unsafe s.load(
    fromByteOffset: TokenLayout.matches, as: UnsafePointer<ChunkMatch>.self)
  let end = unsafe s.load(
    fromByteOffset: TokenLayout.matchesEnd, as: UnsafePointer<ChunkMatch>.self)
  var sink = unsafe UnsafeBitWriter(
    buffer: s.load(fromByteOffset: TokenLayout.bitBuffer, as: UInt64.self),
    count: s.load(fromByteOffset: TokenLayout.bitCount, as: UInt64.self),
    next: s.load(fromByteOffset: TokenLayout.next, as: UnsafeMutableRawPointer.self))
  while unsafe match < end {
    var run = unsafe Int(match.pointee.literals)
    while run >= 4 {
      unsafe sink.append4(literals, p, isDeep: isDeep)
      unsafe p += 4
      run &-= 4
    }
    // What is left is written without a branch, which comparisons would become: 45 bits at most.
    let mask = unsafe masks + 4 &* run
    let rest =
      unsafe Bits(literals[Int(p[0])] & mask[0]) + Bits(literals[Int(p[1])] & mask[1])
      + Bits(literals[Int(p[2])] & mask[2])
    // 20 bits and 15 and 13 at most.
    let length = unsafe Int(match.pointee.length)
    let offset = unsafe Int(match.pointee.distance) &- 1
    let extra = extraBits(ofDistanceLessOne: offset)
    let distance =
      unsafe Bits(distances[2 &* extra &+ offset &>> extra])
      + Bits(offset & (1 &<< extra &- 1), count: extra)
    let code = unsafe Bits(lengths[length]) + distance
    // Seldom too many for one store.
    if rest.count &+ code.count > 56 {
      unsafe sink.append(rest)
      unsafe sink.flush()
      unsafe sink.append(code)
    } else {
      unsafe sink.append(rest + code)
    }
    unsafe sink.flush()
    unsafe p += run &+ length
    unsafe match += 1
  }
  var rest = unsafe s.load(fromByteOffset: TokenLayout.literals, as: Int.self)
  while rest >= 4 {
    unsafe sink.append4(literals, p, isDeep: isDeep)
    unsafe p += 4
    rest &-= 4
  }
  while rest > 0 {
    unsafe sink.append(Bits(literals[Int(p[0])]))
    unsafe sink.flush()
    unsafe p += 1
    rest &-= 1
  }
  unsafe s.storeBytes(of: sink.buffer, toByteOffset: TokenLayout.bitBuffer, as: UInt64.self)
  unsafe s.storeBytes(of: sink.count, toByteOffset: TokenLayout.bitCount, as: UInt64.self)
  unsafe s.storeBytes(
    of: sink.next, toByteOffset: TokenLayout.next, as: UnsafeMutableRawPointer.self)
}
