// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// From the hardware's answer to the caller's result: the last checks, the software, the counting.

import FixedDeflate
import IAADevices

extension DispatcherCore {
  /// Runs a job's hardware part on the context's slot and waits for it. A job that is given up keeps
  /// the slot, and the context gets another.
  @inline(__always)
  func runBlocking(
    _ job: inout HardwareJob, _ slot: JobSlot, _ context: ThreadContext
  ) -> JobOutcome {
    var step = job.start(self, slot, context)
    while true {
      switch step {
      case .finished(let outcome): return outcome
      case .waiting:
        if let status = waiter.wait(for: slot) {
          step = job.complete(statusByte: status, self, slot, context)
        } else {
          let outcome = job.giveUp(self, slot, context)
          context.slot = slots.take()
          return outcome
        }
      }
    }
  }

  /// Appends what the hardware made, or has the software make it.
  func settle(
    _ outcome: JobOutcome, _ report: JobReport, _ kind: JobKind, _ input: RawSpan,
    _ position: BlockPosition, _ slot: JobSlot, _ output: inout OutputRawSpan,
    _ context: ThreadContext
  ) throws(OffloadError) -> JobReport {
    var report = report
    switch outcome {
    case .done(let count):
      if isConfirmed(slot, count, kind, input, context) {
        return try deliver(count, report, kind, slot, &output)
      }
      report.fallback = .crossCheckFailed
    case .unverified(let count):
      context.counters.add(.verifications)
      if position == .notLast { slot.closeStream(at: count) }
      let isRight = slot.withDestination(count: count + (position == .last ? 0 : 2)) {
        context.verifier.isStream($0, of: input)
      }
      if !isRight {
        context.counters.add(.verificationMismatches)
        if let id = report.queue, let port = ports.all.first(where: { $0.id == id }) {
          noteBadResult(port)
        }
        report.fallback = .verificationFailed
      } else if isConfirmed(slot, count, kind, input, context) {
        return try deliver(count, report, kind, slot, &output)
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
    return try runInSoftware(kind, input, position, &output, context, report)
  }

  /// Appends a result. There may be less room than at submission.
  private func deliver(
    _ count: Int, _ report: JobReport, _ kind: JobKind, _ slot: JobSlot,
    _ output: inout OutputRawSpan
  ) throws(OffloadError) -> JobReport {
    guard count <= output.freeCapacity else {
      throw kind == .compress ? .didNotFit : .outputFull
    }
    slot.withDestination(count: count) { output.append(contentsOf: $0) }
    var report = report
    report.path = .hardware
    report.outputCount = count
    return report
  }

  /// Whether zlib agrees, or is not asked.
  private func isConfirmed(
    _ slot: JobSlot, _ count: Int, _ kind: JobKind, _ input: RawSpan, _ context: ThreadContext
  ) -> Bool {
    guard isCrossCheckDue(context) else { return true }
    return slot.withDestination(count: count) { crossCheck($0, kind, input, context) }
  }

  @inline(__always)
  private func isCrossCheckDue(_ context: ThreadContext) -> Bool {
    // Asked first, for most never ask zlib, and every look at the checker is checked itself.
    configuration.crossCheck != .off && context.crossChecker.isDue(configuration.crossCheck)
  }

  private func crossCheck(
    _ result: RawSpan, _ kind: JobKind, _ input: RawSpan, _ context: ThreadContext
  ) -> Bool {
    context.counters.add(.crossChecks)
    let agrees =
      kind == .compress
      ? context.crossChecker.agrees(stream: result, bytes: input, header: rules.header)
      : context.crossChecker.agrees(stream: input, bytes: result, header: rules.header)
    if !agrees { context.counters.add(.crossCheckMismatches) }
    return agrees
  }

  /// Does a job with the library's codec.
  func runInSoftware(
    _ kind: JobKind, _ input: RawSpan, _ position: BlockPosition, _ output: inout OutputRawSpan,
    _ context: ThreadContext, _ report: JobReport
  ) throws(OffloadError) -> JobReport {
    var report = report
    let start = output.byteCount
    do throws(DeflateError) {
      switch kind {
      case .compress:
        if configuration.path != .software { context.counters.add(.softwareCompressCalls) }
        try context.encoder.compress(input, position: position, into: &output)
        report.inputCount = input.byteCount
      case .decompress:
        if configuration.path != .software { context.counters.add(.softwareDecompressCalls) }
        report.inputCount = try context.decoder.decompress(input, into: &output).bytes
      }
    } catch {
      output.removeLast(output.byteCount - start)
      if error.kind == .noCodeword { throw .noCodeword(error) }
      guard error.kind == .outputFull else { throw .invalidData(error) }
      throw kind == .compress ? .didNotFit : .outputFull
    }
    report.path = .software
    report.outputCount = output.byteCount - start
    if isCrossCheckDue(context),
      !crossCheck(output, from: start, kind, input, context)
    {
      output.removeLast(output.byteCount - start)
      throw .crossCheckFailed
    }
    return report
  }

  private func crossCheck(
    _ output: borrowing OutputRawSpan, from start: Int, _ kind: JobKind, _ input: RawSpan,
    _ context: ThreadContext
  ) -> Bool {
    crossCheck(output.bytes.extracting(start..<output.byteCount), kind, input, context)
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
