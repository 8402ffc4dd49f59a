// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The live implementation of `SystemFiles`: system calls below one directory, out of which no link
// leads. Everything is opened first and looked at through its descriptor, so that what was judged is
// what is read. Paths stay plain strings: a machine's tree is thousands of files, and FilePath looks
// at every character of each.

import CIAAShim.Files
import Descriptors
package import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Files of this machine below a directory.
package struct HostFiles: SystemFiles {
  let directory: RootDirectory

  /// Names that a folder may have: many times what any folder of a device has. More are an error.
  static let nameLimit = 4096

  /// Files below `root`; "/" is the live system.
  package init(root: String = "/") {
    directory = RootDirectory(path: root)
  }

  init(_ directory: RootDirectory) { self.directory = directory }

  /// The same files, reached without openat2(2): for tests of the walk that stands in for it.
  package var walking: HostFiles { HostFiles(RootDirectory(path: directory.path, way: .walk)) }

  package func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
    try withFile(path, O_RDONLY) { file throws(Errno) in try file.readBytes(limit: limit) }
  }

  /// Reads a file that the user named, a pipe too, at most `limit` bytes of it.
  ///
  /// - Throws: the errno of open(2) or read(2); EFBIG when there is more.
  package static func read(file: String, limit: Int) throws(Errno) -> [UInt8] {
    let descriptor = try RootDirectory.open(AT_FDCWD, file, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    defer { try? descriptor.close() }
    let bytes = try descriptor.readBytes(limit: limit + 1)
    if bytes.count > limit { throw .fileTooLarge }
    return bytes
  }

  package func write(_ bytes: [UInt8], to path: String) throws(Errno) {
    // Not cut when it is opened: what is cut must be known to be a copy's plain file.
    try withFile(path, O_WRONLY) { file throws(Errno) in
      try file.writeOnce(bytes)
      guard ciaa_is_attribute(file.rawValue) == 0 else { return }
      // A copy's plain file would keep the end of a longer value.
      try errnoOnly { try file.resize(to: Int64(bytes.count)) }
    }
  }

  package func replace(_ path: String, with bytes: [UInt8]) throws(Errno) {
    try put(bytes, at: path, isSynchronized: true)
  }

  /// As `replace`; without `isSynchronized` the file may be lost when the machine fails.
  package func put(_ bytes: [UInt8], at path: String, isSynchronized: Bool) throws(Errno) {
    let path = FilePath(path)
    guard let name = path.lastComponent?.string else { throw .isDirectory }
    let folder = try directory.openFolder(path.removingLastComponent())
    defer { try? folder.close() }
    try OwnFile.replace(name, in: folder, with: bytes, isSynchronized: isSynchronized)
  }

  package func link(_ path: String, to target: String) throws(Errno) {
    let path = FilePath(path)
    guard let name = path.lastComponent?.string else { throw .isDirectory }
    let folder = try directory.openFolder(path.removingLastComponent())
    defer { try? folder.close() }
    try OwnFile.link(name, in: folder, to: target)
  }

  /// Creates or replaces the file that the user named: whole, or not at all.
  ///
  /// - Throws: the errno that kept it from being done; ELOOP for a symbolic link.
  package static func write(_ bytes: [UInt8], to file: String) throws(Errno) {
    try OwnFile.write(bytes, to: file)
  }

  /// Whether ``write(_:to:)`` can be expected to do it, for who would rather know before long work. A file of a
  /// name of its own is made and removed again.
  ///
  /// - Throws: the errno that would keep it from being done.
  package static func checkCanWrite(file: String) throws(Errno) { try OwnFile.checkCanWrite(file) }

  /// Whether something has the name of a file that the user named; of a pipe, too, that nobody writes to.
  package static func isThere(file: String) -> Bool { OwnFile.isThere(file) }

  package func remove(_ path: String) throws(Errno) {
    let path = FilePath(path)
    guard let name = path.lastComponent?.string else { throw .isDirectory }
    let folder = try directory.open(
      path.removingLastComponent().string, ciaa_path_only | O_DIRECTORY)
    defer { try? folder.close() }
    // SAFETY: `withSystemName` keeps the name alive and NUL-terminated for the call.
    try retrying { unsafe name.withSystemName { unsafe unlinkat(folder.rawValue, $0, 0) } }
  }

  package func names(in path: String) throws(Errno) -> [String] {
    let folder = try directory.open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK)
    let names = try folder.takeNames(limit: Self.nameLimit).map { String(escaping: $0) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package func status(of path: String) throws(Errno) -> FileStatus {
    let file = try directory.open(path, ciaa_path_only)
    defer { try? file.close() }
    return FileStatus(try Self.fileStatus(file))
  }

  package func target(ofLink path: String) throws(Errno) -> String {
    let link = try directory.open(path, ciaa_path_only | O_NOFOLLOW)
    defer { try? link.close() }
    guard try Self.fileStatus(link).st_mode & S_IFMT == S_IFLNK else { throw .invalidArgument }
    return try Self.linkTarget(link)
  }

  /// Opens a queue's device file for reading and writing; anything else is not opened at all.
  ///
  /// - Throws: the errno of open(2); ENODEV when it is no character device.
  package func openDevice(_ path: String) throws(Errno) -> FileDescriptor {
    guard try status(of: path).kind == .characterDevice else {
      throw .operationNotSupportedByDevice
    }
    let file = try directory.open(path, O_RDWR)
    do throws(Errno) {
      guard try Self.fileStatus(file).st_mode & S_IFMT == S_IFCHR else {
        throw .operationNotSupportedByDevice
      }
      return file
    } catch {
      try? file.close()
      throw error
    }
  }

  /// Hands an open ordinary file to `body`.
  ///
  /// - Throws: EINVAL for any other kind: a pipe or device may never end, or do something when it is
  ///   read.
  func withFile<Result>(
    _ path: String, _ flags: Int32, _ body: (FileDescriptor) throws(Errno) -> Result
  ) throws(Errno) -> Result {
    // Nonblocking: opening a pipe would wait for its other end.
    let file = try directory.open(path, flags | O_NONBLOCK)
    let result: Result
    do throws(Errno) {
      switch try Self.fileStatus(file).st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw .isDirectory
      default: throw .invalidArgument
      }
      result = try body(file)
    } catch {
      try? file.close()
      throw error
    }
    do throws(Errno) {
      try errnoOnly { try file.close() }
    } catch .interrupted {
      // The descriptor is gone all the same.
    }
    return result
  }

  static func fileStatus(_ file: FileDescriptor) throws(Errno) -> stat {
    var status = stat()
    // SAFETY: `status` outlives the call.
    try retrying { unsafe fstat(file.rawValue, &status) }
    return status
  }

  /// The text of a link that is open itself.
  static func linkTarget(_ link: FileDescriptor) throws(Errno) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    // SAFETY: the length passed is that of the buffer; readlinkat writes no more.
    let count = unsafe readlinkat(link.rawValue, "", &buffer, buffer.count)
    if count < 0 { throw Errno.current }
    return String(escaping: buffer[..<count].map { UInt8(bitPattern: $0) })
  }
}

extension FileDescriptor {
  /// One write(2): the kernel takes an attribute's value from a single call.
  func writeOnce(_ bytes: [UInt8]) throws(Errno) {
    let written = try errnoOnly {
      // SAFETY: the buffer is the array's own storage, for the call only.
      try unsafe bytes.withUnsafeBytes { try unsafe write($0) }
    }
    if written != bytes.count { throw .ioError }
  }
}
