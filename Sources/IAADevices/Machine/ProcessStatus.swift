// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// The lines "name: words" of /proc/PID/status (proc_pid_status(5)).
package struct ProcessStatus: Sendable {
  private var fields: [Substring: [Substring]] = [:]

  /// Reads a status; lines without a name are passed over.
  package init(_ text: String) {
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon]] = line[line.index(after: colon)...].split(
        whereSeparator: \.isWhitespace)
    }
  }

  /// That of a process, or of "self"; nil where it cannot be read.
  package init?(of process: String, _ root: SystemRoot) {
    guard let text = try? root.text("/proc/\(process)/status") else { return nil }
    self.init(text)
  }

  /// What "Uid" and "Gid" have, in their order.
  package enum Role: Int { case real, effective, saved, fileSystem }

  /// The user that a process is in a role; nil where that is not told.
  package func userID(_ role: Role) -> UInt32? { id("Uid", role) }

  /// The group likewise.
  package func groupID(_ role: Role) -> UInt32? { id("Gid", role) }

  /// The supplementary groups.
  package var groupIDs: [UInt32] { (fields["Groups"] ?? []).compactMap { UInt32($0) } }

  /// Bit n is capability n of capabilities(7), of the effective ones.
  package var capabilities: UInt64? { fields["CapEff"]?.first.flatMap { UInt64($0, radix: 16) } }

  private func id(_ name: Substring, _ role: Role) -> UInt32? {
    guard let ids = fields[name], ids.count == 4 else { return nil }
    return UInt32(ids[role.rawValue])
  }
}
