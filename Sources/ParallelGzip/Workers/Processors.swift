// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How many processors to keep busy. A container's share is read from files, so it is asked for only
// when there is work for more than one.

#if os(Linux)
  import CWorkers
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The processors to keep busy: as many as the user says, else all that this process may use.
package struct Processors: Sendable {
  private let given: Int?
  /// Those that the process may run on.
  private let allowed: Int

  /// All that may be used.
  package init() {
    given = nil
    allowed = Self.allowedCount
  }

  /// So many, at least 1; traps on fewer.
  package init(count: Int) {
    precondition(count >= 1, "workers below 1")
    given = count
    allowed = count
  }

  /// Whether there may be more than one; costs nothing.
  package var mayBeSeveral: Bool { allowed > 1 }

  /// How many, at least 1. Those of a quota are as many as could be busy at once without being
  /// stopped: one and a half are two.
  package var count: Int {
    guard given == nil, allowed > 1, let quota = Self.quota else { return allowed }
    return min(allowed, quota)
  }

  /// The quota's, read once.
  private static let quota = ProcessorQuota.processors()

  /// Processors this process may run on, which are those of its container or `taskset`; where that
  /// is not told, processors online; 1 when unknown.
  private static var allowedCount: Int {
    #if os(Linux)
      // The most that any Linux can be built for.
      var mask = [UInt](repeating: 0, count: 8192 / UInt.bitWidth)
      // SAFETY: the kernel writes no more than the size given, which is the array's.
      let size = unsafe mask.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return -1 }
        return unsafe workers_allowed_processors(
          base.assumingMemoryBound(to: UInt.self), bytes.count)
      }
      if size > 0 { return max(1, mask.reduce(0) { $0 + $1.nonzeroBitCount }) }
    #endif
    return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }
}
