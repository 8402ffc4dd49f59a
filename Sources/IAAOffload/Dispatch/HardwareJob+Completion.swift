// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a job makes of a device's answer: what the driver makes of each status, the remedies for page
// faults and overflow, and the checks before anyone relies on a result.

import FixedDeflate
import Glibc
import IAADevices

extension HardwareJob {
  /// Takes the answer of the device and goes on.
  mutating func complete(
    statusByte: UInt8, in slot: JobSlot, _ core: DispatcherCore, _ context: ThreadContext
  ) -> JobStep {
    guard let port = unsafe port else { return .finished(.failed(.noQueue)) }
    return unsafe port._withUnsafeGuaranteedRef {
      complete(statusByte: statusByte, by: $0, in: slot, core, context)
    }
  }

  private mutating func complete(
    statusByte: UInt8, by port: QueuePort, in slot: JobSlot, _ core: DispatcherCore,
    _ context: ThreadContext
  ) -> JobStep {
    let record = slot.completion(statusByte: statusByte)
    trace(.completion(record), on: port, core)
    port.noteAnswer()
    port.leave()
    if phase == .verify { return verified(record, by: port, in: slot, core, context) }
    noteDelay(record, core, context)
    guard record.status == .success else {
      return failed(record, by: port, in: slot, core, context)
    }
    return job.kind == .compress
      ? compressed(record, by: port, in: slot, core, context)
      : decompressed(record, by: port, in: slot, core, context)
  }

  /// Notes how long the device took. Where the call ends with that, its end is time enough to look
  /// at the clock.
  @inline(__always)
  private mutating func noteDelay(
    _ record: CompletionRecord, _ core: DispatcherCore, _ context: ThreadContext
  ) {
    let hasMoreToDo =
      job.kind == .compress
      ? core.configuration.verifyCompress != .off : core.configuration.checkDecompress
    if record.status == .success, !hasMoreToDo {
      report.isWholeDelay = true
    } else {
      context.counters.raise(
        job.kind == .compress ? .compress : .decompress,
        to: core.ticks.nanoseconds(from: job.startTicks, to: core.ticks.now), epoch: core.epoch)
    }
  }

  /// Gives the job up; its slot belongs to the device until that answers.
  mutating func giveUp(in slot: JobSlot, _ core: DispatcherCore, _ context: ThreadContext)
    -> JobOutcome
  {
    context.counters.add(.timeoutErrors)
    if let port = unsafe port {
      // SAFETY: the dispatcher keeps its queues.
      let port = unsafe port.takeUnretainedValue()
      trace(.timeout, on: port, core)
      park(in: slot, core, context)
      core.noteSilence(of: port)
    }
    return .failed(.timedOut)
  }

  /// Leaves the job with the device and forgets it.
  mutating func park(in slot: JobSlot, _ core: DispatcherCore, _ context: ThreadContext) {
    guard let port = unsafe port else { return }
    context.counters.add(.parkedJobs)
    // SAFETY: the dispatcher keeps its queues.
    core.park(slot, in: unsafe port.takeUnretainedValue())
  }

  private mutating func compressed(
    _ record: CompletionRecord, by port: QueuePort, in slot: JobSlot, _ core: DispatcherCore,
    _ context: ThreadContext
  ) -> JobStep {
    let count = record.outputSize
    guard count >= 1, count <= capacity, hasRightFrame(slot, count, core) else {
      core.noteBadResult(port)
      context.counters.add(.verificationMismatches)
      return .finished(.failed(.verificationFailed))
    }
    report.inputCount = job.inputCount
    context.counters.add(.compressBytesOut, count)
    context.counters.add(QueueCounter.compressBytes, queue: port.index, count)
    switch core.configuration.verifyCompress {
    case .off: return .finished(.done(count: count))
    case .inSoftware: return .finished(.unverified(count: count))
    case .onDevice: break
    }
    compressedCount = count
    claimedCRC = record.crc
    phase = .verify
    hasFaulted = false
    if job.position == .notLast { slot.closeStream(at: count) }
    context.counters.add(.verifications)
    if submit(to: port, in: slot, core) != nil { return .finished(.unverified(count: count)) }
    // While the device works. Its own two CRCs agree as well when it read other bytes than there are.
    var crc = CRC32()
    job.withInput { crc.update($0) }
    self.crc = crc.value
    return .waiting
  }

  /// Decompressing to the right bytes is not enough: a stream that is not final where it should be,
  /// or the other way round, would mislead its reader.
  private func hasRightFrame(_ slot: JobSlot, _ count: Int, _ core: DispatcherCore) -> Bool {
    slot.withDestination(count: count) { core.rules.frames($0, job.position) }
  }

  private mutating func verified(
    _ record: CompletionRecord, by port: QueuePort, in slot: JobSlot, _ core: DispatcherCore,
    _ context: ThreadContext
  ) -> JobStep {
    switch record.status {
    case .success where record.crc == crc && claimedCRC == crc:
      return .finished(.done(count: compressedCount))
    case .success, .analyticsError, .outputOverflow:
      context.counters.add(.verificationMismatches)
      core.noteBadResult(port)
      return .finished(.failed(.verificationFailed))
    case .pageFault where !hasFaulted:
      if resubmit(to: port, in: slot, core, context) == nil { return .waiting }
    case .watchdog: context.counters.add(.timeoutErrors)
    default: context.counters.add(.invalidErrors)
    }
    return .finished(.unverified(count: compressedCount))
  }

  private mutating func decompressed(
    _ record: CompletionRecord, by port: QueuePort, in slot: JobSlot, _ core: DispatcherCore,
    _ context: ThreadContext
  ) -> JobStep {
    let count = record.outputSize
    // Callers go on in their input from where the device says that it has stopped; no stream takes no bytes.
    var isRight =
      count <= capacity && record.bytesCompleted <= job.inputCount
      && (record.bytesCompleted > 0 || job.inputCount == 0)
    if isRight, core.configuration.checkDecompress {
      var crc = CRC32()
      slot.withDestination(count: count) { crc.update($0) }
      isRight = crc.value == record.crc
    }
    guard isRight else {
      context.counters.add(.badDecompressions)
      core.noteBadResult(port)
      return .finished(.failed(.badResult))
    }
    report.inputCount = record.bytesCompleted
    // What stands behind the stream was not decompressed.
    context.counters.add(.decompressBytesIn, record.bytesCompleted)
    context.counters.add(QueueCounter.decompressBytes, queue: port.index, record.bytesCompleted)
    return .finished(.done(count: count))
  }

  /// What the driver makes of each status; page faults and overflow have remedies first.
  private mutating func failed(
    _ record: CompletionRecord, by port: QueuePort, in slot: JobSlot, _ core: DispatcherCore,
    _ context: ThreadContext
  ) -> JobStep {
    switch record.status {
    case .pageFault where !hasFaulted:
      guard let refusal = resubmit(to: port, in: slot, core, context) else { return .waiting }
      return .finished(.failed(refusal))
    case .pageFault:
      context.counters.add(.invalidErrors)
      return .finished(.failed(.pageFault))
    case .analyticsError where job.kind == .compress && record.analyticsError == .outputTooSmall:
      return compressionOverflow(core, context)
    case .outputOverflow where job.kind == .decompress:
      return decompressionOverflow(of: port, in: slot, core, context)
    case .watchdog:
      context.counters.add(.timeoutErrors)
      return .finished(.failed(.watchdog))
    case .analyticsError:
      context.counters.add(.invalidErrors)
      return .finished(.failed(.analytics(record.analyticsError)))
    default:
      context.counters.add(.invalidErrors)
      return .finished(.failed(.status(record.status)))
    }
  }

  /// "Did not fit" is an answer, unless the queue allowed less than the caller or there was room
  /// for any stream of so many bytes.
  private func compressionOverflow(_ core: DispatcherCore, _ context: ThreadContext) -> JobStep {
    context.counters.add(.overflowErrors)
    if capacity < room { return .finished(.failed(.exceedsTransferSize)) }
    if room >= core.rules.bound(job.inputCount, job.position) {
      return .finished(.failed(.analytics(.outputTooSmall)))
    }
    return .finished(.didNotFit)
  }

  /// Grows the room while the caller has more and the queue allows more.
  private mutating func decompressionOverflow(
    of port: QueuePort, in slot: JobSlot, _ core: DispatcherCore, _ context: ThreadContext
  ) -> JobStep {
    guard capacity < room else { return .finished(.outputFull) }
    let limit = min(room, port.maximumTransferSize)
    guard capacity < limit else { return .finished(.failed(.exceedsTransferSize)) }
    capacity = min(limit, max(2 * capacity, 64 << 10))
    slot.reserveDestination(capacity)
    context.counters.add(.overflowRetries)
    guard let refusal = submit(to: port, in: slot, core) else { return .waiting }
    return .finished(.failed(refusal))
  }

  /// Touches what the device could not reach and submits once more; nil when the queue took it.
  private mutating func resubmit(
    to port: QueuePort, in slot: JobSlot, _ core: DispatcherCore, _ context: ThreadContext
  ) -> FallbackReason? {
    hasFaulted = true
    context.counters.add(.pageFaultRetries)
    job.touchInput()
    // What is verified must not be written to.
    if phase == .main {
      if job.kind == .compress { core.touchCompressionState(job.position) }
      unsafe Page.touchForWriting(slot.destination, count: capacity)
    } else {
      unsafe Page.touchForReading(UnsafeRawPointer(slot.destination), count: compressedCount + 2)
    }
    return submit(to: port, in: slot, core)
  }
}
