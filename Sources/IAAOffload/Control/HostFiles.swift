// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The live implementation of `SystemFiles`: system calls below one directory. Links are followed
// by the kernel; those of sysfs are relative, so they stay below the directory. Paths stay plain
// strings: a machine's tree is thousands of files, and FilePath looks at every character of each.

import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files of this machine below a directory.
package struct HostFiles: SystemFiles {
  /// The directory that stands for "/".
  package let root: String

  /// Files below `root`.
  package init(root: String = "/") {
    self.root = root
  }

  func locate(_ path: String) -> String {
    root == "/" ? path : root + "/" + path
  }

  package func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
    try Self.read(file: locate(path), limit: limit)
  }

  /// Reads a file of this machine that the user named, at most `limit` bytes of it.
  ///
  /// - Throws: the errno of open(2) or read(2).
  package static func read(file: String, limit: Int) throws(Errno) -> [UInt8] {
    try withDescriptor(file, O_RDONLY) { descriptor throws(Errno) in
      var bytes: [UInt8] = []
      // sysfs gives at most one page; /proc files come in pieces of a page or more.
      var piece = [UInt8](repeating: 0, count: min(limit, 1 << 14))
      while bytes.count < limit {
        let count = try descriptor.readBytes(into: &piece, limit: limit - bytes.count)
        if count == 0 { break }
        bytes.append(contentsOf: piece[..<count])
      }
      return bytes
    }
  }

  package func write(_ bytes: [UInt8], to path: String) throws(Errno) {
    try Self.withDescriptor(locate(path), O_WRONLY | O_TRUNC) { descriptor throws(Errno) in
      try descriptor.writeOnce(bytes)
    }
  }

  package func replace(_ path: String, with bytes: [UInt8]) throws(Errno) {
    let file = locate(path)
    try makeDirectories(FilePath(file).removingLastComponent())
    let temporary = file + ".new"
    try Self.write(bytes, to: temporary)
    // SAFETY: Swift keeps both strings alive and NUL-terminated for the call.
    if unsafe rename(temporary, file) != 0 { throw Errno.current }
  }

  /// Creates or replaces a file of this machine that the user named.
  ///
  /// - Throws: the errno of open(2) or write(2).
  package static func write(_ bytes: [UInt8], to file: String) throws(Errno) {
    try withDescriptor(file, O_WRONLY | O_CREAT | O_TRUNC) { descriptor throws(Errno) in
      _ = try errnoOnly { try descriptor.writeAll(bytes) }
    }
  }

  package func remove(_ path: String) throws(Errno) {
    // SAFETY: Swift keeps the string alive and NUL-terminated for the call.
    if unsafe unlink(locate(path)) != 0 { throw Errno.current }
  }

  package func names(in path: String) throws(Errno) -> [String] {
    // SAFETY: opendir's result is checked before use and closed once, in this scope.
    guard let directory = unsafe opendir(locate(path)) else { throw Errno.current }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      // SAFETY: the entry is used only before the next readdir or closedir on this stream.
      guard let entry = unsafe readdir(directory) else { break }
      // SAFETY: d_name is NUL-terminated within the entry that readdir returned.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 1) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    if errno != 0 { throw Errno.current }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package func status(of path: String) throws(Errno) -> FileStatus {
    var status = stat()
    // SAFETY: Swift keeps the string alive and NUL-terminated, and `status` outlives the call.
    if unsafe stat(locate(path), &status) != 0 { throw Errno.current }
    let kind: FileStatus.Kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFCHR: .characterDevice
      default: .other
      }
    return FileStatus(
      kind: kind, permissions: UInt32(status.st_mode & 0o7777), userID: status.st_uid,
      groupID: status.st_gid)
  }

  package func target(ofLink path: String) throws(Errno) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    // SAFETY: the length passed is that of the buffer; readlink writes no more.
    let count = unsafe readlink(locate(path), &buffer, buffer.count)
    if count < 0 { throw Errno.current }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func makeDirectories(_ path: FilePath) throws(Errno) {
    if path.components.isEmpty || (try? Stat(path)) != nil { return }
    try makeDirectories(path.removingLastComponent())
    // SAFETY: Swift keeps the string alive and NUL-terminated for the call.
    if unsafe mkdir(path.string, 0o755) != 0 && errno != EEXIST { throw Errno.current }
  }

  static func withDescriptor<Result>(
    _ file: String, _ flags: Int32, _ body: (FileDescriptor) throws(Errno) -> Result
  ) throws(Errno) -> Result {
    // Nonblocking: a pipe or device in place of an attribute must not hang the caller.
    // SAFETY: Swift keeps the string alive and NUL-terminated for the call.
    let number = unsafe open(file, flags | O_CLOEXEC | O_NONBLOCK, 0o644)
    if number < 0 { throw Errno.current }
    let descriptor = FileDescriptor(rawValue: number)
    let result: Result
    do {
      result = try body(descriptor)
    } catch {
      try? descriptor.close()
      throw error
    }
    try errnoOnly { try descriptor.close() }
    return result
  }
}

extension FileDescriptor {
  func readBytes(into piece: inout [UInt8], limit: Int) throws(Errno) -> Int {
    try errnoOnly {
      let wanted = min(limit, piece.count)
      // SAFETY: the slice is clamped to the array's own storage.
      return try unsafe piece.withUnsafeMutableBytes { bytes in
        try unsafe read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]))
      }
    }
  }

  /// One write(2): the kernel takes an attribute's value from a single call.
  func writeOnce(_ bytes: [UInt8]) throws(Errno) {
    let written = try errnoOnly {
      // SAFETY: the buffer is the array's own storage, for the call only.
      try unsafe bytes.withUnsafeBytes { try unsafe write($0) }
    }
    if written != bytes.count { throw .ioError }
  }
}

extension Errno {
  /// The calling thread's errno.
  static var current: Errno { Errno(rawValue: errno) }
}

/// swift-system's calls throw untyped; all of them throw `Errno`.
func errnoOnly<Result>(_ body: () throws -> Result) throws(Errno) -> Result {
  do {
    return try body()
  } catch let error as Errno {
    throw error
  } catch {
    throw .ioError
  }
}
