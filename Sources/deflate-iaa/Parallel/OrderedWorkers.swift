// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Parallel work on a stream, in order: each worker takes the next piece of the input while it is
// the only reader, works on it beside the others, and hands over the result when its turn has come,
// then the only writer. Each worker owns its buffers, so memory is bounded by their number, and no
// buffer ever changes hands.

/// Runs workers over a stream.
enum OrderedWorkers {
  /// What is done with each piece. All three are called in a loop until `read` says no.
  protocol Worker: ~Copyable, SendableMetatype {
    /// Takes the next piece. Called by one worker at a time, in order.
    mutating func read() -> Piece
    /// Works on the piece just read, beside the other workers.
    mutating func process()
    /// Hands the result over; false ends the reading. Called by one worker at a time, in order.
    mutating func write() -> Bool
  }

  /// What a read came to.
  enum Piece {
    case none
    /// A piece, and nothing behind it.
    case last
    /// A piece; there may be more.
    case some
  }

  private struct State: Sendable {
    /// Pieces read, and whether some worker is reading now.
    var readCount = 0
    var isReading = false
    /// Workers that read or work on a piece, and do not wait for their turn to write.
    var busyCount = 0
    /// No more pieces are to be read.
    var isEnded = false
    /// Pieces handed over.
    var writtenCount = 0
    /// Workers at work, or that would be if the system had threads for them.
    var workerCount = 1
  }

  private struct Limits: Sendable {
    let busyCount: Int
    let workerCount: Int
  }

  /// Where those wait who want to read.
  private static let readingQueue = 0
  /// Where the worker waits whose turn to write is this one: each worker has one turn at a time, so
  /// nobody else waits there.
  private static func writingQueue(of turn: Int, _ workerCount: Int) -> Int {
    1 + turn % workerCount
  }

  /// Runs workers, one of them on the calling thread, until all pieces are handed over.
  ///
  /// As many are at work as there are processors to keep busy, and two more may be waiting for their
  /// turn; each but the first is started when there may be a piece for it. Where the system has no
  /// threads left, fewer run.
  static func run<W: Worker & ~Copyable>(
    processors: Int, _ makeWorker: @escaping @Sendable () -> W
  ) {
    let limits = Limits(busyCount: processors, workerCount: processors > 1 ? processors + 2 : 1)
    let monitor = Monitor(State(), queueCount: limits.workerCount + 1)
    work(monitor, limits, makeWorker)
  }

  /// Works as one worker and waits for those that it has started.
  private static func work<W: Worker & ~Copyable>(
    _ monitor: Monitor<State>, _ limits: Limits, _ makeWorker: @escaping @Sendable () -> W
  ) {
    var others: [WorkerThread.Handle] = []
    loop(makeWorker(), monitor, limits) {
      others.append(
        WorkerThread.Handle(WorkerThread { work(monitor, limits, makeWorker) }))
    }
    for thread in others { thread.join() }
  }

  private static func loop<W: Worker & ~Copyable>(
    _ worker: consuming W, _ monitor: Monitor<State>, _ limits: Limits, startAnother: () -> Void
  ) {
    while true {
      let turn: Int? = monitor.wait(in: readingQueue) { state in
        if state.isEnded { return .some(nil) }
        if state.isReading || state.busyCount == limits.busyCount { return nil }
        state.isReading = true
        state.busyCount += 1
        return state.readCount
      }
      guard let turn else { return }
      let piece = worker.read()
      let isAnotherNeeded = monitor.update(waking: readingQueue) { state in
        state.isReading = false
        if piece != .none { state.readCount += 1 }
        if piece != .some { state.isEnded = true }
        guard !state.isEnded, state.workerCount < limits.workerCount else { return false }
        state.workerCount += 1
        return true
      }
      guard piece != .none else { return }
      if isAnotherNeeded { startAnother() }
      worker.process()
      monitor.update(waking: readingQueue) { $0.busyCount -= 1 }
      monitor.wait(in: writingQueue(of: turn, limits.workerCount)) { state in
        state.writtenCount == turn ? () : nil
      }
      let goesOn = worker.write()
      monitor.update(waking: writingQueue(of: turn + 1, limits.workerCount)) { state in
        state.writtenCount += 1
        if !goesOn { state.isEnded = true }
      }
    }
  }
}
