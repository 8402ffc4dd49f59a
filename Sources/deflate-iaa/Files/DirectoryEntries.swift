// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The names in a directory, for -r. They are all read before any file is touched: what is created
// in the meantime must not be met as input.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Descriptors
import SystemPackage

extension FileDirectory {
  /// Lists the directory from its start. The order is the directory's own.
  ///
  /// - Throws: EACCES where the directory may not be read.
  func entries() throws(Errno) -> [FileName] {
    let copy = try SystemCalls.open(
      FileName("."), at: descriptor, flags: O_RDONLY | O_DIRECTORY)
    return try copy.takeNames().map { FileName($0) }
  }
}
