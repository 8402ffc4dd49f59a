// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A device in this process may answer for a queue's file: a model that was mounted under a tree.
// Opening the file is the only step where that shows, and this is who is asked there.

import Threading

/// Queue files that something in this process answers for, by where they lie on this machine.
package enum MountedQueues {
  /// Opens a queue; nil when it is busy or not enabled.
  package typealias Opener = @Sendable () -> (any Portal)?

  private static let openers: Locked<[String: Opener]> = Locked([:])

  /// Who opens the file at `path`; nil when it is the system.
  package static func opener(at path: String) -> Opener? { openers.withLock { $0[path] } }

  /// Has `opener` answer for the file at `path`, or nobody any more.
  package static func set(_ opener: Opener?, at path: String) {
    openers.withLock { $0[path] = opener }
  }
}
