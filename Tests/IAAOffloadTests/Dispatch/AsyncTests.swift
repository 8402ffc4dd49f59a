// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import OffloadStress
import Testing
import Threading

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

/// Handles, `await` and batches.
@Suite struct AsyncTests {
  static let bytes = Sample.bytes(1, count: 5000, seed: 12)
  static let stream = Sample.software(bytes)

  static func slowModel(_ faults: FaultPlan = .none) -> DeviceModel {
    var configuration = DeviceModel.Configuration(faults: faults)
    configuration.serviceTime = .milliseconds(2)
    return DeviceModel(configuration)
  }

  @Test("handle is polled and finished")
  func handleIsPolledAndFinished() throws {
    let dispatcher = try Dispatcher(.patient, models: [Self.slowModel()])
    // SAFETY (here and below): bytes have no padding.
    var job = unsafe dispatcher.submitCompression(of: Self.bytes.span.bytes)
    var polls = 0
    while !job.poll() { polls += 1 }
    #expect(polls > 0)
    var report = JobReport()
    var box: PendingJob? = consume job
    let stream = try makeBytes(capacity: 10_000) { output throws(OffloadError) in
      if let job = box.take() { report = try job.finish(into: &output) }
    }
    #expect(stream == Self.stream && report.path == .hardware)
    #expect(dispatcher.statistics.addsUp)
  }

  @Test("dropped and cancelled jobs harm nobody")
  func droppedAndCancelledJobsHarmNobody() throws {
    let dispatcher = try Dispatcher(.patient, models: [Self.slowModel()])
    for number in 0..<20 {
      let job = unsafe dispatcher.submitDecompression(of: Self.stream.span.bytes, room: 5000)
      if number % 2 == 0 { job.cancel() } else { _ = consume job }
    }
    #expect(dispatcher.statistics.errors == [.cancelled: 20])
    #expect(try dispatcher.compress(Self.bytes).bytes == Self.stream)
    #expect(
      RecoveryTests.eventually {
        dispatcher.refresh()
        return dispatcher.core.parking.count == 0
      })
    #expect(dispatcher.statistics.addsUp && dispatcher.statistics.parkedJobs == 20)
  }

  @Test("handle keeps the dispatcher open")
  func handleKeepsTheDispatcherOpen() throws {
    var job: PendingJob?
    do {
      let dispatcher = try Dispatcher(.patient, models: [Self.slowModel()])
      job = unsafe dispatcher.submitCompression(of: Self.bytes.span.bytes)
    }
    let stream = try makeBytes(capacity: 10_000) { output throws(OffloadError) in
      if let job = job.take() { _ = try job.finish(into: &output) }
    }
    #expect(stream == Self.stream)
  }

  @Test("awaited jobs run side by side")
  func awaitedJobsRunSideBySide() async throws {
    let dispatcher = try Dispatcher(.patient, models: [Self.slowModel()])
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          number % 2 == 0
            ? try await dispatcher.compress(Self.bytes).bytes == Self.stream
            : try await dispatcher.decompress(Self.stream, room: 5000).bytes == Self.bytes
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
    #expect(dispatcher.statistics.hardwareSuccesses == 40 && dispatcher.statistics.addsUp)
  }

  @Test("await survives a device that does not answer")
  func awaitSurvivesADeviceThatDoesNotAnswer() async throws {
    let dispatcher = try FaultTests.dispatcher([.neverCompletes])
    let (stream, report) = try await dispatcher.compress(Self.bytes)
    #expect(stream == Self.stream && report.fallback == .timedOut)
  }

  @Test("cancelled task is woken at once")
  func cancelledTaskIsWokenAtOnce() async throws {
    var configuration = DeviceModel.Configuration()
    configuration.serviceTime = .seconds(400)
    var patient = Dispatcher.Configuration.patient
    patient.waitLimit = WaitLimit(polls: .max, time: .seconds(600))
    let dispatcher = try Dispatcher(patient, models: [DeviceModel(configuration)])
    let task = Task { try await dispatcher.compress(Self.bytes) }
    try await Task.sleep(nanoseconds: 50_000_000)
    let start = Clock.now
    task.cancel()
    await #expect(throws: OffloadError.cancelled) { try await task.value }
    // Other tests may keep the processors for seconds.
    #expect(Clock.now - start < 300_000_000_000)
    #expect(dispatcher.statistics.errors == [.cancelled: 1])
  }

  @Test(
    "every sync mode gives the same",
    arguments: Dispatcher.Configuration.SyncMode.allCases)
  func everySyncModeGivesTheSame(mode: Dispatcher.Configuration.SyncMode) throws {
    var configuration = Dispatcher.Configuration.patient
    configuration.syncMode = mode
    let dispatcher = try Dispatcher(configuration, models: [DeviceModel()])
    #expect(try dispatcher.compress(Self.bytes).bytes == Self.stream)
    #expect(try dispatcher.decompress(Self.stream, room: 5000).bytes == Self.bytes)
    #expect(dispatcher.statistics.hardwareSuccesses == 2)
  }

  @Test(
    "batches keep order and fail alone",
    arguments: [Dispatcher.Configuration.Path.auto, .software])
  func batchesKeepOrderAndFailAlone(path: Dispatcher.Configuration.Path) throws {
    var configuration = Dispatcher.Configuration.patient
    configuration.path = path
    let dispatcher = try Dispatcher(
      configuration, models: [DeviceModel(.init(queues: [.init(size: 8)], engines: [2]))])
    var input: [UInt8] = []
    var jobs: [BatchJob] = []
    var expected: [[UInt8]] = []
    for index in 0..<150 {
      let bytes = Sample.bytes(index, count: 1 + index * 7, seed: UInt64(index))
      let stream = Sample.software(bytes)
      // Every tenth has a byte too little.
      jobs.append(
        BatchJob(
          range: input.count..<input.count + bytes.count,
          room: index % 10 == 9 ? stream.count - 1 : stream.count + 20))
      input += bytes
      expected.append(stream)
    }
    var results: [BatchResult] = []
    let output = makeBytes(capacity: 1 << 20) { output in
      results = unsafe dispatcher.compressBatch(input.span.bytes, jobs, into: &output)
    }
    #expect(results.count == 150)
    var streams: [BatchJob] = []
    for (index, result) in results.enumerated() {
      if index % 10 == 9 {
        #expect(result.error == .didNotFit && result.range.isEmpty)
      } else {
        #expect(result.error == nil && Array(output[result.range]) == expected[index])
        streams.append(BatchJob(range: result.range, room: 1 + index * 7))
      }
    }
    let back = makeBytes(capacity: input.count) { bytes in
      results = unsafe dispatcher.decompressBatch(output.span.bytes, streams, into: &bytes)
    }
    #expect(results.allSatisfy { $0.error == nil })
    let kept = jobs.enumerated().filter { $0.offset % 10 != 9 }.flatMap { input[$0.element.range] }
    #expect(back == kept)
    #expect(dispatcher.statistics.addsUp && dispatcher.statistics.jobs == 285)
    if path == .auto { #expect(dispatcher.statistics.hardwareSuccesses > 135) }
  }

  /// The codec's call for many pages gives what one by one gives, good or bad.
  @Test(
    "pages in software are what single pages are",
    arguments: [nil, 0, 5, 19])
  func pagesInSoftwareAreWhatSinglePagesAre(broken: Int?) throws {
    var configuration = Dispatcher.Configuration.patient
    configuration.path = .software
    let dispatcher = try Dispatcher(configuration, models: [])
    let pages = (0..<20).map { Sample.bytes($0, count: $0 == 19 ? 100 : 1024, seed: 3) }
    var input: [UInt8] = []
    var jobs: [BatchJob] = []
    for (index, page) in pages.enumerated() {
      var stream = Sample.software(page)
      if index == broken { stream[0] = 0x07 }
      jobs.append(BatchJob(range: input.count..<input.count + stream.count, room: 1024))
      input += stream
    }
    let (bytes, results) = dispatcher.decompressBatch(input, jobs)
    for (index, result) in results.enumerated() {
      if index == broken {
        #expect(result.error == .invalidData(DeflateError(.invalidBlockType, bitPosition: 0)))
      } else {
        #expect(result.error == nil && Array(bytes[result.range]) == pages[index])
      }
    }
    #expect(dispatcher.statistics.addsUp && dispatcher.statistics.jobs == 20)
    #expect(dispatcher.statistics.softwareSuccesses == (broken == nil ? 20 : 19))
  }

  @Test("pages without a queue are counted as fallbacks")
  func pagesWithoutAQueueAreCountedAsFallbacks() throws {
    let dispatcher = try Dispatcher(.patient, models: [])
    let page = Sample.bytes(1, count: 1024, seed: 3)
    let stream = Sample.software(page)
    let jobs = (0..<20).map {
      BatchJob(range: $0 * stream.count..<($0 + 1) * stream.count, room: 1024)
    }
    let (bytes, results) = dispatcher.decompressBatch(
      (0..<20).flatMap { _ in stream }, jobs)
    #expect(bytes == (0..<20).flatMap { _ in page })
    #expect(results.allSatisfy { $0.report.fallback == .noQueue && $0.report.outputCount == 1024 })
    let statistics = dispatcher.statistics
    #expect(statistics.fallbacks == [.noQueue: 20] && statistics.addsUp)
    #expect(statistics.softwareDecompressCalls == 20)
  }

  @Test("batch waits once for a queue that does not answer")
  func batchWaitsOnceForAQueueThatDoesNotAnswer() throws {
    let dispatcher = try FaultTests.dispatcher([nil] + Array(repeating: .neverCompletes, count: 59))
    {
      $0.waitLimit = WaitLimit(polls: .max, time: .seconds(1))
      $0.verifyCompress = .off
    }
    let page = Sample.bytes(1, count: 2048, seed: 3)
    let jobs = [BatchJob](repeating: BatchJob(range: 0..<2048, room: 4096), count: 60)
    let start = Clock.now
    let (bytes, results) = dispatcher.compressBatch(page, jobs)
    #expect(Clock.now - start < 300_000_000_000)
    let stream = Sample.software(page)
    #expect(results.allSatisfy { $0.error == nil && Array(bytes[$0.range]) == stream })
    #expect(dispatcher.statistics.fallbacks[.timedOut] == 59)
    #expect(dispatcher.statistics.addsUp)
  }

  /// The second job finds the queue taken by the first, and is submitted again once that is done.
  @Test("refusal of a batch's job is told though it was taken later")
  func refusalOfABatchsJobIsToldThoughItWasTakenLater() throws {
    var configuration = Dispatcher.Configuration.patient
    configuration.verifyCompress = .off
    configuration.submissionRetries = 0
    let model = DeviceModel(.init(queues: [.init(mode: .dedicated, size: 1)]))
    let dispatcher = try Dispatcher(configuration, models: [model])
    let jobs = [BatchJob](repeating: BatchJob(range: 0..<5000, room: 6000), count: 2)
    let (_, results) = dispatcher.compressBatch(Self.bytes, jobs)
    #expect(results.map(\.report.path) == [.hardware, .hardware])
    #expect(results.map(\.report.retries) == [0, 1])
    #expect(dispatcher.statistics.busyRetries == 1)
  }

  @Test(
    "handle uses no more room than it asked for",
    arguments: Dispatcher.Configuration.Path.allCases)
  func handleUsesNoMoreRoomThanItAskedFor(path: Dispatcher.Configuration.Path) throws {
    var configuration = Dispatcher.Configuration.patient
    configuration.path = path
    let dispatcher = try Dispatcher(configuration, models: [DeviceModel()])
    var job: PendingJob? = unsafe dispatcher.submitCompression(
      of: Self.bytes.span.bytes, room: Self.stream.count - 1)
    #expect(throws: OffloadError.didNotFit) {
      try makeBytes(capacity: 10_000) { output throws(OffloadError) in
        if let job = job.take() { _ = try job.finish(into: &output) }
      }
    }
    #expect(dispatcher.statistics.addsUp)
  }

  /// Answers that come while the thread looks through its jobs wake their tasks too.
  // All tests run side by side, and the limit counts from the start of all of them: it is for hangs alone.
  @Test(
    "every answer wakes its task",
    .timeLimit(.minutes(15)))
  func everyAnswerWakesItsTask() async {
    let completions = CompletionThread(hasWAITPKG: false)
    let slots = (0..<64).map { _ in JobSlot(destinationCapacity: 1) }
    for _ in 0..<150 {
      for slot in slots { unsafe CompletionRecord.clear(at: slot.record) }
      await withTaskGroup(of: Void.self) { group in
        for slot in slots {
          group.addTask { await completions.completion(of: slot, deadline: .max) }
        }
        let device = SystemThread {
          for slot in slots {
            unsafe _ = ModelWorker.write(
              CompletionRecord(), at: UInt64(UInt(bitPattern: slot.record)))
          }
        }
        await group.waitForAll()
        device.join()
      }
    }
    completions.stop()
  }

  @Test("batch without room for all fails the last ones")
  func batchWithoutRoomForAllFailsTheLastOnes() throws {
    let dispatcher = try Dispatcher(.patient, models: [DeviceModel()])
    let page = [UInt8](repeating: 0x2A, count: 4096)
    let jobs = [BatchJob](repeating: BatchJob(range: 0..<4096, room: 4096), count: 3)
    var results: [BatchResult] = []
    let output = makeBytes(capacity: 500) { output in
      results = unsafe dispatcher.compressBatch(page.span.bytes, jobs, into: &output)
    }
    #expect(results.map(\.error) == [nil, nil, .didNotFit])
    #expect(output.count == 456)
  }
}
