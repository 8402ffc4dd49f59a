// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The names in a directory, for -r. They are all read before any file is touched: what is created
// in the meantime must not be met as input.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

extension FileDirectory {
  /// Lists the directory from its start. The order is the directory's own.
  ///
  /// - Throws: EACCES where the directory may not be read.
  func entries() throws(Errno) -> [FileName] {
    let copy = try SystemCalls.open(
      FileName("."), at: descriptor, flags: O_RDONLY | O_DIRECTORY)
    // SAFETY: fdopendir takes over the descriptor, or returns nil and leaves it.
    guard let stream = unsafe fdopendir(copy.rawValue) else {
      let error = Errno(rawValue: errno)
      try SystemCalls.close(copy)
      throw error
    }
    // SAFETY: `stream` is open until here and is not used after.
    defer { _ = unsafe closedir(stream) }
    var names: [FileName] = []
    while true {
      errno = 0
      // SAFETY: the entry stays valid until the next readdir on this stream; its name is copied now.
      guard let entry = unsafe readdir(stream) else { break }
      // SAFETY: the kernel ends d_name with NUL inside the field.
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe FileName(bytes)
      }
      if name.bytes != Array(".".utf8), name.bytes != Array("..".utf8) { names.append(name) }
    }
    if errno != 0 { throw Errno(rawValue: errno) }
    return names
  }
}
