// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing

@testable import OffloadStress

/// The run of `make stress`, small.
@Suite struct StressTests {
  @Test(
    "every fault at once loses nothing, in each mode",
    arguments: [CompressionMode.fixed, .canned(), .dynamic])
  func everyFaultAtOnceLosesNothing(mode: CompressionMode) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var stress = Stress(jobs: 6000, seed: seed, faultRate: 0)
    stress.mode = mode
    // Other tests run at the same time, in debug.
    stress.threads = 4
    stress.maximumSize = 512
    stress.waitLimit = .milliseconds(500)
    stress.minimumShare = 0.005
    stress.scriptedRounds = 3
    stress.fullQueueRate = 0.005
    let result = try stress.run()
    #expect(result.problems(minimumFired: 1) == [], "seed \(seed)\n\(result.description)")
  }

  @Test("thread that no longer gets on is a hang")
  func threadThatNoLongerGetsOnIsAHang() {
    let watch = StressWatch(threads: 3, hangLimit: 20_000_000)
    var tally = StressTally()
    tally.jobs = 2
    for thread in 0..<3 { watch.note(tally, of: thread) }
    watch.end(0)
    watch.end(2)
    let (sum, hangs) = watch.wait()
    #expect(hangs == 1 && sum.jobs == 6)
  }
}
