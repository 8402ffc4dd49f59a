// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Durations are what users see; clocks, deadlines and counters have nanoseconds in a word.

extension Duration {
  /// The whole nanoseconds of it; 0 of a negative one, and the largest number of one that is longer.
  package var nanosecondCount: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (product, isTooLong) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflows) = product.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
    return isTooLong || overflows ? .max : sum
  }

  /// A duration of so many nanoseconds.
  package init(nanosecondCount: UInt64) {
    self.init(
      secondsComponent: Int64(nanosecondCount / 1_000_000_000),
      attosecondsComponent: Int64(nanosecondCount % 1_000_000_000) * 1_000_000_000)
  }
}
