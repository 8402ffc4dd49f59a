// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The driver's statistics of both generations, where they are and why they are not.

import IAADevices
import Synchronization
import Testing

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

  @Test("statistics that make no sense are told")
  func statisticsThatMakeNoSenseAreTold() throws {
    let path = "/sys/kernel/debug/iaa_crypto/global_stats"
    for (text, message) in [
      ("nonsense", "has no counter that can be read; its form is not known here"),
      ("", "has no counter that can be read; it is empty"),
    ] {
      var listing = try Listing("example")
      try listing.read("\(path) = \(text)")
      let run = CommandRun("stats", on: MemoryFiles(listing))
      #expect(
        run.code == 1 && run.out.isEmpty && run.err.contains("\(path) \(message)"), "\(run.err)")
    }
    var listing = try Listing("example")
    try listing.read("\(path) = global stats:\\n  total_comp_calls: 7\\n  total_decomp_calls: x7")
    let run = CommandRun("stats", on: MemoryFiles(listing))
    #expect(run.code == 0 && run.out.contains("total_comp_calls: 7"), "\(run.err)")
    #expect(
      run.err == "deflate-iaa: 1 line makes no sense and is left out; the first is in \(path): "
        + "\"total_decomp_calls: x7\"\n")
  }

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
    #expect(words.joined(separator: " ").replacing(" -> run:", with: "; run:").contains(cause))
    let reset = CommandRun("stats --reset", on: files)
    #expect(reset.code == 1 && files.writes.allSatisfy { $0.path.hasSuffix("stats_reset") })
  }
}
