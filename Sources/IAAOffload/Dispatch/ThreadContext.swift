// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a thread needs for its jobs, made on its first and kept: counters, a slot, the codec.

import FixedDeflate
import IAADevices
import Synchronization

/// A thread's own state.
@safe final class ThreadContext: @unchecked Sendable {
  // SAFETY: everything but `counters` belongs to one thread at a time: the one with the index it is
  // stored under, or the one that took it from the pool.
  let counters = CounterBlock()
  /// The process it was made in.
  let generation = ForkGuard.generation
  var slot: JobSlot {
    didSet {
      unsafe uncountedSlot = .passUnretained(slot)
      // The call that gave its slot to a device still refers to it without a count.
      parkedSlot = oldValue
    }
  }
  /// ``slot``, for looking at it without counting a reference.
  private(set) var uncountedSlot: Unmanaged<JobSlot>
  private var parkedSlot: JobSlot?
  /// Slots for the jobs of a batch, kept from the last one.
  var spareSlots: [JobSlot] = []
  var encoder: Encoder
  var decoder: ModeDecoder
  #if ZlibCrossCheck
    var crossChecker = CrossChecker()
  #endif
  var verifier: SoftwareVerifier
  /// Position in the lists of queues, for round robin.
  var turn = 0
  /// Whether a call uses it now.
  fileprivate var isLent = false

  init(destinationCapacity: Int, mode: CompressionMode, profile: MatchProfile) {
    encoder = Encoder(mode: mode, profile: profile)
    decoder = ModeDecoder(mode, limit: .rfc1951)
    verifier = SoftwareVerifier(mode)
    slot = JobSlot(destinationCapacity: destinationCapacity)
    unsafe uncountedSlot = .passUnretained(slot)
  }
}

/// The contexts of a dispatcher's threads.
@safe final class ThreadContexts: @unchecked Sendable {
  // SAFETY: the table is written under the lock, once for each index, and read atomically; contexts
  // live as long as `self`.
  private let table: UnsafeMutablePointer<Atomic<UInt>>
  private let all = ProcessLocked<[ThreadContext]> { [] }
  private let pool = ProcessLocked<[ThreadContext]> { [] }
  private let destinationCapacity: Int
  private let mode: CompressionMode
  private let profile: MatchProfile

  init(destinationCapacity: Int, mode: CompressionMode, profile: MatchProfile) {
    self.destinationCapacity = destinationCapacity
    self.mode = mode
    self.profile = profile
    unsafe table = .allocate(capacity: ThreadIndex.capacity)
    for index in 0..<ThreadIndex.capacity { unsafe (table + index).initialize(to: Atomic(0)) }
  }

  deinit { unsafe table.deallocate() }

  /// Lends the calling thread its context. A call from within another, as whoever listens to the
  /// dispatcher may make it, gets one of its own: the slot and the codec of the outer call are in use.
  @inline(__always)
  func withContext<Result, Failure: Error>(
    _ body: (ThreadContext) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let index = ThreadIndex.current else { return try withPooledContext(body) }
    let context = unsafe context(at: index)?.takeUnretainedValue() ?? make(at: index)
    guard !context.isLent else { return try withPooledContext(body) }
    context.isLent = true
    defer { context.isLent = false }
    return try body(context)
  }

  /// A thread's context, unless it has none yet, or only one of its parent process: a child counts
  /// anew, since what its parent's other threads had begun is never finished there.
  @inline(__always)
  private func context(at index: Int) -> Unmanaged<ThreadContext>? {
    // SAFETY: the index is below the table's capacity.
    let bits = unsafe table[index].load(ordering: .acquiring)
    guard let pointer = unsafe UnsafeRawPointer(bitPattern: bits) else { return nil }
    // SAFETY: stored by `make`; `all` keeps the context alive.
    let context = unsafe Unmanaged<ThreadContext>.fromOpaque(pointer)
    let isOurs = unsafe context._withUnsafeGuaranteedRef {
      $0.generation == ForkGuard.generation
    }
    return unsafe isOurs ? context : nil
  }

  /// The same without counting a reference, for calls that are counted in nanoseconds.
  @inline(__always)
  func withUncountedContext<Result>(_ body: (ThreadContext) -> Result) -> Result {
    guard let index = ThreadIndex.current else { return withPooledContext(body) }
    guard let context = unsafe context(at: index) else { return withContext(body) }
    // SAFETY: `all` keeps the context alive.
    return unsafe context._withUnsafeGuaranteedRef { context in
      guard !context.isLent else { return withPooledContext(body) }
      context.isLent = true
      defer { context.isLent = false }
      return body(context)
    }
  }

  private func make(at index: Int) -> ThreadContext {
    let context = makeContext()
    let bits = UInt(bitPattern: unsafe Unmanaged.passUnretained(context).toOpaque())
    unsafe table[index].store(bits, ordering: .releasing)
    return context
  }

  private func makeContext() -> ThreadContext {
    let context = ThreadContext(
      destinationCapacity: destinationCapacity, mode: mode, profile: profile)
    all.withLock { $0.append(context) }
    return context
  }

  /// For threads without a number, more than ``ThreadIndex/capacity`` at once, and for calls within
  /// calls.
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
