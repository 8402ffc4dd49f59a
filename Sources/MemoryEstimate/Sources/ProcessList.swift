// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which processes there are: all, or those of a control group.

import IAADevices
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

package enum ProcessList {
  /// The processes below a mount of proc, ascending.
  ///
  /// - Throws: the errno of opendir(3).
  package static func all(proc: String = "/proc") throws(Errno) -> [Int] {
    try names(in: proc.unescapedPath).compactMap { Int($0.string) }.sorted()
  }

  /// The processes of a control group and of those below it, ascending (cgroups(7), cgroup.procs).
  ///
  /// - Throws: the errno of the group's own cgroup.procs; groups below that vanish are left out.
  package static func ofGroup(_ path: FilePath) throws(Errno) -> [Int] {
    var found = Set(try processes(in: path))
    var waiting = [path]
    while let folder = waiting.popLast() {
      for name in (try? names(in: folder)) ?? [] {
        let below = folder.appending(name)
        guard let ids = try? processes(in: below) else { continue }
        found.formUnion(ids)
        waiting.append(below)
      }
    }
    return found.sorted()
  }

  private static func processes(in group: FilePath) throws(Errno) -> [Int] {
    try PageReader(group.appending("cgroup.procs")).text()
      .split(separator: "\n").compactMap { Int($0) }
  }

  /// The names in a folder but "." and "..", byte for byte: groups are named by whoever makes them.
  private static func names(in path: FilePath) throws(Errno) -> [FilePath.Component] {
    // SAFETY: the path is NUL-terminated for the call; the stream is closed once, in this scope.
    guard let stream = unsafe path.withPlatformString({ unsafe opendir($0) }) else {
      throw Errno(rawValue: errno)
    }
    defer { unsafe closedir(stream) }
    var names: [FilePath.Component] = []
    // SAFETY: an entry is used only before the next readdir on this stream, and its name ends with NUL.
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe name.withMemoryRebound(to: CChar.self, capacity: 1) {
          unsafe FilePath.Component(platformString: $0)
        }
      }
      if let name, name.kind == .regular { names.append(name) }
    }
    return names
  }
}
