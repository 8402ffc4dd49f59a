// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Everything that depends on somebody sitting in front of it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import FixedDeflate
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
    while let byte = readByte(), byte != UInt8(ascii: "\n") { first = first ?? byte }
    return first == UInt8(ascii: "y") || first == UInt8(ascii: "Y")
  }
  /// A byte of standard input; nil at its end.
  private static func readByte() -> UInt8? {
    let byte = try? makeBytes(capacity: 1) { (output: inout OutputRawSpan) throws(Errno) in
      try SystemCalls.read(.standardInput, into: &output)
    }
    return byte?.first
  }
}
