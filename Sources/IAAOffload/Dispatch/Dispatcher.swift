// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The public type: hands each job to a queue, waits, checks, and does in software what hardware
// could not. Callers see a result and a report; they cannot lose data to a device.

public import FixedDeflate
public import IAADevices

/// Compresses and decompresses on IAA work queues when there are any, and in software when not.
///
/// What a compressed chunk decompresses to never depends on where it was made. Software
/// makes the stream of ``Dispatcher/Configuration/profile``; every published device stream is the same by the default
/// one, devices are known to differ in runs, and sizes agree within about 1 %. Calls may come from any thread
/// at the same time; a blocking call takes no lock and, once its thread has made its first one, allocates nothing.
///
/// Devices write into memory of the dispatcher, from where results are copied. So a device that answers
/// after its job was given up can harm nobody, and pages of the output are always there.
///
/// Who lets go of a dispatcher last waits for its threads to end, which a queue that is just being probed
/// does not delay. A listener may be the last, too: the thread that calls it is not waited for and ends when the
/// listener has returned.
public final class Dispatcher: Sendable {
  let core: DispatcherCore

  /// How it works.
  public var configuration: Dispatcher.Configuration { core.configuration }

  /// What its mode asks of jobs.
  package var rules: ModeRules { core.rules }

  package init(
    _ configuration: Dispatcher.Configuration, source: any QueueSource, topology: CPUTopology,
    trace: Trace? = nil, listener: QueueListener? = nil
  ) throws(OffloadError) {
    core = DispatcherCore(
      configuration: configuration, source: source, topology: topology, trace: trace,
      listener: listener)
    guard configuration.path != .software else { return }
    core.maintain(scan: true)
    if configuration.path == .hardware, !isOperational {
      throw .hardwareUnavailable(core.reasonsForNoQueue())
    }
    core.startMaintaining()
  }

  deinit { core.close() }

  /// Whether at least one queue is open: jobs go to hardware from the first queue on, and to
  /// software from the last one's unbinding on.
  public var isOperational: Bool { ports.contains { $0.state == .open } }

  /// This process's queues: a child of the one that opened them opens them anew.
  private var ports: [QueuePort] {
    if configuration.path != .software { _ = core.ownsQueues() }
    return core.ports.all
  }

  /// The queues that are open.
  public var openQueues: [QueueDescription] {
    ports.filter { $0.state == .open }.map(\.description).sorted { $0.id < $1.id }
  }

  /// How descriptors reach a queue, or last did where it is not open now; nil for one that never was.
  public func portalKind(of queue: QueueID) -> PortalKind? {
    ports.first { $0.id == queue }?.portalKind
  }

  /// Why no queue can be used, one reason each: what is missing, instructions included. Waits while
  /// queues are being probed, ``Dispatcher/Configuration/waitLimit`` at most for all of them, and in canned mode for each
  /// question that devices answer.
  public var reasonsForNoQueue: [String] { core.reasonsForNoQueue() }

  /// Looks for queues now, and probes those that are due, instead of at the next interval. Waits for
  /// the probes, ``Dispatcher/Configuration/waitLimit`` at most for all of them, and in canned mode for each question that
  /// devices answer.
  public func refresh() {
    if configuration.path != .software, core.ownsQueues() { core.maintain(scan: true) }
  }

  // MARK: Jobs

  /// Compresses a chunk and appends its stream.
  ///
  /// - Parameters:
  ///   - input: The chunk, at most ``Dispatcher/Configuration/chunkSize`` bytes. Traps on more.
  ///   - position: Whether the chunk is its stream's last.
  ///   - output: Room for the stream. With less free than ``/FixedDeflate/Encoder/bound(_:position:mode:)``, input
  ///     that does not compress throws ``OffloadError/didNotFit``.
  /// - Returns: Where it ran, and why.
  /// - Throws: ``OffloadError/didNotFit``, after which nothing was appended; what the path
  ///   `hardware` forbids to do otherwise.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public func compress(
    _ input: RawSpan, position: BlockPosition = .last, into output: inout OutputRawSpan
  ) throws(OffloadError) -> JobReport {
    precondition(
      input.byteCount <= core.configuration.chunkSize, "chunk larger than chunkSize")
    return try run(.compress, input, core.rules.position(position), &output)
  }

  /// Decompresses one raw DEFLATE stream and appends its bytes.
  ///
  /// - Parameters:
  ///   - input: The stream.
  ///   - output: Room for the bytes.
  /// - Returns: Where it ran, and why.
  /// - Throws: ``OffloadError/outputFull``, ``OffloadError/invalidData(_:)``, after which nothing
  ///   was appended; what the path `hardware` forbids to do otherwise.
  /// - Complexity: O(*n*) in the bytes of input and output.
  public func decompress(
    _ input: RawSpan, into output: inout OutputRawSpan
  ) throws(OffloadError) -> JobReport {
    try run(.decompress, input, .last, &output)
  }

  private func run(
    _ kind: JobKind, _ input: RawSpan, _ position: BlockPosition, _ output: inout OutputRawSpan
  ) throws(OffloadError) -> JobReport {
    // SAFETY: the span lives until this returns, and with it the bytes.
    let bytes = unsafe input.withUnsafeBytes { bytes in unsafe bytes }
    let result = core.contexts.withUncountedContext { context -> Result<JobReport, OffloadError> in
      let start = core.ticks.now
      context.counters.add(kind == .compress ? .compressJobs : .decompressJobs)
      var hardwareJob = unsafe HardwareJob(
        Job(kind, position, of: bytes, room: output.freeCapacity, startTicks: start), core)
      do throws(OffloadError) {
        var report =
          core.configuration.path == .software
          ? try core.runInSoftware(hardwareJob.job, JobReport(), context, into: &output)
          : try runOnHardware(&hardwareJob, context, into: &output)
        report.nanoseconds = core.ticks.nanoseconds(from: start, to: core.ticks.now)
        core.count(report, kind, context)
        return .success(report)
      } catch {
        context.counters.add(error.kind)
        return .failure(error)
      }
    }
    return try result.get()
  }

  @inline(__always)
  private func runOnHardware(
    _ job: inout HardwareJob, _ context: ThreadContext, into output: inout OutputRawSpan
  ) throws(OffloadError) -> JobReport {
    guard core.ownsQueues() else {
      return try core.settle(job, .failed(.noQueue), in: context.slot, context, into: &output)
    }
    // SAFETY: the context keeps its slot, and where it takes another, parking keeps this one.
    let result = unsafe context.uncountedSlot._withUnsafeGuaranteedRef {
      slot -> Result<JobReport, OffloadError> in
      let outcome = core.runBlocking(&job, in: slot, context)
      do throws(OffloadError) {
        return .success(try core.settle(job, outcome, in: slot, context, into: &output))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
