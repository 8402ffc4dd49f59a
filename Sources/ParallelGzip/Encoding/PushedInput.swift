// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// From a caller that pushes to workers that pull.

import FixedDeflate
import Synchronization

/// Bytes that a caller hands over, in order, with marks between them.
///
/// SAFETY of `@unchecked Sendable`: `current` and `start` are touched only in `read`, called by
/// one worker at a time; `OrderedWorkers` hands the turn on under a lock.
final class PushedInput: @unchecked Sendable {
  /// A note is on a buffer behind which what came so far is wanted.
  struct Flush: Sendable {}

  let ring = BufferRing<Flush>()
  private let isAbandoned = Atomic(false)
  private var current: BufferRing<Flush>.Buffer?
  private var start = 0

  /// Whether somebody has called `abandon`.
  var hasEnded: Bool { isAbandoned.load(ordering: .relaxed) }

  /// Says that no more is to come or wanted, and that what came is not all.
  func abandon() {
    isAbandoned.store(true, ordering: .relaxed)
    ring.end()
  }

  /// As `InputReader.read(into:)`.
  func read(into buffer: inout OwnedBytes) throws(GzipError) -> Bool {
    while true {
      if let current {
        if take(from: current, into: &buffer) { return false }
        let isFlush = current.note.take() != nil
        self.current = nil
        ring.giveBack(current)
        if isFlush { return true }
      }
      current = ring.nextFull()
      start = 0
      if hasEnded { throw .cancelled }
      if current == nil { return false }
    }
  }

  /// Takes what there is room for; false when nothing is left.
  private func take(
    from current: BufferRing<Flush>.Buffer, into buffer: inout OwnedBytes
  ) -> Bool {
    guard start < current.bytes.count else { return false }
    let count = min(current.bytes.count - start, buffer.capacity - buffer.count)
    current.bytes.withBytes(from: start) { buffer.append($0.extracting(first: count)) }
    start += count
    return true
  }
}
