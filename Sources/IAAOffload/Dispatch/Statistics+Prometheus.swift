// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The statistics in Prometheus's text format, by its conventions: base units in the names, counters that end
// in _total, a help and a type for each family, all labels of a family always there, so that rates
// begin at 0.

import IAADevices

extension Statistics {
  /// All of it in Prometheus's text format, version 0.0.4; every name begins with `iaa_`. Times are in
  /// seconds, sizes in bytes.
  public var prometheus: String {
    var text = ""
    for family in families where !family.samples.isEmpty {
      text += "# HELP iaa_\(family.name) \(family.help)\n# TYPE iaa_\(family.name) \(family.type)\n"
      for sample in family.samples {
        let labels = sample.labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(
          separator: ",")
        text += "iaa_\(family.name)\(sample.suffix)"
        text += (labels.isEmpty ? "" : "{\(labels)}") + " \(sample.value)\n"
      }
    }
    return text
  }

  /// A name with its samples.
  private struct Family {
    struct Sample {
      var suffix = ""
      var labels: [(String, String)] = []
      let value: String
    }

    let name: String
    let help: String
    let type: String
    let samples: [Sample]

    init(_ name: String, _ help: String, type: String = "counter", _ samples: [Sample]) {
      self.name = name
      self.help = help
      self.type = type
      self.samples = samples
    }

    /// A single number.
    init(_ name: String, _ help: String, _ value: UInt64) {
      self.init(name, help, [Sample(value: "\(value)")])
    }
  }

  private static func seconds(_ duration: Duration) -> String {
    "\(Double(duration.nanosecondCount) / 1e9)"
  }

  private var families: [Family] {
    jobFamilies + driverFamilies + queueFamilies
  }

  private var jobFamilies: [Family] {
    [
      Family(
        "jobs_total", "Jobs that were asked for.",
        [("compress", compressJobs), ("decompress", decompressJobs)].map {
          .init(labels: [("job", $0.0)], value: "\($0.1)")
        }),
      Family(
        "results_total",
        "Results by who was meant to make them and did; others are in fallbacks_total.",
        [("hardware", hardwareSuccesses), ("software", softwareSuccesses)].map {
          .init(labels: [("path", $0.0)], value: "\($0.1)")
        }),
      Family(
        "fallbacks_total", "Results that software made because hardware could not.",
        FallbackReason.Kind.allCases.map {
          .init(labels: [("reason", $0.rawValue)], value: "\(fallbacks[$0, default: 0])")
        }),
      Family(
        "errors_total", "Jobs without a result.",
        OffloadError.Kind.allCases.map {
          .init(labels: [("error", $0.rawValue)], value: "\(errors[$0, default: 0])")
        }),
      Family(
        "job_duration_seconds", "Durations of calls with a result.", type: "summary",
        sortedLatencies.flatMap { work, latency -> [Family.Sample] in
          let labels = [("job", "\(work.kind)"), ("path", "\(work.path)")]
          let quantiles = [
            ("0.5", latency.median), ("0.9", latency.p90), ("0.99", latency.p99),
            ("0.999", latency.p999),
          ]
          var samples = quantiles.map {
            Family.Sample(labels: labels + [("quantile", $0.0)], value: Self.seconds($0.1))
          }
          samples.append(.init(suffix: "_sum", labels: labels, value: Self.seconds(latency.total)))
          samples.append(.init(suffix: "_count", labels: labels, value: "\(latency.count)"))
          return samples
        }),
      Family(
        "max_delay_seconds", "The longest waits for a queue, and the longest calls.", type: "gauge",
        [
          ("compress", "queue", maximumDelays.compress),
          ("decompress", "queue", maximumDelays.decompress),
          ("compress", "call", maximumDelays.wholeCompress),
          ("decompress", "call", maximumDelays.wholeDecompress),
        ].map {
          .init(labels: [("job", $0.0), ("of", $0.1)], value: Self.seconds($0.2))
        }),
      Family("busy_retries_total", "Submissions that full queues refused.", busyRetries),
      Family(
        "page_fault_retries_total", "Submissions again after a page fault.", pageFaultRetries),
      Family("overflow_retries_total", "Submissions again with more room.", overflowRetries),
      Family("verifications_total", "Compressed results that were verified.", verifications),
      Family(
        "verification_mismatches_total", "Compressed results that were wrong.",
        verificationMismatches),
      Family(
        "bad_decompressions_total", "Decompressed results that were wrong.", badDecompressions),
      Family("cross_checks_total", "Results that zlib was asked about.", crossChecks),
      Family(
        "cross_check_mismatches_total", "Results that zlib did not agree with.",
        crossCheckMismatches),
      Family("parked_jobs_total", "Jobs left to a device that did not answer.", parkedJobs),
    ]
  }

  /// What the driver counts in all.
  private var driverFamilies: [Family] {
    [
      Family(
        "sw_comp_calls_total", "Compressions that software did in hardware's place.",
        softwareCompressCalls),
      Family(
        "sw_decomp_calls_total", "Decompressions that software did in hardware's place.",
        softwareDecompressCalls),
      Family(
        "completion_errors_total",
        "Jobs that a device did not end with success, by the driver's names.",
        [
          ("einval", invalidErrors), ("timeout", timeoutErrors),
          ("comp_buf_overflow", overflowErrors),
        ].map { .init(labels: [("kind", $0.0)], value: "\($0.1)") }),
    ]
  }

  /// What the driver counts of each queue; the sums are its totals.
  private var queueFamilies: [Family] {
    func family(_ name: String, _ help: String, _ path: KeyPath<Traffic, UInt64>) -> Family {
      Family(
        "wq_\(name)_total", help,
        queues.map {
          .init(
            labels: [("wq", "\($0.id)"), ("name", $0.name)], value: "\($0.traffic[keyPath: path])")
        })
    }
    return [
      family("comp_calls", "Compressions that a queue took.", \.compressCalls),
      family("comp_bytes", "Bytes that its compressions made.", \.compressBytes),
      family("decomp_calls", "Decompressions that a queue took.", \.decompressCalls),
      family("decomp_bytes", "Bytes of streams that it decompressed.", \.decompressBytes),
    ]
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
