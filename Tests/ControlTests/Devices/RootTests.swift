// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A root's files against links that lead out of it, by the kernel's way and by the walk that stands
// in for it. Beside the tree lies a folder that nothing may read or change.

import Foundation
import IAADevices
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A tree, and a folder outside it with a secret.
private final class Scene: Sendable {
  static let secret = "secret\n"
  let folder: URL
  var tree: String { folder.path + "/tree" }
  var outside: String { folder.path + "/outside" }
  let walks: Bool

  init(walks: Bool) throws {
    self.walks = walks
    folder = FileManager.default.temporaryDirectory.appending(path: "iaa-root-\(UUID())")
    let manager = FileManager.default
    for name in ["tree/sys", "outside/folder"] {
      try manager.createDirectory(
        at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    for name in ["file", "folder/file", "folder/other"] {
      try Data(Self.secret.utf8).write(to: folder.appending(path: "outside/\(name)"))
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var files: HostFiles { walks ? HostFiles(root: tree).walking : HostFiles(root: tree) }
  var root: SystemRoot { SystemRoot(tree, files: files) }

  func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: tree + path, withDestinationPath: target)
  }

  func put(_ path: String, _ text: String) throws {
    try FileManager.default.createDirectory(
      atPath: URL(filePath: tree + path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: tree + path))
  }

  /// Whether the folder outside is what it was.
  var isUntouched: Bool {
    let manager = FileManager.default
    return (try? manager.subpathsOfDirectory(atPath: outside).sorted())
      == ["file", "folder", "folder/file", "folder/other"]
      && ["file", "folder/file", "folder/other"].allSatisfy {
        (try? String(contentsOfFile: "\(outside)/\($0)", encoding: .utf8)) == Self.secret
      }
  }
}

@Suite("Nothing outside a root is read, listed or changed", .timeLimit(.minutes(2)))
struct RootTests {
  /// Paths below the tree that would be the file outside, were links followed as elsewhere.
  private static func escapes(_ scene: Scene) throws -> [String] {
    let up = String(repeating: "../", count: 40) + scene.outside.dropFirst()
    try scene.link("/sys/absolute", to: scene.outside + "/file")
    try scene.link("/sys/relative", to: "../../outside/file")
    try scene.link("/sys/long", to: up + "/file")
    try scene.link("/sys/folder", to: scene.outside + "/folder")
    try scene.link("/sys/up", to: "../..")
    try scene.link("/sys/chain", to: "folder")
    try scene.link("/sys/process", to: "/proc/self/root" + scene.outside + "/file")
    return [
      "/sys/absolute", "/sys/relative", "/sys/long", "/sys/folder/file", "/sys/up/outside/file",
      "/sys/chain/file", "/sys/chain/../file", "/../outside/file", "/sys/../../outside/file",
      "/sys/process",
    ]
  }

  @Test("links by absolute paths and by '..' stay inside", arguments: [false, true])
  func links(walks: Bool) throws {
    let scene = try Scene(walks: walks)
    for path in try Self.escapes(scene) {
      #expect(throws: Errno.self, "\(path)") { try scene.files.read(path, limit: 100) }
      #expect(throws: Errno.self, "\(path)") { try scene.files.write([65], to: path) }
      #expect(throws: Errno.self, "\(path)") { try scene.files.status(of: path) }
      #expect(throws: Errno.self, "\(path)") { try scene.files.names(in: path) }
    }
    for path in ["/sys/folder", "/sys/chain", "/sys/up/outside", "/../outside/folder"] {
      #expect(throws: Errno.self, "\(path)") { try scene.files.names(in: path) }
      #expect(throws: Errno.self, "\(path)") { try scene.files.remove(path + "/other") }
      #expect(throws: Errno.self, "\(path)") { try scene.files.target(ofLink: path + "/file") }
      _ = try? scene.files.replace(path + "/new", with: [65])
      _ = try? scene.files.replace(path + "/file", with: [65])
    }
    #expect(scene.isUntouched)
  }

  @Test("a link in the place of a file of our own is replaced", arguments: [false, true])
  func ownFile(walks: Bool) throws {
    let scene = try Scene(walks: walks)
    for name in ["saved", "saved.new"] { try scene.link("/sys/" + name, to: "../../outside/file") }
    try scene.files.replace("/sys/saved", with: [65])
    #expect(try scene.files.read("/sys/saved", limit: 9) == [65])
    #expect(try scene.files.names(in: "/sys") == ["saved", "saved.new"])
    #expect(scene.isUntouched)
  }

  @Test("zswap's saved settings stay inside", arguments: [false, true])
  func savedSettings(walks: Bool) throws {
    let scene = try Scene(walks: walks)
    for path in ["/sys/module/zswap/parameters/enabled", "/proc/sys/vm/swappiness"] {
      try scene.put(path, "60\n")
    }
    try scene.link("/run", to: scene.outside)
    let lost = CommandRun(["zswap", "enable", "--force"], on: scene.root)
    #expect(lost.code == 1 && lost.err.contains("cannot save"), "\(lost.transcript)")
    try FileManager.default.removeItem(atPath: scene.tree + "/run")
    try scene.put("/run/deflate-iaa/other", "")
    try scene.link("/run/deflate-iaa/zswap.saved.new", to: scene.outside + "/file")
    let done = CommandRun(["zswap", "enable", "--documented-test", "--force"], on: scene.root)
    #expect(done.code == 0, "\(done.transcript)")
    #expect(try scene.root.line("/proc/sys/vm/swappiness") == "100")
    #expect(CommandRun(["zswap", "restore"], on: scene.root).code == 0)
    #expect(try scene.root.text("/proc/sys/vm/swappiness") == "60\n")
    #expect(scene.isUntouched)
  }

  @Test("the links that a copy of sysfs has lead to their files", arguments: [false, true])
  func innerLinks(walks: Bool) throws {
    let scene = try Scene(walks: walks)
    try scene.put("/sys/devices/pci0000:6a/0000:6a:02.0/iax1/state", "enabled\n")
    try scene.put("/sys/bus/dsa/drivers/idxd/bind", "")
    let devices = "/sys/bus/dsa/devices"
    try scene.put(devices + "/placeholder", "")
    try scene.link(devices + "/iax1", to: "../../../devices/pci0000:6a/0000:6a:02.0/iax1")
    try scene.link(devices + "/iax3", to: "/sys/devices/pci0000:6a/0000:6a:02.0/iax1")
    try scene.link(devices + "/iax5", to: "../../../../../../../sys/bus/dsa/devices/iax1")
    for name in ["iax1", "iax3", "iax5"] {
      #expect(try scene.root.line("\(devices)/\(name)/state") == "enabled")
    }
    let device = try #require(SysfsTree(scene.root).devices().first)
    #expect(device.isEnabled && device.pciAddress == "0000:6a:02.0")
    try scene.link("/round", to: "round")
    #expect(throws: Errno.tooManySymbolicLinkLevels) { try scene.files.read("/round", limit: 9) }
    #expect(try scene.files.names(in: "/").contains("round"))
    #expect(try scene.files.names(in: "/sys/../../..").contains("round"))
  }

  @Test("a shorter value leaves nothing of a longer one", arguments: [false, true])
  func shorterValue(walks: Bool) throws {
    let scene = try Scene(walks: walks)
    try scene.put("/sys/value", "dedicated\n")
    try scene.root.write("shared", to: "/sys/value")
    #expect(try scene.root.text("/sys/value") == "shared\n")
  }

  @Test("pipes and folders in the place of files are errors, and nobody waits")
  func pipes() throws {
    for walks in [false, true] {
      let scene = try Scene(walks: walks)
      #expect(unsafe mkfifo(scene.tree + "/sys/pipe", 0o600) == 0)
      #expect(throws: Errno.invalidArgument) { try scene.files.read("/sys/pipe", limit: 9) }
      #expect(throws: Errno.self) { try scene.files.write([65], to: "/sys/pipe") }
      #expect(throws: Errno.self) { try scene.files.names(in: "/sys/pipe") }
      #expect(throws: Errno.isDirectory) { try scene.files.read("/sys", limit: 9) }
      #expect(try scene.files.status(of: "/sys/pipe").kind == .fifo)
    }
  }

  @Test("a folder of more than 4096 names is an error")
  func crowdedFolder() throws {
    let scene = try Scene(walks: false)
    for index in 0..<4096 {
      #expect(FileManager.default.createFile(atPath: "\(scene.tree)/sys/\(index)", contents: nil))
    }
    #expect(try scene.files.names(in: "/sys").count == 4096)
    try scene.put("/sys/more", "")
    #expect(throws: Errno.fileTooLarge) { try scene.files.names(in: "/sys") }
  }

  @Test("folders swapped for links meanwhile lead nowhere", arguments: [false, true])
  func swappedFolders(walks: Bool) throws {
    let scene = try Scene(walks: walks)
    try scene.put("/sys/folder/file", "inside\n")
    try scene.link("/sys/link", to: scene.outside + "/folder")
    let isDone = Atomic(false)
    let tree = scene.tree
    let swapper = Thread {
      while !isDone.load(ordering: .relaxed) {
        unsafe _ = rename(tree + "/sys/folder", tree + "/sys/real")
        unsafe _ = rename(tree + "/sys/link", tree + "/sys/folder")
        unsafe _ = rename(tree + "/sys/folder", tree + "/sys/link")
        unsafe _ = rename(tree + "/sys/real", tree + "/sys/folder")
      }
      isDone.store(false, ordering: .releasing)
    }
    swapper.start()
    var reads = 0
    for _ in 0..<4000 {
      if let text = try? scene.root.text("/sys/folder/file") {
        reads += 1
        #expect(text == "inside\n")
      }
      try? scene.root.write("inside", to: "/sys/folder/file")
      try? scene.files.remove("/sys/folder/other")
    }
    isDone.store(true, ordering: .releasing)
    while isDone.load(ordering: .acquiring) { usleep(100) }
    #expect(reads > 0 && scene.isUntouched)
  }

  /// The walk is right where it answers as the kernel does.
  @Test("on random links the walk and the kernel agree")
  func waysAgree() throws {
    let scene = try Scene(walks: false)
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    let names = ["a", "b", "c"]
    func path(_ count: Int) -> String {
      (0..<Int.random(in: 1...count, using: &generator)).map { _ in
        (names + ["..", "."]).randomElement(using: &generator) ?? ""
      }.joined(separator: "/")
    }
    for folder in ["/a/b", "/a/c", "/b/a", "/c"] {
      try scene.put(folder + "/x", folder)
      for name in names where Bool.random(using: &generator) {
        let start = Bool.random(using: &generator) ? "/" : ""
        try? scene.link("\(folder)/\(name)", to: start + path(4))
      }
    }
    func answer(_ files: HostFiles, _ path: String) -> String {
      func outcome<Value>(_ body: () throws -> Value) -> String {
        do { return "\(try body())" } catch { return "\(error)" }
      }
      return outcome { try files.read(path + "/x", limit: 99) }
        + outcome { try files.names(in: path) } + outcome { try files.status(of: path) }
        + outcome { try files.target(ofLink: path) }
    }
    for _ in 0..<500 {
      let path = "/" + path(6)
      #expect(
        answer(scene.files, path) == answer(scene.files.walking, path), "seed \(seed), \(path)")
    }
  }
}
