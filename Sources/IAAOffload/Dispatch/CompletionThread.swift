// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The driver's `async_irq`: user space gets no interrupts, so one thread looks after all jobs that
// are awaited. It sleeps while there are none, and between looks as well as the processor can.

import CIAAShim.Device
public import FixedDeflate
import Glibc
import IAADevices
import Synchronization
import Threading

/// Wakes tasks whose jobs have been answered.
final class CompletionThread: Sendable {
  private struct Entry {
    let number: UInt64
    let slot: JobSlot
    let deadline: UInt64
    let wake: @Sendable () -> Void
  }

  private struct State {
    var entries: [Entry] = []
    var cancelled: Set<UInt64> = []
    var thread: SystemThread?
    var isStopping = false
  }

  private let state = ProcessLocked<State> { State() }
  private let numbers = Atomic<UInt64>(1)
  private let work = CountingSemaphore()
  private let hasWAITPKG: Bool

  /// Looks with pauses between them before the thread sleeps between looks.
  private static let eagerLooks = 64

  init(hasWAITPKG: Bool) { self.hasWAITPKG = hasWAITPKG }

  /// Suspends the caller until a slot's status byte is set, its deadline has come or the task is
  /// cancelled.
  func completion(of slot: JobSlot, deadline: UInt64) async {
    let number = numbers.add(1, ordering: .relaxed).oldValue
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        add(Entry(number: number, slot: slot, deadline: deadline) { continuation.resume() })
      }
    } onCancel: {
      cancel(number)
    }
    // A note that came after the wake is of no use any more.
    state.withLock { _ = $0.cancelled.remove(number) }
  }

  private func add(_ entry: Entry) {
    let (isCancelled, isFirst) = state.withLock { state in
      if state.cancelled.remove(entry.number) != nil { return (true, false) }
      state.entries.append(entry)
      if state.thread == nil { state.thread = SystemThread { [self] in run() } }
      return (false, state.entries.count == 1)
    }
    if isCancelled { entry.wake() }
    // The thread only sleeps for want of entries. A signal for each would have it turn round once for
    // each when they are done.
    if isFirst { work.signal() }
  }

  /// A task may be cancelled before its entry is there; then the entry finds a note.
  private func cancel(_ number: UInt64) {
    let entry = state.withLock { state -> Entry? in
      if let index = state.entries.firstIndex(where: { $0.number == number }) {
        return state.entries.remove(at: index)
      }
      state.cancelled.insert(number)
      return nil
    }
    entry?.wake()
  }

  func stop() {
    let thread = state.withLock { state in
      state.isStopping = true
      return state.thread
    }
    work.signal()
    thread?.join()
  }

  private func run() {
    var looks = 0
    while true {
      let now = Clock.now
      let (ready, oldest, isStopping) = state.withLock { state in
        // Each is looked at once: one that is answered between two looks must not get lost.
        var ready: [Entry] = []
        state.entries.removeAll { entry in
          guard entry.slot.statusByte != 0 || entry.deadline <= now else { return false }
          ready.append(entry)
          return true
        }
        return (ready, state.entries.first, state.isStopping)
      }
      for entry in ready { entry.wake() }
      if isStopping { return }
      guard let oldest else {
        work.wait()
        looks = 0
        continue
      }
      looks = ready.isEmpty ? looks + 1 : 0
      rest(watching: oldest.slot, looks)
    }
  }

  private func rest(watching slot: JobSlot, _ looks: Int) {
    if hasWAITPKG {
      // SAFETY: the processor has the instructions; the slot's record is live memory.
      unsafe ciaa_umonitor(slot.record)
      if slot.statusByte == 0 { _ = ciaa_umwait(0, ciaa_rdtsc() &+ 20_000) }
    } else if looks < Self.eagerLooks {
      for _ in 0..<32 { ciaa_pause() }
    } else {
      usleep(looks < 10 * Self.eagerLooks ? 20 : 200)
    }
  }
}

extension Dispatcher {
  /// Compresses a chunk; the task is suspended meanwhile.
  ///
  /// - Parameters:
  ///   - input: The chunk, at most ``Dispatcher/Configuration/chunkSize`` bytes. Traps on more.
  ///   - position: Whether the chunk is its stream's last.
  ///   - room: The most bytes its stream may take; nil for as many as it needs.
  /// - Returns: The stream, and where it was made.
  /// - Throws: As the blocking call; ``OffloadError/cancelled`` when the task was cancelled.
  public func compress(
    _ input: [UInt8], position: BlockPosition = .last, room: Int? = nil
  ) async throws(OffloadError) -> (bytes: [UInt8], report: JobReport) {
    let bound = room ?? core.rules.bound(input.count, position)
    // SAFETY: bytes have no padding.
    let job = unsafe submitCompression(of: input.span.bytes, position: position, room: bound)
    return try await core.finish(job, room: bound)
  }

  /// Decompresses a stream; the task is suspended meanwhile.
  ///
  /// - Parameters:
  ///   - input: The stream.
  ///   - room: The most bytes it may decompress to; memory for so many is allocated.
  /// - Returns: The bytes, and where they were made.
  /// - Throws: As the blocking call; ``OffloadError/cancelled`` when the task was cancelled.
  public func decompress(
    _ input: [UInt8], room: Int
  ) async throws(OffloadError) -> (bytes: [UInt8], report: JobReport) {
    // SAFETY: bytes have no padding.
    let job = unsafe submitDecompression(of: input.span.bytes, room: room)
    return try await core.finish(job, room: room)
  }
}

extension DispatcherCore {
  func finish(
    _ job: consuming PendingJob, room: Int
  ) async throws(OffloadError) -> (bytes: [UInt8], report: JobReport) {
    let state = job.state
    while !state.poll() {
      if Task.isCancelled {
        state.cancel()
        throw .cancelled
      }
      await completions.completion(of: state.slot, deadline: state.deadline)
    }
    var report = JobReport()
    let bytes = try makeBytes(capacity: room) {
      (output: inout OutputRawSpan) throws(OffloadError) in
      report = try state.finish(into: &output)
    }
    return (bytes, report)
  }
}
