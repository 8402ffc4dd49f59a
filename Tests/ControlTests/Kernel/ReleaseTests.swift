// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What has to come before the queues are taken that zswap reads its pages back by.

import IAADevices
import Testing

@Suite("zswap lets its pages go before their queues are taken")
struct ReleaseTests {
  private static let inUse = "iaa_crypto is in use (8 users), by zswap most likely"

  @Test("`zswap restore` is advised only where another compressor is saved")
  func restore() throws {
    for (saved, isAdvised) in [
      ("", false), ("/sys/module/zswap/parameters/compressor zstd", true),
      ("/sys/module/zswap/parameters/compressor deflate-iaa", false),
    ] {
      let files = try changed(
        "zswap-in-use", saved.isEmpty ? "" : "/run/deflate-iaa/zswap.saved = \(saved)")
      for line in ["disable --all", "configure --user 1"] {
        let run = CommandRun(line, on: files)
        #expect(run.code == 1 && run.err.contains(Self.inUse), "\(run.err)")
        #expect(run.err.contains("zswap restore") == isAdvised, "\(run.err)")
        #expect(run.err.contains("echo lzo | sudo tee") != isAdvised)
        // Pages that are compressed already are behind the queues with any compressor.
        #expect(run.err.contains("sudo swapoff -a && sudo swapon -a"))
      }
    }
  }

  @Test("the compressor that takes over is one that the kernel lists")
  func compressor() throws {
    let files = try changed("zswap-in-use", "/proc/crypto = name : zstd\\ndriver : deflate-iaa")
    #expect(CommandRun("disable --all", on: files).err.contains("echo zstd | sudo tee"))
  }

  @Test("each line that `attributes` prints is taken, in its order, while zswap uses the devices")
  func attributes() throws {
    let files = MemoryFiles(try Listing("zswap-in-use"), reacting: true)
    let before = Topology(files.root).cryptoQueues().map { "\($0.name)" }
    let refused = CommandRun("attributes --sync-mode async", on: files)
    #expect(refused.code == 1 && files.writes.isEmpty)
    let lines = refused.err.split(separator: "\n").dropFirst().map {
      $0.replacing("deflate-iaa:   ", with: "")
    }
    #expect(
      lines == [
        "echo lzo | sudo tee /sys/module/zswap/parameters/compressor",
        "sudo swapoff -a && sudo swapon -a",
        "sudo deflate-iaa disable --reload iax1 iax3 iax5 iax7",
        "sudo deflate-iaa attributes --sync-mode async",
        "sudo deflate-iaa configure --default --no-reload iax1 iax3 iax5 iax7",
        "sudo deflate-iaa zswap enable",
      ])
    for line in lines {
      if line.hasPrefix("echo") {
        try files.root.write("lzo", to: "/sys/module/zswap/parameters/compressor")
      } else if line.hasPrefix("sudo swapoff") {
        // The last page is back, and zswap's references with it.
        files.state.withLock { $0.entries["/sys/module/iaa_crypto/refcnt"] = .text("1") }
      } else {
        let words = line.split(separator: " ").dropFirst(2).map(String.init)
        let run = CommandRun(words, on: files.root)
        #expect(run.code == 0, "\(line): \(run.err)")
      }
    }
    #expect(files.texts["/sys/bus/dsa/drivers/crypto/sync_mode"] == "async")
    #expect(Topology(files.root).cryptoQueues().map { "\($0.name)" } == before)
    #expect(Zswap(files.root).state.usesIAA)
  }

  @Test("a set-up that is not the driver's own is saved and loaded, and not replaced by that")
  func otherSetup() throws {
    let files = try changed("zswap-in-use", "/sys/bus/dsa/devices/iax3/wq3.0/priority = 3")
    let run = CommandRun("attributes --verify-compress 0", on: files)
    #expect(run.err.contains("deflate-iaa configure --save iaa-devices.conf"), "\(run.err)")
    #expect(run.err.contains("configure --load iaa-devices.conf --no-reload"))
    #expect(!run.err.contains("--default"))
  }

  @Test("attributes tells of processes and of kernels that stand in its way")
  func obstacles() throws {
    let crash = CommandRun(
      "attributes --sync-mode async", on: MemoryFiles(try Listing("linux-6.12.80")))
    #expect(crash.code == 1 && crash.err.contains("may crash this kernel"))
    #expect(!crash.err.contains("sudo "))
    let busy = try changed(
      "zswap-in-use",
      "/sys/bus/dsa/devices/iax1/wq1.1/type = user\n/sys/bus/dsa/devices/iax1/wq1.1/size = 8\n"
        + "/sys/bus/dsa/devices/iax1/wq1.1/state = enabled\n/sys/bus/dsa/devices/iax1/wq1.1/clients = 2"
    )
    let run = CommandRun("attributes --sync-mode async", on: busy)
    #expect(
      run.err.contains("When the processes that use wq1.1 have ended, in this order:"), "\(run.err)"
    )
  }

  @Test("after attributes were set, devices that serve user space are not offered to the kernel")
  func next() throws {
    let files = try changed(
      "example",
      "/sys/bus/dsa/devices/iax3/state = disabled\n/sys/bus/dsa/devices/iax3/wq3.0/state = disabled"
    )
    let run = CommandRun("attributes --verify-compress 0", on: files)
    #expect(run.code == 0, "\(run.err)")
    #expect(
      run.out.hasSuffix("  sudo deflate-iaa configure --default --no-reload iax3 iax5 iax7\n"),
      "\(run.out)")
  }
}
