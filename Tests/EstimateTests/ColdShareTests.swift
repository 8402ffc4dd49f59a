// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import IAADevices
import MemoryEstimate
import Synchronization
import TestSupport
import Testing

@testable import DeviceCommands

@Suite("How much is cold is asked of what the kernel has", .serialized)
struct ColdShareTests {
  @Test("idle marks are set, and those that are left after the time are counted")
  func idleMarks() throws {
    let tree = try Tree()
    // Frames in three words of the bitmap; the marks of others stay as they are.
    let frames: [UInt64] = [3, 4, 63, 64, 130, 131, 132, 191]
    try tree.addProcess(
      7, pages: frames.map { ($0, [UInt8](repeating: UInt8($0), count: 4096)) })
    let bitmap = "sys/kernel/mm/page_idle/bitmap"
    try tree.folder.write([UInt8](repeating: 0, count: 32), to: bitmap)
    let marked = Recorder()
    let run = EstimateTestRun(
      ["--pid", "7", "--root", tree.folder.url.path, "--cold", "2s", "--json"]
    ) { _ in
      guard marked.isFirst, let bytes = try? tree.folder.read(bitmap) else { return }
      marked.note(bytes)
      // The process uses frames 4 and 130.
      var used = bytes
      used[0] &= ~(1 << 4)
      used[16] &= ~(1 << 2)
      _ = try? tree.folder.write(used, to: bitmap)
    }
    #expect(run.code == 0, "\(run.err)")
    let worth = try #require(try run.json()["worth"] as? [String: Any])
    #expect(worth["cold_share"] as? Double == 0.75)
    #expect((worth["cold_origin"] as? String)?.hasPrefix("8 pages tracked for 2 s") == true)
    let bytes = marked.bytes
    let bits = (0..<UInt64(8 * bytes.count)).filter { bit in
      let byte = bytes[Int(bit / 8)]
      return byte >> UInt8(bit % 8) & 1 == 1
    }
    #expect(bits == frames)
  }

  @Test("an interrupted watch is as long as it was, and one that never began says nothing")
  func interruptedWatch() throws {
    let tree = try Tree(["proc/7/smaps_rollup": "Rss: 400 kB\nReferenced: 100 kB\n"])
    try tree.addProcess(7, pages: [(3, [UInt8](repeating: 1, count: 4096))])
    try tree.folder.write(
      [UInt8](repeating: 0, count: 8), to: "sys/kernel/mm/page_idle/bitmap")
    let pauses = Mutex(0)
    let run = EstimateTestRun(
      ["--pid", "7", "--root", tree.folder.url.path, "--cold", "60s", "--json"]
    ) { _ in
      let count = pauses.withLock { count in
        count += 1
        return count
      }
      // Once: a second one would end the tests. It may come a little later, on another thread.
      if count == 13 { kill(getpid(), SIGINT) }
      if count >= 13 { usleep(10_000) }
    }
    #expect(run.code == 130, "\(run.err)")
    let worth = try #require(try run.json()["worth"] as? [String: Any])
    let origin = try #require(worth["cold_origin"] as? String)
    let tenths = pauses.withLock { $0 }
    #expect(tenths >= 13 && tenths < 600)
    let seconds = tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    #expect(origin.contains("tracked for \(seconds) s by"), "\(origin)")
    var random = SeededGenerator(seed: 1)
    var shared = CountedFiles()
    let process = try ProcessPages(
      id: 7, pageSize: 4096, proc: tree.root.locate("/proc"), shared: &shared)
    #expect(throws: IdleTracking.Failure.self) {
      try IdleTracking(tree.root).measure([process], using: &random, wait: { 0 })
    }
  }

  @Test("where idle marks cannot be used, something else is, and the output says why")
  func withoutIdleMarks() throws {
    let tree = try Tree(["proc/7/smaps_rollup": "Rss: 400 kB\nReferenced: 100 kB\n"])
    try tree.addProcess(7, pages: [(3, [UInt8](repeating: 1, count: 4096))])
    func origin() throws -> String {
      let run = EstimateTestRun(
        ["--pid", "7", "--root", tree.folder.url.path, "--cold", "1s", "--json"])
      let worth = try #require(try run.json()["worth"] as? [String: Any])
      #expect(worth["cold_share"] as? Double == 0.75)
      return try #require(worth["cold_origin"] as? String)
    }
    #expect(
      try origin().contains("idle pages could not be tracked: /sys/kernel/mm/page_idle/bitmap: No"))
    // Nothing is written through a link.
    let file = tree.folder.url.appendingPathComponent("elsewhere").path
    try tree.folder.write([0], to: "elsewhere")
    try tree.write("sys/kernel/mm/page_idle/other", "")
    try FileManager.default.createSymbolicLink(
      atPath: tree.folder.url.appendingPathComponent("sys/kernel/mm/page_idle/bitmap").path,
      withDestinationPath: file)
    #expect(try origin().contains("page_idle/bitmap is a link"))
    #expect(try tree.folder.read("elsewhere") == [0])
    // A kernel that tells no frames to who lacks CAP_SYS_ADMIN gives 0 for each.
    try tree.addProcess(7, pages: [(0, [UInt8](repeating: 1, count: 4096))])
    #expect(try origin().contains("CAP_SYS_ADMIN is needed"))
  }

  @Test("DAMON_STAT's percentiles tell the system's share, where it is on and has something")
  func damonStatistics() throws {
    let folder = "sys/module/damon_stat/parameters/"
    // 40 of 100 are idle for two minutes or more; what is below 0 is in use.
    let percentiles = (0...100).map { $0 <= 20 ? -500 : $0 <= 60 ? 119_999 : 120_000 }
    let text = percentiles.map(String.init).joined(separator: ",")
    let meminfo = "Active(anon): 300 kB\nInactive(anon): 100 kB\n"
    func share(_ enabled: String, _ text: String) throws -> ColdShare? {
      let tree = try Tree([
        folder + "enabled": enabled, folder + "memory_idle_ms_percentiles": text,
        "proc/meminfo": meminfo,
      ])
      return ColdShare.measured(processes: [1], groups: [], isSystem: true, tree.root)
    }
    let found = try #require(try share("Y\n", text + "\n"))
    #expect(found.share == 0.4 && found.origin.contains("DAMON_STAT"))
    let zeros = [String](repeating: "0", count: 101).joined(separator: ",")
    for (enabled, text) in [("N\n", text), ("Y\n", zeros), ("Y\n", "1,2,3")] {
      let found = try #require(try share(enabled, text))
      #expect(found.share == 0.25 && found.origin.contains("Inactive(anon)"))
    }
  }

  @Test("a scheme of DAMON's for what is never accessed tells the share of just its processes")
  func damonSchemes() throws {
    let context = "sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/"
    let tree = try Tree([
      "sys/kernel/mm/damon/admin/kdamonds/0/state": "on\n",
      context + "targets/0/pid_target": "7\n",
      context + "schemes/0/access_pattern/nr_accesses/max": "5\n",
      context + "schemes/0/tried_regions/total_bytes": "4096\n",
      context + "schemes/1/access_pattern/nr_accesses/max": "0\n",
      context + "schemes/1/access_pattern/sz/min": "4096\n",
      context + "schemes/1/tried_regions/total_bytes": "204800\n",
      // 400 KiB in memory.
      "proc/7/statm": "300 100 50 1 0 90 0\n", "proc/8/statm": "300 100 50 1 0 90 0\n",
    ])
    let found = try #require(
      ColdShare.measured(processes: [7], groups: [], isSystem: false, tree.root))
    #expect(found.share == 0.5 && found.origin.contains("0/contexts/0/schemes/1"))
    // What the kernel walks through a process for is not asked for where that is known.
    #expect((try? tree.root.text("/proc/7/smaps_rollup")) == nil)
    for (id, referenced) in [(7, 100), (8, 400)] {
      try tree.write(
        "proc/\(id)/smaps_rollup", "Rss: 400 kB\nReferenced: \(referenced) kB\n")
    }
    // The monitor sees one of the two only.
    let two = try #require(
      ColdShare.measured(processes: [7, 8], groups: [], isSystem: false, tree.root))
    #expect(two.share == 0.375 && two.origin.contains("smaps_rollup"))
    try tree.write("sys/kernel/mm/damon/admin/kdamonds/0/state", "off\n")
    let off = try #require(
      ColdShare.measured(processes: [7], groups: [], isSystem: false, tree.root))
    #expect(off.share == 0.75)
  }

  @Test("what nobody ever cleared the marks of is not taken for hot")
  func neverCleared() throws {
    let tree = try Tree([
      "proc/7/smaps_rollup": "Rss: 400 kB\nReferenced: 396 kB\n",
      "proc/8/smaps_rollup": "Rss: 400 kB\nReferenced: 360 kB\n",
    ])
    func share(_ id: Int) -> Double? {
      ColdShare.measured(processes: [id], groups: [], isSystem: false, tree.root)?.share
    }
    #expect(share(7) == nil && share(8) == 0.1)
  }

  @Test("a control group's share is of both versions of memory.stat, with the groups below")
  func groups() throws {
    let tree = try Tree([
      "sys/fs/cgroup/two/memory.stat": "anon 5\ninactive_anon 100\nactive_anon 300\n",
      "sys/fs/cgroup/memory/one/memory.stat":
        "inactive_anon 1\nactive_anon 1\ntotal_inactive_anon 300\ntotal_active_anon 100\n",
    ])
    func share(_ group: String) -> Double? {
      ColdShare.measured(processes: [], groups: [group], isSystem: false, tree.root)?.share
    }
    #expect(share("/sys/fs/cgroup/two") == 0.25)
    #expect(share("/sys/fs/cgroup/memory/one") == 0.75)
    #expect(share("/sys/fs/cgroup/none") == nil)
  }

  @Test("memory pressure is the system's, or that of the control group under most of it")
  func pressure() throws {
    func text(_ average: String) -> String {
      "some avg10=0.00 avg60=1.00 avg300=\(average) total=5\nfull avg10=0.00 avg300=9.00\n"
    }
    let tree = try Tree([
      "proc/pressure/memory": text("2.50"), "sys/fs/cgroup/a/memory.pressure": text("1.00"),
      "sys/fs/cgroup/b/memory.pressure": text("40.00"),
    ])
    #expect(MemoryPressure(groups: [], tree.root)?.share == 0.025)
    let groups = ["/sys/fs/cgroup/a", "/sys/fs/cgroup/b"]
    #expect(MemoryPressure(groups: groups, tree.root)?.share == 0.4)
    let (none, broken) = (try Tree(), try Tree(["proc/pressure/memory": "some avg300=x\n"]))
    defer { withExtendedLifetime((none, broken)) {} }
    #expect(MemoryPressure(groups: [], none.root) == nil)
    #expect((try? broken.root.text("/proc/pressure/memory")) != nil)
    #expect(MemoryPressure(groups: [], broken.root) == nil)
  }
}

/// What a pause saw first.
private final class Recorder: @unchecked Sendable {
  // SAFETY: used by the thread of the run alone.
  private(set) var bytes: [UInt8] = []
  var isFirst: Bool { bytes.isEmpty }
  func note(_ bytes: [UInt8]) { self.bytes = bytes }
}
