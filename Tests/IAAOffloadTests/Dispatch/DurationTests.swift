// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import IAADevices
import Testing

/// Durations of users become a clock's words, whatever they are.
@Suite("Durations") struct DurationTests {
  @Test(
    "are whole nanoseconds, within a word",
    arguments: [
      (Duration.zero, UInt64(0)), (.nanoseconds(1), 1), (.milliseconds(1500), 1_500_000_000),
      (.seconds(3600), 3_600_000_000_000), (.nanoseconds(1 << 62), 1 << 62),
      (Duration(secondsComponent: 0, attosecondsComponent: 999_999_999), 0), (.seconds(-1), 0),
      (.nanoseconds(-1), 0), (.seconds(Int64.max), .max), (.seconds(18_446_744_074), .max),
    ] as [(Duration, UInt64)])
  func nanoseconds(duration: Duration, count: UInt64) { #expect(duration.nanosecondCount == count) }

  @Test(
    "come back from their nanoseconds", arguments: [0, 1, 999_999_999, 1_000_000_000, UInt64.max])
  func back(count: UInt64) { #expect(Duration(nanosecondCount: count).nanosecondCount == count) }
}
