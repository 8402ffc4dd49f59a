// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import OffloadStress
import Testing
import Threading

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

@Suite struct StatisticsTests {
  /// The sum that gives the documented samples' numbers.
  static func documented() -> Statistics {
    var statistics = Statistics(CounterBlock.CounterSum(), queues: [])
    func queue(_ device: Int, _ traffic: Statistics.Traffic) -> Statistics.Queue {
      Statistics.Queue(
        id: QueueID(device: device, queue: 0), name: "iaa_crypto", traffic: traffic)
    }
    statistics.queues = [
      queue(1, .init()), queue(3, .init()),
      queue(5, .init(compressCalls: 1360, compressBytes: 1_999_776)),
      queue(
        7,
        .init(
          compressCalls: 2940, compressBytes: 3_994_213, decompressCalls: 4164,
          decompressBytes: 5_993_989)),
    ]
    statistics.total = statistics.queues.map(\.traffic).reduce(.init(), +)
    statistics.overflowErrors = 136
    return statistics
  }

  /// What `make overhead` measures: a job that left the queue would be software's time.
  @Test("jobs that are answered in place are the queue's")
  func jobsThatAreAnsweredInPlaceAreTheQueues() throws {
    var configuration = Dispatcher.Configuration()
    configuration.verifyCompress = .off
    configuration.checkDecompress = false
    let dispatcher = try Dispatcher.overNothing(configuration, resultCount: 64)
    let bytes = Sample.bytes(1, count: 64, seed: 1)
    for _ in 0..<10 {
      _ = try dispatcher.compress(bytes)
      _ = try dispatcher.decompress(bytes, room: 64)
    }
    let statistics = dispatcher.statistics
    #expect(statistics.jobs == 20 && statistics.hardwareSuccesses == 20, "\(statistics)")
  }

  /// A reset between a reader's two looks must not make it subtract the later from the earlier.
  @Test("reading while others reset never goes below zero")
  func readingWhileOthersResetNeverGoesBelowZero() throws {
    let dispatcher = try Dispatcher.overNothing(Dispatcher.Configuration(), resultCount: 64)
    let isDone = Locked(false)
    let bytes = Sample.bytes(1, count: 64, seed: 1)
    let worker = SystemThread {
      while !isDone.withLock({ $0 }) { _ = try? dispatcher.decompress(bytes, room: 64) }
    }
    let resetter = SystemThread {
      while !isDone.withLock({ $0 }) { dispatcher.resetStatistics() }
    }
    for _ in 0..<2000 { #expect(dispatcher.statistics.decompressJobs < 1 << 40) }
    isDone.withLock { $0 = true }
    worker.join()
    resetter.join()
  }

  @Test("global stats is the documented text")
  func globalStatsIsTheDocumentedText() {
    #expect(
      Self.documented().globalStats() == """
        global stats:
          total_comp_calls: 4300
          total_decomp_calls: 4164
          total_sw_decomp_calls: 0
          total_comp_bytes_out: 5993989
          total_decomp_bytes_in: 5993989
          total_completion_einval_errors: 0
          total_completion_timeout_errors: 0
          total_completion_comp_buf_overflow_errors: 136

        """)
  }

  @Test("wq stats is the documented text")
  func wqStatsIsTheDocumentedText() {
    func block(_ id: Int, _ values: [Int]) -> String {
      let names = ["comp_calls", "comp_bytes", "decomp_calls", "decomp_bytes"]
      let pairs = zip(names, values).map { "\($0): \($1)\n" }
      return "iaa device:\n  id: \(id)\n  n_wqs: 1\n" + pairs.map { "  " + $0 }.joined()
        + "  wqs:\n    name: iaa_crypto\n" + pairs.map { "    " + $0 }.joined()
    }
    let blocks = [
      block(1, [0, 0, 0, 0]), block(3, [0, 0, 0, 0]), block(5, [1360, 1_999_776, 0, 0]),
      block(7, [2940, 3_994_213, 4164, 5_993_989]),
    ]
    #expect(Self.documented().wqStats() == blocks.joined(separator: "\n"))
  }

  @Test("first edition puts the global block first")
  func firstEditionPutsTheGlobalBlockFirst() {
    let text = Self.documented().wqStats(.first)
    #expect(
      text.hasPrefix(
        """
        global stats:
          total_comp_calls: 4300
          total_decomp_calls: 4164
          total_comp_bytes_out: 5993989
          total_decomp_bytes_in: 5993989
          total_completion_einval_errors: 0
          total_completion_timeout_errors: 0
          total_completion_comp_buf_overflow_errors: 136

        iaa device:
          id: 1

        """))
    let files = Set(Self.documented().counterFiles.map(\.name))
    #expect(
      files == [
        "max_acomp_delay_ns", "max_adecomp_delay_ns", "max_comp_delay_ns", "max_decomp_delay_ns",
        "total_comp_bytes_out", "total_comp_calls", "total_decomp_bytes_in", "total_decomp_calls",
      ])
  }

  @Test("reader of the kernel's text reads ours")
  func readerOfTheKernelsTextReadsOurs() {
    let read = StatisticsText(Self.documented().wqStats(.first))
    #expect(read.global.first { $0.name == "total_comp_calls" }?.value == 4300)
    #expect(read.devices.map(\.id) == [1, 3, 5, 7])
    #expect(read.devices[3].queues[0].counters.map(\.value) == [2940, 3_994_213, 4164, 5_993_989])
  }

  @Test("jobs are counted where they ran")
  func jobsAreCountedWhereTheyRan() throws {
    let model = DeviceModel(.init(id: 3, queues: [.init(), .init()]))
    let dispatcher = try Dispatcher(.patient, models: [model])
    let page = [UInt8](repeating: 0x2A, count: 4096)
    let noise = Sample.bytes(2, count: 4096, seed: 1)
    for _ in 0..<4 { _ = try dispatcher.compress(page) }
    #expect(throws: OffloadError.didNotFit) { try dispatcher.compress(noise, room: 4096) }
    for _ in 0..<3 { _ = try dispatcher.decompress(Sample.software(page), room: 4096) }
    #expect(throws: OffloadError.outputFull) {
      try dispatcher.decompress(Sample.software(page), room: 4095)
    }
    _ = try dispatcher.compress([])
    let statistics = dispatcher.statistics
    #expect(statistics.addsUp)
    #expect(statistics.total.compressCalls == 5 && statistics.total.compressBytes == 4 * 228)
    #expect(statistics.total.decompressCalls == 4 && statistics.total.decompressBytes == 3 * 228)
    #expect(statistics.overflowErrors == 1 && statistics.invalidErrors == 0)
    #expect(statistics.errors == [.didNotFit: 1, .outputFull: 1])
    #expect(statistics.fallbacks == [.emptyInput: 1])
    #expect(statistics.queues.map(\.traffic.compressCalls).sorted() == [2, 3])
    #expect(statistics.latencies[.init(.compress, .hardware)]?.count == 4)
    #expect(statistics.latencies[.init(.compress, .software)]?.count == 1)
    #expect(statistics.maximumDelays.wholeCompress > .zero)
    dispatcher.resetStatistics()
    #expect(dispatcher.statistics.jobs == 0 && dispatcher.statistics.addsUp)
    #expect(dispatcher.statistics.maximumDelays == Statistics.Delays())
    _ = try dispatcher.compress(page)
    #expect(dispatcher.statistics.jobs == 1)
  }

  @Test("JSON carries the numbers")
  func jsonCarriesTheNumbers() throws {
    let dispatcher = try Dispatcher(.patient, models: [DeviceModel()])
    let page = [UInt8](repeating: 0x2A, count: 4096)
    for _ in 0..<7 { _ = try dispatcher.compress(page) }
    let statistics = dispatcher.statistics
    let json = statistics.json
    #expect(json.contains("\"total_comp_calls\":7"))
    #expect(json.contains("\"total_comp_bytes_out\":\(7 * 228)"))
  }

  @Test("percentiles are within an eighth")
  func percentilesAreWithinAnEighth() {
    for value: UInt64 in [0, 1, 7, 8, 9, 100, 1000, 123_456, 1 << 33] {
      let bound = LatencyScale.upperBound(LatencyScale.index(value))
      #expect(bound >= value && bound <= value + value / 8 + 1)
    }
    var buckets = [UInt64](repeating: 0, count: LatencyScale.count)
    for value in UInt64(1)...1000 { buckets[LatencyScale.index(value * 100)] += 1 }
    let latency = Statistics.Latency(buckets: buckets, total: 7)
    #expect(latency.count == 1000 && latency.total == .nanoseconds(7))
    #expect((50_000...56_250).contains(latency.median.nanosecondCount))
    #expect((99_000...111_400).contains(latency.p99.nanosecondCount))
  }
}
