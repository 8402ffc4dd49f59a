// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Disabling a device resets whatever was set for its queues and groups. Changing one queue must leave
// the others as they were, and a saved set-up must come back whole.

import Foundation
import IAADevices
import Testing

@Suite struct KeptValuesTests {
  static let folder = "/sys/bus/dsa/devices/iax2/"

  func files(_ changes: String = "", fixture: String = "restricted") throws -> MemoryFiles {
    var listing = try Listing(fixture)
    try listing.read(changes)
    return MemoryFiles(listing, reacting: true)
  }

  func texts(_ files: MemoryFiles) -> [String: String] {
    files.texts.filter { $0.key.hasPrefix(Self.folder) && !$0.key.hasSuffix("/cmd_status") }
  }

  @Test("changing one queue leaves every attribute of its neighbours")
  func changingOneQueueLeavesEveryAttributeOfItsNeighbours() throws {
    let files = try files()
    let before = texts(files)
    let run = CommandRun("configure iax2/wq2.0 --priority 5", on: files)
    #expect(run.code == 0, "\(run.err)")
    var expected = before
    expected[Self.folder + "wq2.0/priority"] = "5"
    #expect(texts(files) == expected)
    // The kernel did reset them: it was the plan that brought them back.
    #expect(files.writes.contains { $0.path == Self.folder + "wq2.1/op_config" })
    #expect(files.writes.contains { $0.path == Self.folder + "group2.0/traffic_class_a" })
  }

  /// A limit that is what it was before is a limit that the unbinding raised.
  @Test("what equals the value before is written where the driver resets it")
  func whatEqualsTheValueBeforeIsWrittenWhereTheDriverResetsIt() throws {
    let script = CommandRun("configure iax2/wq2.0 --priority 5 -n", on: try files()).out
    for line in [
      "put 1048576 \(Self.folder)wq2.1/max_transfer_size", "put 1 \(Self.folder)wq2.1/ats_disable",
      "put 1 \(Self.folder)wq2.1/prs_disable", "put 64 \(Self.folder)wq2.1/enqcmds_retries",
      "put 2048 \(Self.folder)event_log_size", "put 1 \(Self.folder)group2.0/desc_progress_limit",
      "put 2 \(Self.folder)group2.0/traffic_class_a",
    ] {
      #expect(script.contains(line + "\n"), "\(line)")
    }
    // What the driver sets by itself needs no write.
    #expect(!script.contains("wq2.0/op_config") && !script.contains("wq2.0/max_transfer_size"))
  }

  /// Whichever write fails, what was restricted is restricted again.
  @Test("restrictions survive a failure at any write")
  func restrictionsSurviveAFailureAtAnyWrite() throws {
    let count = try {
      let files = try files()
      _ = CommandRun("configure iax2/wq2.0 --size 64", on: files)
      return files.writes.count
    }()
    #expect(count > 20)
    for number in 0..<count {
      let files = try files()
      let before = texts(files)
      files.fail(writes: [number])
      let run = CommandRun("configure iax2/wq2.0 --size 64", on: files)
      #expect(run.code == 1)
      #expect(texts(files) == before, "write \(number)")
    }
  }

  @Test("a leftover of an older kernel is cleared by a set-up that says nothing of it")
  func aLeftoverOfAnOlderKernelIsCleared() throws {
    // Before 863676fe1ac1 ("Clear PRS disable flag when disabling IDXD device") prs_disable stayed.
    let files = try files(
      "\(Self.folder)state = disabled\n\(Self.folder)wq2.0/state = disabled\n"
        + "\(Self.folder)wq2.1/state = disabled")
    let run = CommandRun("configure --user 2", on: files)
    #expect(run.code == 0, "\(run.err)")
    #expect(files.texts[Self.folder + "wq2.1/prs_disable"] == "0")
    #expect(run.err.contains("wq2.1 was restricted to some operations and takes all of them now"))
  }

  @Test("names that stand are written back and loaded, whatever they hold")
  func namesThatStandAreWrittenBackAndLoaded() throws {
    let name = "my queue äöü"
    let files = try files("\(Self.folder)wq2.1/name = \(name)")
    let before = texts(files)
    #expect(CommandRun("configure iax2/wq2.0 --priority 5", on: files).code == 0)
    #expect(files.texts[Self.folder + "wq2.1/name"] == name)
    #expect(CommandRun("configure iax2/wq2.0 --priority 10", on: files).code == 0)
    #expect(texts(files) == before)
    try loadBack(files)
    // Our own rule is for names that are given.
    let refused = CommandRun(["configure", "iax2/wq2.0", "--name", "a b"], on: files.root)
    #expect(
      refused.code == 1 && refused.err.contains("--name takes 1 to 63 printable ASCII characters"))
  }

  @Test(
    "saved set-up loads back with every value", arguments: ["restricted", "generation2", "example"])
  func savedSetUpLoadsBackWithEveryValue(fixture: String) throws {
    try loadBack(try files(fixture: fixture))
  }

  /// Saves, wipes the devices and loads: all is as it was.
  func loadBack(_ files: MemoryFiles) throws {
    let saved = CommandRun("configure --save -", on: files)
    #expect(saved.code == 0)
    #expect(!saved.out.contains(":-"), "a negative number: \(saved.out)")
    let folder = "/sys/bus/dsa/devices/iax"
    let enabled = SysfsTree(files.root).devices().filter { $0.kind == .iaa && $0.isEnabled }
    let before = files.texts.filter { text in
      enabled.contains { text.key.hasPrefix("\($0.path)/") }
    }
    #expect(CommandRun("disable --all --force", on: files).code == 0)
    #expect(files.texts.filter { $0.key.hasPrefix(folder) } != before)
    let path = FileManager.default.temporaryDirectory.appending(path: "iaa-\(UUID()).conf")
    try Data(saved.out.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let run = CommandRun(["configure", "--load", path.path], on: files.root)
    let messages = run.err.split(separator: "\n").filter { !$0.contains("is not an IAA device") }
    #expect(run.code == 0 && messages.isEmpty, "\(run.err)")
    for (path, text) in before where !path.hasSuffix("cmd_status") {
      // Where the driver fixes traffic classes, it alone says what they are.
      if path.contains("/traffic_class"), enabled.contains(where: { $0.hasFixedTrafficClasses }) {
        continue
      }
      // Queues that were configured but not enabled are not saved, as accel-config does not either.
      if fixtureLeavesOut(path, before) { continue }
      #expect(files.texts[path] == text, "\(path)")
    }
  }

  func fixtureLeavesOut(_ path: String, _ before: [String: String]) -> Bool {
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    guard folder.split(separator: "/").last?.hasPrefix("wq") == true else { return false }
    return before["/\(folder)/state"] != "enabled"
  }

  @Test("options set what accel-config's do")
  func optionsSetWhatAccelConfigsDo() throws {
    let files = try files()
    let run = CommandRun(
      "configure iax2/wq2.0 --ats-disable 1 --prs-disable 1 --op-config compress,0x42,noop "
        + "--max-transfer-size 65536 --enqcmds-retries 5 --event-log-size 100 "
        + "--desc-progress-limit 3 --batch-progress-limit 2 --traffic-class-a 0 --traffic-class-b 7",
      on: files)
    #expect(run.code == 0, "\(run.err)")
    for (name, value) in [
      ("wq2.0/ats_disable", "1"), ("wq2.0/prs_disable", "1"), ("wq2.0/max_transfer_size", "65536"),
      ("wq2.0/enqcmds_retries", "5"), ("event_log_size", "100"),
      (
        "wq2.0/op_config", "00000000,00000000,00000000,00000000,00000000,0000000c,00000000,00000001"
      ),
      ("group2.0/desc_progress_limit", "3"), ("group2.0/batch_progress_limit", "2"),
      ("group2.0/traffic_class_a", "0"), ("group2.0/traffic_class_b", "7"),
    ] {
      #expect(files.texts[Self.folder + name] == value, "\(name)")
    }
    let all = CommandRun("configure iax2/wq2.1 --op-config all", on: files)
    #expect(all.code == 0, "\(all.err)")
    #expect(
      files.texts[Self.folder + "wq2.1/op_config"] == files.texts[Self.folder + "op_cap"])
  }

  @Test(
    "values that the device refuses or lacks are found before the first write",
    arguments: [
      ("iax2 --ats-disable 2", "ats_disable has to be 0 or 1"),
      ("iax2 --enqcmds-retries 65", "enqcmds_retries has to be 0 to 64"),
      ("iax2 --enqcmds-retries 3 --mode dedicated", "--enqcmds-retries is for shared queues"),
      ("iax2 --max-transfer-size 0", "transfer size has to be 1 or more"),
      ("iax2 --op-config compress,0xff", "iax2 cannot do 0xff"),
      ("iax2 --event-log-size 63", "event_log_size has to be 64 to 65535"),
      ("iax2 --desc-progress-limit 4", "desc_progress_limit has to be 0 to 3"),
      ("iax2 --traffic-class-a 8", "traffic_class_a has to be 0 to 7"),
    ])
  func valuesThatTheDeviceRefusesAreFoundFirst(line: String, message: String) throws {
    let files = try files()
    let run = CommandRun("configure " + line, on: files)
    #expect(run.code == 1 && run.err.contains(message), "\(run.err)")
    #expect(files.writes.isEmpty)
  }

  /// Generation 1 has none of them; up to version 0x200 the driver keeps traffic classes to itself.
  @Test(
    "what a device has no choice of is refused as an option and passed over in a file",
    arguments: [
      ("--prs-disable 1", "wq5.0: prs_disable 1", "\"prs_disable\":1"),
      ("--desc-progress-limit 1", "group5.0: desc_progress_limit 1", ""),
      ("--traffic-class-b 2", "group5.0: traffic_class_b 2", ""),
      ("--event-log-size 128", "iax5: event_log_size 128", ""),
    ])
  func whatADeviceHasNoChoiceOfIsRefused(option: String, message: String, key: String) throws {
    let files = try files(fixture: "example")
    let run = CommandRun("configure iax5 --size 8 " + option, on: files)
    #expect(run.code == 1 && run.err.contains(message), "\(run.err)")
    if key.isEmpty { return }
    let text = """
      [{"dev":"iax5","groups":[{"dev":"group5.0","grouped_workqueues":[{"dev":"wq5.0",\(key),
      "mode":"shared","size":8,"type":"user","name":"a"}],"grouped_engines":[{"dev":"engine5.0"}]}]}]
      """
    let loaded = try load(text, files)
    #expect(loaded.code == 0 && loaded.err.contains(message + ": neither this device"))
    #expect(loaded.err.contains("has such a setting; passed over"))
  }

  @Test("a restriction of operations is never passed over")
  func aRestrictionOfOperationsIsNeverPassedOver() throws {
    let files = try files(fixture: "example")
    func text(_ operations: String) -> String {
      """
      [{"dev":"iax5","groups":[{"dev":"group5.0","grouped_workqueues":[{"dev":"wq5.0",
      "mode":"shared","size":8,"type":"user","name":"a","op_config":\(operations)}],
      "grouped_engines":[{"dev":"engine5.0"}]}]}]
      """
    }
    for (operations, message) in [
      ("\"0000000c,00000000,00000000\"", "wq5.0 cannot be restricted to some operations"),
      ("\"everything\"", "\"op_config\" has to be groups of hexadecimal digits"),
      ("12", "\"op_config\" has to be groups of hexadecimal digits"),
    ] {
      let run = try load(text(operations), files)
      #expect(run.code == 1 && run.err.contains(message), "\(run.err)")
    }
    #expect(files.writes.isEmpty)
  }

  @Test("unknown keys are named, what only lists print is not")
  func unknownKeysAreNamed() throws {
    let files = try files(fixture: "example")
    let text = """
      [{"dev":"iax5","numa_node":0,"max_batch_size":-2,"colour":"red","groups":[{"dev":"group5.0",
      "tokens_allowed":0,"grouped_workqueues":[{"dev":"wq5.0","mode":"shared","size":8,"type":"user",
      "name":"a","max_batch_size":-2,"ats_disable":-2,"treshold":4}],
      "grouped_engines":[{"dev":"engine5.0","group":1}]}]}]
      """
    let run = try load(text, files)
    #expect(run.code == 0)
    #expect(
      run.err == """
        deflate-iaa: iax5: "colour" is no key of a device; passed over
        deflate-iaa: wq5.0: "treshold" is no key of a queue; passed over
        deflate-iaa: engine5.0: "group" is no key of an engine; passed over

        """)
  }

  @Test(
    "what is there twice is an error",
    arguments: [
      (
        #"[{"dev":"iax5","groups":[{"dev":"group5.0","grouped_workqueues":[{"dev":"wq5.0","size":8,"#
          + "\n" + #""mode":"shared","size":16}]}]}]"#,
        #"line 2: "size" is there twice"#
      ),
      (
        #"[{"dev":"iax5","groups":[{"dev":"group5.0","grouped_workqueues":["#
          + #"{"dev":"wq5.0","size":8,"mode":"shared"},{"dev":"wq5.0","size":9,"mode":"shared"}]}]}]"#,
        "wq5.0 is in the file twice"
      ),
      (#"[{"dev":"iax5"},{"dev":"iax5"}]"#, "iax5 is in the file twice"),
      (
        #"[{"dev":"iax5","groups":[{"dev":"group5.0"},{"dev":"group5.0"}]}]"#,
        "group5.0 is in the file twice"
      ),
      (
        #"[{"dev":"iax5","groups":[{"dev":"group5.0","grouped_engines":["#
          + #"{"dev":"engine5.1"},{"dev":"engine5.1"}]}]}]"#,
        "engine5.1 is in the file twice"
      ),
    ])
  func whatIsThereTwiceIsAnError(text: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) { try AccelConfigFile(parsing: text) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  /// accel-config 4.1.6, config_default: all queues, an equal part each, priority 10, block on fault, no
  /// page requests, group 0 with all engines.
  @Test("user default is accel-config's")
  func userDefaultIsAccelConfigs() throws {
    let files = try files(fixture: "generation2")
    let run = CommandRun("configure --user-default", on: files)
    #expect(run.code == 0, "\(run.err)")
    for queue in ["wq2.0", "wq2.1"] {
      for (name, value) in [
        ("size", "128"), ("threshold", "128"), ("priority", "10"), ("group_id", "0"),
        ("block_on_fault", "1"), ("prs_disable", "1"), ("ats_disable", "0"), ("mode", "shared"),
        ("type", "user"), ("driver_name", "user"), ("name", "user_default_wq"),
        ("state", "enabled"),
      ] {
        #expect(files.texts["\(Self.folder)\(queue)/\(name)"] == value, "\(queue) \(name)")
      }
    }
  }

  func load(_ text: String, _ files: MemoryFiles) throws -> CommandRun {
    let path = FileManager.default.temporaryDirectory.appending(path: "iaa-\(UUID()).conf")
    try Data(text.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    return CommandRun(["configure", "--load", path.path], on: files.root)
  }
}
