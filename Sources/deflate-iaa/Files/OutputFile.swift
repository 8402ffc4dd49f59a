// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// An output file appears under its name only when it is whole. Until then it has no name at all, so
// that nothing is left of it whatever ends the process, or, where the file system cannot do that, a
// temporary one in the same directory. Its mode is 0600 until its own is set. Whoever drops it before
// `take` has it removed.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// A file being written.
final class OutputFile {
  let descriptor: FileDescriptor
  let directory: FileDirectory
  /// Its name until it has its own; nil where it has none.
  private let temporary: FileName?
  private var isPending = true
  /// A temporary name that could not be removed, and why.
  private(set) var leftover: (name: FileName, error: Errno)?

  /// Tries this often to find a name that is not taken.
  private static let attempts = 100

  /// Creates the file.
  init(in directory: FileDirectory) throws(Errno) {
    self.directory = directory
    Signals.startWatching()
    if SystemCalls.canLinkUnnamed,
      let unnamed = try? SystemCalls.openUnnamed(at: directory.descriptor, mode: Self.mode)
    {
      descriptor = unnamed
      temporary = nil
      return
    }
    // What keeps a file from being made at all is met again, and told, here.
    (descriptor, temporary) = try Self.withFreshName { (name: FileName) throws(Errno) in
      try Signals.guarding(name, in: directory.descriptor) { () throws(Errno) in
        try SystemCalls.open(
          name, at: directory.descriptor, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
          mode: Self.mode)
      }
    }
  }

  private static let mode: mode_t = 0o600

  /// Runs `body` with names until one is not taken.
  private static func withFreshName<Value>(
    _ body: (FileName) throws(Errno) -> Value
  ) throws(Errno) -> (Value, FileName) {
    var attempt = 1
    while true {
      let name = TemporaryName.make()
      do {
        return (try body(name), name)
      } catch .fileExists where attempt < attempts {
        attempt += 1
      }
    }
  }

  deinit {
    try? SystemCalls.close(descriptor)
    guard isPending, let temporary else { return }
    // What cannot be removed stays; there is nobody left to tell.
    Signals.undisturbed { temporaries in
      try? SystemCalls.unlink(temporary, at: directory.descriptor)
      temporaries.remove(temporary, in: directory.descriptor)
    }
  }

  /// Puts the data on disk. Pipes and some file systems cannot; they say so by EINVAL.
  func synchronize() throws(Errno) {
    do {
      try SystemCalls.synchronize(descriptor)
    } catch .invalidArgument {}
  }

  /// Gives the file its name. Called where no signal disturbs, with the temporary names known there.
  ///
  /// - Throws: EEXIST when the name is taken and `replacing` is false; the file is then pending
  ///   still.
  func take(
    _ name: FileName, replacing: Bool, _ temporaries: inout Signals.Temporaries
  ) throws(Errno) {
    if let temporary {
      if replacing {
        try SystemCalls.rename(temporary, to: name, at: directory.descriptor)
      } else {
        try takeExclusively(name, from: temporary)
      }
      temporaries.remove(temporary, in: directory.descriptor)
    } else {
      do {
        try SystemCalls.linkUnnamed(descriptor, to: name, at: directory.descriptor)
      } catch .fileExists where replacing {
        try replace(name)
      }
    }
    isPending = false
  }

  /// Only a rename replaces a name in one step, and it needs another name to start from.
  private func replace(_ name: FileName) throws(Errno) {
    let (_, temporary) = try Self.withFreshName { (name: FileName) throws(Errno) in
      try SystemCalls.linkUnnamed(descriptor, to: name, at: directory.descriptor)
    }
    do {
      try SystemCalls.rename(temporary, to: name, at: directory.descriptor)
    } catch {
      removeName(temporary)
      throw error
    }
  }

  /// Takes a name that nothing has. Not every file system renames without replacing; a second link
  /// replaces nothing either. Where there are no hard links the check and the rename are two steps.
  private func takeExclusively(_ name: FileName, from temporary: FileName) throws(Errno) {
    do {
      return try SystemCalls.renameExclusively(temporary, to: name, at: directory.descriptor)
    } catch .fileExists {
      throw .fileExists
    } catch {}
    do {
      try SystemCalls.link(temporary, to: name, at: directory.descriptor)
      // From here on the file is in place, whatever becomes of the other name.
      return removeName(temporary)
    } catch .fileExists {
      throw .fileExists
    } catch {}
    do {
      _ = try SystemCalls.status(of: name, at: directory.descriptor, followingLinks: false)
    } catch .noSuchFileOrDirectory {
      return try SystemCalls.rename(temporary, to: name, at: directory.descriptor)
    }
    throw .fileExists
  }

  private func removeName(_ temporary: FileName) {
    do {
      try SystemCalls.unlink(temporary, at: directory.descriptor)
    } catch .noSuchFileOrDirectory {
      // A later run took it for what a killed one left.
    } catch {
      leftover = (temporary, error)
    }
  }
}
