// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Everything that depends on somebody sitting in front of it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// The user's terminal.
enum Terminal {
  /// Whether a standard stream is a terminal.
  static func isTerminal(_ descriptor: FileDescriptor) -> Bool {
    isatty(descriptor.rawValue) == 1
  }

  /// Whether this process may write status lines there: the terminal's foreground group is ours.
  static var ownsStandardError: Bool {
    isTerminal(.standardError) && tcgetpgrp(FileDescriptor.standardError.rawValue) == getpgrp()
  }

  /// Reads a line from standard input; yes is a line that begins with y or Y.
  static func answersYes() -> Bool {
    var first: UInt8?
    var byte: [UInt8] = [0]
    while let count = try? SystemCalls.read(.standardInput, into: &byte, at: 0), count == 1,
      byte[0] != UInt8(ascii: "\n")
    {
      if first == nil { first = byte[0] }
    }
    return first == UInt8(ascii: "y") || first == UInt8(ascii: "Y")
  }
}
