// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// An output file appears under its name only when it is whole. It is written under a temporary name
// in the same directory (so that the change of name is one step on one file system), with mode 0600
// until its own mode is set. Whoever drops it before `commit` has it removed.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// The directory in which an input file lies and its output appears.
final class FileDirectory {
  let descriptor: FileDescriptor
  /// Whether it was opened for reading, which fsync needs.
  private let canSynchronize: Bool

  /// Opens a directory; without the right to read it, entries can still be made and removed.
  init(_ name: FileName) throws(Errno) {
    do {
      descriptor = try SystemCalls.open(name, flags: O_RDONLY | O_DIRECTORY)
      canSynchronize = true
    } catch .permissionDenied {
      descriptor = try SystemCalls.open(name, flags: SystemCalls.pathOnly | O_DIRECTORY)
      canSynchronize = false
    }
  }

  deinit { try? SystemCalls.close(descriptor) }

  /// Puts changed entries on disk. Some file systems cannot; they say so by EINVAL.
  func synchronize() throws(Errno) {
    guard canSynchronize else { return }
    do {
      try SystemCalls.synchronize(descriptor)
    } catch .invalidArgument {}
  }
}

/// A file being written.
final class OutputFile {
  let descriptor: FileDescriptor
  private let directory: FileDirectory
  private let temporary: FileName
  private var isPending = true

  /// Tries this often to find a name that is not taken.
  private static let attempts = 100

  /// Creates the temporary file.
  init(in directory: FileDirectory) throws(Errno) {
    self.directory = directory
    var attempt = 1
    while true {
      let tag = String(UInt64.random(in: 0 ... .max), radix: 36)
      let name = FileName(".\(Reporter.programName).\(tag)")
      do {
        descriptor = try Signals.guarding(name, in: directory.descriptor) { () throws(Errno) in
          try SystemCalls.open(
            name, at: directory.descriptor, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
            mode: 0o600)
        }
        temporary = name
        return
      } catch .fileExists where attempt < Self.attempts {
        attempt += 1
      }
    }
  }

  deinit {
    try? SystemCalls.close(descriptor)
    if isPending { remove() }
  }

  /// Gives the file its owner, mode and times.
  ///
  /// As gzip: without the right to give the file away it stays ours, and what group or owner alone
  /// were allowed is then allowed to neither. Set-id and sticky bits are not carried over.
  func setAttributes(
    from status: FileStatus, modificationTime: timespec
  ) throws(Errno) {
    var mode = status.mode & 0o777
    do {
      try SystemCalls.setOwner(nil, group: status.group, of: descriptor)
    } catch {
      mode &= ~0o070
    }
    do {
      try SystemCalls.setOwner(status.owner, group: nil, of: descriptor)
    } catch {
      // The mode then speaks of our own user, who may read the input already.
    }
    try SystemCalls.setMode(mode, of: descriptor)
    try SystemCalls.setTimes(
      access: status.accessTime, modification: modificationTime, of: descriptor)
  }

  /// Puts the data on disk. Pipes and some file systems cannot; they say so by EINVAL.
  func synchronize() throws(Errno) {
    do {
      try SystemCalls.synchronize(descriptor)
    } catch .invalidArgument {}
  }

  /// Gives the file its name.
  ///
  /// - Throws: EEXIST when the name is taken and `replacing` is false; the file is then pending
  ///   still.
  func commit(as name: FileName, replacing: Bool) throws(Errno) {
    try Signals.release { () throws(Errno) in
      if replacing {
        try SystemCalls.rename(temporary, to: name, at: directory.descriptor)
      } else {
        try commitExclusively(as: name)
      }
    }
    isPending = false
    try directory.synchronize()
  }

  /// A rename would replace what appeared in the meantime; a second link does not. Where there are
  /// no hard links the check and the rename are two steps.
  private func commitExclusively(as name: FileName) throws(Errno) {
    do {
      try SystemCalls.link(temporary, to: name, at: directory.descriptor)
      try SystemCalls.unlink(temporary, at: directory.descriptor)
    } catch let error where error != .fileExists {
      do {
        _ = try SystemCalls.status(of: name, at: directory.descriptor, followingLinks: false)
      } catch .noSuchFileOrDirectory {
        return try SystemCalls.rename(temporary, to: name, at: directory.descriptor)
      }
      throw .fileExists
    }
  }

  private func remove() {
    // What cannot be removed stays; there is nobody left to tell.
    try? Signals.release { () throws(Errno) in
      try SystemCalls.unlink(temporary, at: directory.descriptor)
    }
  }
}
