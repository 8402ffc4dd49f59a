// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The vector loop's memory as one block of bytes, small enough for the first-level cache. Each part is
// longer than what it holds by what whole vectors read or write behind it.

/// Offsets in bytes from the start of the vector loop's memory.
enum VectorLayout {
  /// Bytes of input taken at a time, and their bit positions.
  static let segment = 768
  static let positions = 8 * segment
  /// Bytes taken at first where the call before took fewer: tiny blocks come in numbers.
  static let shortSegment = 64
  /// Input bytes read behind a segment: of tokens that start in it, by whole vectors.
  static let lookAhead = 64
  /// The most tokens that start in a segment, none shorter than eight bits, and as many as the walk notes
  /// in vain; the most matches, none shorter than twelve.
  static let tokens = positions / 8 + 8
  static let matches = positions / 12 + 1

  /// The bits of one, two and four tokens from each position on.
  static let one = 0
  static let two = one + positions + 64
  static let four = two + positions
  /// Bit positions at which tokens start.
  static let starts = four + positions
  /// Of each match: its place among the tokens, its first bits, and what it says, eight bytes.
  static let indices = starts + 4 * (tokens + 16) + 4
  static let windows = indices + 4 * (matches + 17)
  static let records = windows + 4 * (matches + 16)
  /// Literals without what stands between them.
  static let literals = records + 8 * (matches + 16)
  /// The input's last bytes, fewer than a segment and its look-ahead, and as much as is read behind.
  static let input = literals + tokens + 32
  /// Whether the last call took less than a short segment.
  static let isShort = input + segment + 2 * lookAhead
  static let size = isShort + 1
}

/// The vector loop's memory, or the lane loop's, whichever the build has.
@safe
struct LoopScratch: ~Copyable, @unchecked Sendable {
  // SAFETY of `@unchecked Sendable`: whoever holds the decoder that owns it is alone with it.
  /// Nil for a build that has neither.
  let base: UnsafeMutableRawPointer?

  init(cpu: CPUKind) {
    guard LoopSelection.hasVectorLoop(cpu) || LoopSelection.hasLaneLoop(cpu) else {
      unsafe base = nil
      return
    }
    let count = LoopSelection.hasVectorLoop(cpu) ? VectorLayout.size : LaneLayout.size
    // SAFETY: the whole allocation is initialised, and freed once, by its only owner.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    unsafe base = memory
  }

  deinit { unsafe base?.deallocate() }
}
