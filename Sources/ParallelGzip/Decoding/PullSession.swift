// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The workers on a thread of their own, for a caller that pulls.

import FixedDeflate
import Threading

/// A run whose output is pulled; for one thread.
final class PullSession {
  /// Buffers carry no notes.
  private typealias Ring = BufferRing<Never>

  private let ring: Ring
  private let outcome: Monitor<Result<GzipReader.Summary, GzipError>?>
  private let thread: SystemThread
  private var current: Ring.Buffer?
  private var start = 0
  private var isAtEnd = false

  /// Starts the run.
  init(_ run: ReaderRun, _ cancellation: GzipCancellation?) throws(GzipError) {
    let ring = Ring()
    let outcome = Monitor<Result<GzipReader.Summary, GzipError>?>(nil)
    let output = GzipOutput { bytes in try Self.pass(bytes, to: ring) }
    let thread = SystemThread.startSmall {
      let result = Result { () throws(GzipError) in
        try run.finish(to: Sink(output, cancellation: cancellation))
      }
      outcome.update { $0 = result }
      ring.end()
    }
    guard let thread else { throw .noThread }
    (self.ring, self.outcome, self.thread) = (ring, outcome, thread)
  }

  private static func pass(_ bytes: RawSpan, to ring: Ring) throws(GzipError) {
    var start = 0
    while start < bytes.byteCount {
      // Nobody wants more.
      guard let buffer = ring.nextEmpty() else { throw .cancelled }
      let count = min(bytes.byteCount - start, buffer.bytes.capacity)
      buffer.bytes.append(bytes.extracting(start..<(start + count)))
      start += count
      ring.send(buffer)
    }
  }

  /// As `GzipReader.read(into:)`.
  func read(into output: inout OutputRawSpan) throws(GzipError) -> Int {
    if current == nil {
      current = ring.nextFull()
      start = 0
    }
    guard let current else {
      isAtEnd = true
      thread.join()
      _ = try outcome.wait { $0 }.get()
      return 0
    }
    let count = min(output.freeCapacity, current.bytes.count - start)
    current.bytes.withBytes(from: start) {
      output.append(contentsOf: $0.extracting(first: count))
    }
    start += count
    if start == current.bytes.count {
      self.current = nil
      ring.giveBack(current)
    }
    return count
  }

  /// What was read, once all is.
  var summary: GzipReader.Summary? {
    isAtEnd ? outcome.update { try? $0?.get() } : nil
  }

  /// Ends the run, unless it has ended.
  func abandon() {
    ring.end()
    thread.join()
  }
}
