// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What is refused, and in what words: device models, wrong values, settings that are not there.

import DeviceCommands
import IAADevices
import IAAModel
import Testing

@Suite("Device models cannot be set up, and say so")
struct ModelAdviceTests {
  @Test("commands that write tell that these are models, and what works on them")
  func refused() throws {
    let root = SystemRoot("device-model", files: ModelFiles())
    let model = DeviceModel(.init(id: 1, queues: [.init(mode: .shared, size: 64)]))
    let mount = try model.mount(under: root)
    for line in [
      "configure --user 1", "configure --default -n", "enable --all", "disable --all",
      "disable iax1 -n", "configure --persist", "configure --unpersist",
    ] {
      let run = CommandRun(line.split(separator: " ").map(String.init), on: root)
      #expect(run.code == 1 && run.out.isEmpty)
      #expect(
        run.err.hasPrefix("deflate-iaa: device models cannot be set up: DEFLATE_IAA_MODEL says"))
      #expect(
        run.err.contains("what works on them: devices, doctor, configure --save"), "\(run.err)")
    }
    #expect(CommandRun(["devices"], on: root).code == 0)
    #expect(CommandRun(["configure", "--save", "-"], on: root).code == 0)
    let doctor = CommandRun(["doctor"], on: root)
    #expect(doctor.code == 0 && !doctor.out.contains("->"), "\(doctor.out)")
    #expect(doctor.out.contains("Verdict: device models ready, with no device behind them"))
    let zswap = CommandRun(["doctor", "-q", "--for", "zswap"], on: root)
    #expect(zswap.code == 1 && zswap.out.contains("no kernel uses device models"))
    _ = consume mount
  }
}

@Suite("Whoever is refused is told what is taken")
struct AcceptedValueTests {
  @Test(
    "each wrong value with the right form",
    arguments: [
      ("zswap exercise 1 --wait -1", "a whole number, 0 to 3600"),
      ("zswap exercise 1 --wait x", "a whole number, 0 to 3600"),
      ("zswap exercise 1 --wait 3601", "a whole number, 0 to 3600"),
      ("zswap exercise 1 --wait", "--wait <0-3600>"),
      ("zswap exercise 0", "a whole number, 1 to 16777216"),
      ("zswap exercise many", "a whole number, 1 to 16777216"),
      ("zswap exercise 1 --fill stripes", "'text', 'star' or 'random'"),
      ("zswap exercise 1 --fill", "--fill <text|star|random>"),
      ("zswap enable --compressor lzo", "'deflate-iaa' and 'deflate-iaa-dynamic'"),
      ("zswap enable --compressor", "<deflate-iaa|deflate-iaa-dynamic>"),
      ("attributes --verify-compress -1", "0 or 1"), ("attributes --verify-compress yes", "0 or 1"),
      ("attributes --distribute-comps 2", "0 or 1"),
      ("attributes --distribute-decomps -1", "0 or 1"),
      ("attributes --g-comp-wqs-per-iaa -1", "a whole number, 0 or more"),
      ("attributes --sync-mode never", "'sync', 'async' or 'async_irq'"),
      ("attributes --sync-mode", "<sync|async|async_irq>"),
      ("doctor --for cats", "'zswap', 'user' or 'all'"), ("doctor --for", "<zswap|user|all>"),
    ])
  func accepted(line: String, form: String) throws {
    let run = CommandRun(line, on: MemoryFiles(try Listing("example")))
    #expect(run.code == 1 && run.err.contains(form), "\(run.err)")
    let command = line.split(separator: " ").prefix { !$0.hasPrefix("-") }.prefix(2)
      .filter { Int($0) == nil }.joined(separator: " ")
    #expect(run.err.contains("try 'deflate-iaa \(command) --help'"), "\(run.err)")
  }

  @Test("a setting that is not there is told as such, and fixed ones with the way to set them")
  func settings() throws {
    let files = MemoryFiles(try Listing("example"))
    let prs = CommandRun("configure --prs-disable 1 iax5", on: files)
    #expect(
      prs.err.contains("neither this device nor the kernel's driver has such a setting"),
      "\(prs.err)")
    let classes = CommandRun("configure --traffic-class-a 2 iax5", on: files)
    #expect(
      classes.err.contains("fixed, unless idxd is loaded with tc_override=1"), "\(classes.err)")
  }
}
