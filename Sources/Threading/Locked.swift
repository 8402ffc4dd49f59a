// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A lock around a value, for everything off the hot path.

/// A value that one thread at a time may look at. What others wait for is a ``Monitor``'s.
package final class Locked<Value>: @unchecked Sendable {
  // SAFETY of `@unchecked Sendable`: `value` is only reached with the mutex held.
  private let mutex = SystemMutex()
  private var value: Value

  package init(_ value: Value) { self.value = value }

  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    mutex.lock()
    defer { mutex.unlock() }
    return body(&value)
  }

  /// Does nothing and returns nil when another thread holds the lock.
  package func withLockIfAvailable<Result>(_ body: (inout Value) -> Result) -> Result? {
    guard mutex.tryLock() else { return nil }
    defer { mutex.unlock() }
    return body(&value)
  }
}
