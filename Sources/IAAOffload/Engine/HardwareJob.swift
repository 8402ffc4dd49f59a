// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A job on its way through a queue: submitted, perhaps submitted again, verified, done. It never
// blocks; whoever owns it waits for the slot's status byte in the way that suits them, so blocking
// calls, handles, batches and `await` all share these steps.

import CIAAShim.Device
import FixedDeflate
import Glibc

/// What remains to be done for a job.
enum JobStep {
  /// A descriptor is with the device.
  case waiting
  case finished(JobOutcome)
}

/// How the hardware's part of a job ended.
enum JobOutcome {
  /// So many bytes are in the slot, checked as far as the configuration asks.
  case done(count: Int)
  /// So many bytes are in the slot; the software is to verify them.
  case unverified(count: Int)
  case didNotFit
  case outputFull
  /// The software is to do the job.
  case failed(FallbackReason)
}

/// The state of one job.
@safe struct HardwareJob {
  private enum Phase {
    case main, verify
  }

  let kind: JobKind
  let position: BlockPosition
  let source: UnsafeRawPointer
  let sourceCount: Int
  /// Bytes the caller has room for, and no more than a result can have.
  let room: Int

  /// Not counted as a reference, which all threads would write to; the engine keeps its queues.
  private var port: Unmanaged<QueuePort>?
  private(set) var report = JobReport()
  /// When the call began, in ticks.
  let startTicks: UInt64
  private var phase = Phase.main
  private var hasFaulted = false
  /// Bytes the device was given room for.
  private var capacity = 0
  private var compressedCount = 0
  private var crc: UInt32 = 0

  /// - Parameters:
  ///   - kind: What to do.
  ///   - position: Where a chunk stands in its stream.
  ///   - source: The input, which must live until the job is finished or its slot parked.
  ///   - sourceCount: Bytes of input.
  ///   - room: Bytes the caller has room for.
  ///   - startTicks: When the call began.
  init(
    kind: JobKind, position: BlockPosition, source: UnsafeRawPointer, sourceCount: Int, room: Int,
    startTicks: UInt64
  ) {
    self.startTicks = startTicks
    self.kind = kind
    self.position = position
    unsafe self.source = source
    self.sourceCount = sourceCount
    self.room =
      kind == .compress ? min(room, Encoder.bound(sourceCount, position: position)) : room
  }

  // MARK: Submitting

  /// Chooses a queue and submits.
  mutating func start(_ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext) -> JobStep {
    guard sourceCount > 0 else { return .finished(.failed(.emptyInput)) }
    guard room > 0 else {
      return .finished(kind == .compress ? .didNotFit : .outputFull)
    }
    let list = core.table.list(kind)
    guard list.count > 0 else { return .finished(.failed(.noQueue)) }
    capacity = room
    if kind == .compress {
      // Behind the stream: two bytes that end it for verification, and as the verification's
      // destination, which is not written, as many bytes as the source has.
      slot.reserveDestination(verificationOffset + sourceCount)
    } else {
      capacity = min(capacity, slot.destinationCapacity)
    }
    unsafe Page.touchForReading(source, count: sourceCount)
    let turn = context.turn
    context.turn = (turn &+ 1) & 0xFFFF
    var reason = FallbackReason.noQueue
    for attempt in 0..<min(list.count, core.configuration.queuesTried) {
      let port = unsafe core.ports.unmanaged(core.table.queue(list, at: turn + attempt))
      let refusal = unsafe port._withUnsafeGuaranteedRef { offer(to: $0, core, slot, context) }
      guard let refusal else {
        unsafe self.port = port
        return .waiting
      }
      reason = refusal
    }
    return .finished(.failed(reason))
  }

  /// Submits to a queue if the job is not too large for it; nil when it took the job.
  @inline(__always)
  private mutating func offer(
    to port: QueuePort, _ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext
  ) -> FallbackReason? {
    let limit = port.maximumTransferSize
    guard sourceCount <= limit else { return .exceedsTransferSize }
    capacity = min(capacity, limit)
    unsafe Page.touchForWriting(slot.destination, count: capacity)
    report.queue = port.id
    let refusal = submit(to: port, core, slot)
    if refusal == nil { countCall(port, context) }
    return refusal
  }

  private func countCall(_ port: QueuePort, _ context: ThreadContext) {
    context.counters.add(kind == .compress ? .compressCalls : .decompressCalls)
    context.counters.add(
      kind == .compress ? QueueCounter.compressCalls : .decompressCalls, queue: port.index)
  }

  /// Submits to a queue, trying again while it is full; nil when it took the job.
  private mutating func submit(
    to port: QueuePort, _ core: EngineCore, _ slot: JobSlot
  ) -> FallbackReason? {
    for attempt in 0...core.configuration.submissionRetries {
      switch port.enter() {
      case .notOpen: return .noQueue
      case .full: break
      case .entered:
        prepare(slot, core, blocksOnFault: port.blocksOnFault)
        // SAFETY: the slot is ours until its completion or the portal's closing; the source lives
        // as long, or is only read by a device that can no longer harm anyone.
        switch unsafe port.submit(slot.descriptor) {
        case .accepted:
          if phase == .main { report.submissions += 1 }
          return nil
        case .busy: port.leave()
        case .refused(let code):
          port.leave()
          core.stop(port, .broken)
          return .queueRefused(code)
        }
      }
      report.retries += 1
      Self.backOff(attempt)
    }
    return .queueFull
  }

  /// Grows with every attempt; from the fourth on others run.
  private static func backOff(_ attempt: Int) {
    if attempt >= 3 { sched_yield() }
    for _ in 0..<(32 << min(attempt, 6)) { ciaa_pause() }
  }

  /// Where the verification's destination starts.
  private var verificationOffset: Int { (room + 2 + 63) & ~63 }

  private func prepare(_ slot: JobSlot, _ core: EngineCore, blocksOnFault: Bool) {
    let destination = UInt64(UInt(bitPattern: unsafe slot.destination))
    var fields: DescriptorFields
    switch (phase, kind) {
    case (.main, .compress):
      fields = DescriptorFields(
        opcode: .compress, flags: .compress,
        operationFlags: (position == .last ? CompressFlags.lastChunk : .notLastChunk).rawValue,
        source: UInt64(UInt(bitPattern: unsafe source)), sourceCount: sourceCount,
        destination: destination, destinationCapacity: capacity,
        state: core.compressionState(position), stateCount: CompressionStateLayout.byteCount)
    case (.main, .decompress):
      // SAFETY: the source has at least a byte, or the job would not have been started.
      let isOneBlock = unsafe source.load(as: UInt8.self) & 1 == 1
      fields = DescriptorFields(
        opcode: .decompress, flags: .decompress,
        operationFlags: (isOneBlock ? DecompressFlags.oneBlock : .severalBlocks).rawValue,
        source: UInt64(UInt(bitPattern: unsafe source)), sourceCount: sourceCount,
        destination: destination, destinationCapacity: capacity)
    case (.verify, _):
      let isLast = position == .last
      fields = DescriptorFields(
        opcode: .decompress, flags: .decompress,
        operationFlags: (isLast
          ? DecompressFlags.verify : [.severalBlocks, .suppressOutput]).rawValue,
        source: destination, sourceCount: compressedCount + (isLast ? 0 : 2),
        destination: destination + UInt64(verificationOffset), destinationCapacity: sourceCount)
    }
    if blocksOnFault { fields.flags.insert(.blockOnFault) }
    slot.prepare(fields)
  }

  // MARK: Completing

  /// Takes the answer of the device and goes on.
  mutating func complete(
    statusByte: UInt8, _ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext
  ) -> JobStep {
    guard let port = unsafe port else { return .finished(.failed(.noQueue)) }
    return unsafe port._withUnsafeGuaranteedRef {
      complete(statusByte: statusByte, core, slot, context, $0)
    }
  }

  private mutating func complete(
    statusByte: UInt8, _ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext,
    _ port: QueuePort
  ) -> JobStep {
    let record = slot.completion(statusByte: statusByte)
    port.leave()
    if phase == .verify { return verified(record, core, slot, context, port) }
    noteDelay(record, core, context)
    guard record.status == .success else { return failed(record, core, slot, context, port) }
    return kind == .compress
      ? compressed(record, core, slot, context, port)
      : decompressed(record, core, slot, context, port)
  }

  /// Notes how long the device took. Where the call ends with that, its end is time enough to look
  /// at the clock.
  @inline(__always)
  private mutating func noteDelay(
    _ record: CompletionRecord, _ core: EngineCore, _ context: ThreadContext
  ) {
    let hasMoreToDo =
      kind == .compress
      ? core.configuration.verifyCompress != .off : core.configuration.checkDecompress
    if record.status == .success, !hasMoreToDo {
      report.isWholeDelay = true
    } else {
      context.counters.raise(
        kind == .compress ? .compress : .decompress,
        to: core.ticks.nanoseconds(from: startTicks, to: core.ticks.now), epoch: core.epoch)
    }
  }

  /// Gives the job up; its slot belongs to the device until that answers.
  mutating func giveUp(
    _ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext
  ) -> JobOutcome {
    context.counters.add(.timeoutErrors)
    park(core, slot, context)
    if let port = unsafe port {
      // SAFETY: the engine keeps its queues.
      core.stop(unsafe port.takeUnretainedValue(), .broken)
    }
    return .failed(.timedOut)
  }

  /// Leaves the job with the device and forgets it.
  mutating func park(_ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext) {
    guard let port = unsafe port else { return }
    context.counters.add(.parkedJobs)
    // SAFETY: the engine keeps its queues.
    core.park(slot, in: unsafe port.takeUnretainedValue())
  }

  private mutating func compressed(
    _ record: CompletionRecord, _ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext,
    _ port: QueuePort
  ) -> JobStep {
    let count = record.outputSize
    guard count >= 2, count <= capacity, hasRightFrame(slot, count) else {
      core.noteBadResult(port)
      context.counters.add(.verificationMismatches)
      return .finished(.failed(.verificationFailed))
    }
    context.counters.add(.compressBytesOut, count)
    context.counters.add(QueueCounter.compressBytes, queue: port.index, count)
    switch core.configuration.verifyCompress {
    case .off: return .finished(.done(count: count))
    case .inSoftware: return .finished(.unverified(count: count))
    case .onDevice: break
    }
    compressedCount = count
    crc = record.crc
    phase = .verify
    hasFaulted = false
    if position == .notLast {
      // An empty final block, so that all blocks of the chunk are looked at.
      // SAFETY: the slot has room for it, reserved in `start`.
      unsafe slot.destination.storeBytes(of: 0x03, toByteOffset: count, as: UInt8.self)
      unsafe slot.destination.storeBytes(of: 0x00, toByteOffset: count + 1, as: UInt8.self)
    }
    context.counters.add(.verifications)
    if submit(to: port, core, slot) != nil { return .finished(.unverified(count: count)) }
    return .waiting
  }

  /// Decompressing to the right bytes is not enough: a stream that is not final where it should be,
  /// or the other way round, would mislead its reader.
  private func hasRightFrame(_ slot: JobSlot, _ count: Int) -> Bool {
    slot.withDestination(count: count) { bytes in
      guard bytes.byte(at: 0) & 7 == (position == .last ? 0b011 : 0b010) else { return false }
      guard position == .notLast else { return true }
      // LEN and NLEN of the empty stored block.
      return count >= 6 && bytes.byte(at: count - 4) == 0 && bytes.byte(at: count - 3) == 0
        && bytes.byte(at: count - 2) == 0xFF && bytes.byte(at: count - 1) == 0xFF
    }
  }

  private mutating func verified(
    _ record: CompletionRecord, _ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext,
    _ port: QueuePort
  ) -> JobStep {
    switch record.status {
    case .success where record.crc == crc: return .finished(.done(count: compressedCount))
    case .success, .analyticsError, .outputOverflow:
      context.counters.add(.verificationMismatches)
      core.noteBadResult(port)
      return .finished(.failed(.verificationFailed))
    case .pageFault where !hasFaulted:
      if resubmit(core, slot, context, port) == nil { return .waiting }
    case .watchdog: context.counters.add(.timeoutErrors)
    default: context.counters.add(.invalidErrors)
    }
    return .finished(.unverified(count: compressedCount))
  }

  private mutating func decompressed(
    _ record: CompletionRecord, _ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext,
    _ port: QueuePort
  ) -> JobStep {
    let count = record.outputSize
    var isRight = count <= capacity
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
    context.counters.add(.decompressBytesIn, sourceCount)
    context.counters.add(QueueCounter.decompressBytes, queue: port.index, sourceCount)
    return .finished(.done(count: count))
  }

  /// What the driver makes of each status; page faults and overflow have remedies first.
  private mutating func failed(
    _ record: CompletionRecord, _ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext,
    _ port: QueuePort
  ) -> JobStep {
    switch record.status {
    case .pageFault where !hasFaulted:
      guard let refusal = resubmit(core, slot, context, port) else { return .waiting }
      return .finished(.failed(refusal))
    case .pageFault:
      context.counters.add(.invalidErrors)
      return .finished(.failed(.pageFault))
    case .analyticsError where kind == .compress && record.analyticsError == .outputTooSmall:
      return compressionOverflow(context)
    case .outputOverflow where kind == .decompress:
      return decompressionOverflow(core, slot, context, port)
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
  private func compressionOverflow(_ context: ThreadContext) -> JobStep {
    context.counters.add(.overflowErrors)
    if capacity < room { return .finished(.failed(.exceedsTransferSize)) }
    if room >= Encoder.bound(sourceCount, position: position) {
      return .finished(.failed(.analytics(.outputTooSmall)))
    }
    return .finished(.didNotFit)
  }

  /// Grows the room while the caller has more and the queue allows more.
  private mutating func decompressionOverflow(
    _ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext, _ port: QueuePort
  ) -> JobStep {
    guard capacity < room else { return .finished(.outputFull) }
    let limit = min(room, port.maximumTransferSize)
    guard capacity < limit else { return .finished(.failed(.exceedsTransferSize)) }
    capacity = min(limit, max(2 * capacity, 64 << 10))
    slot.reserveDestination(capacity)
    context.counters.add(.overflowRetries)
    guard let refusal = submit(to: port, core, slot) else { return .waiting }
    return .finished(.failed(refusal))
  }

  /// Touches what the device could not reach and submits once more; nil when the queue took it.
  private mutating func resubmit(
    _ core: EngineCore, _ slot: JobSlot, _ context: ThreadContext, _ port: QueuePort
  ) -> FallbackReason? {
    hasFaulted = true
    context.counters.add(.pageFaultRetries)
    unsafe Page.touchForReading(source, count: sourceCount)
    // What is verified must not be written to.
    if phase == .main {
      unsafe Page.touchForWriting(slot.destination, count: capacity)
    } else {
      unsafe Page.touchForReading(UnsafeRawPointer(slot.destination), count: compressedCount + 2)
    }
    return submit(to: port, core, slot)
  }
}
