// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import IAADevices
import MemoryEstimate
import SystemPackage
import TestSupport
import Testing

@testable import DeviceCommands

@Suite("Names that are no UTF-8")
struct NameTests {
  @Test("any bytes go through text and come out as they were")
  func roundTrip() {
    var random = SeededGenerator(test: "estimate.names")
    let fixed: [[UInt8]] = [
      [], Array("plain/ä/漢/😀".utf8), [0xFF], [0xC3], [0xE6, 0xBC], [0xF0, 0x9F, 0x98],
      // U+10FFFF, which stands for a byte itself, and an overlong form.
      [0xF4, 0x8F, 0xBF, 0xBF], [0xC0, 0xAF], Array("e\u{301}\r\n".utf8),
    ]
    let drawn = (0..<2000).map { _ in
      (0..<Int.random(in: 1...12, using: &random)).map { _ in
        Bool.random(using: &random) ? random.byte() : UInt8(ascii: "a")
      }
    }
    for bytes in fixed + drawn {
      #expect(String(escaping: bytes).unescapedBytes == bytes)
      if String(validating: bytes, as: UTF8.self) == nil {
        #expect(String(escaping: bytes).unescapedText.unicodeScalars.contains("\u{FFFD}"))
      }
    }
    #expect(String(escaping: Array("plain/ä/😀".utf8)) == "plain/ä/😀")
  }

  @Test("a file in a folder is opened by the name that is listed, whatever scalars it has")
  func listed() throws {
    let folder = try TemporaryDirectory()
    // The last is U+10FF41, which stands for the byte 0x41 where it is not in a name itself.
    for (name, text) in [("A", "short"), ("\u{10FF41}", "scalar")] {
      try folder.write(Array(text.utf8), to: name)
    }
    let root = HostFiles(root: folder.url.path)
    let names = try root.names(in: "/")
    #expect(names.map { Array($0.unescapedBytes) } == [[0x41], [0xF4, 0x8F, 0xBD, 0x81]])
    let texts = try names.map { try root.read("/" + $0, limit: 10) }
    #expect(texts == [Array("short".utf8), Array("scalar".utf8)])
  }

  @Test("a file is found by its bytes, and its name is repaired in the output")
  func file() throws {
    let folder = try TemporaryDirectory()
    let name = Array(folder.url.path.utf8) + Array("/a\u{FF}b".utf8).filter { $0 != 0xC3 } + [0xFF]
    // SAFETY: the array ends with NUL.
    let path = unsafe FilePath(platformString: name.map { CChar(bitPattern: $0) } + [0])
    let file = try FileDescriptor.open(
      path, .writeOnly, options: .create, permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll([UInt8](repeating: 3, count: 5000)) }
    let run = EstimateTestRun([String(escaping: name), "--json"])
    #expect(run.code == 0, "\(run.err)")
    let sources = try #require(try run.json()["sources"] as? [[String: Any]])
    #expect(sources[0]["pages"] as? Int == 2)
    #expect((sources[0]["name"] as? String)?.hasSuffix("\u{FFFD}") == true)
  }

  @Test("what is written is found by its bytes, too, and what is said of it can be read")
  func outputs() throws {
    let tree = try Tree()
    let folder = tree.folder.url.path
    let name = Array(folder.utf8) + [0x2F, 0x6F, 0xFF]
    let pages = try tree.folder.write([UInt8](repeating: 3, count: 5000), to: "pages").path
    func bytes(_ suffix: String) -> [UInt8] { name + Array(suffix.utf8) }
    func holds(_ suffix: String) throws -> [UInt8] {
      // SAFETY: the array ends with NUL.
      let path = unsafe FilePath(
        platformString: bytes(suffix).map { CChar(bitPattern: $0) } + [0])
      let file = try FileDescriptor.open(path, .readOnly)
      return try file.closeAfter {
        var room = [UInt8](repeating: 0, count: 100)
        // SAFETY: the array's own memory, for the call.
        let count = unsafe try room.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
        return Array(room.prefix(count))
      }
    }
    let run = EstimateTestRun([
      pages, "--html", String(escaping: bytes(".html")), "--prometheus",
      String(escaping: bytes(".prom")),
    ])
    #expect(run.code == 0, "\(run.err)")
    #expect(try holds(".html").starts(with: Array("<!doctype html>".utf8)))
    #expect(try holds(".prom").starts(with: Array("# HELP".utf8)))
    // A profile of that name is read, and one that is not there is named for people.
    try HostFiles.write(
      Array(
        #"{"format": "deflate-iaa profile", "formatVersion": 1, "name": "m", "rules": {}}"#.utf8),
      to: String(escaping: bytes(".json")))
    let named = EstimateTestRun([
      pages, "--profile", String(escaping: bytes(".json")), "--json",
    ])
    #expect(try named.json()["profile"] as? String == "m")
    let missing = EstimateTestRun([pages, "--profile", String(escaping: bytes(".none"))])
    #expect(missing.code == 1 && missing.err.contains("/o\u{FFFD}.none: No such file"))
    #expect(!missing.err.unicodeScalars.contains { $0.value >= 0x10_FF00 })
    // A tree, and a process in it.
    let root = String(escaping: bytes(".tree"))
    // SAFETY: the array ends with NUL and lives for the call.
    let made = unsafe mkdir(bytes(".tree").map { CChar(bitPattern: $0) } + [0], 0o700)
    #expect(made == 0)
    try HostFiles(root: root).put(
      Array("4.0\n".utf8), at: "/proc/sys/kernel/osrelease", isSynchronized: false)
    #expect(SystemRoot(root).exists("/proc/sys/kernel/osrelease"))
    let tried = EstimateTestRun(["--pid", "7", "--root", root])
    #expect(tried.code == 1 && tried.err.contains("--pid 7: no such file or process"))
    let read = EstimateTestRun([pages, "--root", root, "--json"])
    #expect(try read.json()["kernel"] as? String == "4.0")
  }

  @Test("groups of either version are found, and those below them by their bytes")
  func groups() throws {
    let tree = try Tree([
      "sys/fs/cgroup/two/cgroup.procs": "1\n", "sys/fs/cgroup/memory/one/cgroup.procs": "5\n2\n",
      "sys/fs/cgroup/unified/both/cgroup.procs": "9\n",
    ])
    let path = { (group: String) in EstimateSources.groupPath(group, tree.root) }
    #expect(path("two") == "/sys/fs/cgroup/two" && path("/two") == "/sys/fs/cgroup/two")
    #expect(path("one") == "/sys/fs/cgroup/memory/one")
    #expect(path("both") == "/sys/fs/cgroup/unified/both")
    #expect(path("none") == "/sys/fs/cgroup/none")
    #expect(path("/sys/fs/cgroup/cpu/x") == "/sys/fs/cgroup/cpu/x")
    let group = FilePath(tree.root.locate("/sys/fs/cgroup/memory/one"))
    let below = group.appending(
      try #require(FilePath.Component(platformString: [0x61, -1, 0x62, 0])))
    // SAFETY: the path ends with NUL and lives for the call.
    let made = unsafe below.withPlatformString { unsafe mkdir($0, 0o700) }
    #expect(made == 0)
    let file = try FileDescriptor.open(
      below.appending("cgroup.procs"), .writeOnly, options: .create,
      permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll("31\n".utf8) }
    #expect(try ProcessList.ofGroup(group) == [2, 5, 31])
    // One without processes is named in every output for people.
    let empty = group.appending(
      try #require(FilePath.Component(platformString: [0x65, -1, 0x66, 0])))
    // SAFETY: as above.
    #expect(unsafe empty.withPlatformString { unsafe mkdir($0, 0o700) } == 0)
    let none = try FileDescriptor.open(
      empty.appending("cgroup.procs"), .writeOnly, options: .create,
      permissions: .ownerReadWrite)
    try none.close()
    let page = tree.folder.url.appending(path: "page.html")
    let pages = try tree.folder.write([UInt8](repeating: 3, count: 5000), to: "pages").path
    let run = EstimateTestRun([
      pages, "--cgroup", String(escaping: Array("one/e".utf8) + [0xFF] + Array("f".utf8)), "--root",
      tree.folder.url.path, "--html", page.path,
    ])
    let html = try String(contentsOf: page, encoding: .utf8)
    for text in [run.out + run.err, html] {
      #expect(text.contains("one/e\u{FFFD}f"), "\(run.code) \(run.err)")
      #expect(!text.unicodeScalars.contains { $0.value >= 0x10_FF00 })
    }
  }

  @Test("a process's own name may hold any bytes")
  func process() throws {
    let tree = try Tree()
    try tree.addProcess(7, pages: [(1, [UInt8](repeating: 1, count: 4096))])
    try tree.folder.write([0x61, 0xFF, 0x1B, 0x62, 0x0A], to: "proc/7/comm")
    let run = EstimateTestRun(["--pid", "7", "--root", tree.folder.url.path])
    #expect(run.code == 0 && run.out.hasPrefix("pid 7 (a\u{FFFD}?b): 1 pages"), "\(run.out)")
  }
}
