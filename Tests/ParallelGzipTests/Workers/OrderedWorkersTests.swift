// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The same with threads: what runs beside what, and what a failed write stops.

import Foundation
import TestSupport
import Testing
import Threading

@testable import ParallelGzip

/// Numbers read, squared and written in order; each step calls back.
private final class Squares: Sendable {
  struct State: Sendable {
    var readCount = 0
    /// A worker has found nothing more to read.
    var isAllRead = false
    var processedCount = 0
    var written: [Int] = []
    /// Which worker wrote each.
    var writers: [Int] = []
    var workerCount = 0
    /// Workers that process right now, and the most there were.
    var busyCount = 0
    var mostBusy = 0
    var madeCount = 0
    /// The first write has begun, and has seen two others at work.
    var isWritingFirst = false
    var hasSeenBoth = false
  }

  /// Not a `Mutex`: the thread sanitizer does not see what that one orders.
  let state = Monitor(State())
  let count: Int
  let onProcess: @Sendable (Int, Squares) -> Void
  let onWrite: @Sendable (Int, Squares) -> Bool

  init(
    count: Int, onProcess: @escaping @Sendable (Int, Squares) -> Void = { _, _ in },
    onWrite: @escaping @Sendable (Int, Squares) -> Bool = { _, _ in true }
  ) {
    (self.count, self.onProcess, self.onWrite) = (count, onProcess, onWrite)
  }

  func run(processors: Int, batchSize: Int = OrderedWorkers.usualBatchSize) {
    OrderedWorkers.run(
      processors: processors, batchSize: batchSize, memory: 0,
      makeBatch: {
        self.state.update { $0.madeCount += 1 }
        return Square()
      }
    ) { SquareWorker(self) }
  }

  /// Waits until the state is so, and says whether it came to be.
  func wait(_ isSo: (State) -> Bool) -> Bool {
    let end = Date(timeIntervalSinceNow: 60)
    while !state.update({ isSo($0) }) {
      if Date() > end { return false }
      Thread.sleep(forTimeInterval: 0.001)
    }
    return true
  }
}

/// SAFETY of `@unchecked Sendable`: it is with one worker at a time, as `OrderedWorkers` promises;
/// the thread sanitizer is the judge.
private final class Square: @unchecked Sendable {
  var number = 0
  var square = 0
}

private struct SquareWorker: OrderedWorkers.Worker, ~Copyable {
  let squares: Squares
  let name: Int

  init(_ squares: Squares) {
    self.squares = squares
    name = squares.state.update { state in
      state.workerCount += 1
      return state.workerCount
    }
  }

  mutating func read(into batch: Square) -> OrderedWorkers.ReadOutcome {
    squares.state.update { state in
      guard state.readCount < squares.count else {
        state.isAllRead = true
        return .nothing
      }
      batch.number = state.readCount
      state.readCount += 1
      return .more
    }
  }

  mutating func process(_ batch: Square) {
    squares.state.update { state in
      state.busyCount += 1
      state.mostBusy = max(state.mostBusy, state.busyCount)
    }
    squares.onProcess(batch.number, squares)
    squares.state.update { state in
      state.busyCount -= 1
      state.processedCount += 1
    }
    // Ordered with the write by the workers' own lock alone, or the sanitizer would see less.
    batch.square = batch.number * batch.number
  }

  mutating func write(_ batch: Square) -> Bool {
    let square = batch.square
    let goesOn = squares.onWrite(batch.number, squares)
    squares.state.update { state in
      state.written.append(square)
      state.writers.append(name)
    }
    return goesOn
  }
}

@Suite("Ordered workers")
struct OrderedWorkersTests {
  /// One for each worker, and one more for each processor.
  private static func batchLimit(_ processors: Int) -> Int {
    processors > 1 ? 2 * max(processors, 2) : 1
  }

  @Test("hand all over in order, with no more batches than they may", arguments: [1, 2, 3, 8, 40])
  func order(_ processors: Int) {
    let seed = SeededGenerator.processSeed
    let squares = Squares(count: 3000) { number, _ in
      var random = SeededGenerator(seed: seed ^ UInt64(number))
      if random.number(0...40) == 0 { Thread.sleep(forTimeInterval: 0.0005) }
    }
    squares.run(processors: processors)
    squares.state.update { state in
      #expect(state.written == (0..<3000).map { $0 * $0 })
      #expect(state.mostBusy <= processors)
      #expect(state.madeCount <= Self.batchLimit(processors))
      #expect(state.workerCount <= processors)
    }
  }

  @Test("run no more than are needed", arguments: [0, 1, 2])
  func few(_ count: Int) {
    let squares = Squares(count: count)
    squares.run(processors: 64)
    squares.state.update { state in
      #expect(state.written.count == count && state.workerCount <= count + 1)
    }
  }

  @Test("go on while one batch takes long, and one of them writes all that has become ready")
  func slowBatch() {
    let squares = Squares(count: 3) { number, squares in
      if number == 0 { #expect(squares.wait { $0.isAllRead }) }
    }
    squares.run(processors: 2)
    squares.state.update { state in
      #expect(state.written == [0, 1, 4])
      #expect(Set(state.writers).count == 1, "the turn was handed from worker to worker")
    }
  }

  @Test("all others are busy while one writes, and leave what they finish to it")
  func slowWrite() {
    let squares = Squares(
      count: 8,
      onProcess: { number, squares in
        if number == 1 { #expect(squares.wait { $0.isWritingFirst }) }
        if number > 1 { #expect(squares.wait { $0.hasSeenBoth }) }
      },
      onWrite: { number, squares in
        guard number == 0 else { return true }
        squares.state.update { $0.isWritingFirst = true }
        #expect(squares.wait { $0.busyCount == 2 && $0.processedCount == 2 })
        squares.state.update { $0.hasSeenBoth = true }
        return true
      })
    squares.run(processors: 3)
    #expect(squares.state.update { $0.written.count } == 8)
  }

  @Test("a failed write ends the reading; what was read is handed over", arguments: [1, 2, 8])
  func failure(_ processors: Int) {
    let squares = Squares(count: 100_000, onWrite: { number, _ in number != 50 })
    squares.run(processors: processors)
    squares.state.update { state in
      #expect(state.written == (0..<state.readCount).map { $0 * $0 })
      #expect(state.readCount <= 50 + Self.batchLimit(processors))
    }
  }

  @Test("large batches are fewer")
  func largeBatches() {
    let squares = Squares(count: 1000) { number, squares in
      // The others process what they can meanwhile.
      if number == 0 { Thread.sleep(forTimeInterval: 0.2) }
    }
    squares.run(processors: 8, batchSize: 2 << 20)
    #expect(squares.state.update { $0.madeCount } <= 8 + 2)
  }
}
