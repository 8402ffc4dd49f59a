// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Slots that no caller holds: those that wait for a job, and those whose job was given up and which
// belong to a device until it has answered or cannot answer any more.

import IAADevices

/// Slots for jobs whose callers do not wait.
final class SlotPool: Sendable {
  private let idle = ProcessLocked<[JobSlot]> { [] }
  private let destinationCapacity: Int

  init(destinationCapacity: Int) { self.destinationCapacity = destinationCapacity }

  func take() -> JobSlot {
    idle.withLock { $0.popLast() } ?? JobSlot(destinationCapacity: destinationCapacity)
  }

  func giveBack(_ slot: JobSlot) { idle.withLock { $0.append(slot) } }
}

/// Slots of jobs that were given up.
final class ParkingLot: Sendable {
  private struct Parked {
    let slot: JobSlot
    let port: QueuePort
    let incarnation: Int
    /// When the device will have had its time.
    let deadline: UInt64
    /// The queue was closed, but the device may still write: kept until it does, for ever if need be.
    var isForsaken = false
  }

  /// What became of the slots.
  struct Sweep {
    /// Queues that have owed an answer for too long.
    var overdue: [QueuePort] = []
    /// Whether there are answers to come.
    var isWaiting = false
  }

  private let parked = ProcessLocked<[Parked]> { [] }

  func add(_ slot: JobSlot, _ port: QueuePort, deadline: UInt64) {
    parked.withLock {
      $0.append(Parked(slot: slot, port: port, incarnation: port.incarnation, deadline: deadline))
    }
  }

  var count: Int { parked.withLock { $0.count } }

  /// Lets go of slots whose jobs have been answered.
  func sweep(now: UInt64) -> Sweep {
    parked.withLock { parked in
      var sweep = Sweep()
      parked.removeAll { entry in
        if entry.slot.statusByte != 0 {
          entry.port.unpark(incarnation: entry.incarnation)
          return true
        }
        guard !entry.isForsaken else { return false }
        sweep.isWaiting = true
        if now > entry.deadline { sweep.overdue.append(entry.port) }
        return false
      }
      return sweep
    }
  }

  /// A queue's portal was closed: its slots go, or stay with a device that may not know.
  func close(_ port: QueuePort, isDrained: Bool) {
    parked.withLock { parked in
      if isDrained {
        parked.removeAll { $0.port === port && $0.incarnation == port.incarnation }
      } else {
        for index in parked.indices where parked[index].port === port {
          parked[index].isForsaken = true
        }
      }
    }
  }

  /// Keeps what is left for as long as the process lives: a device may still write to it.
  func keepForEver() {
    parked.withLock { parked in
      // SAFETY: a count that is never given back; no access.
      for entry in parked { _ = unsafe Unmanaged.passRetained(entry.slot) }
      parked = []
    }
  }
}
