// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// struct stat with the fields the command decides by, under their names.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Which file it is, whatever its name.
struct FileIdentity: Hashable, Sendable {
  let device: UInt64
  let inode: UInt64
}

/// What the kernel says of a file.
struct FileStatus: Sendable {
  /// The kinds the command tells apart.
  enum Kind: Sendable {
    case regular, directory, fifo, other
  }

  let identity: FileIdentity
  let kind: Kind
  /// The mode's twelve permission bits.
  let mode: mode_t
  let size: UInt64
  let linkCount: UInt64
  let owner: uid_t
  let group: gid_t
  let accessTime: timespec
  let modificationTime: timespec
  /// When content, mode, owner or the number of links last changed; nobody can set it back.
  private let changeTime: timespec

  init(_ status: stat) {
    identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFIFO: .fifo
      default: .other
      }
    mode = status.st_mode & 0o7777
    size = UInt64(clamping: status.st_size)
    linkCount = UInt64(status.st_nlink)
    owner = status.st_uid
    group = status.st_gid
    accessTime = status.st_atim
    modificationTime = status.st_mtim
    changeTime = status.st_ctim
  }

  /// Whether it is the same file on disk and nothing of it has changed: neither length nor the two
  /// times. Whoever writes can put the modification time back, but not the change time.
  func isUnchanged(since earlier: FileStatus) -> Bool {
    identity == earlier.identity && size == earlier.size
      && modificationTime.isEqual(to: earlier.modificationTime)
      && changeTime.isEqual(to: earlier.changeTime)
  }

  /// Whether the last change was more than so many seconds before another file's.
  func isOlder(than other: FileStatus, by seconds: Int) -> Bool {
    let (time, otherTime) = (modificationTime, other.modificationTime)
    return (time.tv_sec, time.tv_nsec) < (otherTime.tv_sec - seconds, otherTime.tv_nsec)
  }
}

extension timespec {
  fileprivate func isEqual(to other: timespec) -> Bool {
    tv_sec == other.tv_sec && tv_nsec == other.tv_nsec
  }
}
