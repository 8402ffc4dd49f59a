// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The kernel's own use of the devices: driver attributes, statistics of both generations, zswap.

import DeviceCommands
import Foundation
import IAAOffload
import Synchronization
import Testing

@Suite struct DriverAttributeTests {
  @Test("attributes are shown with their meaning")
  func attributesAreShownWithTheirMeaning() throws {
    let run = CommandRun("attributes", on: MemoryFiles(try Listing("example")))
    #expect(run.code == 0)
    #expect(run.out.contains("verify_compress 1         every compression is checked"))
    #expect(run.out.contains("sync_mode       sync      the driver polls"))
  }

  @Test("bound queues are named with the order to follow")
  func boundQueuesAreNamedWithTheOrderToFollow() throws {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    let run = CommandRun("attributes --verify-compress 0 --sync-mode async_irq", on: files)
    #expect(run.code == 1)
    #expect(files.writes.isEmpty)
    let lines = run.err.split(separator: "\n").map(String.init)
    #expect(lines[0].contains("wq3.0 is bound to iaa_crypto"))
    #expect(lines[1].hasSuffix("deflate-iaa disable --reload iax3"))
    #expect(lines[2].hasSuffix("deflate-iaa attributes --verify-compress 0 --sync-mode async_irq"))
    #expect(lines[3].hasSuffix("deflate-iaa configure --default --no-reload iax3"))
    // Following it works, step by step, on a kernel that answers EBUSY otherwise, and nothing after
    // the attributes removes the module, which would forget them.
    for line in lines[1...] {
      let words = line.components(separatedBy: "deflate-iaa ").last ?? ""
      let run = CommandRun(words, on: files)
      #expect(run.code == 0, "\(words)")
      #expect(run.modules.isEmpty != words.hasPrefix("disable"), "\(words)")
    }
    #expect(files.texts["/sys/bus/dsa/drivers/crypto/verify_compress"] == "0")
    #expect(files.texts["/sys/bus/dsa/drivers/crypto/sync_mode"] == "async_irq")
  }

  /// The driver of Intel's series v10 to v14 (Sridhar, 2025): five attributes, verify_compress 0 and
  /// sync_mode async by default.
  static let series = """
    /sys/bus/dsa/drivers/crypto/verify_compress = 0
    /sys/bus/dsa/drivers/crypto/sync_mode = async
    /sys/bus/dsa/drivers/crypto/g_comp_wqs_per_iaa = 1
    /sys/bus/dsa/drivers/crypto/distribute_comps = 1
    /sys/bus/dsa/drivers/crypto/distribute_decomps = 0
    """

  @Test("the newer series' attributes are shown, set and kept over a reload")
  func newerSeriesAttributesAreShownSetAndKept() throws {
    var listing = try Listing("default-configuration")
    try listing.read(Self.series)
    let files = MemoryFiles(listing, reacting: true)
    let shown = CommandRun("attributes", on: files).out
    for line in [
      "verify_compress    0         compressions are not checked",
      "sync_mode          async     the caller polls",
      "g_comp_wqs_per_iaa 1         a device's last queue compress",
      "distribute_comps   1         compressions go round a package's devices",
      "distribute_decomps 0         decompressions stay on one device",
    ] {
      #expect(shown.contains(line), "\(shown)")
    }
    let script = CommandRun("configure --default -n", on: files).out
    let folder = "/sys/bus/dsa/drivers/crypto/"
    #expect(
      script.contains(
        """
        modprobe iaa_crypto || exit 1
        put 0 \(folder)verify_compress
        put async \(folder)sync_mode
        put 1 \(folder)g_comp_wqs_per_iaa
        put 1 \(folder)distribute_comps
        put 0 \(folder)distribute_decomps

        """), "\(script)")
    #expect(CommandRun("disable --all", on: files).code == 0)
    let set = CommandRun(
      "attributes --g-comp-wqs-per-iaa 2 --distribute-comps 0 --distribute-decomps 1", on: files)
    #expect(set.code == 0, "\(set.err)")
    #expect(files.texts[folder + "g_comp_wqs_per_iaa"] == "2")
    #expect(files.texts[folder + "distribute_comps"] == "0")
    #expect(files.texts[folder + "distribute_decomps"] == "1")
  }

  @Test("an attribute that the driver has not is refused by name")
  func anAttributeThatTheDriverHasNotIsRefused() throws {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    let run = CommandRun("attributes --g-comp-wqs-per-iaa 1 --distribute-comps 1", on: files)
    #expect(run.code == 1 && files.writes.isEmpty)
    #expect(run.err.contains("has no g_comp_wqs_per_iaa, distribute_comps"), "\(run.err)")
    #expect(!CommandRun("attributes", on: files).out.contains("distribute"))
  }

  /// Mainline of about 6.13 to 6.18: sync_mode_store takes "async" and leaves async_mode false (removed
  /// by Sridhar's "Enable async mode and make it the default").
  @Test("a value that the driver takes and does not keep is told")
  func aValueThatTheDriverTakesAndDoesNotKeepIsTold() throws {
    var listing = try Listing("default-configuration")
    try listing.read(
      "/sys/bus/dsa/devices/iax*/state = disabled\n/sys/bus/dsa/devices/iax*/wq*/state = disabled")
    // Nothing is bound, and writes have no effect: the file says what it said.
    let files = MemoryFiles(listing, reacting: true)
    files.state.withLock { $0.deafPaths = ["/sys/bus/dsa/drivers/crypto/sync_mode"] }
    let run = CommandRun("attributes --sync-mode async", on: files)
    #expect(run.code == 1)
    #expect(
      run.err.contains(
        "sync_mode: the driver took \"async\" and says \"sync\"; Linux 6.13 to 6.18"),
      "\(run.err)")
    #expect(CommandRun("attributes --sync-mode sync", on: files).code == 0)
  }

  @Test("unexpected values are shown as such")
  func unexpectedValuesAreShownAsSuch() throws {
    let run = CommandRun("attributes", on: MemoryFiles(try Listing("malformed")))
    #expect(run.out.contains("maybe (unknown)") && run.out.contains("sometimes (unknown)"))
  }
}

@Suite struct KernelStatisticsTests {
  /// The first edition's sample, with a file for each counter.
  static let first = """
    remove /sys/kernel/debug/iaa_crypto
    /sys/kernel/debug/iaa_crypto/max_acomp_delay_ns = 71
    /sys/kernel/debug/iaa_crypto/max_adecomp_delay_ns = 72
    /sys/kernel/debug/iaa_crypto/max_comp_delay_ns = 73
    /sys/kernel/debug/iaa_crypto/max_decomp_delay_ns = 74
    /sys/kernel/debug/iaa_crypto/stats_reset = <write-only>
    /sys/kernel/debug/iaa_crypto/total_comp_bytes_out = 22800
    /sys/kernel/debug/iaa_crypto/total_comp_calls = 100
    /sys/kernel/debug/iaa_crypto/total_decomp_bytes_in = 22800
    /sys/kernel/debug/iaa_crypto/total_decomp_calls = 100
    /sys/kernel/debug/iaa_crypto/wq_stats = global stats:\\n  total_comp_calls: 100\\n  \
    total_decomp_calls: 100\\n  total_comp_bytes_out: 22800\\n  total_decomp_bytes_in: 22800\\n  \
    total_completion_einval_errors: 0\\n  total_completion_timeout_errors: 0\\n  \
    total_completion_comp_buf_overflow_errors: 0\\n\\niaa device:\\n  id: 5\\n  n_wqs: 1\\n  \
    comp_calls: 100\\n  comp_bytes: 22800\\n  decomp_calls: 100\\n  decomp_bytes: 22800\\n  \
    wqs:\\n    name: iaa_crypto\\n    comp_calls: 100\\n    comp_bytes: 22800\\n    \
    decomp_calls: 100\\n    decomp_bytes: 22800
    """

  @Test("first generation is read")
  func firstGenerationIsRead() throws {
    var listing = try Listing("example")
    try listing.read(Self.first)
    let statistics = try KernelStatistics(MemoryFiles(listing).root)
    #expect(statistics.edition == .first)
    let values = Dictionary(uniqueKeysWithValues: statistics.global.map { ($0.name, $0.value) })
    #expect(values["total_comp_calls"] == 100 && values["max_decomp_delay_ns"] == 74)
    #expect(values.count == 11)
    #expect(statistics.devices.map(\.id) == [5])
    #expect(statistics.devices[0].queues[0].counters.map(\.value) == [100, 22800, 100, 22800])
  }

  @Test("newer generation is printed as the driver does")
  func newerGenerationIsPrintedAsTheDriverDoes() throws {
    let run = CommandRun("stats", on: MemoryFiles(try Listing("example")))
    #expect(run.code == 0)
    try expectGolden(run.out, "example.stats.txt")
    let statistics = try KernelStatistics(MemoryFiles(try Listing("example")).root)
    #expect(statistics.edition == .newer)
    #expect(statistics.global.map(\.name).contains("total_sw_decomp_calls"))
  }

  @Test("reset writes zero")
  func resetWritesZero() throws {
    let files = MemoryFiles(try Listing("example"))
    #expect(CommandRun("stats --reset", on: files).code == 0)
    #expect(files.writes.map(\.value) == ["0"])
    #expect(files.writes.map(\.path) == ["/sys/kernel/debug/iaa_crypto/stats_reset"])
  }

  @Test("watch prints changes per second and survives a reset")
  func watchPrintsChangesPerSecondAndSurvivesAReset() throws {
    let files = MemoryFiles(try Listing("example"))
    let readings = Mutex([["6300", "4164"], ["10", "4"], ["10", "18446744073709551615"]])
    let run = CommandRun("stats --watch --interval 2 --count 3", on: files) { milliseconds in
      #expect(milliseconds == 2000)
      let next = readings.withLock { $0.removeFirst() }
      files.state.withLock {
        $0.entries["/sys/kernel/debug/iaa_crypto/global_stats"] = .text(
          "global stats:\n  total_comp_calls: \(next[0])\n  total_decomp_calls: \(next[1])")
      }
    }
    let lines = run.out.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(lines[0].first == "comp/s")
    #expect(lines[1] == ["1000.0", "0.0", "-", "-", "-", "-"])
    // Counters that fell were reset: the rate is counted from 0.
    #expect(lines[2] == ["5.0", "2.0", "-", "-", "-", "-"])
    #expect(lines[3] == ["0.0", "9223372036854775805.5", "-", "-", "-", "-"])
  }

  @Test("what is shown is the first edition's text of the same")
  func whatIsShownIsTheFirstEditionsTextOfTheSame() throws {
    let files = MemoryFiles(try Listing("example"))
    let statistics = try KernelStatistics(files.root)
    let shown = CommandRun("stats", on: files).out
    var listing = try Listing("example")
    try listing.read("remove /sys/kernel/debug/iaa_crypto/global_stats")
    let others = MemoryFiles(listing)
    others.state.withLock {
      $0.entries["/sys/kernel/debug/iaa_crypto/wq_stats"] = .text(shown)
    }
    let again = try KernelStatistics(others.root)
    #expect(again.edition == .first && statistics.edition == .newer)
    #expect(!again.devices.isEmpty && again.devices == statistics.devices)
    #expect(!again.global.isEmpty && again.global.starts(with: statistics.global))
  }

  @Test("either spelling of the folder is read and reset", arguments: ["iaa_crypto", "iaa-crypto"])
  func eitherSpellingOfTheFolderIsReadAndReset(name: String) throws {
    var listing = try Listing("example")
    // The code of Linux 6.8 to 6.18 makes iaa_crypto (iaa_crypto_stats.c, iaa_debugfs_init); the
    // kernel's documentation says iaa-crypto.
    for (path, entry) in listing.entries where path.hasPrefix("/sys/kernel/debug/iaa_crypto/") {
      listing.entries[path] = nil
      listing.entries[path.replacing("iaa_crypto/", with: name + "/")] = entry
    }
    let files = MemoryFiles(listing)
    let run = CommandRun("stats --reset", on: files)
    #expect(run.code == 0 && run.out.contains("total_comp_calls: 4300"), "\(run.err)")
    #expect(files.writes == [.init(path: "/sys/kernel/debug/\(name)/stats_reset", value: "0")])
    #expect(CommandRun("doctor", on: files).out.contains("kernel statistics  can be read"))
  }

  /// What /sys/kernel/debug holds on a machine with debugfs, less the driver's folder.
  static let mounted = "/sys/kernel/debug/sleep_time = 0\n"

  @Test(
    "real cause is told when the statistics are not there",
    arguments: [
      ("", "/sys/kernel/debug is missing: the kernel has no debugfs"),
      (
        "/sys/kernel/debug = <directory>", "debugfs is not mounted; run: sudo mount -t debugfs none"
      ),
      (mounted, "although /boot/config-6.9.1-example sets CONFIG_CRYPTO_DEV_IAA_CRYPTO_STATS"),
      (
        mounted + "/boot/config-6.9.1-example = CONFIG_CRYPTO_DEV_IAA_CRYPTO=m",
        "was built without CONFIG_CRYPTO_DEV_IAA_CRYPTO_STATS (/boot/config-6.9.1-example)"
      ),
      (
        mounted + "remove /boot/config-6.9.1-example",
        "was built without CONFIG_CRYPTO_DEV_IAA_CRYPTO_STATS most likely"
      ),
      (
        mounted + "remove /sys/module/iaa_crypto\nremove /sys/bus/dsa/drivers/crypto",
        "iaa_crypto is not loaded"
      ),
      (
        "/sys/kernel/debug/iaa_crypto = <EACCES>", "only root may read /sys/kernel/debug/iaa_crypto"
      ),
      (
        "/sys/kernel/debug/iaa-crypto = <EACCES>", "only root may read /sys/kernel/debug/iaa-crypto"
      ),
      (
        "/sys/kernel/security/lockdown = none [integrity] confidentiality\n"
          + "/sys/kernel/debug/iaa_crypto/wq_stats = <EPERM>",
        "/sys/kernel/debug/iaa_crypto is closed: the kernel is locked down"
      ),
    ])
  func realCauseIsToldWhenTheStatisticsAreNotThere(change: String, cause: String) throws {
    var listing = try Listing("example")
    try listing.read("remove /sys/kernel/debug/iaa_crypto\n" + change)
    let files = MemoryFiles(listing)
    let run = CommandRun("stats", on: files)
    #expect(run.code == 1 && run.err.contains(cause), "\(run.err)")
    #expect(run.err.ranges(of: "\n").count == 1)
    // The doctor gives the same cause, in lines of its own width.
    let words = CommandRun("doctor", on: files).out.split(whereSeparator: \.isWhitespace)
    #expect(words.joined(separator: " ").contains(cause))
    let reset = CommandRun("stats --reset", on: files)
    #expect(reset.code == 1 && files.writes.allSatisfy { $0.path.hasSuffix("stats_reset") })
  }
}

@Suite struct ZswapTests {
  @Test("enable writes the documented sequence")
  func enableWritesTheDocumentedSequence() throws {
    let files = MemoryFiles(try Listing("example"))
    let run = CommandRun("zswap enable", on: files)
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
    #expect(CommandRun("zswap enable -n", on: files).code == 0)
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
    #expect(CommandRun("zswap enable", on: files).code == 0)
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
      let run = CommandRun("zswap enable", on: files)
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
    #expect(CommandRun("zswap enable", on: first).code == 0)
    for number in 0..<9 {
      let files = MemoryFiles(try Listing("example"))
      #expect(CommandRun("zswap enable", on: files).code == 0)
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
