// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The statistics as text: what the kernel driver prints, letter by letter, in both documented
// editions, so that scripts written for it work here; and JSON.

public import IAADevices

extension Statistics {
  /// The documented editions of the driver's files.
  public typealias Edition = StatisticsEdition

  /// The driver's global counters, in its order.
  private func globalCounters(_ edition: Edition) -> [(name: String, value: UInt64)] {
    [("total_comp_calls", total.compressCalls), ("total_decomp_calls", total.decompressCalls)]
      + (edition == .dynamic ? [("total_sw_comp_calls", softwareCompressCalls)] : [])
      + (edition == .first ? [] : [("total_sw_decomp_calls", softwareDecompressCalls)])
      + [
        ("total_comp_bytes_out", total.compressBytes),
        ("total_decomp_bytes_in", total.decompressBytes),
        ("total_completion_einval_errors", invalidErrors),
        ("total_completion_timeout_errors", timeoutErrors),
        ("total_completion_comp_buf_overflow_errors", overflowErrors),
      ]
  }

  /// The text of `global_stats`; in the first edition, of the head of `wq_stats`.
  public func globalStats(_ edition: Edition = .newer) -> String {
    KernelStatistics.text(
      global: globalCounters(edition).map { .init(name: $0.name, value: $0.value) })
  }

  /// The text of `wq_stats`: a block for each device, an empty line between.
  public func wqStats(_ edition: Edition = .newer) -> String {
    let devices = Dictionary(grouping: queues, by: \.id.device).sorted { $0.key < $1.key }
    let blocks = devices.map { id, queues in
      KernelStatistics.Device(
        id: id, queueCount: queues.count,
        counters: Self.counters(queues.map(\.traffic).reduce(Traffic(), +)),
        queues: queues.map { .init(name: $0.name, counters: Self.counters($0.traffic)) }
      ).text
    }
    return ((edition == .first ? [globalStats(.first)] : []) + blocks).joined(separator: "\n")
  }

  /// What the driver counts of a device and of a queue, in its order.
  private static func counters(_ traffic: Traffic) -> [KernelStatistics.Counter] {
    [
      .init(name: "comp_calls", value: traffic.compressCalls),
      .init(name: "comp_bytes", value: traffic.compressBytes),
      .init(name: "decomp_calls", value: traffic.decompressCalls),
      .init(name: "decomp_bytes", value: traffic.decompressBytes),
    ]
  }

  /// The first edition's file of each counter: name and contents.
  public var counterFiles: [(name: String, text: String)] {
    let counters =
      maximumDelays.files + [
        ("total_comp_bytes_out", total.compressBytes), ("total_comp_calls", total.compressCalls),
        ("total_decomp_bytes_in", total.decompressBytes),
        ("total_decomp_calls", total.decompressCalls),
      ]
    return counters.map { ($0.0, "\($0.1)\n") }
  }

  /// Counters that the driver does not have.
  private var ownCounters: [(name: String, value: UInt64)] {
    [
      ("comp_jobs", compressJobs), ("decomp_jobs", decompressJobs),
      ("hardware_successes", hardwareSuccesses), ("software_successes", softwareSuccesses),
      ("busy_retries", busyRetries), ("page_fault_retries", pageFaultRetries),
      ("overflow_retries", overflowRetries), ("verifications", verifications),
      ("verification_mismatches", verificationMismatches),
      ("bad_decompressions", badDecompressions), ("cross_checks", crossChecks),
      ("cross_check_mismatches", crossCheckMismatches), ("parked_jobs", parkedJobs),
    ]
  }

  /// All of it as a JSON object.
  public var json: String {
    func object(_ pairs: [(String, UInt64)]) -> JSON {
      .object(pairs.map { JSON.Member(key: $0.0, value: .integer(Int(clamping: $0.1))) })
    }
    return JSON.members([
      "global_stats": object(
        globalCounters(.dynamic).map { ($0.name, $0.value) } + maximumDelays.files),
      "dispatcher": object(ownCounters.map { ($0.name, $0.value) }),
      "fallbacks": object(fallbacks.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }),
      "errors": object(errors.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }),
      "latency_ns": .object(
        sortedLatencies.map { work, latency in
          JSON.Member(
            key: "\(work.kind)_\(work.path)",
            value: object([
              ("count", latency.count), ("sum", latency.total.nanosecondCount),
              ("p50", latency.median.nanosecondCount), ("p90", latency.p90.nanosecondCount),
              ("p99", latency.p99.nanosecondCount), ("p999", latency.p999.nanosecondCount),
            ]))
        }),
      "wqs": .array(
        queues.map { queue in
          .object(
            [
              JSON.Member(key: "wq", value: .string("\(queue.id)")),
              JSON.Member(key: "name", value: .string(queue.name)),
            ]
              + Self.counters(queue.traffic).map {
                JSON.Member(key: $0.name, value: .integer(Int(clamping: $0.value)))
              })
        }),
    ]).pretty()
  }

  /// Latencies in the order of kinds and paths, those there are.
  var sortedLatencies: [(work: Work, latency: Latency)] {
    JobKind.allCases.flatMap { kind in
      JobReport.Path.allCases.compactMap { path in
        let work = Work(kind, path)
        return latencies[work].map { (work, $0) }
      }
    }
  }
}

extension Statistics.Delays {
  /// The driver's files of them, in nanoseconds, in order.
  var files: [(String, UInt64)] {
    [
      ("max_acomp_delay_ns", wholeCompress.nanosecondCount),
      ("max_adecomp_delay_ns", wholeDecompress.nanosecondCount),
      ("max_comp_delay_ns", compress.nanosecondCount),
      ("max_decomp_delay_ns", decompress.nanosecondCount),
    ]
  }
}
