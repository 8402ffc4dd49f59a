// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// An input that shows something, made smaller while it still does (Zeller and Hildebrandt's ddmin, 2002).

import FixedDeflate

/// Makes inputs smaller.
struct Shrinker {
  let target: any CalibrationTarget
  /// The most inputs that are tried.
  var limit = 2000

  /// An input, and the target's stream of it.
  struct Result {
    let input: [UInt8]
    let stream: [UInt8]
  }

  /// The smallest part of an input on which the target and the library by some rules differ; nil where the target does
  /// not answer it twice alike.
  func difference(
    _ input: [UInt8], by profile: MatchProfile
  ) throws(CalibrationFailure) -> Result? {
    let mode = target.mode
    return try shrink(input) { input, stream in
      var encoder = Encoder(mode: mode, profile: profile)
      return encoder.compress(input) != stream
    }
  }

  /// Takes parts away from an input as long as the target's stream of the rest has a property.
  ///
  /// - Returns: The smallest found; nil when the input's own stream has not the property, or the target does
  ///   not answer it twice alike.
  /// - Complexity: `limit` inputs at most, the first the largest.
  func shrink(
    _ input: [UInt8], while holds: (_ input: [UInt8], _ stream: [UInt8]) -> Bool
  ) throws(CalibrationFailure) -> Result? {
    var tried = 0
    func attempt(_ input: [UInt8]) throws(CalibrationFailure) -> Result? {
      tried += 1
      // Devices reject empty input.
      guard !input.isEmpty else { return nil }
      let stream = try target.stream(input, position: .last)
      guard holds(input, stream) else { return nil }
      return try target.stream(input, position: .last) == stream
        ? Result(input: input, stream: stream) : nil
    }
    guard var best = try attempt(input) else { return nil }
    // The end first: what comes behind a difference is seldom needed for it.
    var size = best.input.count / 2
    while size > 0 {
      while tried < limit, size < best.input.count,
        let smaller = try attempt(Array(best.input.dropLast(size)))
      {
        best = smaller
      }
      size /= 2
    }
    size = best.input.count / 2
    while size > 0 {
      var start = 0
      while start < best.input.count, tried < limit {
        var rest = best.input
        rest.removeSubrange(start..<min(start + size, rest.count))
        if let smaller = try attempt(rest) { best = smaller } else { start += size }
      }
      size /= 2
    }
    return best
  }
}
