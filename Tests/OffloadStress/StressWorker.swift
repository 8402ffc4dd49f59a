// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One thread of a run: jobs of every kind in random order, each result held against the known one.

import FixedDeflate
import Glibc
import IAADevices
import IAAOffload
import SplitMix

struct StressWorker: ~Copyable {
  let dispatcher: Dispatcher
  let samples: [StressSample]
  let reportInterval: Int
  let number: Int
  private let rules: ModeRules
  private var decoder: ModeDecoder
  var random: SplitMix64
  var tally = StressTally()

  init(
    dispatcher: Dispatcher, samples: [StressSample], seed: UInt64, reportInterval: Int, number: Int
  ) {
    self.dispatcher = dispatcher
    self.samples = samples
    self.reportInterval = reportInterval
    self.number = number
    rules = dispatcher.rules
    decoder = ModeDecoder(dispatcher.configuration.mode, limit: .rfc1951)
    random = SplitMix64(state: seed)
  }

  /// - Parameters:
  ///   - jobs: How many, at least.
  ///   - note: Told what was counted after every call.
  mutating func run(jobs: Int, note: (StressTally) -> Void) {
    var nextReport = reportInterval
    while tally.jobs < jobs {
      let sample = samples[random.below(samples.count)]
      switch random.below(1000) {
      case 0..<400: compress(sample, .last)
      case 400..<420: compress(sample, .notLast)
      case 420..<430: compressIntoLittle(sample)
      case 430..<860: decompress(sample)
      case 860..<870: decompressBroken(sample)
      case 870..<880: decompressIntoLittle(sample)
      case 880..<940: useHandle(sample)
      default: useBatch()
      }
      note(tally)
      if reportInterval > 0, tally.jobs >= nextReport {
        print("thread \(number): \(tally.jobs) jobs")
        // Also into a file, where somebody may be watching it.
        fflush(nil)
        nextReport += reportInterval
      }
    }
  }

  // MARK: Counting

  private mutating func count(_ report: JobReport) {
    tally.jobs += 1
    if report.path == .hardware {
      tally.hardware += 1
    } else if report.fallback != nil {
      tally.fallbacks += 1
    }
  }

  private mutating func count(_ error: OffloadError, isExpected: Bool) {
    tally.jobs += 1
    tally.errors += 1
    if !isExpected { tally.unexpectedErrors += 1 }
  }

  private mutating func check(_ stream: [UInt8], _ expected: [UInt8], of bytes: [UInt8]) {
    guard stream != expected else { return }
    var closed = stream
    // Behind a stream that is not final an empty final block.
    if rules.kind != .canned, stream.first.map({ $0 & 1 == 0 }) ?? false {
      closed += [0x03, 0x00]
    }
    let back = StressSample.bytes(of: closed, &decoder, maximumCount: bytes.count)
    if back == bytes { tally.otherBits += 1 } else { tally.wrong += 1 }
  }

  // MARK: Jobs

  private mutating func compress(_ sample: StressSample, _ position: BlockPosition) {
    let expected = position == .last ? sample.stream : sample.notLastStream
    var report = JobReport()
    do throws(OffloadError) {
      let stream = try makeBytes(
        capacity: rules.bound(sample.bytes.count, position)
      ) { (output: inout OutputRawSpan) throws(OffloadError) in
        // SAFETY (here and below): bytes have no padding.
        report = unsafe try dispatcher.compress(
          sample.bytes.span.bytes, position: position, into: &output)
      }
      count(report)
      check(stream, expected, of: sample.bytes)
    } catch {
      count(error, isExpected: false)
    }
  }

  private mutating func compressIntoLittle(_ sample: StressSample) {
    let room = random.below(sample.stream.count + 8)
    var report = JobReport()
    do throws(OffloadError) {
      let stream = try makeBytes(capacity: room) {
        (output: inout OutputRawSpan) throws(OffloadError) in
        report = unsafe try dispatcher.compress(sample.bytes.span.bytes, into: &output)
      }
      count(report)
      check(stream, sample.stream, of: sample.bytes)
    } catch {
      count(error, isExpected: error == .didNotFit && room < sample.stream.count)
    }
  }

  private mutating func decompress(_ sample: StressSample) {
    var report = JobReport()
    do throws(OffloadError) {
      let bytes = try makeBytes(capacity: sample.bytes.count + random.below(3)) {
        (output: inout OutputRawSpan) throws(OffloadError) in
        report = unsafe try dispatcher.decompress(sample.stream.span.bytes, into: &output)
      }
      count(report)
      if bytes != sample.bytes { tally.wrong += 1 }
    } catch {
      count(error, isExpected: false)
    }
  }

  private mutating func decompressBroken(_ sample: StressSample) {
    var report = JobReport()
    do throws(OffloadError) {
      let bytes = try makeBytes(capacity: StressSample.room) {
        (output: inout OutputRawSpan) throws(OffloadError) in
        report = unsafe try dispatcher.decompress(sample.brokenStream.span.bytes, into: &output)
      }
      count(report)
      if bytes != sample.brokenBytes { tally.wrong += 1 }
    } catch {
      count(error, isExpected: sample.brokenBytes == nil)
    }
  }

  private mutating func decompressIntoLittle(_ sample: StressSample) {
    let room = random.below(sample.bytes.count)
    var report = JobReport()
    do throws(OffloadError) {
      _ = try makeBytes(capacity: room) { (output: inout OutputRawSpan) throws(OffloadError) in
        report = unsafe try dispatcher.decompress(sample.stream.span.bytes, into: &output)
      }
      count(report)
      tally.wrong += 1
    } catch {
      count(error, isExpected: error == .outputFull)
    }
  }

  private mutating func useHandle(_ sample: StressSample) {
    let isCompression = random.below(2) == 0
    var job =
      isCompression
      ? unsafe dispatcher.submitCompression(of: sample.bytes.span.bytes)
      : unsafe dispatcher.submitDecompression(
        of: sample.stream.span.bytes, room: sample.bytes.count)
    for _ in 0..<random.below(20) where !job.poll() {}
    switch random.below(10) {
    case 0:
      job.cancel()
      count(.cancelled, isExpected: true)
    case 1:
      // Dropped.
      _ = consume job
      count(.cancelled, isExpected: true)
    default: finish(job, sample, isCompression)
    }
  }

  private mutating func finish(
    _ job: consuming PendingJob, _ sample: StressSample, _ isCompression: Bool
  ) {
    var report = JobReport()
    let expected = isCompression ? sample.stream : sample.bytes
    var box: PendingJob? = job
    do throws(OffloadError) {
      let bytes = try makeBytes(capacity: rules.bound(sample.bytes.count, .last)) {
        (output: inout OutputRawSpan) throws(OffloadError) in
        guard let job = box.take() else { return }
        report = try job.finish(into: &output)
      }
      count(report)
      if isCompression {
        check(bytes, expected, of: sample.bytes)
      } else if bytes != expected {
        tally.wrong += 1
      }
    } catch {
      count(error, isExpected: false)
    }
  }

  private mutating func useBatch() {
    let isCompression = random.below(2) == 0
    var input: [UInt8] = []
    var jobs: [BatchJob] = []
    var chosen: [StressSample] = []
    for _ in 0..<1 + random.below(24) {
      let sample = samples[random.below(samples.count)]
      let part = isCompression ? sample.bytes : sample.stream
      let room = isCompression ? rules.bound(part.count, .last) : sample.bytes.count
      jobs.append(BatchJob(range: input.count..<input.count + part.count, room: room))
      input += part
      chosen.append(sample)
    }
    var results: [BatchResult] = []
    let output = makeBytes(capacity: jobs.map(\.room).reduce(0, +)) { output in
      results =
        isCompression
        ? unsafe dispatcher.compressBatch(input.span.bytes, jobs, into: &output)
        : unsafe dispatcher.decompressBatch(input.span.bytes, jobs, into: &output)
    }
    for (result, sample) in zip(results, chosen) {
      if let error = result.error {
        count(error, isExpected: false)
        continue
      }
      count(result.report)
      let bytes = Array(output[result.range])
      if isCompression {
        check(bytes, sample.stream, of: sample.bytes)
      } else if bytes != sample.bytes {
        tally.wrong += 1
      }
    }
  }
}
