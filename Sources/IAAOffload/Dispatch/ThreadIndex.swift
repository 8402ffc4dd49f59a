// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A small number for each thread, its own while it lives: what lets counters and buffers belong to
// one thread without a lock. Numbers of threads that ended are given out again. Nor is there a lock
// around the numbers: one that a thread held while another forked would be held for ever.

import Glibc
import IAADevices
import Synchronization

/// Numbers of threads.
@safe enum ThreadIndex {
  /// Threads that can have a number at the same time.
  static let capacity = 1024

  /// SAFETY: never freed; only atomics, at offsets within the allocation. A bit for each number.
  nonisolated(unsafe) private static let taken: UnsafeMutablePointer<Atomic<UInt64>> = {
    let words = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: capacity / 64)
    for index in 0..<capacity / 64 { unsafe (words + index).initialize(to: Atomic(0)) }
    return unsafe words
  }()

  /// The thread-specific value: the number plus one; 0 means none was asked for yet.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    // SAFETY (here and below): the value is a number in a pointer's clothes; nobody follows it.
    let result = unsafe pthread_key_create(&key) { value in
      let number = Int(bitPattern: value) - 1
      if number < ThreadIndex.capacity { ThreadIndex.giveBack(number) }
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
    // A thread without a number asks again each time: others may have ended by then.
    guard let number = take() else { return nil }
    unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: number + 1))
    return number
  }

  /// The lowest free number.
  private static func take() -> Int? {
    for index in 0..<capacity / 64 {
      var bits = unsafe taken[index].load(ordering: .relaxed)
      while bits != .max {
        let bit = (~bits).trailingZeroBitCount
        // Acquiring: the thread that had the number is done with all it did under it.
        let (won, current) = unsafe taken[index].compareExchange(
          expected: bits, desired: bits | 1 << UInt64(bit), ordering: .acquiring)
        if won { return index * 64 + bit }
        bits = current
      }
    }
    return nil
  }

  private static func giveBack(_ number: Int) {
    let mask: UInt64 = 1 << UInt64(number % 64)
    unsafe taken[number / 64].bitwiseAnd(~mask, ordering: .releasing)
  }
}
