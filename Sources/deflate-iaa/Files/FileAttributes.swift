// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// An output gets what its input had: group, mode, access control list, times and owner. What cannot
// be given never leaves anybody with more rights than before.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// What an output takes over.
struct FileAttributes {
  let status: FileSnapshot
  /// The access control list as the kernel stores it; nil when there is none beside the mode.
  let accessList: [UInt8]?

  /// Looks at an open input.
  ///
  /// - Throws: Where its list is there and cannot be read.
  init(of descriptor: FileDescriptor, _ status: FileSnapshot) throws(Errno) {
    self.status = status
    accessList = try SystemCalls.accessList(of: descriptor)
  }
}

extension OutputFile {
  /// Gives the file its group, mode, times and owner.
  ///
  /// In gzip's order: the mode comes behind the group, or another group would have its rights for a
  /// moment, and before the owner, who may be the only one to set it. Without the right to give the
  /// file away it stays ours. Set-id and sticky bits are not carried over.
  func setAttributes(
    _ attributes: FileAttributes, modificationTime: timespec
  ) throws(Errno) {
    let status = attributes.status
    let access = status.access
    let own = try SystemCalls.status(of: descriptor).access
    var mode = access.permissions & 0o777
    var accessList = attributes.accessList
    if own.groupID != access.groupID {
      do {
        try SystemCalls.setOwner(nil, group: access.groupID, of: descriptor)
      } catch {
        (mode, accessList) = (mode.withoutGroup, nil)
      }
    }
    do {
      // Without one, what the directory hands to all new files is taken away: its entries would get
      // the rights that the mode has for the group.
      if try accessList != nil || SystemCalls.accessList(of: descriptor) != nil {
        try SystemCalls.setAccessList(accessList, of: descriptor)
      }
    } catch {
      // The mode's group bits then bound what the list's entries may; they are not the group's.
      mode = mode.withoutGroup
    }
    try SystemCalls.setMode(mode, of: descriptor)
    try SystemCalls.setTimes(
      access: status.accessTime, modification: modificationTime, of: descriptor)
    guard own.userID != access.userID else { return }
    do {
      try SystemCalls.setOwner(access.userID, group: nil, of: descriptor)
    } catch {
      // The mode then speaks of our own user, who may read the input already.
    }
  }
}

extension mode_t {
  /// The mode where the group is not the one that its bits were for: its members may be others now
  /// and others its members, so both may what both could.
  var withoutGroup: mode_t {
    let shared = self >> 3 & self & 0o7
    return self & ~0o077 | shared << 3 | shared
  }
}
