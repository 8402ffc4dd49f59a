// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Why the kernel does not let this process look into another's memory: that of /proc/PID/mem is ptrace's
// permission to attach (ptrace(2), "Ptrace access mode checking"), for root in a container as for anybody.

import IAADevices

/// What this process may do, by its own status and the kernel's settings.
struct RefusedAccess {
  /// A bit of capabilities(7).
  private static let (sysPtrace, sysAdmin) = (19, 21)

  private let user: Int
  private let capabilities: UInt64
  /// kernel.yama.ptrace_scope; nil on a kernel without Yama.
  private let scope: Int?
  private let root: SystemRoot

  init(_ root: SystemRoot) {
    self.root = root
    let status = Self.fields(of: "self", root)
    user = Self.effectiveUser(status) ?? -1
    capabilities = status["CapEff"].flatMap { UInt64($0, radix: 16) } ?? 0
    scope = (try? root.line("/proc/sys/kernel/yama/ptrace_scope")).flatMap { Int($0) }
  }

  /// Whether the kernel tells frames of memory.
  var seesFrames: Bool { has(Self.sysAdmin) }

  /// Why a process may not be looked into, and what would help.
  func reason(process id: Int) -> String {
    if scope == 3 {
      return "kernel.yama.ptrace_scope is 3: nobody may look into a process until the next start"
    }
    if has(Self.sysPtrace) {
      return "refused in spite of CAP_SYS_PTRACE: by a security module, or another user namespace"
    }
    if user == 0 {
      return "root lacks CAP_SYS_PTRACE here, as in a container; --cap-add SYS_PTRACE or the like "
        + "grants it"
    }
    if scope == 2 { return "kernel.yama.ptrace_scope is 2: only CAP_SYS_PTRACE may; root has it" }
    if Self.effectiveUser(Self.fields(of: "\(id)", root)) != user {
      return "of another user; root may read them"
    }
    if scope == 1 {
      return "kernel.yama.ptrace_scope is 1: a user may look into processes that this one started, "
        + "root into all"
    }
    return
      "protected against their own user (set-user-ID, capabilities, PR_SET_DUMPABLE); root may "
      + "read them"
  }

  private func has(_ capability: Int) -> Bool { capabilities >> UInt64(capability) & 1 == 1 }

  /// The lines "name: value" of a process's status; the value is its words after the name.
  private static func fields(of process: String, _ root: SystemRoot) -> [String: String] {
    guard let text = try? root.text("/proc/\(process)/status") else { return [:] }
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 {
        fields[String(parts[0])] = parts[1].split { $0 == " " || $0 == "\t" }.joined(separator: " ")
      }
    }
    return fields
  }

  /// The second of "Uid: real effective saved file-system".
  private static func effectiveUser(_ fields: [String: String]) -> Int? {
    let ids = fields["Uid"]?.split(separator: " ") ?? []
    return ids.count > 1 ? Int(ids[1]) : nil
  }
}
