// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// What the two loops over a chunk's tokens work on, as a single block of bytes:
//
//     0        variables of eight bytes
//     128      counts of literals, four tables of 256, by the literal's place in its group of four
//              counts of lengths 0...258
//              counts of distance symbols 0...31
//              codes of literals, 256
//              codes of lengths 0...258, extra bits included
//              codes of distance symbols 0...31
//              masks of the last literals of a run, four for each of 0...3 of them
//              literals on their way to be counted
//
// All counts and codes are UInt32. A code has its bits below, first bit lowest, and their number above bit 24.

enum TokenLayout {
  /// The chunk's first byte.
  static let input = 0
  /// The list of `ChunkMatch`, and its end.
  static let matches = 8
  static let matchesEnd = 16
  /// Literals behind the last match.
  static let literals = 24
  // The writer.
  static let bitBuffer = 32
  static let bitCount = 40
  static let next = 48
  /// Whether four literals may have more than 56 bits.
  static let isDeep = 56
  /// The chunk's end.
  static let inputEnd = 64

  static let literalCounts = 128
  static let literalCountsStride = 4 * 256
  static let lengthCounts = literalCounts + 4 * literalCountsStride
  static let lengthCount = LengthAlphabet.lengths.upperBound + 1
  static let distanceCounts = lengthCounts + 4 * lengthCount
  static let distanceCount = 32
  static let literalCodes = distanceCounts + 4 * distanceCount
  static let lengthCodes = literalCodes + 4 * 256
  static let distanceCodes = lengthCodes + 4 * lengthCount
  /// All ones for the literals that there are.
  static let masks = distanceCodes + 4 * distanceCount
  static let gathered = masks + 4 * 4 * 4
  /// Literals that are gathered before they are counted; behind them there is room for a copy of 16.
  static let gatheredCount = 2048
  static let copied = 16
  static let size = gathered + gatheredCount + copied

  /// The longest codewords of which four literals fit in one store, with seven bits before them.
  static let longestOfFour = 14
}
