// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The share of processor time that a container's control groups allow (cgroups(7)). Every group from
// the process's own up to the root that is to be seen may have a quota, and the least one counts.
// Within a container the root is the container's own group, and the process's path may be one of the
// host's that is not there: what cannot be read sets no limit.

/// Quotas of processor time.
enum ProcessorQuota {
  /// Bytes read of a file at most. The longest is /proc/self/cgroup: a line for each hierarchy, a
  /// dozen at most, with a path.
  private static let maximumByteCount = 64 << 10

  /// Processors that the least quota keeps busy.
  ///
  /// - Parameter root: Where /proc and /sys are looked for, without a slash at the end.
  /// - Returns: Their number, rounded up, at least 1; nil where there is no quota.
  static func processors(root: [UInt8] = []) -> Int? {
    guard let groups = read(root, "/proc/self/cgroup") else { return nil }
    var least: Int?
    for line in groups.split(separator: UInt8(ascii: "\n")) {
      // "hierarchy-ID:controller-list:cgroup-path".
      let fields = line.split(
        separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let controllers = fields[1].split(separator: UInt8(ascii: ","))
      let isUnified = fields[0].elementsEqual("0".utf8) && controllers.isEmpty
      guard isUnified || controllers.contains(where: { $0.elementsEqual("cpu".utf8) }) else {
        continue
      }
      // Where systemd and container engines mount them; the second is what the first leads to, or
      // the unified one beside those of version 1.
      let mounts =
        isUnified
        ? ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        : ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"]
      for mount in mounts {
        for group in pathsUpwards(from: fields[2]) {
          let folder = root + Array(mount.utf8) + group
          let quota = isUnified ? unified(folder) : version1(folder)
          if let quota { least = min(least ?? .max, quota) }
        }
      }
    }
    return least
  }

  /// A group's path and those of all groups above it, the root's "" last. What leads out of the root
  /// that is to be seen has only that.
  private static func pathsUpwards(from path: ArraySlice<UInt8>) -> [[UInt8]] {
    let names = path.split(separator: UInt8(ascii: "/"))
    guard !names.contains(where: { $0.elementsEqual("..".utf8) }) else { return [[]] }
    return (0...names.count).reversed().map { count in
      names[..<count].flatMap { [UInt8(ascii: "/")] + $0 }
    }
  }

  /// Version 2: "$MAX $PERIOD" in microseconds, or "max".
  private static func unified(_ folder: [UInt8]) -> Int? {
    guard let bytes = read(folder, "/cpu.max") else { return nil }
    let words = bytes.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    guard words.count == 2, let quota = number(words[0]), let period = number(words[1]) else {
      return nil
    }
    return processors(quota: quota, period: period)
  }

  /// Version 1: a file for each; -1 is no quota.
  private static func version1(_ folder: [UInt8]) -> Int? {
    guard let quota = read(folder, "/cpu.cfs_quota_us").flatMap({ number($0[...]) }),
      let period = read(folder, "/cpu.cfs_period_us").flatMap({ number($0[...]) })
    else { return nil }
    return processors(quota: quota, period: period)
  }

  private static func processors(quota: Int, period: Int) -> Int? {
    guard quota > 0, period > 0 else { return nil }
    return (quota - 1) / period + 1
  }

  private static func number(_ text: ArraySlice<UInt8>) -> Int? {
    Int(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  private static func read(_ folder: [UInt8], _ name: String) -> [UInt8]? {
    DescriptorIO.content(ofFileAt: folder + Array(name.utf8), maximumCount: maximumByteCount)
  }
}
