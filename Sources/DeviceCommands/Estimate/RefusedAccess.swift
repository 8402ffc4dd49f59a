// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Why the kernel does not let this process look into another's memory: that of /proc/PID/mem is ptrace's
// permission to attach (ptrace(2), "Ptrace access mode checking"), for root in a container as for anybody.

import IAADevices

/// What this process may do, by its own status and the kernel's settings.
struct RefusedAccess {
  /// A bit of capabilities(7).
  private static let (sysPtrace, sysAdmin) = (19, 21)

  private let user: UInt32?
  private let capabilities: UInt64
  /// kernel.yama.ptrace_scope; nil on a kernel without Yama.
  private let scope: Int?
  private let root: SystemRoot

  init(_ root: SystemRoot) {
    self.root = root
    let status = ProcessStatus(of: "self", root)
    user = status?.userID(.effective)
    capabilities = status?.capabilities ?? 0
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
    if user == nil || ProcessStatus(of: "\(id)", root)?.userID(.effective) != user {
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
}
