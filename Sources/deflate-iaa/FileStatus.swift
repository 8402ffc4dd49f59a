// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// struct stat with the fields the command decides by, under their names.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the kernel says of a file.
struct FileStatus: Sendable {
  /// The kinds the command tells apart.
  enum Kind: Sendable {
    case regular, directory, other
  }

  let kind: Kind
  /// The mode's twelve permission bits.
  let mode: mode_t
  let size: UInt64
  let linkCount: UInt64
  let owner: uid_t
  let group: gid_t
  let accessTime: timespec
  let modificationTime: timespec
  private let device: UInt64
  private let inode: UInt64

  init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      default: .other
      }
    mode = status.st_mode & 0o7777
    size = UInt64(clamping: status.st_size)
    linkCount = UInt64(status.st_nlink)
    owner = status.st_uid
    group = status.st_gid
    accessTime = status.st_atim
    modificationTime = status.st_mtim
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }

  /// Whether both are one file on disk.
  func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }

  /// Whether the last change was more than so many seconds before another file's.
  func isOlder(than other: FileStatus, by seconds: Int) -> Bool {
    let (time, otherTime) = (modificationTime, other.modificationTime)
    return (time.tv_sec, time.tv_nsec) < (otherTime.tv_sec - seconds, otherTime.tv_nsec)
  }

  /// Whether neither length nor time of change differ.
  func hasSameContent(as other: FileStatus) -> Bool {
    size == other.size && modificationTime.tv_sec == other.modificationTime.tv_sec
      && modificationTime.tv_nsec == other.modificationTime.tv_nsec
  }
}
