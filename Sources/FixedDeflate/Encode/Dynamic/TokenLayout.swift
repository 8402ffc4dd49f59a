// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// What the two loops over a chunk's tokens work on, as a single block of bytes:
//
//     0        variables of eight bytes
//     128      counts of literals, four tables of 256, by the literal's place in its group of four
//              counts of length symbols, from the first on
//              counts of distance symbols 0...31
//              each length's symbol, from the first symbol on, a byte each
//              literals gathered before they are counted
//              codes of literals, 256
//              codes of lengths 0...258, extra bits included
//              codes of distance symbols 0...31
//              masks of the last literals of a run, four for each of 0...3 of them
//
// All counts and codes are UInt32. What is counted is set to 0 before, as one block. A code has its bits below, first
// bit lowest, and their number above bit 24.

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
  static let lengthSymbolCount = 32
  static let distanceCounts = lengthCounts + 4 * lengthSymbolCount
  static let distanceCount = 32
  static let countsEnd = distanceCounts + 4 * distanceCount
  static let lengthSymbols = countsEnd
  static let lengthCount = LengthAlphabet.lengths.upperBound + 1
  /// Literals of matches with few before them are gathered, so that counting them takes no branch: at most so many,
  /// and what one copy more writes.
  static let gathered = lengthSymbols + (lengthCount + 63) & ~63
  static let gatheredCount = 1024
  static let copiedAtOnce = 16
  static let literalCodes = gathered + gatheredCount + copiedAtOnce
  static let lengthCodes = literalCodes + 4 * 256
  static let distanceCodes = lengthCodes + 4 * lengthCount
  /// All ones for the literals that there are.
  static let masks = distanceCodes + 4 * distanceCount
  static let size = masks + 4 * 4 * 4

  /// The longest codewords of which four literals fit in one store, with seven bits before them.
  static let longestOfFour = 14
}
