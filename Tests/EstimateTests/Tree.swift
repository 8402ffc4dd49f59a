// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import IAADevices
import MemoryEstimate
import Synchronization
import SystemPackage
import TestSupport

@testable import DeviceCommands

/// A folder laid out like a system, for `--root`.
struct Tree {
  let folder: TemporaryDirectory

  /// A tree with these files.
  init(_ files: [String: String] = [:]) throws {
    folder = try TemporaryDirectory()
    for (path, text) in files { try write(path, text) }
  }

  var root: SystemRoot { SystemRoot(folder.url.path) }

  /// Writes a file of text.
  func write(_ path: String, _ text: String) throws { try folder.write(Array(text.utf8), to: path) }

  /// A process with a heap of these pages, each in the frame given with it.
  func addProcess(_ id: Int, pages: [(frame: UInt64, bytes: [UInt8])]) throws {
    // From address 0x10000 on, page 16.
    let end = 0x10000 + 4096 * pages.count
    try write("proc/\(id)/comm", "app\n")
    try write("proc/\(id)/maps", "10000-\(String(end, radix: 16)) rw-p 0 00:00 0 [heap]\n")
    var map = [UInt8](repeating: 0, count: 16 * 8)
    for page in pages {
      let entry = 1 << 63 | page.frame
      map += (0..<8).map { UInt8(truncatingIfNeeded: entry >> (8 * UInt64($0))) }
    }
    try folder.write(map, to: "proc/\(id)/pagemap")
    try folder.write(
      [UInt8](repeating: 0, count: 0x10000) + pages.flatMap(\.bytes), to: "proc/\(id)/mem")
  }
}

/// One run at a time: SIGINT, which some tests send, is the whole process's.
private let turn = NSLock()

/// What a run of the subcommand printed.
struct EstimateTestRun {
  let code: Int32
  let out: String
  let err: String

  init(_ arguments: [String], pause: @escaping @Sendable (Int) -> Void = { _ in }) {
    turn.lock()
    defer { turn.unlock() }
    let texts = Mutex((out: "", err: ""))
    let console = Console(
      out: { text in texts.withLock { $0.out += text } },
      err: { text in texts.withLock { $0.err += text } })
    code = DeviceCommands.run(
      arguments: ["estimate"] + arguments, in: CommandEnvironment(console: console, pause: pause))
    (out, err) = texts.withLock { $0 }
  }

  func json() throws -> [String: Any] { try Self.object(out) }

  /// The lines, each an object of JSON.
  func lines() throws -> [[String: Any]] {
    try out.split(separator: "\n").map { try Self.object(String($0)) }
  }

  private static func object(_ text: String) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    guard let object = value as? [String: Any] else { throw CocoaError(.coderReadCorrupt) }
    return object
  }
}
