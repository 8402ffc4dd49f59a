// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A few buffers going round between a thread that fills them and a thread that empties them: memory
// is bounded, nothing is copied from one to the other, and nothing is allocated on the way.

import FixedDeflate
import Threading

/// Buffers on their way from one thread to another, in order, each with a note.
final class BufferRing<Note: Sendable>: Sendable {
  /// A buffer and what is to be known of its bytes.
  ///
  /// SAFETY of `@unchecked Sendable`: it is with one thread at a time, handed on under a lock.
  final class Buffer: @unchecked Sendable {
    var bytes = OwnedBytes(capacity: ByteSource.capacity)
    var note: Note?
  }

  private struct State: Sendable {
    var full: [Buffer] = []
    var empty: [Buffer]
    /// No more are to come, or nobody wants more.
    var isEnded = false
  }

  /// Enough that neither side waits for the other's hiccups.
  private static var bufferCount: Int { 4 }

  private let monitor: Monitor<State>

  init() {
    monitor = Monitor(State(empty: (0..<Self.bufferCount).map { _ in Buffer() }))
  }

  /// An empty buffer to fill, once there is one; nil when nobody wants more.
  func nextEmpty() -> Buffer? {
    monitor.wait { state in
      if state.isEnded { return .some(nil) }
      return state.empty.popLast().map { .some($0) }
    }
  }

  /// Passes a full buffer on.
  func send(_ buffer: Buffer) { monitor.update { $0.full.append(buffer) } }

  /// The next full buffer, once there is one; nil when no more are to come.
  func nextFull() -> Buffer? {
    monitor.wait { state in
      if !state.full.isEmpty { return .some(state.full.removeFirst()) }
      return state.isEnded ? .some(nil) : nil
    }
  }

  /// Gives an emptied buffer back.
  func giveBack(_ buffer: Buffer) {
    buffer.bytes.removeAll()
    monitor.update { $0.empty.append(buffer) }
  }

  /// Says that no more are to come, or that no more are wanted.
  func end() { monitor.update { $0.isEnded = true } }
}
