// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The lines of /proc/PID/maps (proc_pid_maps(5)): which ranges of a process hold memory that the
// kernel would swap, and of which kind.

/// A range of a process's addresses that may hold swappable memory.
package struct Mapping: Sendable, Equatable {
  /// What the range is to the process.
  package enum Kind: Sendable, Hashable {
    /// The heap of brk(2).
    case heap
    /// The first thread's stack.
    case stack
    /// Anonymous memory; the name is the one that prctl(PR_SET_VMA_ANON_NAME) gave it.
    case anonymous(name: String?)
    /// A private mapping of a file: the pages written to are anonymous memory.
    case filePrivate
    /// Shared memory: tmpfs, memfd, System V, shared anonymous.
    case shmem

    /// The word that stands for it in every output.
    package var name: String {
      switch self {
      case .heap: "heap"
      case .stack: "stack"
      case .anonymous(let name): name.map { "anon:\($0)" } ?? "anon"
      case .filePrivate: "file-private"
      case .shmem: "shmem"
      }
    }
  }

  /// Addresses, from a page's start to behind a page's end.
  package let addresses: Range<UInt64>
  package let kind: Kind
  /// The file's device and inode with the offset of the first page in it, for memory that several
  /// processes share and that counts once.
  package let file: SharedFile?

  /// A file that is memory.
  package struct SharedFile: Sendable, Hashable {
    package let device: String
    package let inode: UInt64
    package let offset: UInt64
  }

  /// Reads one line of /proc/PID/maps; nil for a range whose pages are never swapped, or that is no
  /// such line.
  ///
  /// - Parameters:
  ///   - line: the line, without its end.
  ///   - isMemoryFile: whether files of a device ("0:25") are kept in memory.
  package init?(_ line: Substring, isMemoryFile: (Substring) -> Bool) {
    let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
    guard fields.count >= 5 else { return nil }
    let bounds = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
    let permissions = fields[1]
    guard bounds.count == 2, bounds[0] < bounds[1], permissions.count == 4,
      let offset = UInt64(fields[2], radix: 16), let inode = UInt64(fields[4])
    else { return nil }
    addresses = bounds[0]..<bounds[1]
    let path = fields.count > 5 ? fields[5].drop { $0 == " " } : ""
    if path.hasPrefix("[") {
      guard let kind = Self.special(path) else { return nil }
      self.kind = kind
      file = nil
    } else if inode == 0 {
      guard path.isEmpty else { return nil }
      kind = .anonymous(name: nil)
      file = nil
    } else if path.hasPrefix("/anon_hugepage") || path.hasPrefix("/dev/hugepages") {
      return nil
    } else if Self.isSharedMemory(path) || isMemoryFile(fields[3]) {
      kind = .shmem
      file = SharedFile(device: String(fields[3]), inode: inode, offset: offset)
    } else if permissions.hasSuffix("p") {
      kind = .filePrivate
      file = nil
    } else {
      // A shared mapping of a file on a disk: its pages go back to the file, never to swap.
      return nil
    }
  }

  /// Ranges in brackets; those of the kernel ([vdso], [vvar], [vsyscall]) are no memory of the process.
  private static func special(_ path: Substring) -> Kind? {
    if path == "[heap]" { return .heap }
    if path.hasPrefix("[stack") { return .stack }
    for prefix in ["[anon:", "[anon_shmem:"] where path.hasPrefix(prefix) {
      return .anonymous(name: String(path.dropFirst(prefix.count).dropLast()))
    }
    return nil
  }

  /// What the kernel's own instance of tmpfs is called, which no table of mounts lists.
  private static func isSharedMemory(_ path: Substring) -> Bool {
    path.hasPrefix("/memfd:") || path.hasPrefix("/SYSV") || path.hasPrefix("/dev/zero")
      || path.hasPrefix("/dev/shm/")
  }
}

/// The devices whose files are memory, from /proc/PID/mountinfo (proc_pid_mountinfo(5)).
package struct MemoryFileSystems: Sendable {
  package let devices: Set<String>

  /// Reads a table of mounts; lines that are none are passed over.
  package init(mountinfo: some StringProtocol) {
    var devices: Set<String> = []
    for line in mountinfo.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 4, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count,
        fields[dash + 1] == "tmpfs" || fields[dash + 1] == "ramfs"
      else { continue }
      devices.insert(String(fields[2]))
    }
    self.devices = devices
  }

  /// Whether files of a device, as maps spells it in hexadecimal, are memory.
  package func contains(mapsDevice device: Substring) -> Bool {
    let parts = device.split(separator: ":").compactMap { UInt64($0, radix: 16) }
    return parts.count == 2 && devices.contains("\(parts[0]):\(parts[1])")
  }
}
