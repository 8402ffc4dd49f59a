// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fast encoder's tokens for who codes them otherwise, or asks for their bits alone.
//
// SAFETY: a chunk of n bytes has at most n / 3 matches, and the list has room for them; nothing is written to the
// output, whose room a block's worst case never exceeds. The bits that tell long literals reach 64 positions beyond
// the page.

import CDeflateKernels

/// A match of a chunk and the literals before it, as the kernels have it. `dk_tokens_*` read it.
typealias ChunkMatch = dk_chunk_match

extension FastEncoder {
  /// Collects the matches of a chunk.
  ///
  /// - Parameters:
  ///   - input: The chunk.
  ///   - list: Room for a third as many matches as the chunk has bytes.
  /// - Returns: How many there are, and where the last one ends.
  func collect(
    _ input: RawSpan, into list: UnsafeMutablePointer<ChunkMatch>
  ) -> (count: Int, end: Int) {
    let layout = FastEncoderLayout.self
    if uniformByte(of: input) != nil {
      return unsafe collectUniform(
        input.byteCount, distance: UInt16(uniformDistance), into: list)
    }
    unsafe setCollected(list)
    set(layout.collectedEnd, 0)
    defer { unsafe setCollected(nil) }
    encodeNothing(input)
    return unsafe (collected - list, collectedEnd)
  }

  /// The bits of a chunk's tokens in the fixed code, end-of-block not among them.
  func bitCount(of input: RawSpan) -> Int {
    if let byte = uniformByte(of: input) { return uniformBitCount(byte, input.byteCount) }
    set(FastEncoderLayout.bitCount, 0)
    setOnlyCounts(true)
    defer { setOnlyCounts(false) }
    encodeNothing(input)
    return bitCount
  }

  /// Goes through a chunk for who wants no stream.
  private func encodeNothing(_ input: RawSpan) {
    // SAFETY: blocks are written to scratch where the output has no room for them, and there is nothing to write.
    unsafe input.withUnsafeBytes { input in
      unsafe withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { nothing in
        _ = unsafe encode(input, into: nothing)
      }
    }
  }
}

/// Adds to `bitCount` what a block's matches take in the fixed code, with the literals between them.
@inline(__always)
func countBits(
  _ s: UnsafeMutableRawPointer, _ matches: UnsafeMutablePointer<dk_coded>, _ count: Int,
  _ start: Int, _ end: Int
) {
  let literal = unsafe s.load(fromByteOffset: FastEncoderLayout.literal, as: Int.self)
  let next = unsafe max(count > 0 ? Int(matches[count &- 1].end) : literal, end)
  // As many bytes as there are, and what a match takes instead of its own.
  var bits = 8 &* (next &- literal)
  var i = 0
  while i < count {
    let match = unsafe matches[i]
    bits &+= Int(match.bits &>> 24) &- 8 &* (Int(match.end) &- Int(match.start))
    i &+= 1
  }
  let bytes = unsafe (s + (FastEncoderLayout.window + FastEncoderLayout.origin + start))
    .assumingMemoryBound(to: UInt8.self)
  if unsafe dk_any_long(bytes, FastEncoderLayout.block) != 0 {
    unsafe bits &+= countLong(s, matches, count, literal, start, end)
  }
  unsafe s.storeBytes(
    of: bits &+ s.load(fromByteOffset: FastEncoderLayout.bitCount, as: Int.self),
    toByteOffset: FastEncoderLayout.bitCount, as: Int.self)
  unsafe s.storeBytes(of: next, toByteOffset: FastEncoderLayout.literal, as: Int.self)
}

/// How many literals of a block take nine bits: all such bytes, but for those in matches.
@inline(__always)
private func countLong(
  _ s: UnsafeMutableRawPointer, _ matches: UnsafeMutablePointer<dk_coded>, _ count: Int,
  _ literal: Int, _ start: Int, _ end: Int
) -> Int {
  let bytes = unsafe s + (FastEncoderLayout.window + FastEncoderLayout.origin)
  let codes = unsafe s + FastEncoderLayout.codes
  let long = unsafe s + FastEncoderLayout.longBits
  var i = start
  while i < start &+ FastEncoderLayout.block {
    let l = unsafe dk_literals32(bytes + i, codes + i)
    unsafe (long + i &>> 3).storeBytes(of: l, as: UInt32.self)
    i &+= 32
  }
  /// Of `n` positions, 56 at most.
  func among(_ from: Int, _ n: Int) -> Int {
    let word =
      unsafe (long + from &>> 3).loadUnaligned(as: UInt64.self)
      &>> UInt64(truncatingIfNeeded: from & 7)
    return (word & ((1 &<< UInt64(truncatingIfNeeded: n)) &- 1)).nonzeroBitCount
  }
  var found = 0
  i = literal
  while i < end {
    found &+= among(i, min(56, end &- i))
    i &+= 56
  }
  i = 0
  while i < count {
    let from = unsafe Int(matches[i].start)
    // A match may reach into the next block, and none is longer than 32.
    found &-= among(from, unsafe min(Int(matches[i].end), end) &- from)
    i &+= 1
  }
  return found
}

/// Appends matches to the list of who wants tokens instead of a stream.
@inline(__always)
func appendCollected(
  _ s: UnsafeMutableRawPointer, _ tokens: UnsafeMutablePointer<dk_token>, _ n: Int
) {
  var to = unsafe s.load(
    fromByteOffset: FastEncoderLayout.collected, as: UnsafeMutablePointer<ChunkMatch>.self)
  var end = unsafe s.load(fromByteOffset: FastEncoderLayout.collectedEnd, as: Int.self)
  let page = unsafe s.load(fromByteOffset: FastEncoderLayout.pageStart, as: Int.self)
  var i = 0
  while i < n {
    let start = unsafe Int(tokens[i].start)
    let distance = unsafe FastEncoderLayout.origin &+ start &- Int(tokens[i].source)
    let length = unsafe Int(tokens[i].end) &- start
    unsafe to.pointee = ChunkMatch(
      literals: UInt32(truncatingIfNeeded: page &+ start &- end),
      length: UInt16(truncatingIfNeeded: length),
      distance: UInt16(truncatingIfNeeded: distance))
    end = page &+ start &+ length
    unsafe to += 1
    i &+= 1
  }
  unsafe s.storeBytes(
    of: to, toByteOffset: FastEncoderLayout.collected,
    as: UnsafeMutablePointer<ChunkMatch>.self)
  unsafe s.storeBytes(of: end, toByteOffset: FastEncoderLayout.collectedEnd, as: Int.self)
}
