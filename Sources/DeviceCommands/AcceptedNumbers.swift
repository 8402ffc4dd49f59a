// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Numbers in options: whoever is refused is told what is taken.

import ArgumentParser

/// Reads a whole number of an option or argument.
///
/// - Parameters:
///   - text: What stands on the command line.
///   - range: What is taken.
/// - Returns: The number.
/// - Throws: What is taken, in a sentence, for anything else.
func wholeNumber(_ text: String, in range: ClosedRange<Int>) throws -> Int {
  guard let number = Int(text), range.contains(number) else {
    throw ValidationError(
      range == 0...1
        ? "it takes 0 or 1"
        : range.upperBound == .max
          ? "it takes a whole number, \(range.lowerBound) or more"
          : "it takes a whole number, \(range.lowerBound) to \(range.upperBound)")
  }
  return number
}
