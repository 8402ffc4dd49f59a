// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The few file operations that the control plane needs, behind a protocol: a live system, a tree
// on disk and a simulated kernel in a test are then the same thing to everything above. sysfs
// attributes are read and written whole, in one call each, as the kernel defines them.

public import SystemPackage

/// What the control plane may do with files. Paths are those of a live system ("/sys/bus/…");
/// an implementation says where they really lie.
public protocol SystemFiles: Sendable {
  /// Reads a whole ordinary file, at most `limit` bytes of it.
  ///
  /// - Throws: the errno of open(2) or read(2); EINVAL for a pipe, socket or device.
  func read(_ path: String, limit: Int) throws(Errno) -> [UInt8]

  /// Writes a whole attribute in one write(2); the file has to exist, and a plain one ends behind the
  /// bytes afterwards.
  ///
  /// - Throws: the errno of open(2) or write(2); EINVAL for a pipe, socket or device.
  func write(_ bytes: [UInt8], to path: String) throws(Errno)

  /// Creates or replaces an ordinary file as a whole, and makes the folders above it where they are
  /// missing. A link in its place is replaced, not followed.
  ///
  /// - Throws: the errno of mkdir(2), open(2), write(2) or rename(2).
  func replace(_ path: String, with bytes: [UInt8]) throws(Errno)

  /// Makes a symbolic link, and the folders above it where they are missing; one that is there is
  /// replaced.
  ///
  /// - Throws: the errno of mkdir(2), unlink(2) or symlink(2).
  func link(_ path: String, to target: String) throws(Errno)

  /// Removes an ordinary file or a symbolic link.
  ///
  /// - Throws: the errno of unlink(2).
  func remove(_ path: String) throws(Errno)

  /// The names in a folder, without "." and "..", in ascending order of their bytes.
  ///
  /// - Throws: the errno of opendir(3) or readdir(3); EFBIG for more than 4096 names.
  func names(in path: String) throws(Errno) -> [String]

  /// Owner, mode and kind of a file, following links.
  ///
  /// - Throws: the errno of stat(2).
  func status(of path: String) throws(Errno) -> FileStatus

  /// The text of a symbolic link.
  ///
  /// - Throws: the errno of readlink(2); EINVAL when the file is not a link.
  func target(ofLink path: String) throws(Errno) -> String
}

extension SystemFiles {
  /// Fails with EOPNOTSUPP, for files that have no links.
  public func link(_ path: String, to target: String) throws(Errno) { throw .notSupported }
}

/// Files below which only device models lie.
package protocol ModelOnlyFiles: SystemFiles {}
