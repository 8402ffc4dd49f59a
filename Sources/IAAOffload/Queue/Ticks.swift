// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Durations at the price of one instruction: the system's clock is three to four times as dear, and
// every job is timed. Where the time stamp counter does not run evenly, the clock is used after all.

import CIAAShim.Device

/// A counter for durations.
struct Ticks: Sendable {
  /// Nanoseconds a tick, times 2^64; 0 where ticks are nanoseconds of ``Clock``.
  private let scale: UInt64

  /// This machine's, measured once.
  static let shared = Ticks()

  private init() {
    // CPUID.80000007H:EDX[8]: the counter runs at one rate in all states.
    let isInvariant =
      ciaa_cpuid(0x8000_0000, 0).eax >= 0x8000_0007 && ciaa_cpuid(0x8000_0007, 0).edx >> 8 & 1 == 1
    guard isInvariant else {
      scale = 0
      return
    }
    // Two milliseconds against a clock that is right to some 50 ns: a part in 40,000.
    let (startTime, startTicks) = (Clock.now, ciaa_rdtsc())
    while Clock.now - startTime < 2_000_000 {}
    let (time, ticks) = (Clock.now - startTime, ciaa_rdtsc() &- startTicks)
    // Below 1 GHz the scale would not fit; no such processor has a device.
    scale = ticks > time ? time.scaled(by: ticks) : 0
  }

  /// The counter now.
  @inline(__always)
  var now: UInt64 { scale == 0 ? Clock.now : ciaa_rdtsc() }

  /// Nanoseconds between two values of the counter; 0 when they are in the wrong order, as two
  /// processors' counters may be by a little.
  @inline(__always)
  func nanoseconds(from start: UInt64, to end: UInt64) -> UInt64 {
    let ticks = end > start ? end &- start : 0
    return scale == 0 ? ticks : ticks.multipliedFullWidth(by: scale).high
  }
}

extension UInt64 {
  /// The value times 2^64 divided by a larger one.
  fileprivate func scaled(by divisor: UInt64) -> UInt64 {
    divisor.dividingFullWidth((self, 0)).quotient
  }
}
