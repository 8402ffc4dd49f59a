// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Threads of the system: what waits or works beside the callers cannot live on the cooperative pool,
// whose threads must not block.

#if canImport(Glibc)
  package import Glibc
#elseif canImport(Musl)
  package import Musl
#endif
import Synchronization

/// A thread of the system that runs one closure.
@safe package final class SystemThread: Sendable {
  /// Bytes of stack for a thread that is one of many. The usual 8 MiB for each are more than some
  /// limits of memory allow. What is large is not on stacks here: the deepest takes 44 KiB without
  /// optimisation, and a signal's frame up to 11 more.
  package static let smallStackSize = 1 << 20

  /// For calls that take it; not to be joined or detached by them.
  package let handle: pthread_t
  /// Whether its end is still somebody's to wait for.
  private let isJoinable = Atomic(true)

  /// Starts a thread with the usual stack. Traps when the system refuses one.
  package convenience init(_ body: @escaping @Sendable () -> Void) {
    guard let handle = Self.start(nil, body) else {
      preconditionFailure("the system has no thread left")
    }
    self.init(handle: handle)
  }

  /// Starts a thread where things go on without one; nil when the system refuses it.
  package static func startIfPossible(_ body: @escaping @Sendable () -> Void) -> SystemThread? {
    start(nil, body).map { SystemThread(handle: $0) }
  }

  /// The same with a stack of ``smallStackSize``.
  package static func startSmall(_ body: @escaping @Sendable () -> Void) -> SystemThread? {
    start(smallStackSize, body).map { SystemThread(handle: $0) }
  }

  private init(handle: pthread_t) { self.handle = handle }

  /// Those that the kernel sends to a thread for what it does itself: faults, and writes that cannot be.
  /// They are no messages to the program.
  private static let own = [
    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPIPE, SIGXFSZ,
  ]

  /// A thread leaves the program's signals to the program's own threads: what it does about them,
  /// such as removing a temporary file, must not be passed by.
  private static func start(
    _ stackSize: Int?, _ body: @escaping @Sendable () -> Void
  ) -> pthread_t? {
    let box = unsafe Unmanaged.passRetained(Box(body))
    var handle = pthread_t()
    var attributes = pthread_attr_t()
    // SAFETY: initialised before they are used, and destroyed once.
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    if let stackSize { unsafe pthread_attr_setstacksize(&attributes, stackSize) }
    var blocked = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&blocked)
    for signal in own { unsafe sigdelset(&blocked, signal) }
    // SAFETY: whole sets that outlive the calls. A thread begins with its maker's mask.
    unsafe pthread_sigmask(SIG_BLOCK, &blocked, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let result = unsafe pthread_create(
      &handle, &attributes,
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

  /// Waits for its end, the first time. A thread cannot wait for itself: asked by it, only its resources
  /// go when it ends.
  package func join() {
    if isCurrent { return detach() }
    guard isJoinable.exchange(false, ordering: .relaxed) else { return }
    let result = pthread_join(handle, nil)
    precondition(result == 0, "a thread that cannot be waited for: \(result)")
  }

  /// Whether the caller runs on this thread.
  package var isCurrent: Bool { pthread_equal(handle, pthread_self()) != 0 }

  /// Lets the thread's resources go when it ends; instead of ``join()``.
  package func detach() {
    if isJoinable.exchange(false, ordering: .relaxed) { pthread_detach(handle) }
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
