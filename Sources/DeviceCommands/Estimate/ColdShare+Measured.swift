// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the kernel says of how much memory is cold. None of it is written to: the list of inactive pages
// is kept by reclaim anyway, and Referenced tells of the time since somebody last cleared it.

import IAADevices

extension ColdShare {
  /// The share by the kernel's own account, where that can be read.
  static func measured(
    processes: [Int], groups: [String], isSystem: Bool, _ root: SystemRoot
  ) -> ColdShare? {
    if isSystem { return ofSystem(root) }
    if !groups.isEmpty { return ofGroups(groups, root) }
    return ofProcesses(processes, root)
  }

  private static func ofSystem(_ root: SystemRoot) -> ColdShare? {
    if let found = ofDAMONStatistics(root) { return found }
    guard let text = try? root.text("/proc/meminfo") else { return nil }
    let fields = numbers(text)
    return share(
      fields["Inactive(anon)"], of: fields["Active(anon)"], "Inactive(anon) of /proc/meminfo")
  }

  private static func ofGroups(_ groups: [String], _ root: SystemRoot) -> ColdShare? {
    var (inactive, active) = (0, 0)
    for group in groups {
      guard let text = try? root.text(group + "/memory.stat") else { return nil }
      let fields = numbers(text)
      // Version 1 has those of the groups below in fields of their own.
      guard let off = fields["total_inactive_anon"] ?? fields["inactive_anon"],
        let on = fields["total_active_anon"] ?? fields["active_anon"]
      else { return nil }
      inactive += off
      active += on
    }
    return share(inactive, of: active, "inactive_anon of memory.stat")
  }

  /// From smaps_rollup: what was not referenced since the marks were last cleared, by whomever. The kernel goes
  /// through all of a process's pages for that file, so it is read only where DAMON does not know.
  private static func ofProcesses(_ processes: [Int], _ root: SystemRoot) -> ColdShare? {
    if let found = ofDAMONSchemes(processes, root) { return found }
    var (resident, referenced) = (0, 0)
    for id in processes {
      guard let text = try? root.text("/proc/\(id)/smaps_rollup") else { return nil }
      let fields = numbers(text)
      guard let rss = fields["Rss"], let touched = fields["Referenced"] else { return nil }
      resident += rss
      referenced += touched
    }
    // Where nothing ever cleared the marks all of it counts as touched, but for a few pages that were
    // mapped beside others; that says nothing.
    guard resident > 0, 20 * (resident - referenced) > resident else { return nil }
    return share(
      resident - referenced, of: referenced,
      "not Referenced in smaps_rollup since that was last cleared")
  }

  private static func share(_ cold: Int?, of warm: Int?, _ origin: String) -> ColdShare? {
    guard let cold, let warm, cold >= 0, warm >= 0, cold + warm > 0 else { return nil }
    return ColdShare(share: Double(cold) / Double(cold + warm), origin: origin)
  }

  /// The lines "name: number unit" or "name number".
  private static func numbers(_ text: String) -> [String: Int] {
    var fields: [String: Int] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" || $0 == ":" }
      if words.count >= 2, let number = Int(words[1]) { fields[String(words[0])] = number }
    }
    return fields
  }
}
