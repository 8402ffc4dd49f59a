// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// State shared between threads, with waiting: a mutex and a condition variable.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Which of the waiting threads an update concerns.
package enum Wake {
  case nobody
  /// Any one of them.
  case one
  case everybody
}

/// State that threads change under a lock and wait on.
@safe
package final class Monitor<State: Sendable>: @unchecked Sendable {
  // SAFETY of `@unchecked Sendable`: `state` is touched only with `mutex` held.
  private let mutex = SystemMutex()
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  package init(_ state: State) {
    self.state = state
    // SAFETY: allocated above and freed in deinit alone; nil asks for the defaults.
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    // SAFETY: nobody can hold or wait any more: they would hold a reference.
    unsafe pthread_cond_destroy(condition)
    unsafe condition.deallocate()
  }

  /// Changes the state and wakes all who wait.
  package func update<Result>(_ body: (inout State) -> Result) -> Result {
    change { (body(&$0), .everybody) }
  }

  /// Changes the state and wakes those that `body` names beside its result.
  package func change<Result>(_ body: (inout State) -> (Result, Wake)) -> Result {
    let (result, wake) = wait { body(&$0) }
    // Woken before the mutex is let go, a thread would wait for it at once. SAFETY: initialised.
    switch wake {
    case .nobody: break
    case .one: unsafe pthread_cond_signal(condition)
    case .everybody: unsafe pthread_cond_broadcast(condition)
    }
    return result
  }

  /// Waits until `body` gives a result; it is tried now and whenever others have changed something
  /// and wake this thread. What it changes itself wakes nobody: it takes what there is, and that is
  /// not what others wait for.
  package func wait<Result>(until body: (inout State) -> Result?) -> Result {
    mutex.lock()
    defer { mutex.unlock() }
    while true {
      if let result = body(&state) { return result }
      // SAFETY: called with the mutex held, as it must be.
      unsafe mutex.wait(for: condition)
    }
  }
}
