// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// State shared between threads, with waiting: a mutex and a condition variable. The standard
// library's Mutex cannot wait.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// State that threads change under a lock and wait on.
///
/// Those who wait for different things can do so in different queues, so that nobody is woken in vain.
@safe
final class Monitor<State: Sendable>: @unchecked Sendable {
  // SAFETY of `@unchecked Sendable`: `state` is touched only with `mutex` held.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let conditions: UnsafeMutablePointer<pthread_cond_t>
  private let queueCount: Int
  private var state: State

  /// - Parameters:
  ///   - state: What is guarded.
  ///   - queueCount: Queues to wait in, at least 1.
  init(_ state: State, queueCount: Int = 1) {
    self.state = state
    self.queueCount = queueCount
    unsafe conditions = .allocate(capacity: queueCount)
    // SAFETY: all are allocated above and freed in deinit alone; nil asks for the defaults.
    unsafe pthread_mutex_init(mutex, nil)
    for index in 0..<queueCount { unsafe pthread_cond_init(condition(index), nil) }
  }

  deinit {
    // SAFETY: nobody can hold or wait any more: they would hold a reference.
    for index in 0..<queueCount { unsafe pthread_cond_destroy(condition(index)) }
    unsafe pthread_mutex_destroy(mutex)
    unsafe conditions.deallocate()
    unsafe mutex.deallocate()
  }

  /// Changes the state and wakes those who wait in a queue, the first unless given.
  func update<Result>(waking queue: Int = 0, _ body: (inout State) -> Result) -> Result {
    // Woken before the mutex is let go, a thread would wait for it at once. SAFETY: initialised.
    defer { unsafe pthread_cond_broadcast(condition(queue)) }
    return wait { body(&$0) }
  }

  /// Waits until `body` gives a result; it is tried now and after every update by others that wakes
  /// the queue. What it changes itself wakes nobody: it takes what there is, and that is not what
  /// others wait for.
  func wait<Result>(in queue: Int = 0, until body: (inout State) -> Result?) -> Result {
    // SAFETY: the mutex is initialised and unlocked on every path out.
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&state) { return result }
      // SAFETY: called with the mutex held, as it must be.
      unsafe pthread_cond_wait(condition(queue), mutex)
    }
  }

  private func condition(_ queue: Int) -> UnsafeMutablePointer<pthread_cond_t> {
    precondition((0..<queueCount).contains(queue), "no such queue")
    // SAFETY: within the allocation, checked above.
    return unsafe conditions + queue
  }
}
