// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Threads and a semaphore: what waits or works beside the callers cannot live on the cooperative
// pool, whose threads must not block.

import CIAAShim.Device
import Glibc
import IAADevices

/// A thread of the system.
@safe package final class SystemThread: @unchecked Sendable {
  // SAFETY: constant after `init`.
  private let handle: pthread_t

  /// Starts a thread. Traps when the system refuses one.
  package init(_ body: @escaping @Sendable () -> Void) {
    guard let handle = Self.start(body) else {
      preconditionFailure("the system has no thread left")
    }
    self.handle = handle
  }

  /// Starts a thread where things go on without one; nil when the system refuses it.
  package static func startIfPossible(_ body: @escaping @Sendable () -> Void) -> SystemThread? {
    start(body).map { SystemThread(handle: $0) }
  }

  private init(handle: pthread_t) { self.handle = handle }

  /// A thread leaves the program's signals to the program's own threads: what it does about them,
  /// such as removing a temporary file, must not be passed by.
  private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    let box = unsafe Unmanaged.passRetained(Box(body))
    var handle = pthread_t()
    var blocked = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&blocked)
    // Faults of the thread's own are no messages to the program.
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] {
      unsafe sigdelset(&blocked, fault)
    }
    // SAFETY: whole sets that outlive the calls. A thread begins with its maker's mask.
    unsafe pthread_sigmask(SIG_SETMASK, &blocked, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let result = unsafe pthread_create(
      &handle, nil,
      { argument in
        // SAFETY: the box retained above, taken over once.
        if let argument = unsafe argument {
          unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        }
        return nil
      }, unsafe box.toOpaque())
    guard result == 0 else {
      // SAFETY: no thread has taken it over.
      unsafe box.release()
      return nil
    }
    return handle
  }

  /// Waits for its end; once.
  package func join() { pthread_join(handle, nil) }

  /// Whether the caller runs on this thread.
  package var isCurrent: Bool { pthread_equal(handle, pthread_self()) != 0 }

  /// Lets the thread's resources go when it ends; instead of ``join()``.
  package func detach() { pthread_detach(handle) }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

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
