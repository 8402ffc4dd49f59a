// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Waiting for a status byte: spin while a device would need microseconds, then let others run.
// Every wait is bounded, by polls and by time, as the driver's is.

import CIAAShim.Device
import Glibc
import IAADevices

/// How long a completion is waited for.
public struct WaitLimit: Sendable, Hashable {
  /// Looks at the status byte, 1 or more; the driver's are 1,000,000.
  public var polls: Int
  /// From the first look on.
  public var time: Duration

  /// Creates a limit; the first of both that is reached ends the wait.
  public init(polls: Int = 1_000_000, time: Duration = .seconds(1)) {
    self.polls = polls
    self.time = time
  }
}

/// Waits for completions.
struct Waiter: Sendable {
  private var polls: Int
  private var nanoseconds: UInt64
  private let hasWAITPKG: Bool
  private let style: Dispatcher.Configuration.SyncMode

  /// Polls before the clock is looked at, and before others are let run: a page takes a device
  /// 2 µs, some 50 to 100 pauses.
  private static let spins = 256
  /// Cycles of one UMWAIT: short, since the line may be written just before it is monitored.
  private static let sleepCycles: UInt64 = 2000
  /// A blocking call of the sleeping mode is as slow as the driver's, on purpose.
  private static let sleepMicroseconds: UInt32 = 20

  init(
    limit: WaitLimit, hasWAITPKG: Bool, style: Dispatcher.Configuration.SyncMode = .sync
  ) {
    polls = limit.polls
    nanoseconds = limit.time.nanosecondCount
    self.hasWAITPKG = hasWAITPKG
    self.style = style
  }

  /// The same for so many nanoseconds, however many polls that is.
  func limited(to nanoseconds: UInt64) -> Waiter {
    var waiter = self
    (waiter.polls, waiter.nanoseconds) = (.max, nanoseconds)
    return waiter
  }

  /// Waits until a slot's status byte is set, and returns it; nil when the limit came first.
  func wait(for slot: JobSlot) -> UInt8? {
    var polls = 0
    var deadline: UInt64 = 0
    while true {
      let status = slot.statusByte
      if status != 0 { return status }
      polls += 1
      guard polls < self.polls else { return nil }
      guard polls >= Self.spins || style != .sync else {
        ciaa_pause()
        continue
      }
      let now = Clock.now
      if deadline == 0 { deadline = now &+ nanoseconds }
      guard now < deadline else { return nil }
      rest(watching: slot)
    }
  }

  /// Gives the processor to others for a moment.
  private func rest(watching slot: JobSlot) {
    if style == .asyncIRQ {
      usleep(Self.sleepMicroseconds)
    } else if hasWAITPKG, style == .sync {
      // SAFETY: the processor has the instructions; the slot's record is live memory.
      unsafe ciaa_umonitor(slot.record)
      if slot.statusByte == 0 { _ = ciaa_umwait(0, ciaa_rdtsc() &+ Self.sleepCycles) }
    } else {
      sched_yield()
    }
  }
}
