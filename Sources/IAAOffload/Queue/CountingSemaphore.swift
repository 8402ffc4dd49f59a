// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What wakes the dispatcher's and the model's own threads: signalling takes no lock, so a thread that
// is stopped between two steps, or a fork, leaves nobody waiting for it.

// For sem_clockwait, which is shown only to GNU sources.
import CIAAShim.Device
import Glibc

/// A counting semaphore.
@safe package final class CountingSemaphore: @unchecked Sendable {
  // SAFETY: the system's semaphore is made for many threads; its memory lives as long as `self`.
  private let handle: UnsafeMutablePointer<sem_t>

  package init() {
    unsafe handle = .allocate(capacity: 1)
    unsafe sem_init(handle, 0, 0)
  }

  deinit {
    unsafe sem_destroy(handle)
    unsafe handle.deallocate()
  }

  package func signal() { unsafe sem_post(handle) }

  package func wait() { while unsafe sem_wait(handle) != 0 && errno == EINTR {} }

  /// Waits until it is signalled or a time of ``Clock`` has come, whatever happens to the wall clock.
  package func wait(until time: UInt64) {
    var deadline = timespec(
      tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
    while unsafe sem_clockwait(handle, CLOCK_MONOTONIC, &deadline) != 0 && errno == EINTR {}
  }
}
