// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Reloading a module is the documented way to register the algorithms with new attributes. The
// programs that do it belong to the system; which ones are needed is told by the caller.

import Descriptors
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Loads and removes kernel modules.
package protocol ModuleLoader: Sendable {
  /// Runs "modprobe NAME" or "rmmod NAME".
  ///
  /// - Throws: why it could not be done.
  func run(_ command: ModuleCommand) throws(ModuleError)
}

/// What can be done to a module.
package enum ModuleCommand: Sendable, Hashable, CustomStringConvertible {
  case insert(String)
  case remove(String)

  /// The program and its argument.
  package var words: [String] {
    switch self {
    case .insert(let module): ["modprobe", module]
    case .remove(let module): ["rmmod", module]
    }
  }

  package var description: String { words.joined(separator: " ") }
}

/// A module command that failed.
package struct ModuleError: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String
}

/// Runs the system's own programs.
package struct SystemModuleLoader: ModuleLoader {
  package init() {}

  package func run(_ command: ModuleCommand) throws(ModuleError) {
    let folders = ["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"]
    let words = command.words
    guard let path = folders.map({ $0 + words[0] }).first(where: { SystemRoot.live.exists($0) })
    else { throw ModuleError(description: "\(words[0]) is not installed") }
    let status = try spawn(path, words)
    guard status == 0 else {
      throw ModuleError(description: "\(command) ended with status \(status)")
    }
  }

  func spawn(_ path: String, _ words: [String]) throws(ModuleError) -> Int32 {
    // SAFETY: the copies made by strdup outlive the child's start and are freed below.
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process: pid_t = 0
    // SAFETY: the argument array ends with nil, as posix_spawn requires.
    let failure = unsafe posix_spawn(&process, path, nil, nil, &arguments, environ)
    guard failure == 0 else {
      throw ModuleError(description: "\(path): \(Errno(rawValue: failure).description)")
    }
    var status: Int32 = 0
    // SAFETY: `status` outlives the call.
    while unsafe waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else {
        throw ModuleError(description: "waitpid: \(Errno.current.description)")
      }
    }
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
  }
}
