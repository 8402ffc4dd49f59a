// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The kernel takes writes that it does not act on, or rounds what it takes: states and values are read
// again behind a plan.

import IAADevices
import Testing

@Suite struct ReadBackTests {
  @Test(
    "a device that is not what it was to be after every write is rolled back",
    arguments: [
      ("configure --user 2 --force", "/sys/bus/dsa/drivers/user/bind", "iax1"),
      ("disable iax3 --force", "/sys/bus/dsa/drivers/idxd/unbind", "iax3"),
      ("disable iax1/wq1.1 --force", "/sys/bus/dsa/drivers/user/unbind", "iax1"),
    ])
  func notWhatItWasToBe(line: String, deaf: String, device: String) throws {
    let files = MemoryFiles(try Listing("small"), reacting: true)
    let before = RollbackTests.settings(files.root)
    files.state.withLock { $0.deafPaths = [deaf] }
    let run = CommandRun(line, on: files)
    #expect(run.code == 1 && run.out.isEmpty, "\(run.transcript)")
    #expect(run.err.contains("\(device): every write was taken, but "), "\(run.err)")
    #expect(run.err.contains("rolled back: ") || run.err.contains("remains: "), "\(run.err)")
    // What the way back needs works again: the device is as it was.
    let healed = MemoryFiles(try Listing("small"), reacting: true)
    healed.state.withLock { state in
      state.deafPaths = [deaf]
      state.hearsAfter = 1
    }
    let again = CommandRun(line, on: healed)
    #expect(again.code == 1 && again.err.contains("rolled back: "), "\(again.err)")
    #expect(!again.err.contains("remains: ") || again.err.contains("was reloaded"), "\(again.err)")
    #expect(RollbackTests.settings(healed.root) == before, "\(again.err)")
  }

  @Test("the kernel's rounding is told")
  func theKernelsRoundingIsTold() throws {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    let run = CommandRun("configure --max-transfer-size 1000000 --size 8 iax5", on: files)
    #expect(
      run.out == """
        iax5 enabled with wq5.0
        wq5.0: max_transfer_size is 1048576: the kernel rounds 1000000 up to a power of two

        """, "\(run.transcript)")
    #expect(run.code == 0 && run.err.isEmpty)
    #expect(
      !CommandRun("configure --max-transfer-size 1048576 iax5", on: files).out.contains("rounds"))
  }

  @Test("a value that the kernel took and did not keep is an error")
  func aValueThatWasNotKept() throws {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    files.state.withLock { $0.deafPaths = ["/sys/bus/dsa/devices/iax5/wq5.0/block_on_fault"] }
    let run = CommandRun("configure --size 8 iax5", on: files)
    #expect(run.code == 1, "\(run.transcript)")
    #expect(
      run.err == "deflate-iaa: wq5.0: block_on_fault is 0, although the kernel took \"1\"\n")
  }

  @Test("a queue that is disabled alone is told")
  func aQueueDisabledAloneIsTold() throws {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    let run = CommandRun("disable iax1/wq1.1 iax1/wq1.1 --force", on: files)
    #expect(run.code == 0 && run.out == "wq1.1 disabled\n" && run.err.isEmpty, "\(run.transcript)")
    #expect(files.writes.count == 1)
  }
}
