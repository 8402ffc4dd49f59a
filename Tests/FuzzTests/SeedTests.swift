// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fuzzers' seeds, replayed, and a few changes of each: what once reached new code, or was a finding, holds.

import Foundation
import FuzzTargets
import TestSupport
import Testing

@Suite struct SeedTests {
  static let folder = Repository.root.appending(path: "Tests/FuzzTests/Seeds")
  /// What the seeds of a target may take in the repository.
  static let mostBytes = 64 << 10

  static func seeds(_ target: FuzzTargets) throws -> [(name: String, bytes: [UInt8])] {
    let folder = folder.appending(path: target.rawValue)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
      (name, Array(try Data(contentsOf: folder.appending(path: name))))
    }
  }

  /// Inputs of a target that are tried beside the seeds: fewer where one takes long.
  static func changes(_ target: FuzzTargets) -> Int {
    switch target {
    // The plain implementation is slow, and slower without optimisation.
    case .encoder, .family: 3
    case .modes, .setup: 10
    case .sysfs, .parallel, .pages, .arguments: 20
    default: 100
    }
  }

  @Test("every seed of the fuzzers holds, and changes of it", arguments: FuzzTargets.allCases)
  func seedsHold(target: FuzzTargets) throws {
    let seeds = try Self.seeds(target)
    try #require(seeds.count >= 5, "\(target) has too few seeds to mean anything")
    #expect(seeds.map(\.bytes.count).reduce(0, +) <= Self.mostBytes)
    let tried = target.make()
    for seed in seeds {
      #expect(throws: Never.self, "\(target) \(seed.name)") { try tried.check(seed.bytes) }
    }
    var generator = SeededGenerator(test: "seeds \(target)")
    for _ in 0..<Self.changes(target) * SeededGenerator.scale {
      let seed = generator.element(seeds).bytes
      let donor = generator.element(seeds).bytes
      let input = Mutations.damage(seed, donor: donor, using: &generator)
      #expect(throws: Never.self, "\(target) \(input.hex)") { try tried.check(input) }
    }
  }

  @Test("a folder of seeds is a target's")
  func foldersAreTargets() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(names) == Set(FuzzTargets.allCases.map(\.rawValue)))
  }
}
