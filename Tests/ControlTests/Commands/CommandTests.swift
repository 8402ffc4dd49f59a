// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The commands as scripts see them: exit codes, messages without a device, dry runs that work.

import DeviceCommands
import Foundation
import IAADevices
import Testing

@Suite struct CommandTests {
  @Test("names are those of the subcommands")
  func namesAreThoseOfTheSubcommands() {
    #expect(
      DeviceCommands.names == [
        "devices", "configure", "enable", "disable", "doctor", "attributes", "stats", "zswap",
        "calibrate", "estimate",
      ])
  }

  /// What each command answers where there is nothing, and with which exit code.
  @Test(
    "every command answers without a device",
    arguments: [
      ("devices", 2, "No IAA device"),
      ("devices --json", 2, "[\n]\n"),
      ("doctor -q", 2, "no IAA device here, and nothing to fix"),
      ("configure --default", 1, "no IAA device to configure"),
      ("configure --user 2 --dry-run", 1, "no IAA device to configure"),
      ("enable --all", 1, "no IAA device to enable"),
      ("disable --all", 1, "no IAA device to disable"),
      ("attributes", 1, "iaa_crypto is not in this kernel"),
      ("attributes --sync-mode async", 1, "this kernel has no iaa_crypto"),
      ("stats", 1, "iaa_crypto is not loaded"),
      ("stats --reset", 1, "iaa_crypto is not loaded"),
      ("zswap", 1, "no zswap"),
      ("zswap enable", 1, "no zswap"),
      ("zswap restore", 1, "nothing to restore"),
      ("calibrate --compare 0", 2, "no IAA device"),
    ])
  func everyCommandAnswersWithoutADevice(line: String, code: Int32, text: String) throws {
    let files = MemoryFiles(try Listing("no-devices"))
    let run = CommandRun(line, on: files)
    #expect(run.code == code, "\(run.transcript)")
    #expect((run.out + run.err).contains(text), "\(run.transcript)")
    #expect(files.writes.isEmpty)
  }

  @Test(
    "wrong usage is an error with a hint",
    arguments: [
      "configure", "configure --user 0", "configure --default --user 1",
      "configure --user 1 --size 4",
      "configure --mode both iax1", "configure wq1", "enable", "enable --all iax1", "disable",
      "attributes --verify-compress 2", "attributes --sync-mode never", "stats --interval 0",
      "zswap exercise", "zswap exercise 0", "zswap exercise 1 --fill stripes", "devices extra",
      "calibrate --compare -1", "calibrate iax", "calibrate -o same --report same", "estimate",
      "estimate --system --cold 130%",
    ])
  func wrongUsageIsAnErrorWithAHint(line: String) throws {
    let files = MemoryFiles(try Listing("example"))
    let run = CommandRun(line, on: files)
    #expect(run.code == 1, "\(run.transcript)")
    #expect(run.err.hasPrefix("deflate-iaa: ") && run.out.isEmpty)
    let words = line.split(separator: " ")
    let command = words.prefix(words[0] == "zswap" ? 2 : 1).joined(separator: " ")
    #expect(run.err.contains("try 'deflate-iaa \(command) --help'"))
    #expect(files.writes.isEmpty)
  }

  @Test(
    "help is printed and succeeds",
    arguments: [
      "devices", "configure", "enable", "disable", "doctor", "attributes", "stats", "zswap",
      "zswap exercise", "calibrate", "estimate",
    ])
  func helpIsPrintedAndSucceeds(command: String) throws {
    let run = CommandRun(command + " --help", on: MemoryFiles(try Listing("example")))
    #expect(run.code == 0)
    #expect(run.out.contains("USAGE: deflate-iaa \(command)"), "\(run.out)")
  }

  /// The script, run by a shell on a tree on disk, leaves what the writes in order would leave.
  @Test(
    "dry run script does the same writes",
    arguments: [
      "configure --user 2 -n --force", "configure --default -n --force",
      "disable --all -n --force", "configure --name it's --size 8 iax5 -n",
    ])
  func dryRunScriptDoesTheSameWrites(line: String) throws {
    let listing = try Listing("example")
    let tree = try Tree(listing)
    let arguments = line.split(separator: " ").map(String.init)
    let run = CommandRun(arguments, on: SystemRoot(tree.folder.path))
    #expect(run.code == 0)
    // Modules are the running system's; a test leaves them alone.
    let script = run.out.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains("modprobe") && !$0.contains("rmmod") }.joined(separator: "\n")
    // What the shell put where, told by a "put" of the test's own behind the script's.
    let logged = script.replacingOccurrences(
      of: "put() {", with: "put() {\n  echo \"$1 > $2\"")
    let output = try shell(logged)
    let memory = MemoryFiles(listing, reacting: true)
    let real = CommandRun(
      arguments.filter { $0 != "-n" } + ["--force"], on: memory.root)
    #expect(real.code == 0, "\(real.err)")
    #expect(
      output.split(separator: "\n").map(String.init)
        == memory.writes.map { "\($0.value) > \(tree.folder.path)\($0.path)" })
    for write in memory.writes {
      let last = memory.writes.last { $0.path == write.path }
      let file = try String(contentsOfFile: tree.folder.path + write.path, encoding: .utf8)
      #expect(file == (last?.value ?? "") + "\n")
    }
  }

  func shell(_ script: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", script]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }

  @Test("dry run writes nothing")
  func dryRunWritesNothing() throws {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    for line in [
      "configure --user 1 -n --force", "enable --all -n", "disable --all -n --force",
      "zswap enable -n",
    ] {
      let run = CommandRun(line, on: files)
      #expect(run.code == 0 && !(run.out.isEmpty), "\(run.err)")
    }
    #expect(files.writes.isEmpty)
  }

  @Test("saved file loads back to the same set up")
  func savedFileLoadsBackToTheSameSetUp() throws {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    let saved = CommandRun("configure --save -", on: files)
    #expect(saved.code == 0)
    let file = try AccelConfigFile(parsing: saved.out)
    let devices = SysfsTree(files.root).devices()
    for entry in file.entries {
      let device = try #require(devices.first { $0.name == entry.settings.name })
      var expected = DeviceSettings(device)
      // What is not enabled is not saved, as accel-config does.
      expected.queues = expected.queues.filter { expected.enabledQueues.contains($0.key) }
      // accel-config has no key for these; the driver's own number is left out.
      for index in expected.queues.keys where expected.queues[index]?.enqcmdsRetries == 32 {
        expected.queues[index]?.enqcmdsRetries = nil
      }
      #expect(entry.settings == expected)
    }
    #expect(file.entries.count == 3)
  }

  @Test("load tolerates trailing commas and old files")
  func loadToleratesTrailingCommasAndOldFiles() throws {
    let text = """
      [
        {
          "dev":"iax5",
          "groups":[
            { "dev":"group5.1", "tokens_reserved":0, "traffic_class_a":0,
              "grouped_workqueues":[
                { "dev":"wq5.2", "mode":"shared", "size":16, "group_id":1, "priority":10,
                  "block_on_fault":1, "type":"user", "name":"app1", "threshold":15, },
              ],
              "grouped_engines":[ { "dev":"engine5.0", "group_id":1 }, ],
            },
          ],
        },
        { "dev":"dsa0", },
      ]
      """
    let path = FileManager.default.temporaryDirectory.appending(path: "iaa-\(UUID()).conf")
    try Data(text.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let files = MemoryFiles(try Listing("example"), reacting: true)
    let run = CommandRun(["configure", "--load", path.path], on: files.root)
    #expect(run.code == 0, "\(run.err)")
    #expect(
      run.err == """
        deflate-iaa: dsa0 is not an IAA device; passed over
        deflate-iaa: group5.1: traffic_class_a 0: on this device it is fixed, unless idxd is loaded with tc_override=1; passed over

        """)
    let device = try #require(SysfsTree(files.root).devices().first { "\($0.name)" == "iax5" })
    let queue = device.queues[2]
    #expect(queue.isEnabled && queue.threshold.value == 15 && queue.driverName.value == "user")
    #expect(device.engines(serving: queue).map(\.name.index) == [0])
  }

  @Test(
    "broken files are refused with a reason",
    arguments: [
      "", "{", "[{}]", "{\"dev\":\"iax1\"}", "[{\"dev\":\"iaa1\"}]", "[1 2]", "nonsense",
      "[{\"dev\":\"iax5\",\"groups\":[{\"dev\":\"group1.0\"}]}]",
    ])
  func brokenFilesAreRefusedWithAReason(text: String) throws {
    #expect(throws: ConfigurationError.self) { try AccelConfigFile(parsing: text) }
  }

  @Test(
    "numbers that are none are refused by name",
    arguments: [
      ("\"size\":1e30", "size"), ("\"size\":\"16\"", "size"),
      ("\"size\":16,\"priority\":\"9\"", "priority"),
      ("\"size\":16,\"threshold\":99999999999999999999", "threshold"),
    ])
  func numbersThatAreNoneAreRefusedByName(fields: String, key: String) {
    let text = """
      [{"dev":"iax5","groups":[{"dev":"group5.0","grouped_workqueues":[
      {"dev":"wq5.0","mode":"shared",\(fields)}]}]}]
      """
    let expected = ConfigurationError(["wq5.0: \"\(key)\" has to be a whole number"])
    #expect(throws: expected) { try AccelConfigFile(parsing: text) }
  }

  @Test("deep nesting is refused not followed")
  func deepNestingIsRefusedNotFollowed() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
  }

  @Test("JSON strings survive writing and reading")
  func jsonStringsSurviveWritingAndReading() throws {
    let value = JSON.array([.string("a/b\"c\\d\n\t\u{1}é🂡"), .integer(-2), .bool(true), .null])
    #expect(try JSON(parsing: value.pretty()) == value)
  }

  @Test("JSON escapes are code units of four digits")
  func jsonEscapesAreCodeUnitsOfFourDigits() throws {
    #expect(try JSON(parsing: #""\u00e9\uD83C\udca1""#) == .string("é🂡"))
    for text in [#""\u+12F""#, #""\u12""#, #""\uD83C""#, #""\uD83Cx""#] {
      #expect(throws: JSONError.self, "\(text)") { try JSON(parsing: text) }
    }
  }
}
