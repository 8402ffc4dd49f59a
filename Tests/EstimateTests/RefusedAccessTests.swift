// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import DeviceCommands

@Suite("Why a process cannot be read is said as it is")
struct RefusedAccessTests {
  static let all: UInt64 = 0x1ff_ffff_ffff
  /// What a container's root has by default: neither CAP_SYS_PTRACE nor CAP_SYS_ADMIN.
  static let container: UInt64 = 0xa804_25fb

  static let cases: [(user: Int, capabilities: UInt64, scope: String?, owner: Int, words: String)] =
    [
      (0, container, nil, 1000, "root lacks CAP_SYS_PTRACE here"),
      (0, container, "1", 0, "root lacks CAP_SYS_PTRACE here"),
      (0, all, nil, 1000, "in spite of CAP_SYS_PTRACE"),
      (1000, 0, nil, 0, "of another user; root may"),
      (1000, 0, "1", 1000, "kernel.yama.ptrace_scope is 1"),
      (1000, 0, "0", 1000, "PR_SET_DUMPABLE"),
      (1000, 0, nil, 1000, "PR_SET_DUMPABLE"),
      (1000, 0, "2", 1000, "kernel.yama.ptrace_scope is 2"),
      (0, all, "3", 0, "kernel.yama.ptrace_scope is 3"),
    ]

  @Test("by user, capabilities and the kernel's setting", arguments: cases)
  func reasons(user: Int, capabilities: UInt64, scope: String?, owner: Int, words: String) throws {
    var files = [
      "proc/self/status":
        "Name:\tx\nUid:\t9\t\(user)\t9\t9\nCapEff:\t\(String(capabilities, radix: 16))\n",
      "proc/7/status": "Name:\ty\nUid:\t\(owner)\t\(owner)\t\(owner)\t\(owner)\n",
    ]
    files["proc/sys/kernel/yama/ptrace_scope"] = scope.map { $0 + "\n" }
    let tree = try Tree(files)
    // A temporary's folder would go before it is read.
    defer { withExtendedLifetime(tree) {} }
    let access = RefusedAccess(tree.root)
    #expect(access.reason(process: 7).contains(words), "\(access.reason(process: 7))")
    #expect(access.seesFrames == (capabilities == Self.all))
  }
}
