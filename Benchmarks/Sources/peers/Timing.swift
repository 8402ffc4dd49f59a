// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Engines take turns, in an order that moves by one each round, so that a slow phase of the machine
// hits all of them; the median of the rounds is the result. The clock is the thread's processor
// time: the same as wall clock for work that never waits, and blind to whoever else wants the core.

import Foundation
import Rig

extension Contest {
  /// A measurement shorter than this many nanoseconds is repeated within the round.
  private static let shortest = 2e6

  /// Fewer rounds than this are never taken, whatever the time.
  private static let fewestRounds = 3

  /// Times all engines.
  ///
  /// - Parameters:
  ///   - rounds: The most rounds.
  ///   - time: No round begins later than this, but for the first three.
  /// - Returns: Median nanoseconds of one run over all chunks, per engine.
  /// - Throws: What an engine throws; none does after ``verify()``.
  func time(rounds: Int, within time: Duration) throws -> [Double] {
    let slots = Slots(count: input.count, room: room)
    let clock = ContinuousClock()
    var repeats = [Int](repeating: 1, count: engines.count)
    for (index, engine) in engines.enumerated() {
      let before = threadNanoseconds()
      try engine.run(input, into: slots)
      let once = max(1, threadNanoseconds() - before)
      repeats[index] = Int((Self.shortest / once).rounded(.up))
    }
    var samples = [[Double]](repeating: [], count: engines.count)
    let start = clock.now
    for round in 0..<rounds {
      if round >= Self.fewestRounds && clock.now - start > time { break }
      for turn in engines.indices {
        let index = (turn + round) % engines.count
        let engine = engines[index]
        let before = threadNanoseconds()
        for _ in 0..<repeats[index] { try engine.run(input, into: slots) }
        samples[index].append((threadNanoseconds() - before) / Double(repeats[index]))
      }
    }
    return samples.map { $0.sorted()[$0.count / 2] }
  }
}
