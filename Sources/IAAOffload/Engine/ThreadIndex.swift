// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A small number for each thread, its own while it lives: what lets counters and buffers belong to
// one thread without a lock. Numbers of threads that ended are given out again.

import Glibc
import Synchronization

/// Numbers of threads.
@safe enum ThreadIndex {
  /// Threads that can have a number at the same time.
  static let capacity = 1024

  private struct Free {
    var returned: [Int] = []
    var next = 0
  }

  private static let free = Locked(Free())

  /// The thread-specific value: the number plus one; 0 means none was asked for yet.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    // SAFETY (here and below): the value is a number in a pointer's clothes; nobody follows it.
    let result = unsafe pthread_key_create(&key) { value in
      let number = Int(bitPattern: value) - 1
      if number < ThreadIndex.capacity { ThreadIndex.free.withLock { $0.returned.append(number) } }
    }
    precondition(result == 0, "no thread-specific key left")
    return key
  }()

  /// The calling thread's number; nil when too many threads have one.
  @inline(__always)
  static var current: Int? {
    let value = Int(bitPattern: unsafe pthread_getspecific(key))
    if value > 0, value <= capacity { return value - 1 }
    return value == 0 ? assign() : nil
  }

  private static func assign() -> Int? {
    let number = free.withLock { free in
      if let number = free.returned.popLast() { return number }
      guard free.next < capacity else { return capacity }
      defer { free.next += 1 }
      return free.next
    }
    // A thread without a number asks again each time: others may have ended by then.
    guard number < capacity else { return nil }
    unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: number + 1))
    return number
  }
}
