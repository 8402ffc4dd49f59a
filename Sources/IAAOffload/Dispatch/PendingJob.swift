// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Jobs that nobody waits for yet: a handle to poll, to finish, to cancel or simply to drop. The
// input is copied, since the caller's bytes need not live as long as the device looks at them.

public import FixedDeflate
import IAADevices

/// A job under way: the driver's `async` mode.
///
/// Dropping a handle is safe: what the device still does is left to it, and is waited for before
/// anything it touches is used again. Keeping one is not free: a queue that broke is not taken into use
/// again while a handle of a job in it is neither finished nor dropped.
public struct PendingJob: ~Copyable, Sendable {
  let state: PendingState

  /// Looks whether the job is done, and does its next step if it has one.
  ///
  /// - Returns: Whether ``finish(into:)`` will return at once, save for what the software has to do.
  public mutating func poll() -> Bool { state.poll() }

  /// Waits for the job and appends its result.
  ///
  /// - Parameter output: Room for the result; what there is more than at submission is not used.
  /// - Returns: Where it ran, and why.
  /// - Throws: As the blocking call.
  public consuming func finish(into output: inout OutputRawSpan) throws(OffloadError) -> JobReport {
    try state.finish(into: &output)
  }

  /// Gives the job up. Counted as an error, as every job without a result is.
  public consuming func cancel() { state.cancel() }
}

/// What a handle refers to.
final class PendingState: @unchecked Sendable {
  // SAFETY: a handle is not copyable, so one thread at a time uses its state; the waiter thread only
  // looks at the slot's status byte.
  /// Keeps the queues open.
  private let dispatcher: Dispatcher
  let core: DispatcherCore
  let slot: JobSlot
  private var hardwareJob: HardwareJob
  private var outcome: JobOutcome?
  private var ownsSlot = true
  private var isSettled = false
  /// The process whose job this is.
  private var generation = ForkGuard.generation
  /// When the device will have had its time.
  private(set) var deadline: UInt64 = 0

  init(
    dispatcher: Dispatcher, kind: JobKind, position: BlockPosition, input: RawSpan, room: Int
  ) {
    self.dispatcher = dispatcher
    core = dispatcher.core
    let start = core.ticks.now
    slot = core.slots.take()
    // SAFETY: the slot keeps the copy as long as it lives, and `self` keeps the slot.
    let job = unsafe Job(
      kind, core.rules.position(position),
      of: UnsafeRawBufferPointer(start: slot.copySource(input), count: input.byteCount),
      room: room, startTicks: start)
    hardwareJob = HardwareJob(job, core)
    core.contexts.withContext { context in
      countJob(context)
      if core.configuration.path == .software {
        outcome = .failed(.noQueue)
      } else {
        take(
          core.ownsQueues()
            ? hardwareJob.start(in: slot, core, context) : .finished(.failed(.noQueue)))
      }
    }
  }

  deinit {
    if !isSettled { cancel() }
    if ownsSlot { core.slots.giveBack(slot) }
  }

  private var job: Job { hardwareJob.job }

  private func countJob(_ context: ThreadContext) {
    context.counters.add(job.kind == .compress ? .compressJobs : .decompressJobs)
  }

  /// What a parent process submitted is not answered in its child, and not counted there yet.
  private func noticeFork() {
    guard generation != ForkGuard.generation else { return }
    generation = ForkGuard.generation
    if outcome == nil { outcome = .failed(.noQueue) }
    core.contexts.withContext { countJob($0) }
  }

  private func take(_ step: JobStep) {
    switch step {
    case .finished(let outcome): self.outcome = outcome
    case .waiting: deadline = Clock.now &+ core.nanoseconds.waitLimit
    }
  }

  func poll() -> Bool {
    noticeFork()
    guard outcome == nil else { return true }
    let status = slot.statusByte
    if status != 0 {
      core.contexts.withContext {
        take(hardwareJob.complete(statusByte: status, in: slot, core, $0))
      }
    } else if Clock.now > deadline {
      core.contexts.withContext { outcome = hardwareJob.giveUp(in: slot, core, $0) }
      ownsSlot = false
    }
    return outcome != nil
  }

  private func waitUntilDone() {
    noticeFork()
    while outcome == nil {
      if core.waiter.wait(for: slot) != nil {
        _ = poll()
      } else {
        core.contexts.withContext { outcome = hardwareJob.giveUp(in: slot, core, $0) }
        ownsSlot = false
      }
    }
  }

  func finish(into output: inout OutputRawSpan) throws(OffloadError) -> JobReport {
    waitUntilDone()
    isSettled = true
    guard let outcome else { preconditionFailure("not done") }
    return try core.contexts.withContext { context throws(OffloadError) in
      do throws(OffloadError) {
        var report = try core.withLimit(job.room, of: &output) {
          (output: inout OutputRawSpan) throws(OffloadError) in
          core.configuration.path == .software
            ? try core.runInSoftware(job, JobReport(), context, into: &output)
            : try core.settle(hardwareJob, outcome, in: slot, context, into: &output)
        }
        report.nanoseconds = core.ticks.nanoseconds(from: job.startTicks, to: core.ticks.now)
        core.count(report, job.kind, context)
        return report
      } catch {
        context.counters.add(error.kind)
        throw error
      }
    }
  }

  func cancel() {
    guard !isSettled else { return }
    noticeFork()
    isSettled = true
    core.contexts.withContext { context in
      if outcome == nil {
        hardwareJob.park(in: slot, core, context)
        ownsSlot = false
      }
      context.counters.add(OffloadError.Kind.cancelled)
    }
  }
}

extension Dispatcher {
  /// Submits a compression and returns at once.
  ///
  /// - Parameters:
  ///   - input: The chunk, at most ``Dispatcher/Configuration/chunkSize`` bytes, which are copied. Traps on
  ///     more.
  ///   - position: Whether the chunk is its stream's last.
  ///   - room: The most bytes its stream may take; nil for as many as it needs.
  /// - Returns: The job.
  public func submitCompression(
    of input: RawSpan, position: BlockPosition = .last, room: Int? = nil
  ) -> PendingJob {
    precondition(input.byteCount <= core.configuration.chunkSize, "chunk larger than chunkSize")
    precondition(room ?? 0 >= 0, "negative room")
    let bound = core.rules.bound(input.byteCount, position)
    return PendingJob(
      state: PendingState(
        dispatcher: self, kind: .compress, position: position, input: input, room: room ?? bound))
  }

  /// Submits a decompression and returns at once.
  ///
  /// - Parameters:
  ///   - input: The stream, which is copied.
  ///   - room: The most bytes it may decompress to.
  /// - Returns: The job.
  public func submitDecompression(of input: RawSpan, room: Int) -> PendingJob {
    precondition(room >= 0, "negative room")
    return PendingJob(
      state: PendingState(
        dispatcher: self, kind: .decompress, position: .last, input: input, room: room))
  }
}
