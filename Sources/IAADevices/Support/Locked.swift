// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A lock around a value, for everything off the hot path. The system's mutex rather than
// Synchronization's: the thread sanitizer sees through the former only, and a check that reports
// every guarded access is no check.

import Glibc

/// A value that one thread at a time may look at.
@safe package final class Locked<Value>: @unchecked Sendable {
  // SAFETY: `value` is only reached with the mutex held, whose memory lives as long as `self`.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  package init(_ value: Value) {
    self.value = value
    unsafe mutex = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe pthread_mutex_init(mutex, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body(&value)
  }

  /// Does nothing and returns nil when another thread holds the lock.
  package func withLockIfAvailable<Result>(_ body: (inout Value) -> Result) -> Result? {
    guard unsafe pthread_mutex_trylock(mutex) == 0 else { return nil }
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body(&value)
  }
}
