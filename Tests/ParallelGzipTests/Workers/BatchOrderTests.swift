// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Who reads, who writes and who is woken, without threads: workers that a generator steps in any
// order, asleep until one of the wake-ups that the order names reaches them.

import TestSupport
import Testing
import Threading

@testable import ParallelGzip

private final class Batch: Sendable {}

@Suite("The order of batches")
struct BatchOrderTests {
  private enum Step {
    case wantsToRead
    case asleep
    case reading(turn: Int, Batch)
    case processing(turn: Int, Batch)
    case writing(Batch)
    case ended
  }

  /// Workers, and what they have done.
  private struct Crew {
    var order: BatchOrder<Batch>
    var steps: [Step] = [.wantsToRead]
    var isIdle = [false]
    /// By turn.
    var read: [Batch] = []
    var made: [Batch] = []
    var writtenCount = 0
    /// Batches of the input, and the one whose write fails.
    let count: Int
    let failing: Int?

    init(workers: Int, spareBatches: Int, count: Int, failing: Int?) {
      order = BatchOrder(workers: workers, spareBatches: spareBatches)
      (self.count, self.failing) = (count, failing)
    }

    private mutating func wake(_ wake: Wake, _ random: inout SeededGenerator) {
      let sleeping = steps.indices.filter { if case .asleep = steps[$0] { true } else { false } }
      guard !sleeping.isEmpty else { return }
      switch wake {
      case .nobody: break
      case .one: steps[random.element(sleeping)] = .wantsToRead
      case .everybody: for worker in sleeping { steps[worker] = .wantsToRead }
      }
    }

    /// Has one worker go on by one step.
    mutating func step(_ worker: Int, _ random: inout SeededGenerator) throws {
      switch steps[worker] {
      case .wantsToRead: begin(worker)
      case .reading(let turn, let batch):
        read.append(batch)
        let outcome: OrderedWorkers.ReadOutcome =
          if turn == count { .nothing } else if turn == count - 1, Bool.random(using: &random) {
            .last
          } else { .more }
        let (isAnotherNeeded, wake) = order.endRead(outcome)
        self.wake(wake, &random)
        steps[worker] = outcome == .nothing ? .ended : .processing(turn: turn, batch)
        if isAnotherNeeded {
          steps.append(.wantsToRead)
          isIdle.append(false)
        }
      case .processing(let turn, let batch):
        let next = order.finish(batch, at: turn)
        steps[worker] = next.map { .writing($0) } ?? .wantsToRead
      case .writing(let batch):
        #expect(batch === read[writtenCount], "not the batch whose turn it is")
        let (next, wake) = order.endWrite(batch, goesOn: failing != writtenCount)
        writtenCount += 1
        self.wake(wake, &random)
        steps[worker] = next.map { .writing($0) } ?? .wantsToRead
      case .asleep, .ended: Issue.record("a worker that cannot go on")
      }
      try #require(number { if case .reading = $0 { true } else { false } } <= 1)
      try #require(number { if case .writing = $0 { true } else { false } } <= 1)
    }

    private mutating func begin(_ worker: Int) {
      switch order.beginRead(isIdle: &isIdle[worker]) {
      case .none: steps[worker] = .asleep
      case .some(.none): steps[worker] = .ended
      case .some(.some(let place)):
        let batch = place.batch ?? Batch()
        if place.batch == nil { made.append(batch) }
        steps[worker] = .reading(turn: place.turn, batch)
      }
    }

    func number(_ isCounted: (Step) -> Bool) -> Int { steps.count { isCounted($0) } }

    var ready: [Int] {
      steps.indices.filter {
        switch steps[$0] {
        case .asleep, .ended: false
        default: true
        }
      }
    }
  }

  @Test("is kept, and nobody sleeps for ever, however the workers are scheduled")
  func anySchedule() throws {
    var random = SeededGenerator(test: "any schedule of batches")
    for _ in 0..<2000 * SeededGenerator.scale {
      let workers = random.number(1...9)
      let count = random.number(0...60)
      let failing = random.number(0...3) == 0 ? random.number(0...60) : nil
      var crew = Crew(
        workers: workers, spareBatches: random.number(2...10), count: count,
        failing: failing)
      // Some workers are much slower than others, so that batches pile up behind theirs.
      let slow = random.number(0...workers)
      var stepCount = 0
      while case let ready = crew.ready, !ready.isEmpty {
        let worker = random.element(ready)
        if worker == slow, ready.count > 1, random.number(0...9) > 0 { continue }
        try crew.step(worker, &random)
        stepCount += 1
        try #require(stepCount < 10000)
        try #require(crew.steps.count <= workers)
        try #require(crew.made.count <= crew.order.batchLimit)
      }
      #expect(crew.number { if case .asleep = $0 { true } else { false } } == 0, "somebody sleeps")
      // What was read is handed over, all of the input unless a write failed.
      #expect(crew.writtenCount == min(crew.read.count, count))
      if crew.failing.map({ $0 >= count }) ?? true { #expect(crew.writtenCount == count) }
    }
  }

  @Test("wakes a worker when little is ready behind the batch being written, not when enough is")
  func enoughReady() {
    var order = BatchOrder<Batch>(workers: 9, spareBatches: 8)
    var batches: [Batch] = []
    var (isIdle, waits) = (false, false)
    for turn in 0..<8 {
      guard case .some(.some(let place)) = order.beginRead(isIdle: &isIdle) else {
        Issue.record("nothing to read")
        return
      }
      #expect(place.turn == turn)
      batches.append(Batch())
      if turn == 7 {
        // A ninth worker waits for the eighth to have read.
        let place = order.beginRead(isIdle: &waits)
        #expect(place == nil && waits)
      }
      _ = order.endRead(.more)
    }
    let first = order.finish(batches[0], at: 0)
    #expect(first === batches[0])
    for turn in 1...6 {
      let next = order.finish(batches[turn], at: turn)
      #expect(next == nil)
    }
    // Of six ready, five are behind the next one to be written, then four, then three.
    let wakes = (0..<3).map { order.endWrite(batches[$0], goesOn: true).1 }
    #expect(wakes == [.nobody, .nobody, .one])
  }
}
