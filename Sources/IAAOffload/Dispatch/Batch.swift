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
    let chunkSize = core.configuration.chunkSize
    for job in jobs {
      precondition(job.range.count <= chunkSize, "chunk larger than chunkSize")
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
      return unsafe input.withUnsafeBytes { bytes in
        var run = unsafe BatchRun(
          core: core, context: context, kind: kind, bytes: bytes, origin: output.byteCount)
        run.results.reserveCapacity(jobs.count)
        while run.results.count < jobs.count {
          let end = min(run.results.count + BatchFlight.maximumCount, jobs.count)
          run.run(jobs[run.results.count..<end], into: &output)
        }
        return run.results
      }
    }
  }
}

/// The jobs of one call on their way to results.
@safe private struct BatchRun {
  private let core: DispatcherCore
  private let context: ThreadContext
  private let kind: JobKind
  // SAFETY: the call lends them for as long as this lives; ranges within were checked in `runBatch`.
  private let bytes: UnsafeRawBufferPointer
  /// Bytes of the output before the call.
  private let origin: Int
  var results: [BatchResult] = []

  @unsafe init(
    core: DispatcherCore, context: ThreadContext, kind: JobKind, bytes: UnsafeRawBufferPointer,
    origin: Int
  ) {
    self.core = core
    self.context = context
    self.kind = kind
    unsafe self.bytes = bytes
    self.origin = origin
  }

  /// Runs as many jobs as there may be slots.
  mutating func run(_ asked: ArraySlice<BatchJob>, into output: inout OutputRawSpan) {
    let start = core.ticks.now
    if runAsPages(asked, start, into: &output) { return }
    let jobs = asked.map { job in
      // SAFETY: the range lies within, checked in `runBatch`.
      unsafe Job(
        kind, of: UnsafeRawBufferPointer(rebasing: bytes[job.range]), room: job.room,
        startTicks: start)
    }
    var flights: [Flight?] = Array(repeating: nil, count: jobs.count)
    if core.configuration.path != .software, core.ownsQueues() {
      let offsets = Array(jobs.indices)
      let order =
        kind == .compress
        ? offsets : offsets.sorted { jobs[$0].inputCount > jobs[$1].inputCount }
      BatchFlight(core: core, context: context, jobs: jobs).run(order, into: &flights)
    }
    for (flight, job) in zip(flights, jobs) {
      land(flight, job, into: &output)
      if let flight, flight.ownsSlot { context.spareSlots.append(flight.slot) }
    }
  }

  /// Decompresses with the codec's call for many pages, where software does it anyway and the jobs
  /// are pages one behind the other. Anything else, and anything wrong, is left to the way of all
  /// jobs.
  ///
  /// - Returns: Whether it was done.
  private mutating func runAsPages(
    _ jobs: ArraySlice<BatchJob>, _ start: UInt64, into output: inout OutputRawSpan
  ) -> Bool {
    let configuration = core.configuration
    let isFallback = configuration.path == .auto
    guard configuration.path == .software || isFallback && !core.hasQueue(.decompress),
      kind == .decompress, core.rules.kind != .canned, !configuration.asksZlib,
      jobs.count > 1, let first = jobs.first, let last = jobs.last, first.room > 0,
      jobs.allSatisfy({ $0.room == first.room }),
      zip(jobs, jobs.dropFirst()).allSatisfy({ $0.range.upperBound == $1.range.lowerBound }),
      output.freeCapacity / first.room >= jobs.count
    else { return false }
    let before = output.byteCount
    let counts = jobs.map(\.range.count)
    // SAFETY: the ranges lie within, checked in `runBatch`.
    let input = unsafe UnsafeRawBufferPointer(
      rebasing: bytes[first.range.lowerBound..<last.range.upperBound])
    do throws(DeflateError) {
      try context.decoder.decompressPages(
        unsafe RawSpan(_unsafeBytes: input), byteCounts: counts.span, pageSize: first.room,
        into: &output)
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
  private mutating func land(_ flight: Flight?, _ job: Job, into output: inout OutputRawSpan) {
    let before = output.byteCount
    var report = flight?.job.report ?? JobReport()
    var failure: OffloadError?
    do throws(OffloadError) {
      report = try core.withLimit(job.room, of: &output) {
        (output: inout OutputRawSpan) throws(OffloadError) in
        guard core.configuration.path != .software else {
          return try core.runInSoftware(job, report, context, into: &output)
        }
        guard let flight, let outcome = flight.outcome else {
          return try core.settle(
            HardwareJob(job, core), .failed(.noQueue), in: context.slot, context, into: &output)
        }
        return try core.settle(flight.job, outcome, in: flight.slot, context, into: &output)
      }
      report.nanoseconds = core.ticks.nanoseconds(from: job.startTicks, to: core.ticks.now)
      core.count(report, kind, context)
    } catch {
      context.counters.add(error.kind)
      failure = error
    }
    results.append(
      BatchResult(
        range: before - origin..<output.byteCount - origin, error: failure, report: report))
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
struct BatchFlight {
  let core: DispatcherCore
  let context: ThreadContext
  let jobs: [Job]

  /// Jobs with the device at the same time; each has a slot with room for its result.
  static let maximumCount = 128

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
    let slot = flights[index]?.slot ?? context.spareSlots.popLast() ?? core.slots.take()
    var job = HardwareJob(jobs[index], core)
    // Refusals of an earlier attempt are the job's too.
    if let earlier = flights[index] { job.report.retries = earlier.job.report.retries }
    let step = job.start(in: slot, core, context)
    var flight = Flight(slot: slot, job: job)
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
        statusByte: status, in: flight.slot, core, context)
      {
        flight.outcome = outcome
      }
      flights[index] = flight
      return flight.outcome != nil
    }
  }

  /// Gives a job up if it was not answered.
  private func giveUp(_ index: Int, _ flights: inout [Flight?]) {
    guard var flight = flights[index], flight.slot.statusByte == 0 else { return }
    flight.outcome = flight.job.giveUp(in: flight.slot, core, context)
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
