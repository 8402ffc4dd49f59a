// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Files for what takes a name or a descriptor and nothing else.

import Glibc
import SystemPackage

/// A file that has no name but that of its descriptor, and is gone with it.
final class UnnamedFile {
  let descriptor: FileDescriptor

  init() {
    var name = Array("/dev/shm/fuzz-XXXXXX".utf8CString)
    // SAFETY: the name ends with NUL, and its six last letters are written to.
    descriptor = FileDescriptor(rawValue: unsafe mkstemp(&name))
    precondition(descriptor.rawValue >= 0, "no file in memory")
    unsafe unlink(name)
  }

  /// Opens the same file.
  var path: String { "/proc/self/fd/\(descriptor.rawValue)" }

  func write(_ bytes: [UInt8]) {
    do {
      try descriptor.resize(to: 0)
      try descriptor.writeAll(toAbsoluteOffset: 0, bytes)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  deinit { try? descriptor.close() }
}
