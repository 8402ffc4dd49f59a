// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// From the hardware's answer to the caller's result: the last checks, the software, the counting.

import FixedDeflate
import IAADevices

extension DispatcherCore {
  /// Runs a job's hardware part in the context's slot and waits for it. A job that is given up keeps the
  /// slot, and the context gets another.
  @inline(__always)
  func runBlocking(
    _ job: inout HardwareJob, in slot: JobSlot, _ context: ThreadContext
  ) -> JobOutcome {
    var step = job.start(in: slot, self, context)
    while true {
      switch step {
      case .finished(let outcome): return outcome
      case .waiting:
        if let status = waiter.wait(for: slot) {
          step = job.complete(statusByte: status, in: slot, self, context)
        } else {
          let outcome = job.giveUp(in: slot, self, context)
          context.slot = slots.take()
          return outcome
        }
      }
    }
  }

  /// Appends what the hardware made, or has the software make it.
  func settle(
    _ hardwareJob: HardwareJob, _ outcome: JobOutcome, in slot: JobSlot, _ context: ThreadContext,
    into output: inout OutputRawSpan
  ) throws(OffloadError) -> JobReport {
    let job = hardwareJob.job
    var report = hardwareJob.report
    switch outcome {
    case .done(let count), .unverified(let count):
      if case .unverified = outcome, !verify(job, count, report.queue, in: slot, context) {
        report.fallback = .verificationFailed
      } else if isConfirmed(job, count, in: slot, context) {
        try deliver(count, of: job, from: slot, into: &output)
        report.outputCount = count
        report.path = .hardware
        return report
      } else {
        report.fallback = .crossCheckFailed
      }
    case .didNotFit: throw .didNotFit
    case .outputFull: throw .outputFull
    case .failed(let reason): report.fallback = reason
    }
    let reason = report.fallback ?? .noQueue
    if configuration.path == .hardware {
      throw reason == .noQueue
        ? .hardwareUnavailable(reasonsForNoQueue()) : .hardwareFailed(reason)
    }
    return try runInSoftware(job, report, context, into: &output)
  }

  /// Appends a result. There may be less room than at submission.
  private func deliver(
    _ count: Int, of job: Job, from slot: JobSlot, into output: inout OutputRawSpan
  ) throws(OffloadError) {
    guard count <= output.freeCapacity else {
      throw job.kind == .compress ? .didNotFit : .outputFull
    }
    slot.withDestination(count: count) { output.append(contentsOf: $0) }
  }

  /// Whether software decompresses what a queue's device made to what it was made of.
  private func verify(
    _ job: Job, _ count: Int, _ queue: QueueID?, in slot: JobSlot, _ context: ThreadContext
  ) -> Bool {
    context.counters.add(.verifications)
    let isLast = job.position == .last
    if !isLast { slot.closeStream(at: count) }
    let isRight = job.withInput { input in
      slot.withDestination(count: count + (isLast ? 0 : 2)) {
        context.verifier.isStream($0, of: input)
      }
    }
    guard !isRight else { return true }
    context.counters.add(.verificationMismatches)
    if let queue, let port = ports.all.first(where: { $0.id == queue }) { noteBadResult(port) }
    return false
  }

  /// Whether zlib agrees, or is not asked.
  private func isConfirmed(
    _ job: Job, _ count: Int, in slot: JobSlot, _ context: ThreadContext
  ) -> Bool {
    guard isCrossCheckDue(context) else { return true }
    return slot.withDestination(count: count) { crossCheck($0, of: job, context) }
  }

  /// Does a job with the library's codec.
  func runInSoftware(
    _ job: Job, _ report: JobReport, _ context: ThreadContext, into output: inout OutputRawSpan
  ) throws(OffloadError) -> JobReport {
    var report = report
    let start = output.byteCount
    do throws(DeflateError) {
      switch job.kind {
      case .compress:
        if configuration.path != .software { context.counters.add(.softwareCompressCalls) }
        try job.withInput { input throws(DeflateError) in
          try context.encoder.compress(input, position: job.position, into: &output)
        }
        report.inputCount = job.inputCount
      case .decompress:
        if configuration.path != .software { context.counters.add(.softwareDecompressCalls) }
        report.inputCount = try job.withInput { input throws(DeflateError) in
          try context.decoder.decompress(input, into: &output).bytes
        }
      }
    } catch {
      output.removeLast(output.byteCount - start)
      if error.kind == .noCodeword { throw .noCodeword(error) }
      guard error.kind == .outputFull else { throw .invalidData(error) }
      throw job.kind == .compress ? .didNotFit : .outputFull
    }
    report.path = .software
    report.outputCount = output.byteCount - start
    if isCrossCheckDue(context), !crossCheck(output, from: start, of: job, context) {
      output.removeLast(output.byteCount - start)
      throw .crossCheckFailed
    }
    return report
  }

  private func crossCheck(
    _ output: borrowing OutputRawSpan, from start: Int, of job: Job, _ context: ThreadContext
  ) -> Bool {
    crossCheck(output.bytes.extracting(start..<output.byteCount), of: job, context)
  }

  /// Counts a job that has a result.
  @inline(__always)
  func count(_ report: JobReport, _ kind: JobKind, _ context: ThreadContext) {
    let counters = context.counters
    if report.path == .hardware {
      counters.add(.hardwareSuccesses)
    } else if let reason = report.fallback {
      counters.add(reason.kind)
    } else {
      counters.add(.softwareSuccesses)
    }
    if report.isWholeDelay {
      counters.raise(
        kind == .compress ? .compress : .decompress, to: report.nanoseconds, epoch: epoch)
    }
    if report.retries > 0 { counters.add(.busyRetries, report.retries) }
    counters.add(latency: report.nanoseconds, kind, report.path)
    counters.raise(
      kind == .compress ? .wholeCompress : .wholeDecompress, to: report.nanoseconds, epoch: epoch)
  }
}
