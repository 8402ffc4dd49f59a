// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a subcommand gets from outside: where text goes, how files are reached, how long a second
// is and how a module is reloaded.

package import IAADevices
import Synchronization
package import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a subcommand writes.
package struct Console: Sendable {
  package let out: @Sendable (String) -> Void
  package let err: @Sendable (String) -> Void
  /// Whether colours make sense.
  package let isTerminal: Bool
  /// Whether somebody watches what is said on standard error.
  package let isErrorTerminal: Bool
  /// Why text handed to `out` was lost; nil while none was.
  let loss: @Sendable () -> Errno?

  /// A console that hands text to these closures, with names in it as people read them.
  package init(
    out: @escaping @Sendable (String) -> Void, err: @escaping @Sendable (String) -> Void,
    isTerminal: Bool = false, isErrorTerminal: Bool = false,
    loss: @escaping @Sendable () -> Errno? = { nil }
  ) {
    self.out = { out($0.unescapedText) }
    self.err = { err($0.unescapedText) }
    self.isTerminal = isTerminal
    self.isErrorTerminal = isErrorTerminal
    self.loss = loss
  }

  /// Standard output and standard error.
  static var standard: Console {
    let output = StandardOutput()
    return Console(
      out: output.write,
      // What cannot be said there cannot be said at all.
      err: { text in _ = try? FileDescriptor.standardError.writeAll(text.utf8) },
      isTerminal: isatty(1) == 1, isErrorTerminal: isatty(2) == 1,
      loss: { output.loss.withLock { $0 } })
  }
}

/// Standard output, which remembers that it failed: half a script or list must not pass for one.
private final class StandardOutput: Sendable {
  let loss = Mutex<Errno?>(nil)

  @Sendable func write(_ text: String) {
    loss.withLock { loss in
      guard loss == nil else { return }
      do {
        try FileDescriptor.standardOutput.writeAll(text.utf8)
      } catch {
        loss = error as? Errno ?? .ioError
      }
    }
  }
}

/// Everything that a subcommand works with.
package struct CommandEnvironment: Sendable {
  package let console: Console
  /// Turns `--root` into a system.
  package let open: @Sendable (String) -> SystemRoot
  /// Loads and removes kernel modules.
  package let modules: any ModuleLoader
  /// Waits, in milliseconds.
  package let pause: @Sendable (Int) -> Void
  /// Opens queues below a system; nil where there is only a copy of its files.
  let trial: @Sendable (SystemRoot) -> (any QueueTrial)?

  /// An environment of these parts.
  package init(
    console: Console,
    open: @escaping @Sendable (String) -> SystemRoot = { SystemRoot($0) },
    modules: any ModuleLoader = SystemModuleLoader(),
    pause: @escaping @Sendable (Int) -> Void = { milliseconds in
      for _ in 0..<milliseconds { usleep(1000) }
    },
    trial: @escaping @Sendable (SystemRoot) -> (any QueueTrial)? = { $0.queueTrial }
  ) {
    self.console = console
    self.open = open
    self.modules = modules
    self.pause = pause
    self.trial = trial
  }

  static var live: CommandEnvironment { CommandEnvironment(console: .standard) }
}
