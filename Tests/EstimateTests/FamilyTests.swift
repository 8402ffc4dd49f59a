// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Foundation
import MemoryEstimate
import TestSupport
import Testing

@testable import DeviceCommands

@Suite("The range over the family of match rules is its members' own")
struct FamilyTests {
  /// Few enough that the members are given all of them: runs, repeats, text, noise.
  private static func pages() -> [[UInt8]] {
    var random = SeededGenerator(test: "estimate.family")
    return (0..<12).map { number in
      switch number % 4 {
      case 0: (0..<4096).map { UInt8(truncatingIfNeeded: $0 / 300) }
      case 1:
        (0..<4096).map {
          UInt8("abcdefghijklmnopqrstuvwxyz0123456789".utf8.map { $0 }[$0 * 7 % 36])
        }
      case 2: (0..<4096).map { _ in "etaoin ".utf8.randomElement(using: &random) ?? 0 }
      default: (0..<4096).map { _ in random.byte() }
      }
    }
  }

  @Test("its ends are sums that the members' encoders give", arguments: Algorithm.ofDevice)
  func ends(algorithm: Algorithm) throws {
    let mode: CompressionMode =
      switch algorithm {
      case .canned: .canned(.newest)
      case .dynamic: .dynamic
      default: .fixed
      }
    let sums = MatchProfile.named.map { member in
      var encoder = Encoder(mode: mode, profile: member.profile)
      // SAFETY: bytes have no padding.
      let sum = Self.pages().map { page in unsafe encoder.compress(page.span.bytes).count }
      return (member: member.name, sum: sum.reduce(0, +))
    }
    let source = TestPages()
    source.add("heap", Self.pages())
    var options = EstimateOptions(seed: 1, kernel: .newest)
    options.sample = nil
    var random = SeededGenerator(seed: 1)
    let estimate = Estimator.estimate([source], options, using: &random, clock: { 0 })
    #expect(estimate.members == MatchProfile.named.map(\.name).filter { $0 != "iaa-v1" })
    let spread = try #require(
      estimate.spread(of: algorithm, in: estimate.total) { $0.stream.value })
    #expect(Int(spread.least.value.rounded()) == sums.map(\.sum).min())
    #expect(Int(spread.most.value.rounded()) == sums.map(\.sum).max())
    let least = sums.first { $0.member == spread.least.member }
    #expect(least?.sum == sums.map(\.sum).min())
    #expect(spread.least.value < spread.most.value)
    #expect(estimate.spreadPages(in: estimate.total) == 12)
  }

  @Test("--profile takes a member's name or a file, and a file's sizes have no range")
  func profile() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.write(Self.pages().flatMap { $0 }, to: "pages")
    let rules = try folder.write(
      Array(
        #"{"format": "deflate-iaa profile", "formatVersion": 1, "name": "mine", "rules": {}}"#.utf8),
      to: "profile.json")
    func json(_ profile: String) throws -> [String: Any] {
      let run = EstimateTestRun([file.path, "--profile", profile, "--json", "--sample", "all"])
      #expect(run.code == 0, "\(run.err)")
      return try run.json()
    }
    func fixed(_ json: [String: Any]) throws -> Int {
      try #require((json["total"] as? [String: Any])?["stream_bytes"] as? Int)
    }
    let named = try json("iaa-refreshed")
    #expect(named["profile"] as? String == "iaa-refreshed" && named["family"] != nil)
    var encoder = Encoder(profile: .iaaRefreshed)
    // SAFETY: bytes have no padding.
    let sums = Self.pages().map { page in unsafe encoder.compress(page.span.bytes).count }
    #expect(try fixed(named) == sums.reduce(0, +))
    let members = try #require((named["family"] as? [String: Any])?["members"] as? [String])
    #expect(Set(members) == Set(MatchProfile.named.map(\.name)))
    let own = try json(rules.path)
    #expect(own["profile"] as? String == "mine" && own["family"] == nil)
    let refused = EstimateTestRun([file.path, "--profile", "iaa-v9"])
    #expect(refused.code == 1 && refused.err.contains("--profile: iaa-v9: No such file"))
    #expect(refused.err.contains("iaa-pair-first"))
  }
}
