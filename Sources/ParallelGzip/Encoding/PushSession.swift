// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The workers on a thread of their own, for a caller that pushes.

import FixedDeflate
import Threading

/// A run whose input is pushed.
final class PushSession: Sendable {
  private struct State: Sendable {
    /// Bytes of input whose output is written.
    var writtenCount: UInt64 = 0
    /// Why nothing more is written.
    var failure: GzipError?
    /// How the run has ended.
    var outcome: Result<GzipWriter.Summary, GzipError>?
  }

  private let input: PushedInput
  private let state: Monitor<State>
  private let thread: SystemThread

  /// Starts the run.
  init(
    _ output: GzipOutput, _ configuration: GzipWriter.Configuration,
    _ progress: GzipProgress.Observer?, _ cancellation: GzipCancellation?
  ) throws(GzipError) {
    let input = PushedInput()
    let state = Monitor(State())
    let inner = Sink(output, progress: progress, cancellation: cancellation)
    let sink = Sink { (bytes: RawSpan, counts: GzipProgress) throws(GzipError) in
      do throws(GzipError) {
        try inner.take(bytes, counts)
        state.update { $0.writtenCount = counts.inputCount }
      } catch {
        // Another worker may wait for what the caller pushes, and the caller for this.
        state.update { $0.failure = error }
        input.abandon()
        throw error
      }
    }
    let thread = SystemThread.startSmall {
      let outcome = Result { () throws(GzipError) in
        try GzipWriter.compress(
          InputReader(GzipInput(.pushed(input)), cancellation: cancellation),
          configuration: configuration, coders: Codec.shared, to: sink)
      }
      state.update { state in
        if case .failure(let error) = outcome { state.failure = state.failure ?? error }
        state.outcome = outcome
      }
      input.abandon()
    }
    guard let thread else { throw .noThread }
    (self.input, self.state, self.thread) = (input, state, thread)
  }

  /// Throws what has ended the run, if something has.
  func checkRunning() throws(GzipError) {
    if input.hasEnded { throw failure }
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
      return state.failure == nil ? nil : false
    }
    if !isWritten { throw failure }
  }

  /// Says that this was all, and waits for the run's end.
  func finish() throws(GzipError) -> GzipWriter.Summary {
    input.ring.end()
    thread.join()
    if let failure = state.update({ $0.failure }) { throw failure }
    return try state.wait { $0.outcome }.get()
  }

  /// Ends the run, unless it has ended.
  func abandon() {
    input.abandon()
    thread.join()
  }

  /// Why the run has ended before its input did.
  private var failure: GzipError { state.wait { $0.failure } }
}
