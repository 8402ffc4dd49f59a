// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What DAMON knows of cold memory where somebody has it running (Documentation/admin-guide/mm/damon).
// It is read and never set up: a monitor belongs to who started it.

import IAADevices

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension ColdShare {
  /// How long memory has to be idle to count: what DAMON_RECLAIM takes if nobody says otherwise, its min_age.
  private static let coldMilliseconds = 120_000

  /// By DAMON_STAT's percentiles of how long each byte of memory was not used.
  static func ofDAMONStatistics(_ root: SystemRoot) -> ColdShare? {
    let folder = "/sys/module/damon_stat/parameters"
    guard (try? root.line("\(folder)/enabled")) == "Y",
      let line = try? root.line("\(folder)/memory_idle_ms_percentiles")
    else { return nil }
    let percentiles = line.split(separator: ",").compactMap { Int($0) }
    // The 0th to the 100th. All are 0 until the first are known.
    guard percentiles.count == 101, percentiles.contains(where: { $0 != 0 }) else { return nil }
    return ColdShare(
      share: Double(percentiles.dropFirst().count { $0 >= coldMilliseconds }) / 100,
      origin: "not used for 2 minutes or more, of all memory, by DAMON_STAT")
  }

  /// By a scheme of somebody's that selects what is never accessed in just these processes.
  static func ofDAMONSchemes(_ processes: [Int], _ root: SystemRoot) -> ColdShare? {
    let admin = "/sys/kernel/mm/damon/admin/kdamonds"
    for daemon in numbered(root, admin) where (try? root.line("\(daemon)/state")) == "on" {
      for context in numbered(root, "\(daemon)/contexts") {
        let targets = numbered(root, "\(context)/targets").compactMap {
          number(root, "\($0)/pid_target")
        }
        guard Set(targets) == Set(processes) else { continue }
        for scheme in numbered(root, "\(context)/schemes") {
          let pattern = "\(scheme)/access_pattern"
          guard number(root, "\(pattern)/nr_accesses/max") == 0,
            number(root, "\(pattern)/sz/min") ?? 0 <= Page.size,
            let bytes = number(root, "\(scheme)/tried_regions/total_bytes"), bytes > 0,
            let resident = residentBytes(processes, root), resident > 0
          else { continue }
          return ColdShare(
            share: min(1, Double(bytes) / Double(resident)),
            origin: "never accessed by DAMON's scheme \(scheme.dropFirst(admin.count + 1))")
        }
      }
    }
    return nil
  }

  /// What processes have in memory, by the second number of statm, which takes no walk through it.
  private static func residentBytes(_ processes: [Int], _ root: SystemRoot) -> Int? {
    var bytes = 0
    for id in processes {
      let fields = (try? root.line("/proc/\(id)/statm"))?.split(separator: " ") ?? []
      guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
      bytes += pages * Int(getpagesize())
    }
    return bytes
  }

  /// The folders of a folder that are numbers, in order.
  private static func numbered(_ root: SystemRoot, _ path: String) -> [String] {
    root.names(in: path).compactMap { Int($0) }.sorted().map { "\(path)/\($0)" }
  }

  private static func number(_ root: SystemRoot, _ path: String) -> Int? {
    (try? root.line(path)).flatMap { Int($0) }
  }
}
