// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The statistics as text: what the kernel driver prints, letter by letter, in both documented
// editions, so that scripts written for it work here; JSON; and Prometheus's exposition format.

import IAADevices

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
      maximumDelays.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      + [
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
    let delays = maximumDelays.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return JSON.members([
      "global_stats": object(globalCounters(.dynamic).map { ($0.name, $0.value) } + delays),
      "dispatcher": object(ownCounters.map { ($0.name, $0.value) }),
      "fallbacks": object(fallbacks.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }),
      "errors": object(errors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
      "latency_ns": .object(
        latencies.sorted { $0.key < $1.key }.map { name, latency in
          JSON.Member(
            key: name,
            value: object([
              ("count", latency.count), ("p50", latency.median), ("p90", latency.p90),
              ("p99", latency.p99), ("p999", latency.p999),
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

  /// All of it in Prometheus's text format, version 0.0.4; every name begins with `iaa_`.
  public var prometheus: String {
    var text = ""
    func metric(_ name: String, _ type: String, _ samples: [(labels: String, value: UInt64)]) {
      guard !samples.isEmpty else { return }
      text += "# TYPE iaa_\(name) \(type)\n"
      for sample in samples { text += "iaa_\(name)\(sample.labels) \(sample.value)\n" }
    }
    func counterName(_ name: String) -> String {
      name.hasPrefix("total_") ? "\(name.dropFirst("total_".count))_total" : "\(name)_total"
    }
    for counter in globalCounters(.dynamic) + ownCounters {
      metric(counterName(counter.name), "counter", [("", counter.value)])
    }
    metric(
      "fallbacks_total", "counter",
      fallbacks.sorted { $0.key.rawValue < $1.key.rawValue }
        .map { ("{reason=\"\($0.key.rawValue)\"}", $0.value) })
    metric(
      "errors_total", "counter",
      errors.sorted { $0.key < $1.key }.map { ("{error=\"\($0.key)\"}", $0.value) })
    for delay in maximumDelays.sorted(by: { $0.key < $1.key }) {
      metric(delay.key, "gauge", [("", delay.value)])
    }
    let latencies = latencies.sorted { $0.key < $1.key }
    metric(
      "latency_ns", "summary",
      latencies.flatMap { name, latency in
        let quantiles = [
          ("0.5", latency.median), ("0.9", latency.p90), ("0.99", latency.p99),
          ("0.999", latency.p999),
        ]
        return quantiles.map { ("{job=\"\(name)\",quantile=\"\($0.0)\"}", $0.1) }
      })
    for latency in latencies {
      text += "iaa_latency_ns_count{job=\"\(latency.key)\"} \(latency.value.count)\n"
    }
    func wq(_ name: String, _ path: KeyPath<Traffic, UInt64>) {
      metric(
        "wq_\(name)_total", "counter",
        queues.map {
          ("{wq=\"\($0.id)\",name=\"\(Self.escaped($0.name))\"}", $0.traffic[keyPath: path])
        })
    }
    wq("comp_calls", \.compressCalls)
    wq("comp_bytes", \.compressBytes)
    wq("decomp_calls", \.decompressCalls)
    wq("decomp_bytes", \.decompressBytes)
    return text
  }

  /// A label's value: backslash, quote and line feed escaped.
  private static func escaped(_ value: String) -> String {
    value.map { character in
      switch character {
      case "\\": "\\\\"
      case "\"": "\\\""
      case "\n": "\\n"
      default: String(character)
      }
    }.joined()
  }
}
