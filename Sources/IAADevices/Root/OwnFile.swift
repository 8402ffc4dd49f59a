// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Files of our own: written whole under a name of their own that nothing else has, then put in their
// place. Whoever reads sees the old file or the new one, and a full disk costs the new one only.

import CIAAShim.Files
import Descriptors
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Putting a file in another's place.
enum OwnFile {
  private static let attempts = 100

  /// Creates `name` in an open folder or takes its place, links not followed.
  ///
  /// - Parameters:
  ///   - name: a name without folders.
  ///   - folder: where it lies.
  ///   - bytes: what it is to hold.
  ///   - old: the file whose permissions and owner the new one gets; nil for those of a new file.
  ///   - isSynchronized: whether the bytes and the name are on disk when this returns.
  /// - Throws: the errno of open(2), write(2), fsync(2) or rename(2), after which `name` is as it
  ///   was.
  static func replace(
    _ name: String, in folder: FileDescriptor, with bytes: [UInt8], like old: stat? = nil,
    isSynchronized: Bool
  ) throws(Errno) {
    let (temporary, file) = try create(in: folder, for: name)
    do throws(Errno) {
      do throws(Errno) {
        try errnoOnly { _ = try file.writeAll(bytes) }
        if let old { try imitate(old, file) }
        if isSynchronized { try retrying { fsync(file.rawValue) } }
      } catch {
        try? file.close()
        throw error
      }
      do throws(Errno) {
        try errnoOnly { try file.close() }
      } catch .interrupted {
        // On Linux the descriptor is gone all the same, and the bytes are the kernel's.
      }
      try rename(temporary, to: name, in: folder)
    } catch {
      try? remove(temporary, in: folder)
      throw error
    }
    if isSynchronized { synchronize(folder) }
  }

  /// A new file beside `name` that no other process has.
  private static func create(
    in folder: FileDescriptor, for name: String
  ) throws(Errno) -> (name: String, file: FileDescriptor) {
    for _ in 0..<attempts {
      let temporary = temporaryName(for: name)
      // SAFETY: `withSystemName` keeps the name alive and NUL-terminated for the call.
      let number = unsafe temporary.withSystemName {
        unsafe openat(
          folder.rawValue, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
      }
      if number >= 0 { return (temporary, FileDescriptor(rawValue: number)) }
      if errno != EEXIST, errno != EINTR { throw .current }
    }
    throw .fileExists
  }

  /// Creates a symbolic link `name` or takes the place of what has the name.
  ///
  /// - Throws: the errno of symlinkat(2) or rename(2), after which `name` is as it was.
  static func link(
    _ name: String, in folder: FileDescriptor, to target: String
  ) throws(Errno) {
    for _ in 0..<attempts {
      let temporary = temporaryName(for: name)
      do throws(Errno) {
        // SAFETY: `withSystemName` keeps both alive and NUL-terminated for the call.
        try retrying {
          unsafe target.withSystemName { target in
            unsafe temporary.withSystemName { unsafe symlinkat(target, folder.rawValue, $0) }
          }
        }
      } catch .fileExists {
        continue
      }
      do throws(Errno) {
        return try rename(temporary, to: name, in: folder)
      } catch {
        try? remove(temporary, in: folder)
        throw error
      }
    }
    throw .fileExists
  }

  private static func rename(
    _ temporary: String, to name: String, in folder: FileDescriptor
  ) throws(Errno) {
    // SAFETY: `withSystemName` keeps both alive and NUL-terminated for the call.
    try retrying {
      unsafe temporary.withSystemName { old in
        unsafe name.withSystemName {
          unsafe renameat(folder.rawValue, old, folder.rawValue, $0)
        }
      }
    }
  }

  private static func remove(_ name: String, in folder: FileDescriptor) throws(Errno) {
    // SAFETY: `withSystemName` keeps the name alive and NUL-terminated for the call.
    try retrying { unsafe name.withSystemName { unsafe unlinkat(folder.rawValue, $0, 0) } }
  }

  /// What a file is called until it has its name; a run that is killed leaves it so.
  private static func temporaryName(for name: String) -> String {
    let tag = String(UInt32.random(in: 0...UInt32.max), radix: 36)
    // A name may have 255 bytes.
    return "." + String(decoding: name.utf8.prefix(200), as: UTF8.self) + "." + tag
  }

  /// The permissions of the file that goes, and its owner where that is allowed: not allowed, the
  /// new file is the user's own, and gives the group no more than everybody.
  private static func imitate(_ old: stat, _ file: FileDescriptor) throws(Errno) {
    let now = try HostFiles.fileStatus(file)
    var mode = old.st_mode & 0o777
    if now.st_uid != old.st_uid || now.st_gid != old.st_gid {
      do throws(Errno) {
        try retrying { fchown(file.rawValue, old.st_uid, old.st_gid) }
      } catch {
        mode &= 0o700 | mode & 0o007 | (mode & 0o007) << 3
      }
    }
    try retrying { fchmod(file.rawValue, mode) }
  }

  /// Some file systems cannot, and the file itself is safe already.
  private static func synchronize(_ folder: FileDescriptor) {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    guard let readable = try? RootDirectory.open(folder.rawValue, ".", flags) else { return }
    _ = try? retrying { fsync(readable.rawValue) }
    try? readable.close()
  }

  /// Creates or replaces the file that the user named; a device or pipe is written to as it is.
  ///
  /// - Throws: the errno that kept it from being done; ELOOP for a symbolic link, since what it leads
  ///   to may be another's choice.
  static func write(_ bytes: [UInt8], to path: String) throws(Errno) {
    let (folder, name) = try openFolder(of: path)
    defer { try? folder.close() }
    guard let old = try standing(name, in: folder) else {
      return try replace(name, in: folder, with: bytes, isSynchronized: true)
    }
    if old.st_mode & S_IFMT == S_IFREG {
      return try replace(name, in: folder, with: bytes, like: old, isSynchronized: true)
    }
    let file = try RootDirectory.open(
      folder.rawValue, name, O_WRONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC)
    defer { try? file.close() }
    try errnoOnly { _ = try file.writeAll(bytes) }
  }

  /// What has a name, links not followed; nil for nothing.
  ///
  /// - Throws: ELOOP and EISDIR for what is never written to.
  private static func standing(
    _ name: String, in folder: FileDescriptor
  ) throws(Errno) -> stat? {
    var old = stat()
    do throws(Errno) {
      // SAFETY: `withSystemName` keeps the name alive and NUL-terminated, and `old` outlives the call.
      try retrying {
        unsafe name.withSystemName {
          unsafe fstatat(folder.rawValue, $0, &old, AT_SYMLINK_NOFOLLOW)
        }
      }
    } catch .noSuchFileOrDirectory {
      return nil
    }
    switch old.st_mode & S_IFMT {
    case S_IFLNK: throw .tooManySymbolicLinkLevels
    case S_IFDIR: throw .isDirectory
    default: return old
    }
  }

  /// Whether something has the name of a file that the user named, links not followed; nothing is opened for it.
  static func isThere(_ path: String) -> Bool {
    do throws(Errno) {
      let (folder, name) = try openFolder(of: path)
      defer { try? folder.close() }
      return try standing(name, in: folder) != nil
    } catch {
      return ![.noSuchFileOrDirectory, .notDirectory].contains(error)
    }
  }

  /// Whether ``write(_:to:)`` can be expected to write a file: its folder takes a new one, and nothing stands in its
  /// place that keeps it from going.
  ///
  /// - Throws: the errno that `write` would throw.
  static func checkCanWrite(_ path: String) throws(Errno) {
    let (folder, name) = try openFolder(of: path)
    defer { try? folder.close() }
    if let old = try standing(name, in: folder), old.st_mode & S_IFMT != S_IFREG {
      // SAFETY: `withSystemName` keeps the name alive and NUL-terminated for the call.
      try retrying {
        unsafe name.withSystemName { unsafe faccessat(folder.rawValue, $0, W_OK, 0) }
      }
      return
    }
    let (temporary, file) = try create(in: folder, for: name)
    try? file.close()
    try remove(temporary, in: folder)
  }

  /// The folder of a file, and the file's name in it.
  private static func openFolder(
    of path: String
  ) throws(Errno) -> (folder: FileDescriptor, name: String) {
    let path = FilePath(path)
    guard let name = path.lastComponent?.string else { throw .isDirectory }
    let above = path.removingLastComponent()
    let folder = try RootDirectory.open(
      AT_FDCWD, above.isEmpty ? "." : above.string, ciaa_path_only | O_DIRECTORY | O_CLOEXEC)
    return (folder, name)
  }
}
