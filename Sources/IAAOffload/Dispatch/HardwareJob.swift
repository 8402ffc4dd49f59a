// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A job on its way through a queue: submitted, perhaps submitted again, verified, done. It never
// blocks; whoever owns it waits for the slot's status byte in the way that suits them, so blocking
// calls, handles, batches and `await` all share these steps.

import CIAAShim.Device
import FixedDeflate
import Glibc
import IAADevices

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
  enum Phase {
    case main, verify
  }

  let job: Job
  /// Bytes the caller has room for, and no more than a result can have.
  let room: Int

  /// Not counted as a reference, which all threads would write to; the dispatcher keeps its queues.
  var port: Unmanaged<QueuePort>?
  var report = JobReport()
  var phase = Phase.main
  var hasFaulted = false
  /// Bytes the device was given room for.
  var capacity = 0
  var compressedCount = 0
  /// The source's CRC, and what the compression's record says it is.
  var crc: UInt32 = 0
  var claimedCRC: UInt32 = 0

  /// - Parameters:
  ///   - job: What to do.
  ///   - core: By whose rules a compression's stream can have so many bytes at most.
  @inline(__always)
  init(_ job: Job, _ core: DispatcherCore) {
    self.job = job
    room =
      job.kind == .compress
      ? min(job.room, core.rules.bound(job.inputCount, job.position)) : job.room
  }

  // MARK: Submitting

  /// Chooses a queue and submits.
  mutating func start(
    in slot: JobSlot, _ core: DispatcherCore, _ context: ThreadContext
  ) -> JobStep {
    guard job.inputCount > 0 else { return .finished(.failed(.emptyInput)) }
    guard room > 0 else {
      return .finished(job.kind == .compress ? .didNotFit : .outputFull)
    }
    let list = core.table.list(job.kind)
    guard list.count > 0 else { return .finished(.failed(.noQueue)) }
    if job.kind == .compress, job.inputCount > core.rules.maximumChunkSize {
      return .finished(.failed(.exceedsModeSize))
    }
    var wanted = room
    if job.kind == .compress {
      // Behind the stream: two bytes that end it for verification, and as the verification's
      // destination, which is not written, as many bytes as the source has.
      slot.reserveDestination(verificationOffset + job.inputCount)
    } else {
      wanted = min(wanted, slot.destinationCapacity)
    }
    job.touchInput()
    if job.kind == .compress { core.touchCompressionState(job.position) }
    let turn = context.turn
    context.turn = (turn &+ 1) & 0xFFFF
    var reason = FallbackReason.noQueue
    for attempt in 0..<min(list.count, core.configuration.queuesTried) {
      let port = unsafe core.ports.unmanaged(core.table.queue(list, at: turn + attempt))
      let refusal = unsafe port._withUnsafeGuaranteedRef { port in
        let refusal = offer(to: port, wanted, in: slot, core)
        if refusal == nil { countCall(port, context) }
        return refusal
      }
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
    to port: QueuePort, _ wanted: Int, in slot: JobSlot, _ core: DispatcherCore
  ) -> FallbackReason? {
    let limit = port.maximumTransferSize
    guard job.inputCount <= limit else { return .exceedsTransferSize }
    capacity = min(wanted, limit)
    unsafe Page.touchForWriting(slot.destination, count: capacity)
    report.queue = port.id
    return submit(to: port, in: slot, core)
  }

  private func countCall(_ port: QueuePort, _ context: ThreadContext) {
    context.counters.add(job.kind == .compress ? .compressCalls : .decompressCalls)
    context.counters.add(
      job.kind == .compress ? QueueCounter.compressCalls : .decompressCalls, queue: port.index)
  }

  /// Submits to a queue, trying again while it is full; nil when it took the job.
  mutating func submit(
    to port: QueuePort, in slot: JobSlot, _ core: DispatcherCore
  ) -> FallbackReason? {
    for attempt in 0...core.configuration.submissionRetries {
      switch port.enter() {
      case .notOpen: return .noQueue
      case .full: break
      case .entered where job.inputCount > port.maximumTransferSize:
        // Opened anew, with another size, since it was looked at.
        port.leave()
        return .exceedsTransferSize
      case .entered where !port.does(deviceKind, core.rules):
        port.leave()
        return .unsupportedMode
      case .entered:
        let fields = prepare(slot, for: port, core)
        // SAFETY: the slot is ours until its completion or the portal's closing; the source lives
        // as long, or is only read by a device that can no longer harm anyone.
        switch unsafe port.submit(slot.descriptor) {
        case .accepted:
          if phase == .main { report.submissions += 1 }
          trace(fields, on: port, core)
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

  /// What the device is asked to do now.
  private var deviceKind: JobKind { phase == .verify ? .decompress : job.kind }

  private func prepare(
    _ slot: JobSlot, for port: QueuePort, _ core: DispatcherCore
  ) -> DescriptorFields {
    let destination = UInt64(UInt(bitPattern: unsafe slot.destination))
    var fields: DescriptorFields
    switch (phase, job.kind) {
    case (.main, .compress):
      fields = core.compression(
        job.position, source: job.inputAddress, sourceCount: job.inputCount,
        destination: destination, destinationCapacity: capacity)
    case (.main, .decompress):
      let isOneBlock = job.beginsWithFinalBlock || core.rules.kind == .canned
      fields = DescriptorFields(
        opcode: .decompress, flags: .withoutState,
        operationFlags: (isOneBlock ? DecompressFlags.oneBlock : .severalBlocks).rawValue,
        source: job.inputAddress, sourceCount: job.inputCount,
        destination: destination, destinationCapacity: capacity)
    case (.verify, _):
      let isLast = job.position == .last
      fields = DescriptorFields(
        opcode: .decompress, flags: .withoutState,
        operationFlags: (isLast
          ? DecompressFlags.verify : [.severalBlocks, .suppressOutput]).rawValue,
        source: destination, sourceCount: compressedCount + (isLast ? 0 : 2),
        destination: destination + UInt64(verificationOffset), destinationCapacity: job.inputCount)
    }
    if deviceKind == .decompress { port.addState(to: &fields) }
    if port.blocksOnFault { fields.flags.insert(.blockOnFault) }
    slot.prepare(fields)
    return fields
  }
}
