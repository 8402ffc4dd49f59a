// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What only Linux does with files: files without names, exclusive renames, access control lists,
// writing that is started early.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import CProcess
import Descriptors
import SystemPackage

extension SystemCalls {
  /// O_TMPFILE of <fcntl.h>, which is shown only to GNU sources. The value is the kernel's on x86-64
  /// and arm64.
  private static var unnamed: Int32 { 0o20000000 | O_DIRECTORY }

  /// Whether a file that was made without a name can get one, which goes through /proc.
  static let canLinkUnnamed: Bool = {
    (try? status(of: FileName("/proc/self/fd"), at: workingDirectory, followingLinks: true))
      != nil
  }()

  /// Creates a file that has no name in a directory and can get one there.
  static func openUnnamed(
    at directory: FileDescriptor, mode: mode_t
  ) throws(Errno) -> FileDescriptor {
    try open(FileName("."), at: directory, flags: O_RDWR | unnamed, mode: mode)
  }

  /// Gives a file without a name its first; fails with EEXIST when that name is taken.
  static func linkUnnamed(
    _ file: FileDescriptor, to name: FileName, at directory: FileDescriptor
  ) throws(Errno) {
    let path = FileName("/proc/self/fd/\(file.rawValue)")
    try retrying {
      // SAFETY: both names end with NUL and live for the call.
      unsafe linkat(
        AT_FDCWD, path.terminated, directory.rawValue, name.terminated, AT_SYMLINK_FOLLOW)
    }
  }

  /// Changes a name to one that nothing has; fails with EEXIST when it is taken, and otherwise where
  /// the file system or the kernel cannot.
  static func renameExclusively(
    _ old: FileName, to new: FileName, at directory: FileDescriptor
  ) throws(Errno) {
    try retrying {
      // SAFETY: both names end with NUL and live for the call.
      unsafe process_rename_exclusively(directory.rawValue, old.terminated, new.terminated)
    }
  }

  /// Has the kernel begin to write a file's data and does not wait. It is a hint: what is on disk
  /// only `synchronize` tells.
  static func startWriting(_ descriptor: FileDescriptor) {
    process_start_writing(descriptor.rawValue)
  }

  /// Puts everything on disk that belongs to the file system of a file.
  static func synchronizeFileSystem(of descriptor: FileDescriptor) throws(Errno) {
    try retrying { process_synchronize_file_system(descriptor.rawValue) }
  }

  /// Has the kernel report what it could not write so far, as closing the file would; the file stays
  /// open. Network file systems send the data on then.
  static func flush(_ descriptor: FileDescriptor) throws(Errno) {
    let copy = try retrying { fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 3) }
    try close(FileDescriptor(rawValue: copy))
  }

  /// Lets the process have as many descriptors as it ever may; false when it may have no more.
  static func raiseDescriptorLimit() -> Bool { process_raise_descriptor_limit() == 0 }

  /// Descriptors that the process may have.
  static var descriptorLimit: Int { sysconf(Int32(_SC_OPEN_MAX)) }

  /// Waits until somebody has opened a fifo for writing. Without that, and opened so that opening
  /// does not wait, a fifo is at its end before anything has come.
  static func waitForWriter(_ fifo: FileDescriptor) {
    var request = pollfd(fd: fifo.rawValue, events: Int16(POLLIN), revents: 0)
    // SAFETY: `request` is one whole pollfd that outlives the call. What goes wrong is met again by
    // the read.
    while unsafe poll(&request, 1, -1) < 0, errno == EINTR {}
  }

  private static let accessListName = FileName("system.posix_acl_access")

  /// The access control list of a file; nil where there is none or the file system has none.
  static func accessList(of descriptor: FileDescriptor) throws(Errno) -> [UInt8]? {
    // The most that an extended attribute can have.
    var list = [UInt8](repeating: 0, count: 64)
    while true {
      let count = unsafe list.withUnsafeMutableBytes { bytes in
        // SAFETY: the kernel writes no more than the array's size; the name ends with NUL.
        unsafe process_get_attribute(
          descriptor.rawValue, accessListName.terminated, bytes.baseAddress, bytes.count)
      }
      if count >= 0 { return Array(list.prefix(count)) }
      switch errno {
      case EINTR: break
      case ENODATA, ENOTSUP, ENOSYS: return nil
      case ERANGE where list.count < maximumAttributeCount:
        list = [UInt8](repeating: 0, count: maximumAttributeCount)
      default: throw .current
      }
    }
  }

  /// XATTR_SIZE_MAX of <linux/limits.h>.
  private static let maximumAttributeCount = 65536

  /// Gives a file an access control list, or with nil takes it away.
  static func setAccessList(_ list: [UInt8]?, of descriptor: FileDescriptor) throws(Errno) {
    do {
      try retrying {
        guard let list else {
          // SAFETY: the name ends with NUL and lives for the call.
          return unsafe process_remove_attribute(descriptor.rawValue, accessListName.terminated)
        }
        return unsafe list.withUnsafeBytes { bytes in
          // SAFETY: the kernel reads the array's size; the name ends with NUL.
          unsafe process_set_attribute(
            descriptor.rawValue, accessListName.terminated, bytes.baseAddress, bytes.count)
        }
      }
    } catch {
      let isMissing = [ENODATA, ENOTSUP, ENOSYS].contains(error.rawValue)
      guard list == nil, isMissing else { throw error }
    }
  }
}
