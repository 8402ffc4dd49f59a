// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A way to end runs from any thread.
///
/// A run looks at it each time before it reads and before it writes: every batch, some 256 KiB of
/// data, twice. It then throws ``GzipError/cancelled`` and leaves no thread; a run that had written all
/// before it looked returns. What waits in a system call or a closure is not interrupted.
public final class GzipCancellation: Sendable {
  private let flag = Atomic(false)

  /// Creates one that has not been cancelled.
  public init() {}

  /// Whether ``cancel()`` has been called.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }

  /// Ends all runs that were given this, those begun later too.
  public func cancel() { flag.store(true, ordering: .relaxed) }
}
