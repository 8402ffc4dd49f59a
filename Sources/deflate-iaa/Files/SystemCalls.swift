// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The calls that swift-system does not have (openat and its family, metadata by descriptor, reads
// and writes with spans), each as a typed-throws function. All `unsafe` of the command that touches
// the kernel is here, so that the rest can be read without thinking of pointers.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import CProcess
import Descriptors
import ParallelGzip
import SystemPackage

/// The kernel, as far as the command needs it.
enum SystemCalls {
  /// Where relative names start unless a directory is given.
  static var workingDirectory: FileDescriptor { FileDescriptor(rawValue: AT_FDCWD) }

  /// O_PATH of <fcntl.h>, which is shown only to GNU sources: the directory itself, not its
  /// content. The value is the kernel's on x86-64 and arm64.
  static let pathOnly: Int32 = 0o10000000

  /// Descriptors below this one are the standard streams.
  private static let firstOrdinaryDescriptor: Int32 = 3

  /// Opens a file and never returns 0, 1 or 2: with a standard stream closed by the caller, a
  /// message would otherwise end up in the user's data.
  static func open(
    _ name: FileName, at directory: FileDescriptor = workingDirectory, flags: Int32,
    mode: mode_t = 0
  ) throws(Errno) -> FileDescriptor {
    let descriptor = try retrying { () -> Int32 in
      // SAFETY: `terminated` ends with NUL and lives for the call.
      unsafe openat(directory.rawValue, name.terminated, flags | O_CLOEXEC, mode)
    }
    guard descriptor < firstOrdinaryDescriptor else { return FileDescriptor(rawValue: descriptor) }
    let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, firstOrdinaryDescriptor)
    let error = Errno.current
    _ = closeDescriptor(descriptor)
    guard moved >= 0 else { throw error }
    return FileDescriptor(rawValue: moved)
  }

  static func close(_ descriptor: FileDescriptor) throws(Errno) {
    // Never repeated on EINTR: on Linux the descriptor is gone all the same.
    if closeDescriptor(descriptor.rawValue) != 0, errno != EINTR { throw .current }
  }

  static func status(of descriptor: FileDescriptor) throws(Errno) -> FileSnapshot {
    var status = stat()
    // SAFETY: `status` is a whole struct stat that outlives the call.
    try retrying { unsafe fstat(descriptor.rawValue, &status) }
    return FileSnapshot(status)
  }

  static func status(
    of name: FileName, at directory: FileDescriptor, followingLinks: Bool
  ) throws(Errno) -> FileSnapshot {
    var status = stat()
    let flags = followingLinks ? 0 : AT_SYMLINK_NOFOLLOW
    try retrying {
      // SAFETY: the name ends with NUL; `status` is a whole struct stat; both outlive the call.
      unsafe fstatat(directory.rawValue, name.terminated, &status, flags)
    }
    return FileSnapshot(status)
  }

  static func unlink(_ name: FileName, at directory: FileDescriptor) throws(Errno) {
    // SAFETY: the name ends with NUL and lives for the call.
    try retrying { unsafe unlinkat(directory.rawValue, name.terminated, 0) }
  }

  static func rename(
    _ old: FileName, to new: FileName, at directory: FileDescriptor
  ) throws(Errno) {
    try retrying {
      // SAFETY: both names end with NUL and live for the call.
      unsafe renameat(directory.rawValue, old.terminated, directory.rawValue, new.terminated)
    }
  }

  /// Gives a file a second name; fails with EEXIST when that name is taken.
  static func link(_ old: FileName, to new: FileName, at directory: FileDescriptor) throws(Errno) {
    try retrying {
      // SAFETY: both names end with NUL and live for the call.
      unsafe linkat(directory.rawValue, old.terminated, directory.rawValue, new.terminated, 0)
    }
  }

  static func synchronize(_ descriptor: FileDescriptor) throws(Errno) {
    try retrying { fsync(descriptor.rawValue) }
  }

  static func setMode(_ mode: mode_t, of descriptor: FileDescriptor) throws(Errno) {
    try retrying { fchmod(descriptor.rawValue, mode) }
  }

  /// Changes owner or group; `nil` leaves one as it is.
  static func setOwner(
    _ owner: uid_t?, group: gid_t?, of descriptor: FileDescriptor
  ) throws(Errno) {
    try retrying {
      fchown(descriptor.rawValue, owner ?? uid_t.max, group ?? gid_t.max)
    }
  }

  static func setTimes(
    access: timespec, modification: timespec, of descriptor: FileDescriptor
  ) throws(Errno) {
    // SAFETY: futimens reads exactly two timespecs.
    try retrying { unsafe futimens(descriptor.rawValue, [access, modification]) }
  }

  /// Moves to a byte of a file, its first unless given.
  static func seek(_ descriptor: FileDescriptor, to offset: UInt64 = 0) throws(Errno) {
    guard let offset = off_t(exactly: offset) else { throw .invalidArgument }
    if lseek(descriptor.rawValue, offset, SEEK_SET) < 0 { throw .current }
  }

  /// Makes reads of a pipe wait for data.
  static func makeBlocking(_ descriptor: FileDescriptor) { DescriptorIO.makeBlocking(descriptor) }

  /// Reads as many bytes as there are now, as `DescriptorIO.read(_:into:)`.
  static func read(
    _ descriptor: FileDescriptor, into output: inout OutputRawSpan
  ) throws(Errno) {
    try DescriptorIO.read(descriptor, into: &output)
  }

  /// Writes all bytes.
  static func write(_ bytes: RawSpan, to descriptor: FileDescriptor) throws(Errno) {
    try DescriptorIO.write(bytes, to: descriptor)
  }
}

// The C function whose name a method above hides.
private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }
