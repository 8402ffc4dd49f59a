// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A thread that runs one closure and is waited for.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A running thread; `join` waits for its end.
package struct WorkerThread: ~Copyable {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Bytes of a thread's stack. The usual 8 MiB for each of many threads are more than some limits
  /// of memory allow. What is large is not on stacks here: the deepest takes 44 KiB without
  /// optimisation, and a signal's frame up to 11 more.
  package static let stackSize = 1 << 20

  private let thread: pthread_t

  /// Starts a thread, or gives nil when the system has none left.
  package init?(_ run: @escaping @Sendable () -> Void) {
    // SAFETY: the retained body is released once, by the thread, or below when there is none.
    let body = unsafe Unmanaged.passRetained(Body(run))
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    // SAFETY: initialised before it is used, and destroyed once.
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, Self.stackSize)
    let result = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        // SAFETY: the argument is the retained body passed below.
        if let argument = unsafe argument {
          unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, body.toOpaque())
    guard result == 0 else {
      unsafe body.release()
      return nil
    }
    self.thread = thread
  }

  /// Waits for the thread's end.
  package consuming func join() {
    // Joined once: this consumes the only handle.
    _ = pthread_join(thread, nil)
  }

  /// Holds a thread where only copyable values can be kept.
  ///
  /// SAFETY of `@unchecked Sendable`: the handle is taken by its one owner, who alone calls `join`.
  final class Handle: @unchecked Sendable {
    private var thread: WorkerThread?

    init(_ thread: consuming WorkerThread?) { self.thread = thread }

    func join() {
      if let thread = thread.take() { thread.join() }
    }
  }
}
