// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Writing beside the work that makes the data: a serial decoder goes on while the kernel copies what
// it made before. A few buffers go round, so memory is bounded and nothing is allocated on the way.

import FixedDeflate

/// A sink that another thread empties.
final class WriteBehind: Sendable {
  private struct State: Sendable {
    var full: [(bytes: [UInt8], counts: Decoding.Counts)] = []
    var empty: [[UInt8]]
    var isClosed = false
    var failure: TransferError?
  }

  /// Enough that neither side waits for the other's hiccups.
  private static let bufferCount = 4

  private let monitor: Monitor<State>

  private init() {
    monitor = Monitor(State(empty: Array(repeating: [], count: Self.bufferCount)))
  }

  /// Runs `body` with a sink that hands bytes to `deliver` in order, on another thread.
  ///
  /// - Throws: What `body` throws, else what `deliver` has thrown; it is not called again after
  ///   that.
  static func run(
    _ deliver: @escaping Decoding.Sink,
    _ body: (@escaping Decoding.Sink) throws(TransferError) -> Void
  ) throws(TransferError) {
    let writer = WriteBehind()
    guard let thread = WorkerThread({ writer.empty(to: deliver) }) else {
      // No thread to be had: the work waits for the writes, as it would without this.
      return try body(deliver)
    }
    var failure: TransferError?
    do throws(TransferError) {
      try body { (bytes: RawSpan, counts: Decoding.Counts) throws(TransferError) in
        try writer.take(bytes, counts)
      }
    } catch {
      failure = error
    }
    writer.monitor.update { $0.isClosed = true }
    thread.join()
    if let failure = failure ?? writer.monitor.update({ $0.failure }) { throw failure }
  }

  /// Copies bytes into a buffer, when one is free, and passes it on.
  private func take(_ bytes: RawSpan, _ counts: Decoding.Counts) throws(TransferError) {
    let taken: Result<[UInt8], TransferError> = monitor.wait { state in
      if let failure = state.failure { return .failure(failure) }
      return state.empty.popLast().map { .success($0) }
    }
    var buffer = try taken.get()
    buffer.removeAll(keepingCapacity: true)
    // SAFETY: copied while borrowed.
    unsafe bytes.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
    monitor.update { [buffer] in $0.full.append((buffer, counts)) }
  }

  /// Delivers buffers until there are no more.
  private func empty(to deliver: Decoding.Sink) {
    while true {
      let next: (bytes: [UInt8], counts: Decoding.Counts)? = monitor.wait { state in
        if !state.full.isEmpty { return .some(state.full.removeFirst()) }
        return state.isClosed ? .some(nil) : nil
      }
      guard let next else { return }
      do throws(TransferError) {
        try lend(next.bytes, 0..<next.bytes.count) { (bytes: RawSpan) throws(TransferError) in
          try deliver(bytes, next.counts)
        }
        monitor.update { $0.empty.append(next.bytes) }
      } catch {
        monitor.update { $0.failure = error }
        return
      }
    }
  }
}
