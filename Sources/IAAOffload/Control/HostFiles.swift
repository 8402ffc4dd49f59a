// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The live implementation of `SystemFiles`: system calls below one directory. Links are followed
// by the kernel; those of sysfs are relative, so they stay below the directory.

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
  package let root: FilePath

  /// Files below `root`.
  package init(root: FilePath = "/") {
    self.root = root
  }

  func locate(_ path: String) -> FilePath {
    root.pushing(FilePath(path).removingRoot())
  }

  package func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
    try Self.read(locate(path), limit: limit)
  }

  /// Reads a file of this machine that the user named, at most `limit` bytes of it.
  ///
  /// - Throws: the errno of open(2) or read(2).
  package static func read(_ file: FilePath, limit: Int) throws(Errno) -> [UInt8] {
    try withDescriptor(file, .readOnly) { descriptor throws(Errno) in
      var bytes: [UInt8] = []
      // sysfs gives at most one page; /proc files come in pieces of a page or more.
      var piece = [UInt8](repeating: 0, count: min(limit, 1 << 16))
      while bytes.count < limit {
        let count = try descriptor.readBytes(into: &piece, limit: limit - bytes.count)
        if count == 0 { break }
        bytes.append(contentsOf: piece[..<count])
      }
      return bytes
    }
  }

  package func write(_ bytes: [UInt8], to path: String) throws(Errno) {
    try Self.withDescriptor(locate(path), .writeOnly, options: .truncate) { descriptor throws(Errno) in
      try descriptor.writeOnce(bytes)
    }
  }

  package func replace(_ path: String, with bytes: [UInt8]) throws(Errno) {
    let file = locate(path)
    try makeDirectories(file.removingLastComponent())
    let temporary = FilePath(file.string + ".new")
    try Self.withDescriptor(temporary, .writeOnly, options: [.create, .truncate]) {
      descriptor throws(Errno) in
      try descriptor.writeOnce(bytes)
    }
    // SAFETY: Swift keeps both strings alive and NUL-terminated for the call.
    if unsafe rename(temporary.string, file.string) != 0 { throw Errno.current }
  }

  /// Creates or replaces a file of this machine that the user named.
  ///
  /// - Throws: the errno of open(2) or write(2).
  package static func write(_ bytes: [UInt8], to file: FilePath) throws(Errno) {
    try withDescriptor(file, .writeOnly, options: [.create, .truncate]) {
      descriptor throws(Errno) in
      _ = try errnoOnly { try descriptor.writeAll(bytes) }
    }
  }

  package func remove(_ path: String) throws(Errno) {
    // SAFETY: Swift keeps the string alive and NUL-terminated for the call.
    if unsafe unlink(locate(path).string) != 0 { throw Errno.current }
  }

  package func names(in path: String) throws(Errno) -> [String] {
    // SAFETY: opendir's result is checked before use and closed once, in this scope.
    guard let directory = unsafe opendir(locate(path).string) else { throw Errno.current }
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
    let status = try Stat(locate(path))
    let kind: FileStatus.Kind =
      switch status.type {
      case .regular: .file
      case .directory: .directory
      case .characterSpecial: .characterDevice
      default: .other
      }
    return FileStatus(
      kind: kind, permissions: UInt32(status.permissions.rawValue),
      userID: UInt32(status.userID.rawValue), groupID: UInt32(status.groupID.rawValue))
  }

  package func target(ofLink path: String) throws(Errno) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    // SAFETY: the length passed is that of the buffer; readlink writes no more.
    let count = unsafe readlink(locate(path).string, &buffer, buffer.count)
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
    _ path: FilePath, _ mode: FileDescriptor.AccessMode,
    options: FileDescriptor.OpenOptions = [],
    _ body: (FileDescriptor) throws(Errno) -> Result
  ) throws(Errno) -> Result {
    let descriptor = try errnoOnly {
      // Nonblocking: a pipe or device in place of an attribute must not hang the caller.
      try FileDescriptor.open(
        path, mode, options: options.union([.closeOnExec, .nonBlocking]),
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
    }
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
