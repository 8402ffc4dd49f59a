// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Trees that no kernel makes: files become folders, links, pipes or noise. Every command answers.

import Foundation
import IAADevices
import TestSupport
import Testing

@Suite("Odd trees are answered", .timeLimit(.minutes(5)))
struct OddTreeTests {
  static let commands = [
    "devices -v", "devices --json -i", "doctor", "configure --default -n", "configure --user 2",
    "configure --save -", "stats", "zswap status", "attributes", "disable --all",
  ]

  /// DEFLATE_IAA_ROUNDS trees, 20 where that is not set.
  @Test("of random trees none ends a command with a crash or keeps it waiting")
  func randomTrees() throws {
    let rounds =
      ProcessInfo.processInfo.environment["DEFLATE_IAA_ROUNDS"].flatMap { Int($0) } ?? 20
    let seed = UInt64.random(in: 0...UInt64.max)
    print("odd trees from seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let listing = try Listing("example")
    for _ in 0..<rounds {
      let tree = try Tree(listing)
      let root = SystemRoot(tree.folder.path)
      var paths = try FileManager.default.subpathsOfDirectory(atPath: tree.folder.path)
      paths.sort()
      for _ in 0..<Int.random(in: 1...60, using: &generator) {
        guard let path = paths.randomElement(using: &generator) else { continue }
        try Self.change(tree.folder.path + "/" + path, &generator)
      }
      for command in Self.commands {
        let run = CommandRun(command.split(separator: " ").map(String.init), on: root)
        #expect((0...2).contains(run.code), "seed \(seed), \(command)")
        #expect(!(run.out + run.err).isEmpty, "seed \(seed), \(command)")
      }
    }
  }

  private static func change(_ path: String, _ generator: inout SeededGenerator) throws {
    let manager = FileManager.default
    // What lay below a folder that was changed is gone.
    guard (try? manager.attributesOfItem(atPath: path)) != nil else { return }
    let choice = Int.random(in: 0...9, using: &generator)
    try manager.removeItem(atPath: path)
    switch choice {
    case 0: try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
    case 1: try manager.createSymbolicLink(atPath: path, withDestinationPath: path)
    case 2: try manager.createSymbolicLink(atPath: path, withDestinationPath: "..")
    case 3: try manager.createSymbolicLink(atPath: path, withDestinationPath: "/dev/zero")
    case 4: #expect(unsafe mkfifo(path, 0o600) == 0)
    case 5:
      let noise = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(manager.createFile(atPath: path, contents: Data(noise)))
    case 6: #expect(manager.createFile(atPath: path, contents: nil))
    case 7:
      let number = ["9223372036854775807", "-9223372036854775808", "0xffffffffffffffff", "-1"]
        .randomElement(using: &generator)
      #expect(manager.createFile(atPath: path, contents: Data((number ?? "").utf8)))
    case 8:
      let line = Data(String(repeating: "1,", count: 700_000).utf8)
      #expect(manager.createFile(atPath: path, contents: line))
    default: break
    }
  }
}
