// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A standard stream that the caller has closed must not become a file that is opened later: a
// message would end up in a user's data, or in a device's queue.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// Descriptors 0, 1 and 2.
enum StandardStreams {
  /// Takes those that are closed. Reading and writing them is an error still, EBADF: what is opened
  /// is only the place of a directory. Programs started by this one find them closed.
  static func reserve() {
    for stream: Int32 in 0...2 where fcntl(stream, F_GETFD) < 0 {
      // The lowest free number is this one: those below are taken.
      // SAFETY: a literal is a string that ends with NUL and outlives the call.
      _ = unsafe open("/", SystemCalls.pathOnly | O_CLOEXEC)
    }
  }

  /// Whether a stream was closed by the caller.
  static func isClosed(_ stream: FileDescriptor) -> Bool {
    let flags = fcntl(stream.rawValue, F_GETFL)
    return flags < 0 || flags & SystemCalls.pathOnly != 0
  }
}
