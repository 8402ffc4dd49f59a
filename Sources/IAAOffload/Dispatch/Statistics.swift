// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a dispatcher has done: the driver's counters under the driver's names, and what it does not
// count. A snapshot; see the other files for its texts.

import IAADevices
import Synchronization

/// A dispatcher's statistics at a moment.
///
/// While jobs run, counters of one job may be seen half changed; when none runs, they add up: jobs =
/// results by hardware + results by software as configured + fallbacks + errors, and the queues'
/// calls and bytes are the totals.
public struct Statistics: Sendable, Hashable {
  /// Calls and bytes, compressions' by what came out, decompressions' by what went in.
  public struct Traffic: Sendable, Hashable {
    /// Compressions that a queue took.
    public var compressCalls: UInt64 = 0
    /// Bytes they made.
    public var compressBytes: UInt64 = 0
    /// Decompressions that a queue took.
    public var decompressCalls: UInt64 = 0
    /// Bytes of the streams they read; what stood behind those and was given to them does not count.
    public var decompressBytes: UInt64 = 0

    package static func + (left: Traffic, right: Traffic) -> Traffic {
      Traffic(
        compressCalls: left.compressCalls + right.compressCalls,
        compressBytes: left.compressBytes + right.compressBytes,
        decompressCalls: left.decompressCalls + right.decompressCalls,
        decompressBytes: left.decompressBytes + right.decompressBytes)
    }
  }

  /// A queue that was ever open.
  public struct Queue: Sendable, Hashable {
    /// Its place.
    public var id: QueueID
    /// Its name.
    public var name: String
    /// What it did.
    public var traffic: Traffic
  }

  /// What calls took; each part of them is at most an eighth too high.
  public struct Latency: Sendable, Hashable {
    /// Calls measured.
    public var count: UInt64 = 0
    /// All of them together.
    public var total = Duration.zero
    /// Half of them took no longer.
    public var median = Duration.zero
    /// Nine of ten took no longer.
    public var p90 = Duration.zero
    /// 99 of 100 took no longer.
    public var p99 = Duration.zero
    /// 999 of 1000 took no longer.
    public var p999 = Duration.zero
  }

  /// What jobs do, and who made their results.
  public struct Work: Sendable, Hashable {
    /// What they do.
    public var kind: JobKind
    /// Who made the results.
    public var path: JobReport.Path

    /// Jobs of a kind, done somewhere.
    public init(_ kind: JobKind, _ path: JobReport.Path) {
      self.kind = kind
      self.path = path
    }
  }

  /// The longest there were since the last reset.
  public struct Delays: Sendable, Hashable {
    /// Of a queue's answer to a compression: the first edition's `max_comp_delay_ns`.
    public var compress = Duration.zero
    /// Of a queue's answer to a decompression: `max_decomp_delay_ns`.
    public var decompress = Duration.zero
    /// Of a whole compression, verification and software in its place included: `max_acomp_delay_ns`.
    public var wholeCompress = Duration.zero
    /// Of a whole decompression: `max_adecomp_delay_ns`.
    public var wholeDecompress = Duration.zero
  }

  /// Jobs by kind: compressions, decompressions.
  public internal(set) var compressJobs: UInt64 = 0
  /// Decompressions that were asked for.
  public internal(set) var decompressJobs: UInt64 = 0
  /// Results that hardware made.
  public internal(set) var hardwareSuccesses: UInt64 = 0
  /// Results of the path `software`.
  public internal(set) var softwareSuccesses: UInt64 = 0
  /// Results that the software made because hardware could not, by reason.
  public internal(set) var fallbacks: [FallbackReason.Kind: UInt64] = [:]
  /// Jobs without a result, by the error.
  public internal(set) var errors: [OffloadError.Kind: UInt64] = [:]

  /// The driver's totals: what queues took and made.
  public internal(set) var total = Traffic()
  /// Compressions that hardware should have done and software did, whatever the reason. The driver, whose
  /// `total_sw_comp_calls` this is, counts those of its dynamic mode alone that are larger than a page.
  public internal(set) var softwareCompressCalls: UInt64 = 0
  /// Decompressions that hardware should have done and software did.
  public internal(set) var softwareDecompressCalls: UInt64 = 0
  /// Completions that the driver calls invalid.
  public internal(set) var invalidErrors: UInt64 = 0
  /// Completions that did not come in time, or that the device's watchdog ended.
  public internal(set) var timeoutErrors: UInt64 = 0
  /// Compressions whose result did not fit.
  public internal(set) var overflowErrors: UInt64 = 0

  /// Submissions that full queues refused, of jobs with a result.
  public internal(set) var busyRetries: UInt64 = 0
  /// Submissions again after a page fault.
  public internal(set) var pageFaultRetries: UInt64 = 0
  /// Submissions again with more room.
  public internal(set) var overflowRetries: UInt64 = 0
  /// Verifications of compressed results, and how many failed.
  public internal(set) var verifications: UInt64 = 0
  /// Compressed results that were wrong.
  public internal(set) var verificationMismatches: UInt64 = 0
  /// Decompressed results that were wrong.
  public internal(set) var badDecompressions: UInt64 = 0
  /// Results zlib was asked about.
  public internal(set) var crossChecks: UInt64 = 0
  /// Results zlib did not agree with.
  public internal(set) var crossCheckMismatches: UInt64 = 0
  /// Jobs that were left to a device that did not answer.
  public internal(set) var parkedJobs: UInt64 = 0

  /// Longest waits for a queue, and longest calls.
  public internal(set) var maximumDelays = Delays()
  /// Durations of calls with a result.
  public internal(set) var latencies: [Work: Latency] = [:]
  /// The queues, in order.
  public internal(set) var queues: [Queue] = []

  /// Those of no dispatcher: every counter is 0.
  public init() {}

  /// All jobs.
  public var jobs: UInt64 { compressJobs + decompressJobs }
  /// All results that the software made in hardware's place.
  public var fallbackCount: UInt64 { fallbacks.values.reduce(0, +) }
  /// All jobs without a result.
  public var errorCount: UInt64 { errors.values.reduce(0, +) }
}

extension Dispatcher {
  /// What the dispatcher has done since it was made, or since the last reset.
  ///
  /// - Complexity: O(*t*) in the threads that ever used the dispatcher.
  public var statistics: Statistics {
    // The baseline first: one that is set meanwhile would be ahead of the sum.
    let baseline = core.baseline.withLock { $0 }
    let sum = core.contexts.sum(epoch: core.epoch).since(baseline)
    let names = core.ports.all.filter(\.wasOpened).map { ($0.index, $0.id, $0.description.name) }
    return Statistics(sum, queues: names)
  }

  /// Starts all counters at 0 again, maxima included: the driver's `stats_reset`.
  public func resetStatistics() {
    core.baseline.withLock { $0 = core.contexts.sum(epoch: core.epoch) }
    core.epochValue.add(1, ordering: .relaxed)
  }
}

extension Statistics {
  init(_ sum: CounterBlock.CounterSum, queues names: [(Int, QueueID, String)]) {
    compressJobs = sum[.compressJobs]
    decompressJobs = sum[.decompressJobs]
    hardwareSuccesses = sum[.hardwareSuccesses]
    softwareSuccesses = sum[.softwareSuccesses]
    for reason in FallbackReason.Kind.allCases where sum[fallback: reason] > 0 {
      fallbacks[reason] = sum[fallback: reason]
    }
    for error in OffloadError.Kind.allCases where sum[error] > 0 { errors[error] = sum[error] }
    total = Traffic(
      compressCalls: sum[.compressCalls], compressBytes: sum[.compressBytesOut],
      decompressCalls: sum[.decompressCalls], decompressBytes: sum[.decompressBytesIn])
    softwareCompressCalls = sum[.softwareCompressCalls]
    softwareDecompressCalls = sum[.softwareDecompressCalls]
    invalidErrors = sum[.invalidErrors]
    timeoutErrors = sum[.timeoutErrors]
    overflowErrors = sum[.overflowErrors]
    busyRetries = sum[.busyRetries]
    pageFaultRetries = sum[.pageFaultRetries]
    overflowRetries = sum[.overflowRetries]
    verifications = sum[.verifications]
    verificationMismatches = sum[.verificationMismatches]
    badDecompressions = sum[.badDecompressions]
    crossChecks = sum[.crossChecks]
    crossCheckMismatches = sum[.crossCheckMismatches]
    parkedJobs = sum[.parkedJobs]
    maximumDelays = Delays(
      compress: Duration(nanosecondCount: sum[DelayCounter.compress]),
      decompress: Duration(nanosecondCount: sum[DelayCounter.decompress]),
      wholeCompress: Duration(nanosecondCount: sum[DelayCounter.wholeCompress]),
      wholeDecompress: Duration(nanosecondCount: sum[DelayCounter.wholeDecompress]))
    for kind in JobKind.allCases {
      for path in JobReport.Path.allCases {
        latencies[Work(kind, path)] = Latency(
          buckets: Array(sum.latencies(kind, path)), total: sum.latencySum(kind, path))
      }
    }
    queues = names.map { index, id, name in
      Queue(
        id: id, name: name,
        traffic: Traffic(
          compressCalls: sum[.compressCalls, queue: index],
          compressBytes: sum[.compressBytes, queue: index],
          decompressCalls: sum[.decompressCalls, queue: index],
          decompressBytes: sum[.decompressBytes, queue: index]))
    }.sorted { $0.id < $1.id }
  }
}

extension Statistics.Latency {
  init(buckets: [UInt64], total nanoseconds: UInt64) {
    count = buckets.reduce(0, +)
    total = Duration(nanosecondCount: nanoseconds)
    func percentile(_ part: Double) -> Duration {
      var left = UInt64((Double(count) * part).rounded(.up))
      for (index, bucket) in buckets.enumerated() where bucket > 0 {
        if bucket >= left { return Duration(nanosecondCount: LatencyScale.upperBound(index)) }
        left -= bucket
      }
      return .zero
    }
    guard count > 0 else { return }
    median = percentile(0.5)
    p90 = percentile(0.9)
    p99 = percentile(0.99)
    p999 = percentile(0.999)
  }
}
