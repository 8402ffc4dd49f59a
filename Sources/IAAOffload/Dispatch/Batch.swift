// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Many jobs at once: submit all, then collect. A device works on them side by side, and its latency
// is paid once. Decompressions are submitted largest first, so that none starts last and runs
// longest.

import FixedDeflate
import Glibc
import IAADevices

/// A job of a batch.
public struct BatchJob: Sendable, Hashable {
  /// Its input, as a range of the batch's bytes.
  public var range: Range<Int>
  /// The most bytes its result may take.
  public var room: Int

  /// Creates a job.
  public init(range: Range<Int>, room: Int) {
    self.range = range
    self.room = room
  }
}

/// What became of a job of a batch.
public struct BatchResult: Sendable, Hashable {
  /// Its bytes, as a range of the output from where the batch began; empty when it failed.
  public internal(set) var range: Range<Int>
  /// Why it failed; nil when it did not.
  public internal(set) var error: OffloadError?
  /// Where it ran, and why.
  public internal(set) var report: JobReport
}

extension Dispatcher {
  /// Compresses many chunks and appends their streams in order, one behind the other.
  ///
  /// - Parameters:
  ///   - input: The bytes that the jobs' ranges refer to. Traps on ranges outside, and on chunks
  ///     above ``Dispatcher/Configuration/chunkSize``.
  ///   - jobs: The chunks.
  ///   - output: Room for all streams; a job whose stream finds none fails alone.
  /// - Returns: What became of each, in order.
  /// - Complexity: O(*n*) in the bytes of all chunks.
  public func compressBatch(
    _ input: RawSpan, _ jobs: [BatchJob], into output: inout OutputRawSpan
  ) -> [BatchResult] {
    for job in jobs {
      precondition(job.range.count <= configuration.chunkSize, "chunk larger than chunkSize")
    }
    return runBatch(.compress, input, jobs, &output)
  }

  /// Decompresses many raw DEFLATE streams and appends their bytes in order.
  ///
  /// - Parameters:
  ///   - input: The bytes that the jobs' ranges refer to. Traps on ranges outside.
  ///   - jobs: The streams.
  ///   - output: Room for all bytes; a job whose bytes find none fails alone.
  /// - Returns: What became of each, in order.
  /// - Complexity: O(*n*) in the bytes of all streams and results.
  public func decompressBatch(
    _ input: RawSpan, _ jobs: [BatchJob], into output: inout OutputRawSpan
  ) -> [BatchResult] {
    runBatch(.decompress, input, jobs, &output)
  }

  /// Compresses many chunks into new bytes.
  ///
  /// - Parameters:
  ///   - input: The bytes that the jobs' ranges refer to, as in the other form.
  ///   - jobs: The chunks.
  /// - Returns: The streams, one behind the other, and what became of each job.
  /// - Complexity: O(*n*) in the bytes of all chunks.
  public func compressBatch(
    _ input: [UInt8], _ jobs: [BatchJob]
  ) -> (bytes: [UInt8], results: [BatchResult]) {
    var results: [BatchResult] = []
    let room = jobs.reduce(0) { $0 + min($1.room, core.rules.bound($1.range.count, .last)) }
    let bytes = makeBytes(capacity: room) { output in
      // SAFETY: bytes have no padding.
      results = unsafe compressBatch(input.span.bytes, jobs, into: &output)
    }
    return (bytes, results)
  }

  /// Decompresses many raw DEFLATE streams into new bytes.
  ///
  /// - Parameters:
  ///   - input: The bytes that the jobs' ranges refer to, as in the other form.
  ///   - jobs: The streams; memory for all their ``BatchJob/room`` is allocated.
  /// - Returns: The bytes, one result behind the other, and what became of each job.
  /// - Complexity: O(*n*) in the bytes of all streams and results.
  public func decompressBatch(
    _ input: [UInt8], _ jobs: [BatchJob]
  ) -> (bytes: [UInt8], results: [BatchResult]) {
    var results: [BatchResult] = []
    let bytes = makeBytes(capacity: jobs.reduce(0) { $0 + $1.room }) { output in
      // SAFETY: bytes have no padding.
      results = unsafe decompressBatch(input.span.bytes, jobs, into: &output)
    }
    return (bytes, results)
  }

  private func runBatch(
    _ kind: JobKind, _ input: RawSpan, _ jobs: [BatchJob], _ output: inout OutputRawSpan
  ) -> [BatchResult] {
    for job in jobs {
      precondition(
        job.range.lowerBound >= 0 && job.range.upperBound <= input.byteCount,
        "range outside the input")
      precondition(job.room >= 0, "negative room")
    }
    return core.contexts.withContext { context in
      context.counters.add(kind == .compress ? .compressJobs : .decompressJobs, jobs.count)
      let origin = output.byteCount
      var results: [BatchResult] = []
      results.reserveCapacity(jobs.count)
      while results.count < jobs.count {
        let end = min(results.count + BatchFlight.maximumCount, jobs.count)
        runPart(kind, input, jobs[results.count..<end], &output, origin, context, &results)
      }
      return results
    }
  }

  /// Runs as many jobs as there may be slots.
  private func runPart(
    _ kind: JobKind, _ input: RawSpan, _ jobs: ArraySlice<BatchJob>,
    _ output: inout OutputRawSpan, _ origin: Int, _ context: ThreadContext,
    _ results: inout [BatchResult]
  ) {
    let start = core.ticks.now
    if runAsPages(kind, input, jobs, &output, origin, context, start, &results) { return }
    let first = jobs.startIndex
    var flights: [Flight?] = Array(repeating: nil, count: jobs.count)
    if configuration.path != .software, core.ownsQueues() {
      let offsets = Array(0..<jobs.count)
      let order =
        kind == .compress
        ? offsets : offsets.sorted { jobs[first + $0].range.count > jobs[first + $1].range.count }
      unsafe input.withUnsafeBytes { bytes in
        let batch = unsafe BatchFlight(
          core: core, context: context, kind: kind, jobs: jobs, bytes: bytes, startTicks: start)
        batch.run(order, into: &flights)
      }
    }
    for (flight, job) in zip(flights, jobs) {
      results.append(
        land(
          flight, kind, input.extracting(job.range), job.room, start, &output, origin, context))
      if let flight, flight.ownsSlot { context.spareSlots.append(flight.slot) }
    }
  }

  /// Decompresses with the codec's call for many pages, where software does it anyway and the jobs
  /// are pages one behind the other. Anything else, and anything wrong, is left to the way of all
  /// jobs.
  ///
  /// - Returns: Whether it was done.
  private func runAsPages(
    _ kind: JobKind, _ input: RawSpan, _ jobs: ArraySlice<BatchJob>,
    _ output: inout OutputRawSpan, _ origin: Int, _ context: ThreadContext, _ start: UInt64,
    _ results: inout [BatchResult]
  ) -> Bool {
    let isFallback = configuration.path == .auto
    guard configuration.path == .software || isFallback && !core.hasQueue(.decompress),
      kind == .decompress, core.rules.kind != .canned, configuration.crossCheck == .off,
      jobs.count > 1, let first = jobs.first, let last = jobs.last, first.room > 0,
      jobs.allSatisfy({ $0.room == first.room }),
      zip(jobs, jobs.dropFirst()).allSatisfy({ $0.range.upperBound == $1.range.lowerBound }),
      output.freeCapacity / first.room >= jobs.count
    else { return false }
    let before = output.byteCount
    let counts = jobs.map(\.range.count)
    do throws(DeflateError) {
      try context.decoder.decompressPages(
        input.extracting(first.range.lowerBound..<last.range.upperBound),
        byteCounts: counts.span, pageSize: first.room, into: &output)
    } catch {
      output.removeLast(output.byteCount - before)
      return false
    }
    var report = JobReport()
    report.nanoseconds = core.ticks.nanoseconds(from: start, to: core.ticks.now)
    if isFallback {
      report.fallback = .noQueue
      context.counters.add(.softwareDecompressCalls, jobs.count)
    }
    for index in 0..<jobs.count {
      let lower = before - origin + index * first.room
      let upper = min(lower + first.room, output.byteCount - origin)
      report.inputCount = counts[index]
      report.outputCount = upper - lower
      core.count(report, kind, context)
      results.append(BatchResult(range: lower..<upper, error: nil, report: report))
    }
    return true
  }

  /// Turns a finished flight, or none, into a result.
  private func land(
    _ flight: Flight?, _ kind: JobKind, _ input: RawSpan, _ room: Int, _ start: UInt64,
    _ output: inout OutputRawSpan, _ origin: Int, _ context: ThreadContext
  ) -> BatchResult {
    let before = output.byteCount
    var report = flight?.job.report ?? JobReport()
    do throws(OffloadError) {
      report = try core.withLimit(room, of: &output) {
        (output: inout OutputRawSpan) throws(OffloadError) in
        guard configuration.path != .software else {
          return try core.runInSoftware(kind, input, .last, &output, context, report)
        }
        guard let flight, let outcome = flight.outcome else {
          return try core.settle(
            .failed(.noQueue), report, kind, input, .last, context.slot, &output, context)
        }
        return try core.settle(
          outcome, flight.job.report, kind, input, .last, flight.slot, &output, context)
      }
      report.nanoseconds = core.ticks.nanoseconds(from: start, to: core.ticks.now)
      core.count(report, kind, context)
      return BatchResult(
        range: before - origin..<output.byteCount - origin, error: nil, report: report)
    } catch {
      context.counters.add(error.kind)
      return BatchResult(range: before - origin..<before - origin, error: error, report: report)
    }
  }
}

/// A job of a batch on its way.
struct Flight {
  let slot: JobSlot
  var job: HardwareJob
  var outcome: JobOutcome?
  var ownsSlot = true
}

/// Submits and collects the jobs of one batch.
@safe struct BatchFlight {
  let core: DispatcherCore
  let context: ThreadContext
  let kind: JobKind
  let jobs: ArraySlice<BatchJob>
  let bytes: UnsafeRawBufferPointer
  let startTicks: UInt64

  /// Jobs with the device at the same time; each has a slot with room for its result.
  static let maximumCount = 128

  init(
    core: DispatcherCore, context: ThreadContext, kind: JobKind, jobs: ArraySlice<BatchJob>,
    bytes: UnsafeRawBufferPointer, startTicks: UInt64
  ) {
    self.startTicks = startTicks
    self.core = core
    self.context = context
    self.kind = kind
    self.jobs = jobs
    unsafe self.bytes = bytes
  }

  func run(_ order: [Int], into flights: inout [Flight?]) {
    var waiting: [Int] = []
    for index in order {
      submit(index, &flights)
      // A full queue has room again when one of our own jobs is done.
      while isRefused(flights[index]), !waiting.isEmpty {
        collect(&waiting, &flights)
        submit(index, &flights)
      }
      if flights[index]?.outcome == nil { waiting.append(index) }
    }
    while !waiting.isEmpty { collect(&waiting, &flights) }
  }

  private func isRefused(_ flight: Flight?) -> Bool {
    if case .failed(.queueFull)? = flight?.outcome { true } else { false }
  }

  private func submit(_ index: Int, _ flights: inout [Flight?]) {
    let job = jobs[jobs.startIndex + index]
    let range = job.range
    let slot =
      flights[index]?.slot ?? context.spareSlots.popLast() ?? core.slots.take()
    // SAFETY: the range lies in the buffer, checked in `runBatch`, which lives until all jobs are
    // done.
    let source = unsafe bytes.baseAddress.map { unsafe $0 + range.lowerBound }
    var hardwareJob = unsafe HardwareJob(
      kind: kind, position: .last, source: source ?? UnsafeRawPointer(slot.destination),
      sourceCount: range.count, room: job.room, rules: core.rules,
      startTicks: startTicks)
    // Refusals of an earlier attempt are the job's too.
    if let earlier = flights[index] { hardwareJob.report.retries = earlier.job.report.retries }
    let step = hardwareJob.start(core, slot, context)
    var flight = Flight(slot: slot, job: hardwareJob)
    if case .finished(let outcome) = step { flight.outcome = outcome }
    flights[index] = flight
  }

  /// Waits for the oldest job, then takes the next steps of all that were answered.
  private func collect(_ waiting: inout [Int], _ flights: inout [Flight?]) {
    if let oldest = waiting.first, let flight = flights[oldest],
      core.waiter.wait(for: flight.slot) == nil
    {
      // All on its queue have waited as long; one after the other they would wait once each.
      for index in waiting where flights[index]?.job.report.queue == flight.job.report.queue {
        giveUp(index, &flights)
      }
    }
    waiting.removeAll { index in
      guard var flight = flights[index] else { return true }
      if flight.outcome != nil { return true }
      let status = flight.slot.statusByte
      guard status != 0 else { return false }
      if case .finished(let outcome) = flight.job.complete(
        statusByte: status, core, flight.slot, context)
      {
        flight.outcome = outcome
      }
      flights[index] = flight
      return flight.outcome != nil
    }
  }
}

extension BatchFlight {
  /// Gives a job up if it was not answered.
  private func giveUp(_ index: Int, _ flights: inout [Flight?]) {
    guard var flight = flights[index], flight.slot.statusByte == 0 else { return }
    flight.outcome = flight.job.giveUp(core, flight.slot, context)
    flight.ownsSlot = false
    flights[index] = flight
  }
}

extension DispatcherCore {
  /// Whether a queue is there for jobs of a kind.
  func hasQueue(_ kind: JobKind) -> Bool { ownsQueues() && table.list(kind).count > 0 }

  /// Lends as much of an output as a job may fill.
  func withLimit(
    _ room: Int, of output: inout OutputRawSpan,
    _ body: (inout OutputRawSpan) throws(OffloadError) -> JobReport
  ) throws(OffloadError) -> JobReport {
    if output.freeCapacity <= room { return try body(&output) }
    // SAFETY: the part lies behind the initialised bytes, within the free capacity; `finalize` says
    // how much of it was written.
    let result = unsafe output.withUnsafeMutableBytes {
      buffer, count -> Result<JobReport, OffloadError> in
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + room])
      var limited = unsafe OutputRawSpan(buffer: part, initializedCount: 0)
      let result: Result<JobReport, OffloadError>
      do throws(OffloadError) {
        result = .success(try body(&limited))
      } catch {
        result = .failure(error)
      }
      count += unsafe limited.finalize(for: part)
      return result
    }
    return try result.get()
  }
}
