// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Small files and folders, read whole.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
package import SystemPackage

extension FileDescriptor {
  /// The bytes from here on, at most `limit`.
  package func readBytes(limit: Int) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    // sysfs gives at most one page; /proc files come in pieces of a page or more.
    var piece = [UInt8](repeating: 0, count: min(limit, 1 << 14))
    while bytes.count < limit {
      let wanted = min(limit - bytes.count, piece.count)
      let count = try errnoOnly {
        // SAFETY: the slice is clamped to the array's own storage.
        try unsafe piece.withUnsafeMutableBytes { bytes in
          try unsafe read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]))
        }
      }
      if count == 0 { break }
      bytes.append(contentsOf: piece[..<count])
    }
    return bytes
  }

  /// The names in the folder that was opened for reading, byte for byte, without "." and "..", in the
  /// folder's own order. The descriptor is closed, whatever happens.
  ///
  /// - Throws: the errno of fdopendir(3) or readdir(3); EFBIG for more than `limit` names.
  package func takeNames(limit: Int = .max) throws(Errno) -> [[UInt8]] {
    // SAFETY: fdopendir takes over the descriptor, or returns nil and leaves it; the stream is closed
    // once, in this scope.
    guard let stream = unsafe fdopendir(rawValue) else {
      let error = Errno.current
      try? close()
      throw error
    }
    defer { _ = unsafe closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      errno = 0
      // SAFETY: the entry is used only before the next readdir or closedir on this stream.
      guard let entry = unsafe readdir(stream) else { break }
      // SAFETY: the kernel ends d_name with NUL inside the field, whose bytes these are.
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe Array(bytes.prefix { $0 != 0 })
      }
      if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { continue }
      guard names.count < limit else { throw .fileTooLarge }
      names.append(name)
    }
    if errno != 0 { throw .current }
    return names
  }
}
