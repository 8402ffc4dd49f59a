// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The real accel-config, where it is installed and a private mount namespace is allowed: it lists
// the fixture trees through /sys/bus and /sys/module, and our output has to be the same, less
// op_cap. It writes to cmd_status as it lists, so each test has a tree of its own.

import Foundation
import IAADevices
import TestSupport
import Testing

/// Runs accel-config with a tree in place of parts of /sys.
enum AccelConfig {
  static let script = """
    set -e
    mount --bind "$1/sys/bus" /sys/bus
    mount --bind "$1/sys/module" /sys/module
    shift
    exec accel-config "$@"
    """

  /// Its output; nil when it cannot be run here or gave up.
  static func run(_ arguments: [String], on tree: Tree) -> (output: String, status: Int32)? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["unshare", "-m", "sh", "-c", script, "sh", tree.folder.path] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus)
  }

  /// Whether version 3.5.3 lists an empty tree in a private mount namespace.
  static let isAvailable: Bool = {
    guard
      let tree = try? Tree(Listing(text: "/sys/module/idxd/parameters/sva = Y\n/sys/bus/dsa/x = y"))
    else { return false }
    guard let version = run(["--version"], on: tree) else { return false }
    return version.status == 0 && version.output.contains("3.5.3")
  }()
}

/// A fixture on disk for as long as the value lives.
final class Tree: Sendable {
  let folder: URL

  init(_ listing: Listing) throws {
    // Thousands of small files: memory is the place for them where there is a folder in it.
    let memory = "/dev/shm"
    let parent =
      FileManager.default.isWritableFile(atPath: memory)
      ? URL(filePath: memory) : FileManager.default.temporaryDirectory
    folder = parent.appending(path: "iaa-tree-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try listing.lay(out: folder)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}

@Suite struct AccelConfigAgreementTests {
  /// Those that accel-config can list; it crashes on some of the others, see below.
  static let fixtures = [
    "example", "generation2", "dsa-only", "default-configuration", "legacy-iommu", "halted",
    "attributes-missing", "malformed",
  ]

  @Test(
    "list equals accel-config's",
    .needs(
      "accel-config 3.5.3 in a mount namespace of its own", isFound: AccelConfig.isAvailable),
    arguments: fixtures, [["list"], ["list", "-i"]])
  func listEqualsAccelConfigs(fixture: String, arguments: [String]) throws {
    let tree = try Tree(Listing(fixture))
    let theirs = try #require(AccelConfig.run(arguments, on: tree))
    #expect(theirs.status == 0)
    let devices = SysfsTree(SystemRoot(tree.folder.path)).devices()
    let content: AccelConfigContent = arguments.count > 1 ? .idle : .active
    #expect(AccelConfigList(content, opCap: false).json(devices).pretty() == theirs.output)
  }

  /// Keys that 3.5.3 does not know, and traffic classes, which 4.1 no longer saves: the driver refuses
  /// to have them set on most devices, and ours are saved where it does not.
  static let newKeys: Set<String> = [
    "event_log_size", "desc_progress_limit", "batch_progress_limit", "prs_disable", "op_config",
    "enqcmds_retries", "traffic_class_a", "traffic_class_b",
  ]

  /// The value without negative numbers, which stand for attributes that are not there, and `keys`.
  static func reduced(_ value: JSON, without keys: Set<String>) -> JSON {
    switch value {
    case .array(let values): .array(values.map { reduced($0, without: keys) })
    case .object(let members):
      .object(
        members.compactMap { member in
          if case .integer(..<0) = member.value { return nil }
          if keys.contains(member.key) { return nil }
          return JSON.Member(key: member.key, value: reduced(member.value, without: keys))
        })
    default: value
    }
  }

  @Test(
    "saved file is accel-config's, without numbers that stand for nothing",
    .needs(
      "accel-config 3.5.3 in a mount namespace of its own", isFound: AccelConfig.isAvailable),
    arguments: ["example", "default-configuration", "generation2", "restricted"])
  func savedFileIsAccelConfigs(fixture: String) throws {
    let tree = try Tree(Listing(fixture))
    let file = tree.folder.appending(path: "saved.conf")
    _ = try #require(AccelConfig.run(["save-config", "-s", file.path], on: tree))
    let theirs = try JSON(parsing: String(contentsOf: file, encoding: .utf8))
    let run = CommandRun(["configure", "--save", "-"], on: SystemRoot(tree.folder.path))
    let ours = try JSON(parsing: run.out)
    #expect(
      Self.reduced(ours, without: Self.newKeys) == Self.reduced(theirs, without: Self.newKeys))
  }

  /// As 4.1.6 wrote it, built from its release (intel/idxd-config, accel-config-v4.1.6).
  @Test("saved file is that of 4.1", arguments: ["generation2", "restricted"])
  func savedFileIsThatOfFourth(fixture: String) throws {
    let text = try String(
      contentsOf: Listing.folder.appending(path: "accel-config-4.\(fixture).conf"), encoding: .utf8)
    let theirs = try JSON(parsing: text)
    let ours = try JSON(
      parsing: CommandRun("configure --save -", on: MemoryFiles(try Listing(fixture))).out)
    let own: Set<String> = ["traffic_class_a", "traffic_class_b", "enqcmds_retries"]
    #expect(Self.reduced(ours, without: own) == Self.reduced(theirs, without: []))
    // Theirs is read, negative numbers and all.
    let entry = try #require(try AccelConfigFile(parsing: text).entries.first)
    #expect(try AccelConfigFile(parsing: text).notes.isEmpty)
    #expect(entry.settings.queues[1]?.prsDisable == (fixture == "restricted" ? 1 : 0))
  }

  @Test("list is that of 4.1", arguments: ["generation2", "restricted"])
  func listIsThatOfFourth(fixture: String) throws {
    let recorded = try String(
      contentsOf: Listing.folder.appending(path: "accel-config-4.\(fixture).idle.json"),
      encoding: .utf8)
    let files = MemoryFiles(try Listing(fixture))
    #expect(CommandRun("devices --json=4 -i", on: files).out == recorded)
    // It is what the tree calls for; the older form is there when asked for.
    #expect(CommandRun("devices --json -i", on: files).out == recorded)
    #expect(CommandRun("devices --json=3 -i", on: files).out != recorded)
    #expect(CommandRun("devices --json -i iax2", on: files).out.contains("\"iax2\""))
  }

  /// accel-config writes into plain files here, so a tree that was wiped tells what it set.
  @Test(
    "accel-config loads our file",
    .needs(
      "accel-config 3.5.3 in a mount namespace of its own", isFound: AccelConfig.isAvailable),
    arguments: ["example", "generation2", "restricted"])
  func accelConfigLoadsOurFile(fixture: String) throws {
    let original = try Listing(fixture)
    let saved = CommandRun("configure --save -", on: MemoryFiles(original)).out
    // Disabled by a simulated kernel, which resets what the real one resets.
    let files = MemoryFiles(original, reacting: true)
    #expect(CommandRun("disable --all --force", on: files).code == 0)
    var wiped = original
    for (path, text) in files.texts { wiped.entries[path] = .text(text) }
    let tree = try Tree(wiped)
    let file = tree.folder.appending(path: "ours.conf")
    try Data(saved.utf8).write(to: file)
    let run = try #require(AccelConfig.run(["load-config", "-c", file.path], on: tree))
    #expect(run.status == 0)
    let enabled = SysfsTree(MemoryFiles(original).root).devices()
      .filter { $0.kind == .iaa && $0.isEnabled }
    for queue in enabled.flatMap({ $0.queues.filter(\.isEnabled) }) {
      for name in [
        "mode", "size", "group_id", "priority", "block_on_fault", "type", "name",
        "max_transfer_size",
      ] {
        guard case .text(let text) = original.entries["\(queue.path)/\(name)"] else { continue }
        let now = try String(
          contentsOfFile: tree.folder.path + "\(queue.path)/\(name)", encoding: .utf8)
        #expect(now.hasPrefix(text), "\(queue.name) \(name): \(now)")
      }
    }
  }

  /// The package brings examples, one of them with a comma too many.
  @Test(
    "its own examples are read",
    .needs(
      "accel-config's example files",
      isFound: FileManager.default.fileExists(atPath: "/etc/accel-config/contrib/configs")))
  func itsOwnExamplesAreRead() throws {
    let folder = URL(filePath: "/etc/accel-config/contrib/configs")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".conf") }
    #expect(!files.isEmpty)
    for name in files {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      // They are for DSA devices: every device is named as passed over.
      let file = try AccelConfigFile(parsing: text)
      #expect(!file.notes.isEmpty && file.entries.isEmpty, "\(name)")
      // With IAA's names they are set-ups like any other.
      let other = try AccelConfigFile(
        parsing: text.replacingOccurrences(of: "\"dsa", with: "\"iax"))
      #expect(other.entries.allSatisfy { !$0.settings.queues.isEmpty }, "\(name)")
    }
  }

  /// accel-config's printing of the example, as it was recorded: this holds without accel-config.
  @Test(
    "example equals the recorded listing",
    arguments: [AccelConfigContent.active, .idle])
  func exampleEqualsTheRecordedListing(content: AccelConfigContent) throws {
    let devices = SysfsTree(MemoryFiles(try Listing("example")).root).devices()
    let name = content == .idle ? "accel-config.idle.json" : "accel-config.active.json"
    let recorded = try String(
      contentsOf: Listing.folder.appending(path: name), encoding: .utf8)
    #expect(AccelConfigList(content, opCap: false).json(devices).pretty() == recorded)
  }
}
