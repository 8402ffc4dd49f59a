// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Checking and writing beside the work that makes the data: a serial decoder goes on while another
// thread computes the CRC-32 of what it made before and the kernel copies it.

import FixedDeflate
import Threading

/// A delivery that another thread makes.
final class WriteBehind: Sendable {
  private struct State: Sendable {
    var delivery: Delivery
    /// Why it ended before all was delivered.
    var failure: GzipError?
  }

  private let ring = BufferRing<Delivery.Note>()
  private let state: Monitor<State>

  private init(_ delivery: Delivery) {
    state = Monitor(State(delivery: delivery))
  }

  /// Runs `body` with an outlet for what another thread delivers, in order.
  ///
  /// - Throws: What the delivery has thrown, else what `body` throws: data comes before the failures
  ///   found behind it.
  static func run(
    _ delivery: inout Delivery, _ body: (Delivery.Outlet) throws(GzipError) -> Void
  ) throws(GzipError) {
    let writer = WriteBehind(delivery)
    guard let thread = SystemThread.startSmall({ writer.deliver() }) else {
      // No thread to be had: the work waits for the writes, as it would without this.
      return try body { (bytes: inout OwnedBytes, note: Delivery.Note) throws(GzipError) in
        try delivery.take(&bytes, note)
      }
    }
    var failure: GzipError?
    do throws(GzipError) {
      try body { (bytes: inout OwnedBytes, note: Delivery.Note) throws(GzipError) in
        try writer.pass(&bytes, note)
      }
    } catch {
      failure = error
    }
    writer.ring.end()
    thread.join()
    let end = writer.state.update { $0 }
    delivery = end.delivery
    if let failure = end.failure ?? failure { throw failure }
  }

  /// Passes bytes on and leaves an empty buffer in their place.
  private func pass(
    _ bytes: inout OwnedBytes, _ note: Delivery.Note
  ) throws(GzipError) {
    guard let buffer = ring.nextEmpty() else {
      if let failure = state.update({ $0.failure }) { throw failure }
      preconditionFailure("only a failure ends the ring before the work does")
    }
    swap(&bytes, &buffer.bytes)
    buffer.note = note
    ring.send(buffer)
  }

  /// Delivers until there is no more, or a failure.
  private func deliver() {
    var delivery = state.update { $0.delivery }
    while let buffer = ring.nextFull() {
      do throws(GzipError) {
        if let note = buffer.note.take() { try delivery.take(&buffer.bytes, note) }
        ring.giveBack(buffer)
      } catch {
        state.update { $0.failure = error }
        ring.end()
        return
      }
    }
    state.update { [delivery] in $0.delivery = delivery }
  }
}
