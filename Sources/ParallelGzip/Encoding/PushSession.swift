// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The engine on a thread of its own, for a caller that pushes.

import FixedDeflate

/// A run whose input is pushed.
final class PushSession: Sendable {
  private struct State: Sendable {
    /// Bytes of input whose output is written.
    var writtenCount: UInt64 = 0
    /// How the run has ended.
    var outcome: Result<GzipWriter.Summary, GzipError>?
  }

  private let input: PushedInput
  private let state: Monitor<State>
  private let thread: WorkerThread.Handle

  /// Starts the run.
  init(
    _ output: GzipOutput, _ configuration: GzipWriter.Configuration,
    _ progress: GzipProgress.Observer?, _ cancellation: GzipCancellation?
  ) throws(GzipError) {
    let input = PushedInput()
    let state = Monitor(State())
    let thread = WorkerThread {
      let outcome = Result { () throws(GzipError) in
        try GzipWriter.compress(
          from: GzipInput(.pushed(input)), to: output, configuration: configuration,
          progress: { counts in
            progress?(counts)
            state.update { $0.writtenCount = counts.inputCount }
          }, cancellation: cancellation)
      }
      state.update { $0.outcome = outcome }
      // Nobody takes any more.
      input.ring.end()
    }
    guard let thread else { throw .noThread }
    (self.input, self.state, self.thread) = (input, state, WorkerThread.Handle(thread))
  }

  /// A buffer to fill, once there is one.
  func nextEmpty() throws(GzipError) -> BufferRing<PushedInput.Flush>.Buffer {
    if let buffer = input.ring.nextEmpty() { return buffer }
    throw failure
  }

  func send(_ buffer: BufferRing<PushedInput.Flush>.Buffer) { input.ring.send(buffer) }

  /// Waits until the output of so many bytes of input is written.
  func waitUntilWritten(_ count: UInt64) throws(GzipError) {
    let isWritten = state.wait { state -> Bool? in
      if state.writtenCount >= count { return true }
      return state.outcome == nil ? nil : false
    }
    if !isWritten { throw failure }
  }

  /// Says that this was all, and waits for the run's end.
  func finish() throws(GzipError) -> GzipWriter.Summary {
    input.ring.end()
    thread.join()
    return try outcome.get()
  }

  /// Ends the run, unless it has ended.
  func abandon() {
    input.abandon()
    thread.join()
  }

  private var outcome: Result<GzipWriter.Summary, GzipError> {
    state.wait { $0.outcome }
  }

  /// Why the run has ended before its input did.
  private var failure: GzipError {
    guard case .failure(let error) = outcome else {
      preconditionFailure("only a failure ends a run before its input does")
    }
    return error
  }
}
