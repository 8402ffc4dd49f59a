// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fast encoder's tokens for who codes them otherwise.
//
// SAFETY: a chunk of n bytes has at most n / 3 matches, and the list has room for them; nothing is written to the
// output, whose room a block's worst case never exceeds.

import CDeflateKernels

/// A match of a chunk and the literals before it. `dk_tokens_*` read it.
struct ChunkMatch: Equatable {
  /// Literals since the match before, or since the chunk's start.
  var literals: UInt32
  var length: UInt16
  var distance: UInt16
}

extension FastEncoder {
  /// Collects the matches of a chunk.
  ///
  /// - Parameters:
  ///   - input: The chunk.
  ///   - longest: The length up to which matches that continue each other are joined; 0 for the device's matches.
  ///   - list: Room for a third as many matches as the chunk has bytes, behind one of distance 0.
  /// - Returns: How many there are, and where the last one ends.
  func collect(
    _ input: RawSpan, joinedUpTo longest: Int, into list: UnsafeMutablePointer<ChunkMatch>
  ) -> (count: Int, end: Int) {
    let layout = FastEncoderLayout.self
    unsafe setCollected(list)
    set(layout.collectedEnd, 0)
    set(layout.longestJoined, longest)
    defer { unsafe setCollected(nil) }
    // SAFETY: blocks are written to scratch where the output has no room for them, and there is nothing to write.
    unsafe input.withUnsafeBytes { input in
      unsafe withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { nothing in
        _ = unsafe encode(input, into: nothing)
      }
    }
    return unsafe (collected - list, collectedEnd)
  }
}

/// Appends matches to the list of who wants tokens instead of a stream. A match that goes on where the one before it
/// ends, from as far back, is made one with it, up to the length that is allowed.
@inline(__always)
func appendCollected(
  _ s: UnsafeMutableRawPointer, _ tokens: UnsafeMutablePointer<dk_token>, _ n: Int
) {
  var to = unsafe s.load(
    fromByteOffset: FastEncoderLayout.collected, as: UnsafeMutablePointer<ChunkMatch>.self)
  var end = unsafe s.load(fromByteOffset: FastEncoderLayout.collectedEnd, as: Int.self)
  let longest = unsafe s.load(fromByteOffset: FastEncoderLayout.longestJoined, as: Int.self)
  let page = unsafe s.load(fromByteOffset: FastEncoderLayout.pageStart, as: Int.self)
  // The list begins behind a match of distance 0. Without joining no distance is that of the match before.
  var before = unsafe longest > 0 ? Int(to[-1].distance) : -1
  var i = 0
  while i < n {
    let start = unsafe Int(tokens[i].start)
    let distance = unsafe FastEncoderLayout.origin &+ start &- Int(tokens[i].source)
    let length = unsafe Int(tokens[i].end) &- start
    let literals = page &+ start &- end
    end = page &+ start &+ length
    i &+= 1
    unsafe to.pointee = ChunkMatch(
      literals: UInt32(truncatingIfNeeded: literals),
      length: UInt16(truncatingIfNeeded: length),
      distance: UInt16(truncatingIfNeeded: distance))
    // One branch, which is seldom taken: whether there are literals is as good as chance.
    let differs = literals | (distance ^ before)
    before = longest > 0 ? distance : -1
    if differs != 0 {
      unsafe to += 1
      continue
    }
    // What does not fit in one match is left to another, which needs three bytes.
    let sum = unsafe Int(to[-1].length) &+ length
    let rest = sum <= longest ? 0 : max(sum &- longest, 3)
    unsafe to[-1].length = UInt16(truncatingIfNeeded: sum &- rest)
    unsafe to.pointee.length = UInt16(truncatingIfNeeded: rest)
    unsafe to += rest > 0 ? 1 : 0
  }
  unsafe s.storeBytes(
    of: to, toByteOffset: FastEncoderLayout.collected,
    as: UnsafeMutablePointer<ChunkMatch>.self)
  unsafe s.storeBytes(of: end, toByteOffset: FastEncoderLayout.collectedEnd, as: Int.self)
}
