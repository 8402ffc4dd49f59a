// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// zswap and user space want the same devices: what the one has is not the other's to fix.

import IAADevices
import Testing

@Suite("The doctor knows whom it is asked for")
struct GoalTests {
  @Test("zswap at work on the default configuration is ready, and nothing is to fix")
  func zswapAtWork() throws {
    let run = CommandRun("doctor", on: MemoryFiles(try Listing("zswap-in-use")))
    #expect(run.code == 0)
    #expect(run.out.hasPrefix("For zswap: a guess"))
    #expect(run.out.contains("zswap compresses by wq1.0, wq3.0, wq5.0, wq7.0"))
    #expect(!run.out.contains("configure --user"))
    #expect(!run.out.contains("problem"))
  }

  @Test(
    "the guess follows what is set up",
    arguments: [
      ("zswap-in-use", "", Goal.zswap), ("default-configuration", "", .user),
      ("example", "", .user),
      (
        "example",
        "/sys/module/zswap/parameters/enabled = Y\n"
          + "/sys/module/zswap/parameters/compressor = deflate-iaa-dynamic", .all
      ),
      ("zswap-in-use", "/sys/module/zswap/parameters/enabled = N", .user),
      ("zswap-in-use", "/sys/module/zswap/parameters/compressor = zstd", .user),
    ])
  func guess(fixture: String, changes: String, goal: Goal) throws {
    let doctor = Doctor(try changed(fixture, changes).root)
    #expect(doctor.goal == goal && doctor.guess != nil)
    #expect(Doctor(try changed(fixture, changes).root, for: .all).guess == nil)
  }

  @Test("legacy mode is enough for zswap")
  func legacy() throws {
    let files = try changed(
      "legacy-iommu",
      "/sys/module/zswap/parameters/enabled = Y\n"
        + "/sys/module/zswap/parameters/compressor = deflate-iaa")
    #expect(CommandRun("doctor -q --for zswap", on: files).code == 0)
    #expect(CommandRun("doctor -q --for user", on: files).code == 1)
    #expect(try finding("PASID", in: files, for: .zswap).status == .aside)
    #expect(try finding("PASID", in: files, for: .user).status == .problem)
  }

  /// name, change, and what the remedy does.
  static let shortcomings: [(String, String, String)] = [
    ("zswap", "/sys/module/zswap/parameters/enabled = N", "zswap enable"),
    ("zswap", "/sys/module/zswap/parameters/compressor = lzo", "zswap enable"),
    ("/proc/crypto", "/proc/crypto = name : lzo", "configure --default"),
    ("swap areas", "/proc/swaps = Filename Type Size Used Priority", "swapon"),
  ]

  @Test("what zswap lacks is found for zswap only", arguments: shortcomings.indices)
  func shortcoming(index: Int) throws {
    let (name, change, word) = Self.shortcomings[index]
    let files = try changed("zswap-in-use", change)
    let found = try finding(name, in: files, for: .zswap)
    #expect(found.isBlocking && found.remedy?.contains(word) == true, "\(found)")
    #expect(try finding(name, in: files, for: .user).status != .problem)
  }

  @Test("whoever wants user queues beside zswap is shown a way that keeps zswap's pages")
  func besideZswap() throws {
    let files = MemoryFiles(try Listing("zswap-in-use"), reacting: true)
    let found = try finding("holders", in: files, for: .user)
    #expect(found.remedy?.hasSuffix("configure --user 1 iax7") == true, "\(found)")
    // The other devices keep their queues, so the driver's users are no obstacle.
    let run = CommandRun("configure --user 1 iax7", on: files)
    #expect(run.code == 0, "\(run.err)")
    let after = Topology(files.root)
    #expect(after.cryptoQueues().map { "\($0.name)" } == ["wq1.0", "wq3.0", "wq5.0"])
    // The last ones are not given up without a word.
    #expect(CommandRun("configure --user 1", on: files).code == 1)
    let one = try changed(
      "zswap-in-use",
      [3, 5, 7].map { "remove /sys/bus/dsa/devices/iax\($0)" }.joined(separator: "\n"))
    #expect(try finding("holders", in: one, for: .user).remedy?.contains("swapoff -a") == true)
    #expect(CommandRun("configure --user 1", on: one).code == 1)
  }
}

@Suite("Virtual machines, containers and pods")
struct ConfinementTests {
  @Test("a guest without an IOMMU is sent to its host, and told what is left")
  func guest() throws {
    let run = CommandRun("doctor", on: MemoryFiles(try Listing("virtual-machine")))
    #expect(run.code == 1)
    #expect(run.out.contains("this virtual machine has no IOMMU"))
    #expect(run.out.contains("doctor --for zswap"))
    #expect(!run.out.contains("BIOS, turn on") && !run.out.contains("boot with intel_iommu"))
    // With nothing on the command line it is no help to put it there.
    let bare = try changed("virtual-machine", "/proc/cmdline = quiet")
    #expect(try finding("command line", in: bare).remedy == nil)
  }

  @Test("the same guest can serve zswap")
  func guestForZswap() throws {
    let files = try changed(
      "virtual-machine",
      "/sys/module/zswap/parameters/enabled = Y\n"
        + "/sys/module/zswap/parameters/compressor = deflate-iaa")
    #expect(CommandRun("doctor -q", on: files).code == 0)
  }

  @Test("no remedy asks for what the command line has")
  func nothingTwice() throws {
    for name in Listing.names + Listing.machines {
      for line in ["intel_iommu=on,sm_on", "quiet intel_iommu=on intel_iommu=sm_on"] {
        let files = try changed(
          name, "/proc/cmdline = \(line)\n/sys/bus/dsa/devices/*/pasid_enabled = 0")
        for finding in Doctor(files.root, for: .user).examine().flatMap(\.findings) {
          #expect(finding.remedy?.contains("intel_iommu=") != true, "\(name): \(finding)")
        }
      }
    }
  }

  @Test("a pod is told what it was granted, and how to ask")
  func pod() throws {
    let files = MemoryFiles(try Listing("pod"))
    let found = try finding("container", in: files)
    #expect(found.reason.contains("granted wq1.0 (iaa.intel.com/wq-user-shared)"))
    // Another pod's queue is nothing to repair here.
    #expect(try finding("device files", in: files).status == .ok)
    #expect(CommandRun("doctor -q", on: files).code == 0)
    for path in ["/dev/iax", "/dev/iax/wq1.0"] {
      let other = path == "/dev/iax" ? "" : "\ndevice 0660 /dev/iax/wq9.0"
      let none = try changed("pod", "remove \(path)" + other)
      let name = path == "/dev/iax" ? "container" : "device files"
      let remedy = try #require(try finding(name, in: none).remedy)
      #expect(remedy.contains("iaa.intel.com/wq-user-shared: 1"))
      #expect(remedy.contains("iaa.intel.com/wq-user-dedicated: 1"))
      #expect(CommandRun("doctor -q", on: none).code == 1)
    }
  }
}
