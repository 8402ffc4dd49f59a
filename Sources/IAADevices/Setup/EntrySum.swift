// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Sums of queue sizes. Options, files and damaged trees may claim any number, so a sum stops at the
// largest instead of overflowing.

extension Sequence<Int> {
  /// The sum, or the number nearest to it.
  package var saturatedSum: Int {
    reduce(0) { sum, next in
      let (value, overflow) = sum.addingReportingOverflow(next)
      return overflow ? (next < 0 ? .min : .max) : value
    }
  }
}

extension Device {
  /// Entries that its queues have been given.
  package var usedEntries: Int { queues.map { max($0.size.value ?? 0, 0) }.saturatedSum }

  /// The same for the reader: what is not known is not passed off as nothing.
  package var usedEntriesText: String {
    let known = queues.compactMap(\.size.value)
    if known.count == queues.count { return "\(usedEntries)" }
    return known.isEmpty ? "?" : "\(usedEntries) or more"
  }
}
