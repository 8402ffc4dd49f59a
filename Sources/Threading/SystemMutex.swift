// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The system's mutex rather than Synchronization's: the thread sanitizer sees through the former only,
// and a check that reports every guarded access is no check; and a condition variable waits with this
// one alone.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A mutex with its memory.
@safe struct SystemMutex: ~Copyable {
  // SAFETY: initialised from `init` to `deinit`, and only the system's functions look at it.
  private let pointer = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() {
    unsafe pointer.initialize(to: pthread_mutex_t())
    unsafe pthread_mutex_init(pointer, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(pointer)
    unsafe pointer.deallocate()
  }

  func lock() { unsafe pthread_mutex_lock(pointer) }

  /// Whether it was free, and is the caller's now.
  func tryLock() -> Bool { unsafe pthread_mutex_trylock(pointer) == 0 }

  func unlock() { unsafe pthread_mutex_unlock(pointer) }

  /// Lets it go while it waits for `condition`; the caller has it, before and after.
  func wait(for condition: UnsafeMutablePointer<pthread_cond_t>) {
    unsafe pthread_cond_wait(condition, pointer)
  }
}
