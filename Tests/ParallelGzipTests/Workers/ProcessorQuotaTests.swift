// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Quotas of control groups, from trees as the kernel and container engines show them.

import Foundation
import TestSupport
import Testing

@testable import ParallelGzip

/// What the quota is in a tree of such files.
private func processors(_ files: [String: String]) throws -> Int? {
  let folder = try Folder()
  for (path, content) in files {
    let url = folder.url.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try content.write(to: url, atomically: false, encoding: .utf8)
  }
  return ProcessorQuota.processors(root: Array(folder.path.utf8))
}

/// A version 2 tree whose process is in `group`.
private func unified(_ group: String, _ limits: [String: String]) throws -> Int? {
  var files = ["proc/self/cgroup": "0::\(group)\n"]
  for (path, limit) in limits { files["sys/fs/cgroup\(path)/cpu.max"] = limit }
  return try processors(files)
}

/// A version 1 tree whose process is in `group`.
private func version1(
  _ group: String, _ limits: [String: (quota: String, period: String)], mount: String = "cpu",
  controllers: String = "cpu,cpuacct"
) throws -> Int? {
  var files = ["proc/self/cgroup": "12:pids:/p\n4:\(controllers):\(group)\n1:name=systemd:/s\n"]
  for (path, limit) in limits {
    files["sys/fs/cgroup/\(mount)\(path)/cpu.cfs_quota_us"] = limit.quota
    files["sys/fs/cgroup/\(mount)\(path)/cpu.cfs_period_us"] = limit.period
  }
  return try processors(files)
}

@Suite("Quotas of processor time")
struct ProcessorQuotaTests {
  @Test(
    "cpu.max is rounded up to whole processors",
    arguments: [
      ("200000 100000\n", 2), ("150000 100000\n", 2), ("100001 100000", 2), ("1000 100000\n", 1),
      ("400000 50000\n", 8), ("\(Int.max) 1\n", Int.max),
    ])
  func unifiedLimit(_ limit: String, _ count: Int) throws {
    #expect(try unified("/a", ["/a": limit]) == count)
  }

  @Test(
    "what is no quota sets no limit",
    arguments: [
      "max 100000\n", "", "\n", "100000\n", "100000 0\n", "0 100000\n", "-5 100000\n", "a b\n",
      "100000 100000 1\n", "99999999999999999999 1\n", String(repeating: "1 1\n", count: 20_000),
    ])
  func noLimit(_ text: String) throws {
    #expect(try unified("/a", ["/a": text]) == nil)
    // Nor does it hide another.
    #expect(try unified("/a", ["/a": text, "": "300000 100000\n"]) == 3)
  }

  @Test("the least quota counts of the process's group and all above it")
  func nested() throws {
    let limits = ["/a/b/c": "max 100000\n", "/a/b": "800000 100000\n", "/a": "350000 100000\n"]
    #expect(try unified("/a/b/c", limits) == 4)
    #expect(try unified("/a/b/c", limits.merging(["/a/b/c": "1 1"]) { $1 }) == 1)
    // One beside them does not.
    #expect(try unified("/x", limits.merging(["/x": "max 100000"]) { $1 }) == nil)
  }

  @Test("within a container the root's counts, whatever the process's path is on the host")
  func container() throws {
    #expect(try unified("/docker/0123", ["": "250000 100000\n"]) == 3)
    #expect(try unified("/", ["": "250000 100000\n"]) == 3)
    #expect(try unified("/../../a", ["": "250000 100000\n", "/a": "1 1"]) == 3)
    #expect(try version1("/docker/0123", ["": ("250000\n", "100000\n")]) == 3)
  }

  @Test("version 1 has the two numbers in files of their own, and -1 for none")
  func version1Limit() throws {
    let limit = (quota: "150000\n", period: "100000\n")
    #expect(try version1("/a", ["/a": limit]) == 2)
    #expect(try version1("/a", ["/a": limit], mount: "cpu,cpuacct") == 2)
    #expect(try version1("/a", ["/a": limit], controllers: "cpuset,cpu") == 2)
    #expect(try version1("/a/b", ["/a": limit, "/a/b": ("-1\n", "100000\n")]) == 2)
    #expect(try version1("/a", ["/a": ("-1\n", "100000\n")]) == nil)
    #expect(try version1("/a", ["/a": ("x\n", "100000\n")]) == nil)
    #expect(try version1("/a", ["/a": limit], controllers: "cpuset,cpuacct") == nil)
  }

  @Test("where both versions are, both are looked at")
  func hybrid() throws {
    let files = [
      "proc/self/cgroup": "3:cpu:/a\n0::/u\n",
      "sys/fs/cgroup/unified/u/cpu.max": "300000 100000\n",
      "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "700000\n",
      "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n",
    ]
    #expect(try processors(files) == 3)
  }

  @Test("without control groups, or with files that are none, there is no quota")
  func absent() throws {
    #expect(try processors([:]) == nil)
    #expect(try processors(["proc/self/cgroup": "nonsense\n:\n::\n0:\n"]) == nil)
    #expect(try processors(["proc/self/cgroup": "0::/\n"]) == nil)
    let folder = try Folder()
    for (name, content) in [("proc/self/cgroup", "0::/\n"), ("sys/fs/cgroup/x", "")] {
      let url = folder.url.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try content.write(to: url, atomically: false, encoding: .utf8)
    }
    // SAFETY: the path is a string that ends with NUL and outlives the call.
    #expect(unsafe mkfifo("\(folder.path)/sys/fs/cgroup/cpu.max", 0o600) == 0)
    #expect(ProcessorQuota.processors(root: Array(folder.path.utf8)) == nil)
  }
}
