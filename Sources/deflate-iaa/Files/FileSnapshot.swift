// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// struct stat with the fields the command decides by, under their names: beside who may do what with a
// file, which one it is and when it changed.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import IAADevices

/// Which file it is, whatever its name.
struct FileIdentity: Hashable, Sendable {
  let device: UInt64
  let inode: UInt64
}

/// What the kernel says of a file at a moment.
struct FileSnapshot: Sendable {
  let identity: FileIdentity
  /// Kind, mode and owners.
  let access: FileStatus
  let size: UInt64
  let linkCount: UInt64
  let accessTime: timespec
  let modificationTime: timespec
  /// When content, mode, owner or the number of links last changed; nobody can set it back.
  private let changeTime: timespec

  init(_ status: stat) {
    identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    access = FileStatus(status)
    size = UInt64(clamping: status.st_size)
    linkCount = UInt64(status.st_nlink)
    accessTime = status.st_atim
    modificationTime = status.st_mtim
    changeTime = status.st_ctim
  }

  var kind: FileStatus.Kind { access.kind }

  /// Whether it is the same file on disk and nothing of it has changed: neither length nor the two
  /// times. Whoever writes can put the modification time back, but not the change time.
  func isUnchanged(since earlier: FileSnapshot) -> Bool {
    identity == earlier.identity && size == earlier.size
      && modificationTime.isEqual(to: earlier.modificationTime)
      && changeTime.isEqual(to: earlier.changeTime)
  }

  /// Whether the last change was more than so many seconds before another file's.
  func isOlder(than other: FileSnapshot, by seconds: Int) -> Bool {
    let (time, otherTime) = (modificationTime, other.modificationTime)
    return (time.tv_sec, time.tv_nsec) < (otherTime.tv_sec - seconds, otherTime.tv_nsec)
  }
}

extension timespec {
  fileprivate func isEqual(to other: timespec) -> Bool {
    tv_sec == other.tv_sec && tv_nsec == other.tv_nsec
  }
}
