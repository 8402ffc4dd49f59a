// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The no-op that the doctor sends, through portals of a model and of files.

import Glibc
import Testing

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

@Suite("A no-op tells whether a queue works")
struct LiveQueueTrialTests {
  func result(_ faults: FaultPlan) throws -> TrialResult {
    let model = DeviceModel(DeviceModel.Configuration(faults: faults))
    return LiveQueueTrial.attempt(try #require(model.open(0)))
  }

  @Test("a queue that works answers")
  func answers() throws {
    #expect(try result(.none) == .answered(.model))
  }

  @Test("a queue that never answers is silent, after a bounded wait")
  func silent() throws {
    #expect(try result(FaultPlan(script: [.neverCompletes])) == .silent(.model))
  }

  @Test("a queue that is always full is busy, after a bounded wait")
  func busy() throws {
    #expect(try result(FaultPlan(rates: [.queueFull: 1])) == .refused(.resourceBusy))
  }

  @Test("an error of write(2) is told as it is; a file that takes bytes is no device that answers")
  func written() throws {
    // SAFETY: Swift keeps the strings alive and NUL-terminated for the calls.
    let reading = unsafe open("/dev/null", O_RDONLY)
    #expect(
      LiveQueueTrial.attempt(WrittenPortal(file: reading, forkCount: ForkGuard.forkCount))
        == .refused(.badFileDescriptor))
    let writing = unsafe open("/dev/null", O_WRONLY)
    #expect(
      LiveQueueTrial.attempt(WrittenPortal(file: writing, forkCount: ForkGuard.forkCount))
        == .silent(.written))
  }

  @Test("only the running system's queues are tried")
  func liveOnly() {
    #expect(SystemRoot.live.queueTrial != nil)
    #expect(SystemRoot("/nonexistent").queueTrial == nil)
  }
}
