// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which processes there are: all, or those of a control group.

import Descriptors
import IAADevices
package import SystemPackage

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
    let folder = try errnoOnly {
      try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
    }
    return try folder.takeNames().compactMap { name in
      let terminated: [CChar] = name.map { CChar(bitPattern: $0) } + [0]
      return FilePath.Component(platformString: terminated)
    }
  }
}
