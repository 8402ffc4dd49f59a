// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  package import Glibc
#elseif canImport(Musl)
  package import Musl
#endif

/// What stat(2) says of a file, as far as access to it is concerned.
public struct FileStatus: Sendable, Hashable {
  /// The kinds of file that make a difference here.
  public enum Kind: Sendable, Hashable { case file, directory, fifo, characterDevice, other }

  /// What kind of file it is.
  public let kind: Kind
  /// The permission bits, 0…0o7777.
  public let permissions: UInt32
  /// The owner.
  public let userID: UInt32
  /// The owning group.
  public let groupID: UInt32

  /// A status with the given fields.
  public init(kind: Kind, permissions: UInt32, userID: UInt32, groupID: UInt32) {
    self.kind = kind
    self.permissions = permissions
    self.userID = userID
    self.groupID = groupID
  }

  /// The status that the kernel has told.
  package init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFIFO: .fifo
      case S_IFCHR: .characterDevice
      default: .other
      }
    permissions = UInt32(status.st_mode & 0o7777)
    userID = status.st_uid
    groupID = status.st_gid
  }
}
