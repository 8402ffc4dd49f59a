// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A no-op through each queue of the running system that the doctor would call usable.

import Glibc
package import IAADevices
import SystemPackage

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
    do throws(Errno) {
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
