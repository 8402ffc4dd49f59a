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

  /// Runs workers, one of them on the calling thread, until all pieces are handed over.
  ///
  /// One more runs than there are processors to keep busy, since one may be waiting for its turn.
  /// None is started for a single piece. Where the system has no threads left, fewer run.
  static func run<W: Worker & ~Copyable>(
    processors: Int, _ makeWorker: @escaping @Sendable () -> W
  ) {
    let monitor = Monitor(State())
    var others: [WorkerThread.Handle] = []
    loop(makeWorker(), monitor) {
      others = (0..<(processors > 1 ? processors : 0)).map { _ in
        WorkerThread.Handle(WorkerThread { loop(makeWorker(), monitor) {} })
      }
    }
    for thread in others { thread.join() }
  }

  private static func loop<W: Worker & ~Copyable>(
    _ worker: consuming W, _ monitor: Monitor<State>, onFirstOfSeveral: () -> Void
  ) {
    var isFirst = true
    while true {
      let turn: Int? = monitor.wait { state in
        if state.isEnded { return .some(nil) }
        if state.isReading { return nil }
        state.isReading = true
        return state.readCount
      }
      guard let turn else { return }
      let piece = worker.read()
      monitor.update { state in
        state.isReading = false
        if piece != .none { state.readCount += 1 }
        if piece != .some { state.isEnded = true }
      }
      guard piece != .none else { return }
      if isFirst, piece == .some { onFirstOfSeveral() }
      isFirst = false
      worker.process()
      monitor.wait { state in state.writtenCount == turn ? () : nil }
      let goesOn = worker.write()
      monitor.update { state in
        state.writtenCount += 1
        if !goesOn { state.isEnded = true }
      }
    }
  }
}
