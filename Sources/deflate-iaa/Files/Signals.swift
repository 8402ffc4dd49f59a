// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A signal must not leave half a file behind. A handler could do very little safely, so there is
// none but for faults: from the first temporary file on, the ending signals are blocked in every
// thread and one thread waits for them. It removes the temporaries and then lets the signal kill the
// process, so the exit status is the signal's. The handler of faults passes them on to that thread.
// Signals that the caller ignores stay ignored.
//
// Threads started later inherit the mask and need not know of this.

import CProcess

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Synchronization
import SystemPackage
import Threading

/// The temporary files and the signals that would orphan them.
enum Signals {
  /// The files that go when the process is told to end.
  struct Temporaries: Sendable {
    fileprivate var all: [(name: FileName, directory: FileDescriptor)] = []

    /// A file has its final name, or is gone.
    mutating func remove(_ name: FileName, in directory: FileDescriptor) {
      all.removeAll { $0.name == name && $0.directory == directory }
    }
  }

  private struct State {
    var isWatching = false
    var temporaries = Temporaries()
  }

  /// Those that only a fault of the process itself should raise.
  private static let faults = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]
  /// Those that stop or continue the process, or that it does not notice, and SIGKILL.
  private static let harmless = [
    SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD, SIGURG, SIGWINCH,
  ]
  /// All others, whose default action ends the process (signal(7)); Linux has 64. Those that the C
  /// library keeps to itself no set takes in.
  private static let ending = (1...64).filter { !faults.contains($0) && !harmless.contains($0) }
  private static let state = Mutex(State())

  /// Creates a temporary file by `body` and removes it should a signal end the process while it is
  /// one of the temporaries. No signal gets between the creation and the note of it.
  static func guarding<Value: ~Copyable>(
    _ name: FileName, in directory: FileDescriptor, _ body: () throws(Errno) -> Value
  ) throws(Errno) -> Value {
    startWatching()
    return try state.withLock { state throws(Errno) in
      let value = try body()
      state.temporaries.all.append((name, directory))
      return value
    }
  }

  /// Runs `body`, which gives temporaries their final names or removes them: a signal waits until it
  /// has ended. It must write no messages, for a closed pipe ends the process from here too.
  static func undisturbed<Value>(_ body: (inout Temporaries) -> Value) -> Value {
    state.withLock { state in body(&state.temporaries) }
  }

  /// Ends the process as SIGPIPE does, unless that signal is ignored: then it returns, and the
  /// failed write is an error like others.
  static func dieOfBrokenPipe() {
    if isIgnored(SIGPIPE) { return }
    state.withLock { state in
      removeTemporaries(&state)
      die(of: SIGPIPE)
    }
  }

  /// Whether the caller of the process, or a shell's `&`, had the signal ignored.
  static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    // SAFETY: a nil new action only reads; `action` is a whole struct that outlives the call.
    guard unsafe sigaction(signal, nil, &action) == 0 else { return false }
    // SAFETY: both are read as plain addresses; SIG_IGN is the address 1 and never called.
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }

  /// Handles what can be handled without a thread: faults.
  static func prepare() {
    process_handle_faults()
    // The first process of a container is ended by no signal that it leaves alone.
    if getpid() == 1 { startWatching() }
  }

  /// Has signals watched for from now on.
  static func startWatching() {
    let isFirst = state.withLock { state in
      defer { state.isWatching = true }
      return !state.isWatching
    }
    guard isFirst else { return }
    // SIGPIPE and SIGXFSZ meet the thread that wrote: blocked, the write itself says what is wrong.
    // The watcher gets those that other processes send. It must never handle a fault's signal, so it
    // inherits them blocked.
    setMask(SIG_BLOCK, watched + [SIGPIPE, SIGXFSZ] + faults)
    // It lives to the end.
    let watcher = SystemThread.startSmall { watch() }
    // With nobody to wait for them they must end the process all the same: a temporary file that
    // stays is better than a process that only SIGKILL ends.
    if let watcher { process_pass_faults(watcher.handle) }
    setMask(SIG_UNBLOCK, watcher == nil ? watched + faults : faults)
  }

  /// The ending signals that the caller does not ignore.
  private static let watched = ending.filter { !isIgnored($0) }

  private static func watch() {
    // One that is ignored gets here from the handler alone, and there is none for it.
    var signals = signalSet(watched + faults.filter { !isIgnored($0) })
    var signal: Int32 = 0
    // SAFETY: both are whole values that outlive the call.
    while unsafe sigwait(&signals, &signal) != 0 {}
    state.withLock { state in
      removeTemporaries(&state)
      die(of: signal)
    }
  }

  private static func removeTemporaries(_ state: inout sending State) {
    let temporaries = state.temporaries.all
    state.temporaries = Temporaries()
    for temporary in temporaries {
      // The process is ending: a file that cannot be removed now stays.
      try? SystemCalls.unlink(temporary.name, at: temporary.directory)
    }
  }

  /// Ends the process as the signal does that nobody handles.
  private static func die(of signal: Int32) -> Never {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = SIG_DFL
    // SAFETY: `action` is a whole struct with the default handler; the old one is not asked for.
    _ = unsafe sigaction(signal, &action, nil)
    setMask(SIG_UNBLOCK, [signal])
    _ = raise(signal)
    // The first process of a container is not ended by a signal's default action. This is what a
    // shell would say of one that was.
    _exit(128 + signal)
  }

  private static func setMask(_ how: Int32, _ signals: [Int32]) {
    var set = signalSet(signals)
    // SAFETY: `set` is a whole set that outlives the call; the old mask is not asked for.
    _ = unsafe pthread_sigmask(how, &set, nil)
  }

  private static func signalSet(_ signals: [Int32]) -> sigset_t {
    var set = sigset_t()
    // SAFETY: `set` is a whole set that outlives each call.
    _ = unsafe sigemptyset(&set)
    for signal in signals {
      // SAFETY: as above.
      _ = unsafe sigaddset(&set, signal)
    }
    return set
  }
}
