// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where no member near version 1 explains what a target answered: first all pairs of switches, then around the
// members that explain the most.

import FixedDeflate

extension Calibrator {
  /// How often neighbours of the nearest members are looked at.
  private static let rounds = 2
  /// Members whose neighbours are.
  private static let nearestCount = 60

  /// Looks farther out for members that explain every answer.
  ///
  /// - Returns: Whether there was anything left to look at.
  mutating func widen() -> Bool {
    reach += 1
    let members: [Int]
    switch reach {
    case 1: members = answers.pairs
    case 2...(1 + Self.rounds):
      members = nearest(Self.nearestCount).flatMap {
        answers.family.neighbours(of: answers.members[$0]).map(answers.number)
      }
    default: return false
    }
    var seen = Set(considered)
    let new = members.filter { seen.insert($0).inserted }
    considered += new
    left = new.filter { misses($0, limit: 0) == 0 }
    return true
  }

  /// The members that explain the most answers, the best first.
  func nearest(_ count: Int) -> [Int] {
    let limit = 2
    let ranked = considered.map { ($0, misses($0, limit: limit, short: true)) }
      .filter { $0.1 <= limit }
    let rest = ranked.isEmpty ? considered.map { ($0, limit) } : ranked
    return rest.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(count).map(\.0)
  }

  /// How many answers a member does not explain, counted up to one more than `limit`; with `short` only answers
  /// to short inputs count.
  private func misses(_ member: Int, limit: Int, short: Bool = false) -> Int {
    var misses = 0
    for question in questions where question.isShort || !short {
      guard answers.answer(question.probe, by: member) != question.answer else { continue }
      misses += 1
      if misses > limit { break }
    }
    return misses
  }

  /// The smallest input that shows what no member near explains.
  func difference(_ probe: Probe, _ stream: [UInt8]) throws(CalibrationFailure) -> Difference {
    let near = nearest(20).map { answers.members[$0] }
    let small = try Shrinker(target: target).shrink(probe.input) { input, stream in
      near.allSatisfy { member in
        var encoder = Encoder(profile: member)
        return encoder.compress(input) != stream
      }
    }
    var encoder = Encoder(profile: near[0])
    let input = small?.input ?? probe.input
    return Difference(
      name: probe.name, input: input, stream: small?.stream ?? stream, nearest: near[0],
      nearestStream: encoder.compress(input))
  }
}
