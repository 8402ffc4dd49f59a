// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Opening files below a directory as if it were "/": an absolute link in it starts at it, ".." at its
// top stays there, so nothing outside it is ever opened, whatever its links say and whoever swaps its
// folders meanwhile. The kernel does that from 5.6 on; where it does not, or a seccomp filter
// refuses the call, a walk from descriptor to descriptor does the same.

import CIAAShim.Files
import Descriptors
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A directory that paths start at.
package struct RootDirectory: Sendable {
  /// How a path is followed.
  enum Way: Sendable {
    /// By openat2(2), and by the walk where that is missing.
    case kernelFirst
    /// By the walk alone.
    case walk
  }

  /// The directory; "/" is the live system, where paths are opened as they stand.
  let path: String
  var way = Way.kernelFirst

  /// Links followed in one path: the kernel's own number.
  static let linkLimit = 40
  /// Openings that were overtaken by a renaming, after which the walk takes over.
  private static let attempts = 16

  private var isLive: Bool { path == "/" }

  /// Opens the file at `path`, links followed unless `flags` has O_NOFOLLOW.
  ///
  /// - Throws: the errno of open(2); ELOOP after 40 links.
  func open(_ path: String, _ flags: Int32) throws(Errno) -> FileDescriptor {
    // openat2(2) takes few other flags beside O_PATH, which opens no terminal anyway.
    let flags = flags | O_CLOEXEC | (flags & ciaa_path_only == 0 ? O_NOCTTY : 0)
    if isLive { return try Self.open(AT_FDCWD, path, flags) }
    let top = try Self.open(AT_FDCWD, self.path, ciaa_path_only | O_DIRECTORY | O_CLOEXEC)
    defer { try? top.close() }
    // A path without components is the directory itself.
    let inside = path.contains { $0 != "/" } ? path : "."
    if way == .kernelFirst {
      for _ in 0..<Self.attempts {
        // SAFETY (here and below): `withSystemName` keeps the name alive and NUL-terminated for the call.
        let number = unsafe inside.withSystemName {
          unsafe ciaa_open_in_root(top.rawValue, $0, flags)
        }
        if number >= 0 { return FileDescriptor(rawValue: number) }
        let error = Errno.current
        // EPERM may be a filter's or the file's own; the walk meets the latter again.
        if error == .noFunction || error == .notPermitted { break }
        if error != .resourceTemporarilyUnavailable, error != .interrupted { throw error }
      }
    }
    return try Walk(top: top, flags: flags).open(inside)
  }

  /// Opens the folder at `path`, and makes it where it is missing, with those above it.
  ///
  /// - Throws: the errno of open(2) or mkdir(2).
  func openFolder(_ path: FilePath, depth: Int = 0) throws(Errno) -> FileDescriptor {
    let flags = ciaa_path_only | O_DIRECTORY
    do {
      return try open(path.string, flags)
    } catch .noSuchFileOrDirectory {
      guard let name = path.lastComponent, depth < 64 else { throw .noSuchFileOrDirectory }
      let above = try openFolder(path.removingLastComponent(), depth: depth + 1)
      defer { try? above.close() }
      do throws(Errno) {
        try retrying {
          unsafe name.string.withSystemName { unsafe mkdirat(above.rawValue, $0, 0o755) }
        }
      } catch .fileExists {}
      return try Self.open(above.rawValue, name.string, flags | O_NOFOLLOW | O_CLOEXEC)
    } catch {
      throw error
    }
  }

  /// openat(2), tried again when a signal came in between.
  static func open(_ folder: Int32, _ name: String, _ flags: Int32) throws(Errno)
    -> FileDescriptor
  {
    while true {
      let number = unsafe name.withSystemName { unsafe openat(folder, $0, flags) }
      if number >= 0 { return FileDescriptor(rawValue: number) }
      if errno != EINTR { throw .current }
    }
  }
}

extension String {
  /// Lends a name to a system call, NUL-terminated: the bytes that it stands for, which are its own unless
  /// `init(escaping:)` made it.
  func withSystemName(_ body: (UnsafePointer<CChar>) -> Int32) -> Int32 {
    // SAFETY: both are NUL-terminated, and live for the call.
    guard mayBeEscaped else { return unsafe withCString(body) }
    let bytes = unescapedBytes.map { CChar(bitPattern: $0) } + [0]
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe bytes.baseAddress.map { unsafe body($0) } ?? -1
    }
  }
}

/// Follows one path by hand. The kernel is only ever asked for one name in a folder that is held
/// open, never for ".." nor through a link, so no renaming can lead it elsewhere.
private struct Walk {
  let top: FileDescriptor
  let flags: Int32

  /// The folders from the top, without it, to where the walk stands.
  private final class Folders {
    var open: [FileDescriptor] = []
    func leave(to count: Int) {
      while open.count > count { try? open.removeLast().close() }
    }
    deinit { leave(to: 0) }
  }

  init(top: FileDescriptor, flags: Int32) {
    self.top = top
    self.flags = flags
  }

  func open(_ path: String) throws(Errno) -> FileDescriptor {
    let folders = Folders()
    // The names still to be followed, the next one last.
    var names = Self.names(path)
    var links = 0
    while let name = names.popLast() {
      // It stays in the list until here: a link before it is not the path's last name.
      if name == "." { continue }
      let folder = folders.open.last ?? top
      if name == ".." {
        folders.leave(to: max(0, folders.open.count - 1))
        continue
      }
      let found = try RootDirectory.open(
        folder.rawValue, name, ciaa_path_only | O_NOFOLLOW | O_CLOEXEC)
      let kind: mode_t
      do throws(Errno) {
        kind = try HostFiles.fileStatus(found).st_mode & S_IFMT
        if kind == S_IFLNK, !names.isEmpty || flags & O_NOFOLLOW == 0 {
          links += 1
          guard links <= RootDirectory.linkLimit else { throw .tooManySymbolicLinkLevels }
          let target = try HostFiles.linkTarget(found)
          if target.isEmpty { throw .noSuchFileOrDirectory }
          if target.hasPrefix("/") { folders.leave(to: 0) }
          names += Self.names(target)
          try? found.close()
          continue
        }
      } catch {
        try? found.close()
        throw error
      }
      guard names.isEmpty else {
        folders.open.append(found)
        if kind != S_IFDIR { throw .notDirectory }
        continue
      }
      defer { try? found.close() }
      return try RootDirectory.open(folder.rawValue, name, flags | O_NOFOLLOW)
    }
    // It ended on "." or "..".
    return try RootDirectory.open((folders.open.last ?? top).rawValue, ".", flags)
  }

  private static func names(_ path: String) -> [String] {
    (path.hasSuffix("/") ? ["."] : []) + path.split(separator: "/").reversed().map(String.init)
  }
}
