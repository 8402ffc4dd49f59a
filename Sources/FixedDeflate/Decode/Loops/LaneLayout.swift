// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The lane loop's memory as one block of bytes. Each part is longer than what it holds by what whole vectors read
// or write behind it. No two lanes' lists are a multiple of 4096 bytes apart: the first cache keeps so many.

/// Offsets in bytes from the start of the lane loop's memory.
enum LaneLayout {
  static let lanes = 4
  /// The most bytes of input taken at a time, and the fewest that are worth four lanes: 4 KiB of
  /// fewer repeat a token or two.
  static let segment = 2560
  static let shortest = 320
  /// Input bytes looked at behind a segment: of tokens that start in it.
  static let lookAhead = 8
  /// Tokens of the next walk that a place is compared with at once.
  static let compared = 32
  /// Bytes that are written and read at once.
  static let width = 32
  /// Fewest bits that the walk goes on by at any place.
  static let leastBits = 7
  /// The most tokens of one lane: its share of the segment, as many as it may go on behind that to meet the next
  /// lane, and a turn of eight.
  static let laneTokens = segment * 8 / lanes / leastBits + goOn + 8
  static let goOn = 128
  /// Room for one lane's tokens, and what is read behind them.
  static let laneRoom = (laneTokens + 40 + 15) / 16 * 16
  /// The most tokens of a segment, rounded up so that every list begins with a cache line.
  static let tokens = (segment * 8 / leastBits + 8 * lanes + goOn + 63) / 64 * 64

  /// Of each lane's tokens: the first 32 bits, and the bit position.
  static let words = 0
  static let positions = words + 4 * laneRoom * lanes
  /// Of each match: its place among the tokens, its first bits, and what it says, eight bytes.
  static let indices = positions + 2 * laneRoom * lanes + 64
  static let windows = indices + 4 * (tokens + 32)
  static let records = windows + 4 * (tokens + 16)
  /// Literals without what stands between them.
  static let literals = records + 8 * (tokens + 16)
  /// A segment's bytes, what is behind them, and zeros for lanes that run on.
  static let input = literals + tokens + 64
  static let zeros = segment / lanes + 128
  static let size = input + segment + lookAhead + zeros
}
