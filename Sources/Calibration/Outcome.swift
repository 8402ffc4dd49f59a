// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a calibration comes to.

package import FixedDeflate

/// The outcome of a calibration.
package enum Outcome: Sendable {
  /// These members, which no probe tells apart, explain every answer; the likeliest is first and never missing.
  case found([MatchProfile])
  /// No member explains every answer.
  case outside(Difference)
  /// The target does not answer the same question in the same way.
  case inconsistent(Inconsistency)
  /// A stream does not stand for its input.
  case wrong(WrongStream)
}

/// Where a target and the member nearest to it part.
package struct Difference: Sendable {
  /// Where it was found.
  package let name: String
  /// The smallest input found on which they differ; empty, as the streams are, where it is the user's.
  package let input: [UInt8]
  /// The target's stream.
  package let stream: [UInt8]
  /// The member that explains the most answers.
  package let nearest: MatchProfile
  /// Its stream.
  package let nearestStream: [UInt8]

  /// The first bit that is not the same; the length of the shorter one where that is its only difference.
  package var firstBit: Int {
    for (index, (left, right)) in zip(stream, nearestStream).enumerated() where left != right {
      return index * 8 + (left ^ right).trailingZeroBitCount
    }
    return min(stream.count, nearestStream.count) * 8
  }
}

/// Answers to one question that differ.
package struct Inconsistency: Sendable {
  /// The input that was compressed again and again.
  package let probe: Probe
  /// The different streams, the commonest first.
  package let streams: [[UInt8]]
  /// How often the input was compressed.
  package let askedCount: Int
  /// How often the answer was not the commonest.
  package let deviatingCount: Int
}

/// A stream that does not stand for its input.
package struct WrongStream: Sendable {
  package let probe: Probe
  package let stream: [UInt8]
  /// What is wrong.
  package let reason: String
}

/// An answer of the target.
package struct AskedProbe: Sendable {
  package let probe: Probe
  package let stream: [UInt8]
  /// Members before and after it.
  package let before: Int
  package internal(set) var after: Int
}
