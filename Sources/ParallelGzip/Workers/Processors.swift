// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How many processors to keep busy. A container's share is read from files, so it is asked for only
// when there is work for more than one.

/// The processors to keep busy: as many as the user says, else all that this process may use.
struct Processors: Sendable {
  private let given: Int?
  /// Those that the process may run on.
  private let allowed: Int

  /// All that may be used.
  init() {
    given = nil
    allowed = SystemCalls.processorCount
  }

  /// So many, at least 1.
  init(count: Int) {
    given = count
    allowed = count
  }

  /// Whether there may be more than one; costs nothing.
  var mayBeSeveral: Bool { allowed > 1 }

  /// How many, at least 1. Those of a quota are as many as could be busy at once without being
  /// stopped: one and a half are two.
  var count: Int {
    guard given == nil, allowed > 1, let quota = Self.quota else { return allowed }
    return min(allowed, quota)
  }

  /// The quota's, read once.
  private static let quota = ProcessorQuota.processors()
}
