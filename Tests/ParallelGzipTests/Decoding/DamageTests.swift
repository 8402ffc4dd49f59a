// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Damaged files: one worker is the measure of many, and zlib of that one.

import FixedDeflate
import TestSupport
import Testing

@testable import ParallelGzip

@Suite("Damaged files")
struct DamageTests {
  @Test(
    "damage gives the same data and the same error, whatever the workers and the way",
    arguments: CompressedFile.Kind.allCases)
  func damage(_ kind: CompressedFile.Kind) throws {
    var random = SeededGenerator(test: "damage \(kind)")
    let data = Inputs.make(.mixture, count: 1_500_000, using: &random)
    let other = try CompressedFile(kind, of: Array(data[..<300_000]), using: &random)
    for round in 0..<4 * SeededGenerator.scale {
      let file = try CompressedFile(kind, of: data, using: &random)
      let start = random.number(0...file.bytes.count - 1)
      var damaged: [UInt8]
      switch round % 4 {
      case 0:
        damaged = file.bytes
        damaged[start] ^= 1 << UInt8(random.number(0...7))
      case 1: damaged = Array(file.bytes[..<start])
      case 2:
        damaged =
          file.bytes[..<start]
          + Mutations.damage(Array(file.bytes[start...]), donor: other.bytes, using: &random)
      default: damaged = file.bytes[..<start] + other.bytes
      }
      var configuration = GzipReader.Configuration(file.format, workers: 1)
      configuration.computesChecksum = true
      let alone = copied(Given(damaged).input, configuration)
      check(alone, damaged, file.format)
      for workers in [2, 5] {
        configuration.workers = workers
        let seed = random.next()
        for outcome in [
          copied(Given(damaged, seed: seed).input, configuration),
          pulled(Given(damaged, seed: seed).input, configuration),
        ] {
          let isSame = outcome == alone
          #expect(isSame, "\(round) \(start) \(workers): \(outcome.brief), not \(alone.brief)")
        }
      }
    }
  }

  /// Whether zlib sees it alike.
  private func check(_ outcome: ReaderOutcome, _ file: [UInt8], _ format: ContainerFormat) {
    if format.hasMembers {
      let judged = Zlib.gunzip(file)
      // Members before the fault are zlib's; of the faulty one, as far as it goes.
      let isSame = Array(outcome.data.prefix(judged.bytes.count)) == judged.bytes
      #expect(isSame)
      if judged.rest.isEmpty {
        #expect(outcome.error == nil && outcome.data.count == judged.bytes.count)
      }
    } else {
      let wrapper: Zlib.Wrapper = format == .zlib ? .zlib : .raw
      let judged = Zlib.inflate(file, wrapper: wrapper, maximumCount: 64 << 20)
      #expect((judged.verdict == .accepted) == (outcome.error == nil))
      let count = min(outcome.data.count, judged.bytes.count)
      let isSame = Array(outcome.data.prefix(count)) == Array(judged.bytes.prefix(count))
      #expect(isSame)
    }
  }
}
