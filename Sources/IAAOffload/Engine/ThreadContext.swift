// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a thread needs for its jobs, made on its first and kept: counters, a slot, the codec.

import FixedDeflate
import Synchronization

/// A thread's own state.
final class ThreadContext: @unchecked Sendable {
  // SAFETY: everything but `counters` belongs to one thread at a time: the one with the index it is
  // stored under, or the one that took it from the pool.
  let counters = CounterBlock()
  var slot: JobSlot
  /// Slots for the jobs of a batch, kept from the last one.
  var spareSlots: [JobSlot] = []
  var encoder = Encoder()
  var decoder = Decoder(limit: .rfc1951)
  var crossChecker = CrossChecker()
  /// Position in the lists of queues, for round robin.
  var turn = 0
  /// Room for verification in software.
  var scratch: [UInt8] = []

  init(destinationCapacity: Int) { slot = JobSlot(destinationCapacity: destinationCapacity) }
}

/// The contexts of an engine's threads.
@safe final class ThreadContexts: @unchecked Sendable {
  // SAFETY: the table is written under the lock, once for each index, and read atomically; contexts
  // live as long as `self`.
  private let table: UnsafeMutablePointer<Atomic<UInt>>
  private let all: Locked<[ThreadContext]> = Locked([])
  private let pool: Locked<[ThreadContext]> = Locked([])
  private let destinationCapacity: Int

  init(destinationCapacity: Int) {
    self.destinationCapacity = destinationCapacity
    unsafe table = .allocate(capacity: ThreadIndex.capacity)
    for index in 0..<ThreadIndex.capacity { unsafe (table + index).initialize(to: Atomic(0)) }
  }

  deinit { unsafe table.deallocate() }

  /// Lends the calling thread its context. Not to be nested.
  @inline(__always)
  func withContext<Result, Failure: Error>(
    _ body: (ThreadContext) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let index = ThreadIndex.current else { return try withPooledContext(body) }
    // SAFETY: the index is below the table's capacity.
    let bits = unsafe table[index].load(ordering: .acquiring)
    guard bits != 0, let pointer = unsafe UnsafeRawPointer(bitPattern: bits) else {
      return try body(make(at: index))
    }
    // SAFETY: stored by `make`; `all` keeps the context alive.
    return try body(unsafe Unmanaged<ThreadContext>.fromOpaque(pointer).takeUnretainedValue())
  }

  private func make(at index: Int) -> ThreadContext {
    let context = makeContext()
    let bits = UInt(bitPattern: unsafe Unmanaged.passUnretained(context).toOpaque())
    unsafe table[index].store(bits, ordering: .releasing)
    return context
  }

  private func makeContext() -> ThreadContext {
    let context = ThreadContext(destinationCapacity: destinationCapacity)
    all.withLock { $0.append(context) }
    return context
  }

  /// For threads without a number: more than ``ThreadIndex/capacity`` at once.
  private func withPooledContext<Result, Failure: Error>(
    _ body: (ThreadContext) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let context = pool.withLock { $0.popLast() } ?? makeContext()
    defer { pool.withLock { $0.append(context) } }
    return try body(context)
  }

  /// Counters of all threads together.
  func sum(epoch: UInt64) -> CounterBlock.CounterSum {
    var total = CounterBlock.CounterSum()
    for context in all.withLock({ $0 }) { context.counters.sum(into: &total, epoch: epoch) }
    return total
  }
}
