// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Glibc
import OffloadStress
import TestSupport
import Testing
import Threading

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

/// What a child finds of its parent's dispatcher. Nothing but exit codes may come from a child, and not
/// too late: whatever lock of the language's runtime another thread held at the fork is never given
/// back, so a child that is still there after its alarm is tried again.
@Suite(.enabled(if: !Sanitizer.isThread, "the thread sanitizer does not survive a fork"))
struct ForkTests {
  typealias Fork = @convention(c) () -> pid_t

  /// What Swift keeps from its callers: the process's other threads are not in the child.
  static let fork: Fork? = unsafe dlsym(UnsafeMutableRawPointer(bitPattern: 0), "fork").map {
    unsafe unsafeBitCast($0, to: Fork.self)
  }

  static let bytes = Sample.bytes(1, count: 2000, seed: 1)
  static let stream = Sample.software(bytes)

  /// Runs `body` in a child and expects the exit code 0 of it.
  static func expectInChild(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () -> Int32
  ) throws {
    let fork = try #require(Self.fork)
    var status: Int32 = SIGALRM
    for _ in 0..<5 where status & 0x7F == SIGALRM {
      let child = fork()
      if child == 0 {
        alarm(10)
        _exit(body())
      }
      try #require(child > 0)
      unsafe #expect(waitpid(child, &status, 0) == child)
    }
    #expect(
      status == 0, "exit code \(status >> 8 & 0xFF), signal \(status & 0x7F)",
      sourceLocation: sourceLocation)
  }

  /// A dispatcher over a model that works without threads, which a child does not have.
  static func makeDispatcher(_ change: (inout Dispatcher.Configuration) -> Void = { _ in }) throws
    -> Dispatcher
  {
    var configuration = Dispatcher.Configuration.patient
    configuration.watchInterval = .seconds(3600)
    change(&configuration)
    return try Dispatcher(configuration, models: [DeviceModel(.init(execution: .inPlace))])
  }

  /// 0 when the dispatcher compresses on a queue.
  static func compress(_ dispatcher: Dispatcher) -> Int32 {
    guard let result = try? dispatcher.compress(bytes) else { return 3 }
    guard result.bytes == stream else { return 4 }
    return result.report.path == .hardware ? 0 : 5
  }

  @Test("child opens queues anew and counts anew")
  func childOpensQueuesAnewAndCountsAnew() throws {
    let dispatcher = try Self.makeDispatcher()
    #expect(Self.compress(dispatcher) == 0)
    let before = dispatcher.core.ports[0].incarnation
    let generation = ForkGuard.generation
    let forkCount = ForkGuard.forkCount
    try Self.expectInChild {
      guard ForkGuard.generation == generation + 1 else { return 2 }
      let code = Self.compress(dispatcher)
      guard code == 0 else { return code }
      guard dispatcher.core.ports[0].incarnation == before + 1 else { return 6 }
      let statistics = dispatcher.statistics
      guard statistics.jobs == 1, statistics.hardwareSuccesses == 1, statistics.addsUp else {
        return 7
      }
      // The child has a maintenance thread of its own.
      dispatcher.core.stop(dispatcher.core.ports[0], .broken)
      for _ in 0..<2000 where !dispatcher.isOperational { usleep(2000) }
      return dispatcher.isOperational ? 0 : 8
    }
    // The parent goes on as before, but knows that a child may have its files.
    #expect(ForkGuard.generation == generation)
    #expect(ForkGuard.forkCount > forkCount)
    #expect(Self.compress(dispatcher) == 0)
    #expect(dispatcher.core.ports[0].incarnation == before)
    #expect(dispatcher.statistics.jobs == 2)
  }

  /// Another thread of the parent holds every lock a dispatcher has at the moment of the fork.
  @Test("locks that were held at the fork hold up no child")
  func locksThatWereHeldAtTheForkHoldUpNoChild() throws {
    let dispatcher = try Self.makeDispatcher()
    let isHolding = CountingSemaphore()
    let mayGo = CountingSemaphore()
    let core = dispatcher.core
    let holder = SystemThread {
      core.maintenance.withLock { _ in
        core.maintainer.withLock { _ in
          core.baseline.withLock { _ in
            isHolding.signal()
            mayGo.wait()
          }
        }
      }
    }
    isHolding.wait()
    try Self.expectInChild {
      let code = Self.compress(dispatcher)
      guard code == 0 else { return code }
      dispatcher.refresh()
      return dispatcher.statistics.jobs == 1 && dispatcher.openQueues.count == 1 ? 0 : 6
    }
    mayGo.signal()
    holder.join()
    #expect(Self.compress(dispatcher) == 0)
  }

  @Test(
    "child may drop the dispatcher",
    arguments: [false, true])
  func childMayDropTheDispatcher(afterUsingIt: Bool) async throws {
    var dispatcher: Dispatcher? = try Self.makeDispatcher()
    // Starts the thread that serves `await`.
    await dispatcher?.core.completions.completion(of: JobSlot(destinationCapacity: 1), deadline: 1)
    try Self.expectInChild {
      if afterUsingIt, let dispatcher {
        let code = Self.compress(dispatcher)
        guard code == 0 else { return code }
      }
      dispatcher = nil
      return 0
    }
    #expect(dispatcher.map(Self.compress) == 0)
  }

  @Test("handle of the parent is finished in software")
  func handleOfTheParentIsFinishedInSoftware() throws {
    var device = DeviceModel.Configuration()
    device.serviceTime = .milliseconds(500)
    let dispatcher = try Dispatcher(.patient, models: [DeviceModel(device)])
    // SAFETY: bytes have no padding.
    var job: PendingJob? = unsafe dispatcher.submitCompression(of: Self.bytes.span.bytes)
    func finish() throws -> ([UInt8], JobReport) {
      var report = JobReport()
      let stream = try makeBytes(capacity: 4000) { output throws(OffloadError) in
        if let job = job.take() { report = try job.finish(into: &output) }
      }
      return (stream, report)
    }
    try Self.expectInChild {
      guard let (stream, report) = try? finish() else { return 3 }
      guard stream == Self.stream, report.fallback == .noQueue else { return 4 }
      // Nothing of the parent's queue was touched.
      guard dispatcher.core.ports[0].isEmpty || dispatcher.core.ports[0].state == .open else {
        return 5
      }
      return dispatcher.statistics.jobs == 1 && dispatcher.statistics.addsUp ? 0 : 6
    }
    let (stream, report) = try finish()
    #expect(stream == Self.stream && report.path == .hardware)
  }

  /// Its page may be swapped out like any other, and nobody else ever reads it. A child, in which it
  /// must not be read, notices that it is.
  @Test("state of the compressor is touched before it is submitted")
  func stateOfTheCompressorIsTouchedBeforeItIsSubmitted() throws {
    let dispatcher = try Dispatcher.overNothing(Dispatcher.Configuration(), resultCount: 64)
    try Self.expectInChild {
      guard
        let page = unsafe UnsafeMutableRawPointer(
          bitPattern: UInt(dispatcher.core.compressionState(.last)))
      else { return 2 }
      unsafe mprotect(page, Page.size, PROT_NONE)
      signal(SIGSEGV) { _ in _exit(0) }
      _ = try? dispatcher.compress(Self.bytes)
      return 3
    }
  }

  @Test("file that a child has is not known to be closed")
  func fileThatAChildHasIsNotKnownToBeClosed() throws {
    func portal() throws -> WrittenPortal {
      let count = ForkGuard.forkCount
      return WrittenPortal(file: try PortalTests.pageFile(), forkCount: count)
    }
    let before = try portal()
    try Self.expectInChild { 0 }
    let count = ForkGuard.forkCount
    let after = try portal()
    #expect(before.close() == false)
    // Unless another test forked meanwhile, closing one that was opened since is the file's end.
    let isEnd = after.close()
    if count == ForkGuard.forkCount { #expect(isEnd) }
    #expect(after.close() == false)
  }

  /// As if the fork had come between opening the file and making the portal.
  @Test("fork while a file is opened counts")
  func forkWhileAFileIsOpenedCounts() throws {
    let count = ForkGuard.forkCount
    let file = try PortalTests.pageFile()
    try Self.expectInChild { 0 }
    #expect(WrittenPortal(file: file, forkCount: count).close() == false)
  }

  /// A job there would wait for its limit, since nobody does it.
  @Test("model with threads has no queues in a child")
  func modelWithThreadsHasNoQueuesInAChild() throws {
    let model = DeviceModel()
    let dispatcher = try Dispatcher(.patient, models: [model])
    #expect(Self.compress(dispatcher) == 0)
    var dropped: DeviceModel? = DeviceModel()
    try Self.expectInChild {
      guard let result = try? dispatcher.compress(Self.bytes) else { return 3 }
      guard result.bytes == Self.stream, result.report.fallback == .noQueue else { return 4 }
      guard model.queueDescriptions.isEmpty, model.open(0) == nil else { return 5 }
      // Its threads are not waited for.
      dropped = nil
      return dropped == nil ? 0 : 6
    }
    #expect(dropped != nil && Self.compress(dispatcher) == 0)
  }

  @Test("dedicated queue of the parent is opened in a child")
  func dedicatedQueueOfTheParentIsOpenedInAChild() throws {
    let model = DeviceModel(
      .init(queues: [.init(mode: .dedicated, size: 4)], execution: .inPlace))
    let dispatcher = try Dispatcher(.patient, models: [model])
    #expect(Self.compress(dispatcher) == 0)
    try Self.expectInChild { Self.compress(dispatcher) }
  }
}
