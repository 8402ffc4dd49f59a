// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Whether a queue works is known once it has been opened: files in sysfs say "enabled" on kernels
// that refuse the open. So the doctor opens each queue that it would call usable, maps or writes, and
// sends one no-op, which touches nothing but its own completion record.

package import SystemPackage

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
