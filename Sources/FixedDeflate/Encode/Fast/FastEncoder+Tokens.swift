// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fast encoder's tokens for who codes them otherwise.
//
// SAFETY: a chunk of n bytes has at most n / 3 matches, and the list has room for them; nothing is written to the
// output, whose room a block's worst case never exceeds.

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
