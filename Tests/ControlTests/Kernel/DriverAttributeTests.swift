// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The attributes of the kernel's iaa_crypto driver, in the versions that kernels have.

import IAADevices
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
    let script = CommandRun("configure --default -n --force", on: files).out
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
