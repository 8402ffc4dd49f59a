// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where queues come from: the system's device files, or what a program lays in their place.

import Glibc
package import IAADevices

/// Finds and opens queues.
package protocol QueueSource: Sendable {
  /// The queues that can be used now.
  func queues() -> [QueueDescription]

  /// Opens one of them.
  func open(_ queue: QueueDescription) throws(OpenFailure) -> any Portal

  /// Why there are no queues, one reason each.
  func reasonsForNone() -> [String]

  /// Names of the instructions that opening its queues would need and the processor has not.
  func missingInstructions() -> [String]
}

extension QueueSource {
  package func missingInstructions() -> [String] { [] }
}

/// A queue that could not be opened, and why.
package struct OpenFailure: Error, Hashable {
  let reason: String

  package init(reason: String) { self.reason = reason }
}
