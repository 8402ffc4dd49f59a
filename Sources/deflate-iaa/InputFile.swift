// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// An input file as it was when opened. Opening is gzip's: links are followed only when nothing is
// replaced or -f says so, and a fifo without a writer does not make the command wait before it
// could say that it ignores the fifo.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// An open input.
final class InputFile {
  let name: FileName
  let descriptor: FileDescriptor
  /// What the file was when it was opened.
  let status: FileStatus
  private let followsLinks: Bool
  private var isOpen = true

  /// Opens a file.
  init(_ name: FileName, followingLinks: Bool) throws(Errno) {
    self.name = name
    followsLinks = followingLinks
    let links = followingLinks ? 0 : O_NOFOLLOW
    descriptor = try SystemCalls.open(name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY | links)
    do {
      status = try SystemCalls.status(of: descriptor)
    } catch {
      try? SystemCalls.close(descriptor)
      throw error
    }
  }

  deinit { if isOpen { try? SystemCalls.close(descriptor) } }

  /// Hands the descriptor to somebody else, who closes it.
  func release() -> FileDescriptor {
    isOpen = false
    return descriptor
  }

  /// The size to expect, when there is one.
  var expectedSize: UInt64? { status.kind == .regular ? status.size : nil }

  /// Whether the name still leads to this file and the file is as it was when opened.
  func isUnchanged(in directory: FileDirectory) -> Bool {
    guard
      let named = try? SystemCalls.status(
        of: name.base, at: directory.descriptor, followingLinks: followsLinks),
      let now = try? SystemCalls.status(of: descriptor)
    else { return false }
    return named.isSameFile(as: status) && now.hasSameContent(as: status)
  }

  /// Removes the name the file was opened by.
  func remove(from directory: FileDirectory) throws(Errno) {
    try SystemCalls.unlink(name.base, at: directory.descriptor)
  }
}
