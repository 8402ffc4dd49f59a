// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// zswap: what is written, what is put back, what status says, and the documented test.

import DeviceCommands
import Foundation
import IAADevices
import Testing

@Suite struct ZswapTests {
  @Test("enable sets the compressor, the allocator and enabled, and nothing else")
  func enableSetsTheCompressor() throws {
    let files = MemoryFiles(try Listing("example"))
    let run = CommandRun("zswap enable", on: files)
    #expect(run.code == 0 && run.err.isEmpty, "\(run.err)")
    let parameters = "/sys/module/zswap/parameters/"
    #expect(
      files.writes == [
        .init(path: parameters + "enabled", value: "0"),
        .init(path: parameters + "compressor", value: "deflate-iaa"),
        .init(path: parameters + "zpool", value: "zsmalloc"),
        .init(path: parameters + "enabled", value: "1"),
      ])
  }

  @Test("the dynamic compressor is taken where the kernel has it, and refused where not")
  func dynamicCompressor() throws {
    let line = "zswap enable --compressor deflate-iaa-dynamic"
    let without = MemoryFiles(try Listing("example"))
    let refused = CommandRun(line, on: without)
    #expect(refused.code == 1 && refused.err.contains("this kernel has deflate-iaa"))
    #expect(without.writes.isEmpty)
    var listing = try Listing("example")
    try listing.read(
      "/proc/crypto = name : deflate\\ndriver : deflate-iaa\\nname : deflate\\n"
        + "driver : deflate-iaa-dynamic")
    let files = MemoryFiles(listing)
    #expect(CommandRun(line, on: files).code == 0)
    #expect(files.texts["/sys/module/zswap/parameters/compressor"] == "deflate-iaa-dynamic")
    let status = CommandRun("zswap status", on: files).out
    #expect(status.contains("deflate-iaa deflate-iaa-dynamic"))
    #expect(status.contains("zswap compresses with deflate-iaa-dynamic, so by IAA."))
    #expect(CommandRun("zswap enable --compressor lzo", on: files).code == 1)
  }

  @Test(
    "swap that zswap is of no use to is named, and set-up goes on",
    arguments: [
      ("", "no swap area is on"), ("/dev/zram0 partition 8 0 100", "swap is on zram only"),
      ("/dev/zram0 partition 8 0 100\\n/dev/sda3 partition 8 0 -2", nil),
    ])
  func swapOfNoUse(areas: String, message: String?) throws {
    var listing = try Listing("example")
    try listing.read("/proc/swaps = Filename Type Size Used Priority\\n\(areas)")
    for line in ["zswap enable", "zswap enable -n"] {
      let run = CommandRun(line, on: MemoryFiles(listing))
      #expect(run.code == 0)
      #expect(message.map(run.err.contains) ?? run.err.isEmpty, "\(run.err)")
    }
    let status = CommandRun("zswap status", on: MemoryFiles(listing))
    #expect(message.map(status.out.contains) ?? !status.out.contains("Mind"), "\(status.out)")
  }

  @Test(
    "doctor and status read the statistics under either name, and name the cause when they cannot",
    arguments: [
      ("", "can be read", nil),
      (
        "remove /sys/kernel/debug\n/sys/kernel/debug = <directory>", "debugfs is not mounted",
        "mount -t debugfs"
      ),
      ("/sys/kernel/debug/iaa_crypto = <EACCES>", "only root may read", nil),
      (
        "remove /sys/kernel/debug/iaa_crypto\nremove /sys/module/iaa_crypto\n"
          + "remove /sys/bus/dsa/drivers/crypto", "iaa_crypto is not loaded", nil
      ),
      (
        "remove /sys/kernel/debug/iaa_crypto\n/sys/kernel/debug/sched = 1\n"
          + "/boot/config-6.9.1-example = CONFIG_INTEL_IDXD=m",
        "the kernel was built without CONFIG_CRYPTO_DEV_IAA_CRYPTO_STATS", nil
      ),
    ])
  func statisticsOrTheirCause(changes: String, reason: String, remedy: String?) throws {
    var listing = try Listing("example")
    try listing.read(changes)
    let files = MemoryFiles(listing)
    let found = try finding("kernel statistics", in: files)
    #expect(found.reason.contains(reason), "\(found)")
    #expect(remedy.map { found.remedy?.contains($0) == true } ?? (found.remedy == nil), "\(found)")
    let status = CommandRun("zswap status", on: files).out
    #expect(changes.isEmpty ? status.contains("total_comp_calls") : status.contains(reason))
  }

  @Test("the newest zswap and zram are described as they are")
  func newestZswap() throws {
    var listing = try Listing("example")
    try listing.read(
      """
      remove /sys/module/zswap/parameters/zpool
      /sys/kernel/debug/zswap/stored_incompressible_pages = 12
      /sys/block/zram0/comp_algorithm = lzo-rle lzo [lz4] lz4hc zstd deflate 842
      """)
    let files = MemoryFiles(listing)
    let status = CommandRun("zswap status", on: files).out
    #expect(status.contains(/zswap stored_incompressible_pages +12\n/))
    #expect(status.contains(/a\spage\sthat\sdoes\snot\sshrink\sis\skept\sas\sit\sis/))
    #expect(status.contains(/zram0 compressor +lz4\n/))
    #expect(status.contains("mainline's zram does not compress with IAA"))
    let doctor = CommandRun("doctor", on: files).out
    #expect(doctor.contains("zram0 compresses with lz4"))
    // Intel's kernel.
    try listing.read("/sys/block/zram0/comp_algorithm = lzo [deflate-iaa]")
    let offered = CommandRun("zswap status", on: MemoryFiles(listing)).out
    #expect(offered.contains("zram offers deflate-iaa: write that to comp_algorithm"))
  }

  @Test("the documented test writes the kernel page's sequence")
  func theDocumentedTestWritesTheKernelPagesSequence() throws {
    let files = MemoryFiles(try Listing("example"))
    let run = CommandRun("zswap enable --documented-test", on: files)
    #expect(run.code == 0, "\(run.err)")
    let parameters = "/sys/module/zswap/parameters/"
    #expect(
      files.writes == [
        .init(path: parameters + "enabled", value: "0"),
        .init(path: parameters + "max_pool_percent", value: "50"),
        .init(path: parameters + "compressor", value: "deflate-iaa"),
        .init(path: parameters + "zpool", value: "zsmalloc"),
        .init(path: parameters + "enabled", value: "1"),
        .init(path: "/proc/sys/vm/swappiness", value: "100"),
        .init(path: "/sys/kernel/mm/transparent_hugepage/enabled", value: "never"),
        .init(path: "/proc/sys/vm/overcommit_memory", value: "1"),
      ])
  }

  @Test("first edition turns same filled pages off")
  func firstEditionTurnsSameFilledPagesOff() throws {
    let files = MemoryFiles(try Listing("example"))
    #expect(CommandRun("zswap enable --first-edition", on: files).code == 0)
    #expect(files.writes[5].path.hasSuffix("same_filled_pages_enabled"))
    #expect(files.writes[5].value == "0")
  }

  @Test(
    "only a name or a driver is a registration",
    arguments: [
      ("name         : deflate-iaa", true), ("driver       : deflate-iaa", true),
      ("module       : deflate-iaa", false), ("name         : deflate-iaa-canned", false),
      ("deflate-iaa", false), ("priority     : 300", false),
    ])
  func onlyANameOrADriverIsARegistration(_ line: String, _ isRegistered: Bool) throws {
    var listing = try Listing("example")
    try listing.read("/proc/crypto = \(line)")
    let files = MemoryFiles(listing)
    #expect(files.root.registersDeflateIAA == isRegistered)
    let doctor = CommandRun("doctor", on: files).out
    #expect(doctor.contains("deflate-iaa is registered") == isRegistered)
    #expect((CommandRun("zswap enable -n", on: files).code == 0) == isRegistered)
    #expect(CommandRun("zswap enable -n --force", on: files).code == 0)
    #expect((CommandRun("zswap enable", on: files).code == 0) == isRegistered)
  }

  @Test("parameters that the kernel lacks are named")
  func parametersThatTheKernelLacksAreNamed() throws {
    var listing = try Listing("example")
    try listing.read("remove /sys/module/zswap/parameters/zpool")
    let run = CommandRun("zswap enable", on: MemoryFiles(listing))
    #expect(run.code == 0)
    #expect(run.out.contains("skipped, this kernel lacks it: /sys/module/zswap/parameters/zpool"))
  }

  @Test("restore puts the previous settings back")
  func restorePutsThePreviousSettingsBack() throws {
    let files = MemoryFiles(try Listing("example"))
    let before = files.texts
    #expect(CommandRun("zswap enable", on: files).code == 0)
    // A second time must not save what the first one wrote.
    #expect(CommandRun("zswap enable --documented-test", on: files).code == 0)
    #expect(files.texts != before)
    let run = CommandRun("zswap restore", on: files)
    #expect(run.code == 0, "\(run.err)")
    var expected = before
    expected["/sys/kernel/mm/transparent_hugepage/enabled"] = "madvise"
    #expect(files.texts == expected)
    #expect(CommandRun("zswap restore", on: files).code == 1)
  }

  @Test("restore writes only what enable does")
  func restoreWritesOnlyWhatEnableDoes() throws {
    var listing = try Listing("example")
    try listing.read(
      "/proc/sys/kernel/core_pattern = core\n"
        + "/run/deflate-iaa/zswap.saved = /proc/sys/kernel/core_pattern |/tmp/x\\n"
        + "/sys/module/zswap/parameters/compressor zstd")
    let files = MemoryFiles(listing)
    #expect(CommandRun("zswap restore", on: files).code == 0)
    #expect(files.texts["/proc/sys/kernel/core_pattern"] == "core")
    #expect(files.texts["/sys/module/zswap/parameters/compressor"] == "zstd")
  }

  @Test("failure in the middle puts everything back")
  func failureInTheMiddlePutsEverythingBack() throws {
    for number in 0..<8 {
      let files = MemoryFiles(try Listing("example"))
      var before = files.texts
      files.fail(writes: [number])
      let run = CommandRun("zswap enable --documented-test", on: files)
      #expect(run.code == 1)
      #expect(run.err.contains("all settings are as before"), "\(run.err)")
      before["/sys/kernel/mm/transparent_hugepage/enabled"] =
        files.texts["/sys/kernel/mm/transparent_hugepage/enabled"]
      #expect(files.texts == before)
    }
  }

  /// What was there before the first `enable` must outlive whatever a second one comes to.
  @Test("second enable loses nothing")
  func secondEnableLosesNothing() throws {
    let first = MemoryFiles(try Listing("example"))
    let original = first.texts
    #expect(CommandRun("zswap enable --documented-test", on: first).code == 0)
    for number in 0..<9 {
      let files = MemoryFiles(try Listing("example"))
      #expect(CommandRun("zswap enable --documented-test", on: files).code == 0)
      files.fail(writes: [files.writes.count + number])
      let again = CommandRun("zswap enable --first-edition", on: files)
      #expect(again.code == 1 && again.err.contains("all settings are as before"), "\(again.err)")
      #expect(files.texts == first.texts, "write \(number)")
      #expect(CommandRun("zswap restore", on: files).code == 0)
      #expect(Self.settings(files.texts) == Self.settings(original), "write \(number)")
    }
    #expect(CommandRun("zswap enable --first-edition", on: first).code == 0)
    #expect(CommandRun("zswap restore", on: first).code == 0)
    #expect(Self.settings(first.texts) == Self.settings(original))
  }

  /// A file that shows a choice in brackets takes the choice alone.
  static func settings(_ texts: [String: String]) -> [String: String] {
    texts.mapValues { text in
      text.firstMatch(of: /\[(.*)\]/).map { String($0.output.1) } ?? text
    }
  }

  @Test("unregistered compressor is refused before the first write")
  func unregisteredCompressorIsRefusedBeforeTheFirstWrite() throws {
    var listing = try Listing("example")
    try listing.read("/proc/crypto = name : lzo")
    let files = MemoryFiles(listing)
    let run = CommandRun("zswap enable", on: files)
    #expect(run.code == 1 && run.err.contains("configure --default"))
    #expect(files.writes.isEmpty)
    #expect(CommandRun("zswap enable --force", on: files).code == 0)
  }

  @Test("status shows settings swap and counters")
  func statusShowsSettingsSwapAndCounters() throws {
    let run = CommandRun("zswap status", on: MemoryFiles(try Listing("example")))
    #expect(run.code == 0)
    try expectGolden(run.out, "example.zswap.txt")
  }

  #if os(Linux)
    @Test(
      "exercise compares every byte whatever the machine allows",
      arguments: ["text", "star", "random"])
    func exerciseComparesEveryByteWhateverTheMachineAllows(fill: String) throws {
      let run = CommandRun(
        ["zswap", "exercise", "64", "--wait", "0", "--fill", fill], on: .live)
      #expect(run.out.contains("compared 64 pages, 262144 bytes"))
      #expect(run.out.contains("All bytes are right"))
      #expect(run.code == (run.out.contains("not done:") ? 2 : 0))
    }

    @Test("exercise names what keeps the device from being used")
    func exerciseNamesWhatKeepsTheDeviceFromBeingUsed() throws {
      var listing = try Listing("no-devices")
      try listing.read("/proc/swaps = Filename Type Size Used Priority")
      let run = CommandRun("zswap exercise 2 --wait 0", on: MemoryFiles(listing))
      #expect(run.code == 2)
      #expect(run.out.contains("not done: no swap area is on"))
      #expect(run.out.contains("not done: this kernel shows no zswap"))
    }

    @Test("every wrong byte is counted")
    func everyWrongByteIsCounted() throws {
      let pages = try SharedPages(count: 3)
      let right = PageFill.random.page(1)
      var wrong = right
      wrong[0] ^= 1
      wrong[4095] ^= 128
      pages.fill(1, with: wrong)
      #expect(pages.differences(1, from: right) == 2)
      #expect(pages.differences(0, from: [UInt8](repeating: 0, count: 4096)) == 0)
      #expect(try pages.residentCount() <= 3)
    }
  #endif

  @Test("fills differ as they say")
  func fillsDifferAsTheySay() {
    #expect(Set(PageFill.star.page(3)) == [UInt8(ascii: "*")])
    #expect(PageFill.text.page(0) != PageFill.text.page(1))
    #expect(PageFill.random.page(0) != PageFill.random.page(1))
    #expect(PageFill.allCases.allSatisfy { $0.page(7).count == 4096 && $0.page(7) == $0.page(7) })
  }
}
