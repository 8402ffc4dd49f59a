// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A set-up that comes back at every start: the saved file, the unit that loads it, and its link.

import Foundation
import IAADevices
import SystemPackage
import TestSupport
import Testing

@Suite struct PersistTests {
  static let file = "/etc/deflate-iaa/devices.conf"
  static let unit = "/etc/systemd/system/deflate-iaa-devices.service"
  static let link = "/etc/systemd/system/multi-user.target.wants/deflate-iaa-devices.service"

  @Test("persist keeps the present set-up, unpersist lets it go")
  func persistKeepsThePresentSetUp() throws {
    let files = MemoryFiles(try Listing("restricted"), reacting: true)
    let before = files.texts
    let run = CommandRun("configure --persist", on: files)
    #expect(run.code == 0 && run.out.contains("loads it at every start"), "\(run.err)")
    #expect(files.writes.isEmpty, "nothing is configured")
    let saved = CommandRun("configure --save -", on: files).out
    #expect(files.texts[Self.file].map { $0 + "\n" } == saved)
    #expect(
      files.state.withLock { $0.entries[Self.link] } == .link("../deflate-iaa-devices.service"))
    let unit = try #require(files.texts[Self.unit])
    #expect(unit.contains("configure --load /etc/deflate-iaa/devices.conf"))
    #expect(unit.contains("WantedBy=multi-user.target"))
    #expect(!unit.contains("modprobe iaa_crypto"))
    #expect(CommandRun("configure --unpersist", on: files).code == 0)
    #expect(files.texts == before)
    #expect(CommandRun("configure --unpersist", on: files).out == "nothing was kept\n")
  }

  @Test("persist behind a set-up keeps the new one")
  func persistBehindASetUpKeepsTheNewOne() throws {
    let files = MemoryFiles(try Listing("default-configuration"), reacting: true)
    #expect(CommandRun("configure --persist", on: files).code == 0)
    let kernel = try #require(files.texts[Self.unit])
    #expect(kernel.contains("modprobe iaa_crypto"))
    // The driver's attributes come back, too, before a queue is bound.
    let attributes = DriverAttributes(files.root)
    let verify = attributes.verifyCompress.value == true ? 1 : 0
    let sync = attributes.syncMode.value?.rawValue ?? ""
    #expect(
      kernel.contains(
        "deflate-iaa attributes --verify-compress \(verify) --sync-mode \(sync)\nExecStart="),
      "\(kernel)")
    let run = CommandRun("configure --user 2 --persist", on: files)
    #expect(run.code == 0, "\(run.err)")
    let file = try AccelConfigFile(parsing: files.texts[Self.file] ?? "")
    #expect(file.entries.count == 4)
    #expect(file.entries.allSatisfy { $0.settings.queues.count == 2 })
    #expect(files.texts[Self.unit]?.contains("modprobe iaa_crypto") == false)
  }

  /// The script makes by a shell what the command makes, and what it made is taken away by the other.
  @Test("dry run's script does the same")
  func dryRunsScriptDoesTheSame() throws {
    let tree = try Tree(Listing("restricted"))
    let other = try Tree(Listing("restricted"))
    let run = CommandRun(["configure", "--persist", "-n"], on: SystemRoot(tree.folder.path))
    #expect(run.code == 0 && !FileManager.default.fileExists(atPath: tree.folder.path + Self.file))
    try shell(run.out)
    #expect(CommandRun(["configure", "--persist"], on: SystemRoot(other.folder.path)).code == 0)
    for path in [Self.file, Self.unit, Self.link] {
      let texts = try [tree, other].map {
        try String(contentsOfFile: $0.folder.path + path, encoding: .utf8)
      }
      #expect(texts[0] == texts[1] && !texts[0].isEmpty, "\(path)")
    }
    let link = try FileManager.default.destinationOfSymbolicLink(
      atPath: other.folder.path + Self.link)
    #expect(link == "../deflate-iaa-devices.service")
    // Once more over what is there, then away.
    #expect(CommandRun(["configure", "--persist"], on: SystemRoot(other.folder.path)).code == 0)
    try shell(CommandRun(["configure", "--unpersist", "-n"], on: SystemRoot(tree.folder.path)).out)
    #expect(CommandRun(["configure", "--unpersist"], on: SystemRoot(other.folder.path)).code == 0)
    for tree in [tree, other] {
      for path in [Self.file, Self.unit, Self.link] {
        #expect(!FileManager.default.fileExists(atPath: tree.folder.path + path), "\(path)")
      }
    }
  }

  @Test(
    "persist goes with nothing that has no set-up to keep",
    arguments: [
      "--persist --unpersist", "--persist --save x", "--persist --no-enable --user 1",
      "--persist --user 2 -n",
      "--unpersist --user 1", "--unpersist iax1", "--persist --size 8",
    ])
  func persistGoesWithNothingThatHasNoSetUpToKeep(options: String) throws {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    #expect(CommandRun("configure " + options, on: files).code == 1)
    #expect(files.writes.isEmpty && files.texts[Self.file] == nil)
  }

  @Test("without an enabled device nothing is kept")
  func withoutAnEnabledDeviceNothingIsKept() throws {
    var listing = try Listing("generation2")
    try listing.read("/sys/bus/dsa/devices/iax2/state = disabled")
    let files = MemoryFiles(listing)
    let run = CommandRun("configure --persist", on: files)
    #expect(run.code == 1 && run.err.contains("nothing to keep"), "\(run.err)")
    #expect(files.texts[Self.unit] == nil)
  }

  @Test("persist and unpersist print their writes with -v")
  func verbosePrintsTheWrites() throws {
    let files = MemoryFiles(try Listing("restricted"), reacting: true)
    #expect(
      CommandRun("configure --persist -v", on: files).out.hasPrefix(
        "write \(Self.file)\nwrite \(Self.unit)\nlink \(Self.link)\nkept in"))
    #expect(
      CommandRun("configure --unpersist -v", on: files).out.hasPrefix(
        "remove \(Self.link)\nremove \(Self.unit)\nremove \(Self.file)\n"))
  }

  /// Files by path, all root's own but those named.
  struct Owned: SystemFiles {
    let others: [String: FileStatus]
    func status(of path: String) throws(Errno) -> FileStatus {
      others[path] ?? FileStatus(kind: .directory, permissions: 0o755, userID: 0, groupID: 0)
    }
    func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] { throw .noSuchFileOrDirectory }
    func write(_ bytes: [UInt8], to path: String) throws(Errno) { throw .notPermitted }
    func replace(_ path: String, with bytes: [UInt8]) throws(Errno) { throw .notPermitted }
    func remove(_ path: String) throws(Errno) { throw .notPermitted }
    func names(in path: String) throws(Errno) -> [String] { [] }
    func target(ofLink path: String) throws(Errno) -> String { throw .invalidArgument }
  }

  @Test("a program that others can replace is not run by root at every start")
  func replaceablePrograms() throws {
    func fault(_ place: String, _ mode: UInt32, user: UInt32 = 0, group: UInt32 = 0) -> String? {
      let kind: FileStatus.Kind = place.hasSuffix("iaa") ? .file : .directory
      let status = FileStatus(kind: kind, permissions: mode, userID: user, groupID: group)
      return ReplaceableFile("/opt/a/deflate-iaa", in: Owned(others: [place: status]))?.description
    }
    #expect(fault("/nowhere", 0) == nil)
    #expect(
      fault("/opt/a/deflate-iaa", 0o755, user: 7) == "/opt/a/deflate-iaa belongs to user 7")
    #expect(fault("/opt/a", 0o755, user: 1000) == "/opt/a belongs to user 1000")
    #expect(fault("/opt", 0o777) == "/opt can be written to by everyone")
    #expect(fault("/", 0o755, user: 5) == "/ belongs to user 5")
    #expect(fault("/opt/a", 0o775, group: 50) == "/opt/a can be written to by group 50")
    #expect(fault("/opt/a", 0o775) == nil)
    // In a sticky folder others cannot take away what is root's.
    #expect(fault("/opt", 0o1777) == nil)
    #expect(fault("/opt/a/deflate-iaa", 0o1757) != nil)
  }

  @Test("persist refuses such a program, and a dry run does, too")
  func persistRefusesAReplaceableProgram() throws {
    var listing = try Listing("restricted")
    try listing.read("device 0757 /usr/local/bin/deflate-iaa")
    let files = MemoryFiles(listing, reacting: true)
    for line in ["configure --persist", "configure --persist -n"] {
      let run = CommandRun(line, on: files)
      #expect(
        run.code == 1 && run.out.isEmpty
          && run.err.contains(
            "/usr/local/bin/deflate-iaa can be written to by everyone, and root would run"),
        "\(run.transcript)")
      #expect(files.texts[Self.unit] == nil)
    }
  }

  func shell(_ script: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", script]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
