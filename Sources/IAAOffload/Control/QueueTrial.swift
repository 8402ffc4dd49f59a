// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Whether a queue works is known once it has been opened: files in sysfs say "enabled" on kernels
// that refuse the open. So the doctor opens each queue that it would call usable, maps or writes, and
// sends one no-op, which touches nothing but its own completion record.

import Glibc
import SystemPackage

/// What became of an attempt to use a queue.
package enum TrialResult: Sendable, Hashable {
  /// A no-op went through and was answered.
  case answered(PortalKind)
  /// The queue took a no-op, and did not answer in time.
  case silent(PortalKind)
  /// open(2) failed.
  case closed(Errno)
  /// Neither mapping nor write(2) got a no-op in.
  case refused(Errno)
}

/// Tries queues.
package protocol QueueTrial: Sendable {
  /// Opens a queue, sends a no-op and closes it again.
  func attempt(_ queue: WorkQueue, of device: Device) -> TrialResult
}

/// Tries the queues of the running system.
struct LiveQueueTrial: QueueTrial {
  /// How long a no-op may take: a queue full of the largest jobs is done in less.
  static let patience: UInt64 = 1_000_000_000

  /// Below the live root, and no other.
  let files = HostFiles()

  func attempt(_ queue: WorkQueue, of device: Device) -> TrialResult {
    let forkCount = ForkGuard.forkCount
    let file: Int32
    do {
      file = try files.openDevice(queue.devicePath(of: device.kind)).rawValue
    } catch {
      return .closed(error)
    }
    let portal: any Portal
    do throws(SystemError) {
      portal = try MappedPortal(
        file: file, isShared: queue.mode.value != .dedicated, features: .current,
        forkCount: forkCount)
    } catch {
      portal = WrittenPortal(file: file, forkCount: forkCount)
    }
    return Self.attempt(portal)
  }

  /// Sends a no-op through a portal, and closes it.
  static func attempt(_ portal: some Portal) -> TrialResult {
    let slot = JobSlot(destinationCapacity: 1)
    slot.prepare(
      DescriptorFields(
        opcode: .noop, flags: [.completionRecordAddressValid, .requestCompletionRecord],
        operationFlags: 0, source: 0, sourceCount: 0, destination: 0, destinationCapacity: 0))
    let start = Clock.now
    var submission = Submission.busy
    while submission == .busy, Clock.now &- start < patience {
      // SAFETY: the slot lives until the portal is closed below.
      submission = unsafe portal.submit(slot.descriptor)
    }
    while submission == .accepted, slot.statusByte == 0, Clock.now &- start < patience {
      sched_yield()
    }
    let isAnswered = slot.statusByte != 0
    let isDrained = portal.close()
    // A device that answers late writes into the slot: it is kept for good where that may be.
    // SAFETY: the reference is never given back.
    if !isAnswered, !isDrained { _ = unsafe Unmanaged.passRetained(slot) }
    switch submission {
    case .accepted: return isAnswered ? .answered(portal.kind) : .silent(portal.kind)
    case .busy: return .refused(.resourceBusy)
    case .refused(let code): return .refused(Errno(rawValue: code))
    }
  }
}

extension SystemRoot {
  /// How queues below it are tried: on the running system only.
  package var queueTrial: (any QueueTrial)? {
    isLive && files is HostFiles ? LiveQueueTrial() : nil
  }
}
