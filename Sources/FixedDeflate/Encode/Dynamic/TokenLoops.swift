// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The two loops over a chunk's tokens: counting what occurs, and writing it in a code.
//
// SAFETY: all memory is the block that TokenLayout divides, the chunk and the list of its matches, whose literals and
// lengths sum to the chunk's bytes at most; at the place of a match the chunk has three bytes more. The output has
// room for what the counts come to in the code, and for a store of eight bytes.

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

@inline(__always)
private func countTokens(_ s: UnsafeMutableRawPointer) {
  let first = unsafe pointer(s, TokenLayout.literalCounts)
  let second = unsafe first + 256
  let third = unsafe first + 512
  let fourth = unsafe first + 768
  let lengths = unsafe pointer(s, TokenLayout.lengthCounts)
  let distances = unsafe pointer(s, TokenLayout.distanceCounts)
  var p = unsafe s.load(
    fromByteOffset: TokenLayout.input, as: UnsafePointer<UInt8>.self)
  var match = unsafe s.load(
    fromByteOffset: TokenLayout.matches, as: UnsafePointer<ChunkMatch>.self)
  let end = unsafe s.load(
    fromByteOffset: TokenLayout.matchesEnd, as: UnsafePointer<ChunkMatch>.self)
  while unsafe match < end {
    var run = unsafe Int(match.pointee.literals)
    while run >= 4 {
      unsafe first[Int(p[0])] &+= 1
      unsafe second[Int(p[1])] &+= 1
      unsafe third[Int(p[2])] &+= 1
      unsafe fourth[Int(p[3])] &+= 1
      unsafe p += 4
      run &-= 4
    }
    // What is left is counted without a branch; the match has bytes for three.
    unsafe first[Int(p[0])] &+= run > 0 ? 1 : 0
    unsafe second[Int(p[1])] &+= run > 1 ? 1 : 0
    unsafe third[Int(p[2])] &+= run > 2 ? 1 : 0
    let length = unsafe Int(match.pointee.length)
    let offset = unsafe Int(match.pointee.distance) &- 1
    let extra = extraBits(ofDistanceLessOne: offset)
    unsafe lengths[length] &+= 1
    unsafe distances[2 &* extra &+ offset &>> extra] &+= 1
    unsafe p += run &+ length
    unsafe match += 1
  }
  var rest = unsafe s.load(fromByteOffset: TokenLayout.literals, as: Int.self)
  while rest >= 4 {
    unsafe first[Int(p[0])] &+= 1
    unsafe second[Int(p[1])] &+= 1
    unsafe third[Int(p[2])] &+= 1
    unsafe fourth[Int(p[3])] &+= 1
    unsafe p += 4
    rest &-= 4
  }
  while rest > 0 {
    unsafe first[Int(p[0])] &+= 1
    unsafe p += 1
    rest &-= 1
  }
}

extension UnsafeBitWriter {
  /// Appends a code: bits below, their number above bit 24.
  @inline(__always)
  fileprivate mutating func append(_ code: UInt32) {
    unsafe append(UInt64(code & 0xff_ffff), UInt64(code &>> 24))
  }
}

@inline(__always)
private func writeTokens(_ s: UnsafeMutableRawPointer) {
  let literals = unsafe pointer(s, TokenLayout.literalCodes)
  let lengths = unsafe pointer(s, TokenLayout.lengthCodes)
  let distances = unsafe pointer(s, TokenLayout.distanceCodes)
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
      unsafe sink.append(literals[Int(p[0])])
      unsafe sink.append(literals[Int(p[1])])
      if isDeep { unsafe sink.flush() }
      unsafe sink.append(literals[Int(p[2])])
      unsafe sink.append(literals[Int(p[3])])
      unsafe sink.flush()
      unsafe p += 4
      run &-= 4
    }
    // What is left is written without a branch: 45 bits at most.
    unsafe sink.append(run > 0 ? literals[Int(p[0])] : 0)
    unsafe sink.append(run > 1 ? literals[Int(p[1])] : 0)
    unsafe sink.append(run > 2 ? literals[Int(p[2])] : 0)
    unsafe sink.flush()
    // 20 bits and 15 and 13 at most.
    let length = unsafe Int(match.pointee.length)
    let offset = unsafe Int(match.pointee.distance) &- 1
    let extra = extraBits(ofDistanceLessOne: offset)
    unsafe sink.append(lengths[length])
    unsafe sink.append(distances[2 &* extra &+ offset &>> extra])
    let mask = (1 as UInt64) &<< UInt64(truncatingIfNeeded: extra) &- 1
    unsafe sink.append(
      UInt64(truncatingIfNeeded: offset) & mask, UInt64(truncatingIfNeeded: extra))
    unsafe sink.flush()
    unsafe p += run &+ length
    unsafe match += 1
  }
  var rest = unsafe s.load(fromByteOffset: TokenLayout.literals, as: Int.self)
  while rest >= 4 {
    unsafe sink.append(literals[Int(p[0])])
    unsafe sink.append(literals[Int(p[1])])
    if isDeep { unsafe sink.flush() }
    unsafe sink.append(literals[Int(p[2])])
    unsafe sink.append(literals[Int(p[3])])
    unsafe sink.flush()
    unsafe p += 4
    rest &-= 4
  }
  while rest > 0 {
    unsafe sink.append(literals[Int(p[0])])
    unsafe sink.flush()
    unsafe p += 1
    rest &-= 1
  }
  unsafe s.storeBytes(of: sink.buffer, toByteOffset: TokenLayout.bitBuffer, as: UInt64.self)
  unsafe s.storeBytes(of: sink.count, toByteOffset: TokenLayout.bitCount, as: UInt64.self)
  unsafe s.storeBytes(
    of: sink.next, toByteOffset: TokenLayout.next, as: UnsafeMutableRawPointer.self)
}
