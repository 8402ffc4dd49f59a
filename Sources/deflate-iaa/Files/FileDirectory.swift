// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A directory is opened once, and everything in it is found, made and removed through that
// descriptor. Whoever puts a link in its place meanwhile leads nobody elsewhere.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// The directory in which an input file lies and its output appears.
final class FileDirectory {
  let descriptor: FileDescriptor
  /// Which directory it is.
  let identity: FileIdentity
  /// Whether it was opened for reading, which fsync needs.
  private let isReadable: Bool

  /// Opens a directory; without the right to read it, entries can still be made and removed.
  init(
    _ name: FileName, at start: FileDescriptor = SystemCalls.workingDirectory
  ) throws(Errno) {
    do {
      descriptor = try SystemCalls.open(name, at: start, flags: O_RDONLY | O_DIRECTORY)
      isReadable = true
    } catch .permissionDenied {
      descriptor = try SystemCalls.open(
        name, at: start, flags: SystemCalls.pathOnly | O_DIRECTORY)
      isReadable = false
    }
    do {
      identity = try SystemCalls.status(of: descriptor).identity
    } catch {
      try? SystemCalls.close(descriptor)
      throw error
    }
  }

  /// Goes on with a directory that was met as an input.
  init(_ opened: InputFile) {
    precondition(opened.status.kind == .directory, "\(opened.status.kind) is no directory")
    identity = opened.status.identity
    descriptor = opened.release()
    isReadable = true
  }

  deinit { try? SystemCalls.close(descriptor) }

  /// Names of temporary files that runs before this one left, listed when first asked for; none
  /// where the directory cannot be read.
  private(set) lazy var temporaries: [FileName] =
    ((try? entries()) ?? []).filter(TemporaryName.matches)

  /// Puts changed entries on disk. Some file systems cannot; they say so by EINVAL. A directory that
  /// cannot be read is reached by a file in it.
  func synchronize(with output: FileDescriptor) throws(Errno) {
    guard isReadable else { return try SystemCalls.synchronizeFileSystem(of: output) }
    do {
      try SystemCalls.synchronize(descriptor)
    } catch .invalidArgument {}
  }
}
