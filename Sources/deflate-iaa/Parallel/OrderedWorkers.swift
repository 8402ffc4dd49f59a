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
    /// No more pieces are to be read.
    var isEnded = false
    /// Pieces handed over.
    var writtenCount = 0
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
  /// One more runs than there are processors to keep busy, since one may be waiting for its turn.
  /// None is started for a single piece. Where the system has no threads left, fewer run.
  static func run<W: Worker & ~Copyable>(
    processors: Int, _ makeWorker: @escaping @Sendable () -> W
  ) {
    let workerCount = processors > 1 ? processors + 1 : 1
    let monitor = Monitor(State(), queueCount: workerCount + 1)
    var others: [WorkerThread.Handle] = []
    loop(makeWorker(), monitor, workerCount) {
      others = (1..<workerCount).map { _ in
        WorkerThread.Handle(WorkerThread { loop(makeWorker(), monitor, workerCount) {} })
      }
    }
    for thread in others { thread.join() }
  }

  private static func loop<W: Worker & ~Copyable>(
    _ worker: consuming W, _ monitor: Monitor<State>, _ workerCount: Int,
    onFirstOfSeveral: () -> Void
  ) {
    var isFirst = true
    while true {
      let turn: Int? = monitor.wait(in: readingQueue) { state in
        if state.isEnded { return .some(nil) }
        if state.isReading { return nil }
        state.isReading = true
        return state.readCount
      }
      guard let turn else { return }
      let piece = worker.read()
      monitor.update(waking: readingQueue) { state in
        state.isReading = false
        if piece != .none { state.readCount += 1 }
        if piece != .some { state.isEnded = true }
      }
      guard piece != .none else { return }
      if isFirst, piece == .some { onFirstOfSeveral() }
      isFirst = false
      worker.process()
      monitor.wait(in: writingQueue(of: turn, workerCount)) { state in
        state.writtenCount == turn ? () : nil
      }
      let goesOn = worker.write()
      monitor.update(waking: writingQueue(of: turn + 1, workerCount)) { state in
        state.writtenCount += 1
        if !goesOn { state.isEnded = true }
      }
    }
  }
}
