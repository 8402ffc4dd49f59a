// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The other modes, after the family is settled: what is alike is counted, what is not is shown and judged.

import Calibration
import FixedDeflate
import TestSupport
import Testing

@Suite("Comparing the other modes") struct ModeComparisonTests {
  private static func result(
    of target: any CalibrationTarget, by member: MatchProfile = .iaaPairFirst,
    pages: [[UInt8]] = []
  ) -> ModeResult {
    var result = ModeResult(target.mode)
    result.compare(
      target, Comparison(count: 60, maximumCount: min(target.maximumCount, 20_000), pages: pages),
      by: member)
    return result
  }

  @Test("a target of the member's rules is the library's in every bit", arguments: 0..<3)
  func same(_ index: Int) {
    let mode = CompressionMode.calibrated[index]
    let result = Self.result(of: HiddenTarget(.iaaPairFirst, mode: mode), pages: [[1, 2, 3]])
    #expect(result.ending == .complete && result.queues == ["hidden"])
    #expect(result.comparedCount > 40 && result.sameCount == result.comparedCount)
    #expect(result.difference == nil && result.sameSizeCount == 0)
    #expect(result.comparedBytes > 40_000)
  }

  @Test("one that codes otherwise is counted and shown by its smallest input", arguments: 0..<3)
  func different(_ index: Int) throws {
    let mode = CompressionMode.calibrated[index]
    let result = Self.result(of: HiddenTarget(.iaaV1, mode: mode))
    #expect(result.ending == .complete && result.sameCount < result.comparedCount)
    let difference = try #require(result.difference)
    #expect(difference.input.count < 60 && difference.stream != difference.expected)
    var encoder = Encoder(mode: mode)
    #expect(encoder.compress(difference.input) == difference.stream)
  }

  /// A target whose streams stand for other bytes, or that does not answer.
  private struct Odd: CalibrationTarget {
    let name = "odd"
    let maximumCount = 4096
    let mode = CompressionMode.canned()
    let isSilent: Bool

    func stream(
      _ input: [UInt8], position: BlockPosition
    ) throws(CalibrationFailure) -> [UInt8] {
      if isSilent { throw CalibrationFailure("odd: no answer") }
      var encoder = Encoder(mode: mode)
      return encoder.compress(input + [0])
    }
  }

  @Test("streams of other bytes and no answer end a mode, and say why")
  func stopped() {
    guard case .stopped(let reason) = Self.result(of: Odd(isSilent: false)).ending else {
      Issue.record("a lie passes")
      return
    }
    #expect(reason.contains("does not stand for it"))
    #expect(Self.result(of: Odd(isSilent: true)).ending == .stopped("odd: no answer"))
  }

  @Test("what differs on the user's pages alone is counted and not shown")
  func pages() {
    var result = ModeResult(.canned())
    let secret = Array(String(repeating: "aaaaaaaabaaaaaaaac", count: 30).utf8)
    result.compare(
      HiddenTarget(.iaaV1, mode: .canned()),
      Comparison(count: 0, maximumCount: 4096, pages: [secret]), by: .iaaPairFirst)
    #expect(result.comparedCount == 1 && result.sameCount == 0 && result.difference == nil)
  }
}
