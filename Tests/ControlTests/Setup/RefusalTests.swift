// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What configure, enable and disable refuse, with the reason and what is accepted instead; a dry run
// refuses the same.

import Foundation
import IAADevices
import TestSupport
import Testing

@Suite struct RefusalTests {
  static func file(_ text: String, _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "iaa-\(UUID()).conf").path
    try Data(text.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test("where no entries are left, those who have them are named")
  func whereNoEntriesAreLeft() throws {
    let files = MemoryFiles(try Listing("example"))
    let run = CommandRun("configure iax1/wq1.2", on: files)
    #expect(
      run.err == """
        deflate-iaa: wq1.2: no entries are left of iax1's 128: wq1.0 has 96, wq1.1 has 32; make one \
        smaller first, for example with `deflate-iaa configure --size N iax1/wq1.0`

        """)
    #expect(run.code == 1 && files.writes.isEmpty)
    // Who gives a size is told of the sum.
    let sized = CommandRun("configure --size 8 iax1/wq1.2", on: files)
    #expect(sized.err.contains("the queues' sizes add up to 136, the device has 128 entries"))
    #expect(
      CommandRun("configure --size 0 iax5", on: files).err.contains("has to be 1 or more, not 0"))
    var small = try Listing("example")
    try small.read("/sys/bus/dsa/devices/iax5/max_work_queues_size = 4")
    #expect(
      CommandRun("configure --user 5 iax5", on: MemoryFiles(small)).err.contains(
        "8 queues and 4 entries; --user takes 1 to 4 there"))
    try small.read("/sys/bus/dsa/devices/iax5/max_work_queues_size = <EIO>")
    for line in ["configure --user 1 iax5", "configure --default iax5", "configure iax5"] {
      let run = CommandRun(line, on: MemoryFiles(small))
      #expect(run.code == 1 && run.err.contains("does not tell how many entries"), "\(run.err)")
    }
  }

  @Test("a fault of a file is named by the file's keys")
  func aFaultOfAFileIsNamedByItsKeys() throws {
    let queue = #"{"dev":"wq5.0","mode":"shared","size":0,"priority":99,"name":"a"}"#
    let text = #"[{"dev":"iax5","groups":[{"dev":"group5.0","grouped_workqueues":[\#(queue)]}]}]"#
    try Self.file(text) { path in
      let run = CommandRun(
        ["configure", "--load", path], on: MemoryFiles(try Listing("example")).root)
      #expect(run.code == 1)
      for part in [
        #"wq5.0: group 0 has no engine; the file has no "grouped_engines" for it"#,
        #"wq5.0: "size" has to be 1 or more, not 0"#,
        #"wq5.0: "priority" has to be 1 to 15, not 99"#,
        #"wq5.0: "type" has to be user or kernel"#,
      ] {
        #expect(run.err.contains(part), "\(run.err)")
      }
      #expect(!run.err.contains("--"), "an option means nothing to a file: \(run.err)")
    }
    // What stands is mended by a command.
    var listing = try Listing("example")
    try listing.read(
      """
      /sys/bus/dsa/devices/iax1/engine*/group_id = -1
      /sys/bus/dsa/devices/iax1/wq*/state = disabled
      /sys/bus/dsa/devices/iax1/state = disabled
      """)
    let run = CommandRun("enable iax1/wq1.0", on: MemoryFiles(listing))
    #expect(run.err.contains("run `deflate-iaa configure --engines all iax1/wq1.0`"), "\(run.err)")
    #expect(
      CommandRun(
        "configure --engines 0 iax1/wq1.0", on: MemoryFiles(listing, reacting: true)
      ).code == 0)
  }

  @Test(
    "a dry run refuses what the command refuses",
    arguments: [
      "disable iax1", "disable --all", "configure --user 2", "configure --size 64 iax1/wq1.0",
      "attributes --sync-mode async", "attributes --g-comp-wqs-per-iaa 1", "configure --persist",
      "zswap enable", "enable iax5/wq5.0",
    ])
  func aDryRunRefusesWhatTheCommandRefuses(line: String) throws {
    var listing = try Listing("example")
    try listing.read("/proc/crypto = name : lzo\n/sys/bus/dsa/devices/iax7/state = enabled")
    if line.contains("persist") { try listing.read("/sys/bus/dsa/devices/*/state = disabled") }
    let files = MemoryFiles(listing)
    let real = CommandRun(line, on: files)
    let dry = CommandRun(line + " -n", on: files)
    #expect(real.code == 1 && files.writes.isEmpty, "\(real.transcript)")
    #expect(dry.code == 1 && dry.err == real.err && dry.out.isEmpty, "\(dry.transcript)")
  }

  @Test(
    "what an option does not mean there is refused with what it does",
    arguments: [
      ("--type none iax5", "Please provide one of 'kernel' and 'user'"),
      ("--default iax1/wq1.1", "--default is for whole devices, not for queue iax1/wq1.1"),
      ("--user 1 wq1.1", "--user is for whole devices"), ("--save - iax1/wq1.0", "whole devices"),
      ("--load x --all", "--load takes all devices when none is named"),
      ("--all iax1", "Name devices or queues, or use --all"),
      ("--save - -n", "--save - prints what it would write"),
      ("--save - --force", "--save changes no"),
      ("--size x iax5", "it takes a whole number"), ("--block-on-fault x iax5", "it takes 0 or 1"),
      ("--block-on-fault 2 iax5", "block_on_fault has to be 0 or 1, not 2"),
      ("--engines x iax5", "such as 0,1,4-7"), ("--op-config x iax5", "compress,0x45"),
      ("--traffic-class-a x iax5", "0 to 7"), ("--event-log-size x iax5", "64 to 65535"),
      ("x", "a device such as iax1 or a queue such as iax1/wq1.0"),
    ])
  func whatAnOptionDoesNotMeanIsRefused(options: String, form: String) throws {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    let run = CommandRun("configure " + options, on: files)
    #expect(run.code == 1 && run.out.isEmpty && run.err.contains(form), "\(run.err)")
    #expect(files.writes.isEmpty)
    #expect(!CommandRun("configure --help", on: files).out.contains("none, kernel"))
  }

  @Test("names that are chosen and names that stand have one rule each")
  func namesHaveOneRuleEach() throws {
    for name in ["", "a b", "a\u{7F}", "ä", String(repeating: "a", count: 64)] {
      #expect(QueueName.fault(ofChoice: name) != nil, "\(name)")
      let run = CommandRun(
        ["configure", "--name", name, "iax5"], on: MemoryFiles(try Listing("example")).root)
      #expect(run.code == 1 && run.err.contains("--name takes 1 to 63"), "\(run.err)")
    }
    #expect(QueueName.fault(ofChoice: String(repeating: "a", count: 63)) == nil)
    for name in ["", " \n", "a\0b", String(repeating: "a", count: 1025)] {
      #expect(QueueName.fault(ofStanding: name) != nil)
    }
    // The driver takes any other, so a file's are taken, and read back as the driver trims them.
    for name in ["a b", "ä", " a ", String(repeating: "a", count: 1000)] {
      #expect(QueueName.fault(ofStanding: name) == nil)
      let text = """
        [{"dev":"iax5","groups":[{"dev":"group5.0","grouped_workqueues":[
        {"dev":"wq5.0","mode":"shared","size":16,"priority":10,"type":"user","name":"\(name)"}],
        "grouped_engines":[{"dev":"engine5.0","group_id":0}]}]}]
        """
      try Self.file(text) { path in
        let files = MemoryFiles(try Listing("example"), reacting: true)
        let run = CommandRun(["configure", "--load", path], on: files.root)
        #expect(run.code == 0 && run.err.isEmpty, "\(run.err)")
      }
    }
  }

  @Test("save keeps the devices that are named, and only ordinary files are written")
  func saveKeepsTheDevicesThatAreNamed() throws {
    let files = MemoryFiles(try Listing("example"))
    func names(_ line: String) throws -> [String] {
      try AccelConfigFile(parsing: CommandRun(line, on: files).out).entries
        .map { "\($0.settings.name)" }
    }
    #expect(try names("configure --save -") == ["iax1", "iax3", "iax7"])
    #expect(try names("configure --save - iax3") == ["iax3"])
    #expect(try names("configure --save - iax7 iax1") == ["iax7", "iax1"])
    let off = CommandRun("configure --save - iax5", on: files)
    #expect(off.code == 1 && off.err.contains("iax5 is not enabled"), "\(off.err)")
    let tree = try Tree(Listing("small"))
    let link = tree.folder.appending(path: "lnk")
    try FileManager.default.createSymbolicLink(
      atPath: link.path, withDestinationPath: tree.folder.path + "/elsewhere")
    for (path, word) in [(link.path, "is a symbolic link"), (tree.folder.path, "is a folder")] {
      let run = CommandRun(["configure", "--save", path], on: SystemRoot(tree.folder.path))
      #expect(run.code == 1 && run.err.contains("\(path) \(word); --save takes"), "\(run.err)")
    }
    #expect(!FileManager.default.fileExists(atPath: tree.folder.path + "/elsewhere"))
  }

  @Test("load takes the devices that are named")
  func loadTakesTheDevicesThatAreNamed() throws {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    try Self.file(CommandRun("configure --save -", on: files).out) { path in
      let run = CommandRun(
        ["configure", "--load", path, "iax3", "--force", "--no-reload"], on: files.root)
      #expect(run.code == 0 && run.out == "iax3 enabled with wq3.0\n", "\(run.transcript)")
      #expect(
        files.writes.allSatisfy { !$0.path.contains("/iax1/") && !$0.value.hasPrefix("iax1") })
      let none = CommandRun(["configure", "--load", path, "iax5"], on: files.root)
      #expect(none.code == 1 && none.err.contains("\(path) has no iax5"), "\(none.err)")
    }
  }
}
