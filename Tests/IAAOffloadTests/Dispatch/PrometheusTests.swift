// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The text format as its documentation has it, read by a parser of our own that refuses what a server
// would, and what its conventions ask of names.

import IAADevices
import OffloadStress
import Testing

@testable import IAAModel
@testable import IAAOffload

/// A family of samples, parsed.
private struct Family {
  let help: String
  let type: String
  var samples: [(name: String, labels: [String: String], value: Double)] = []
}

private struct FormatError: Error, CustomStringConvertible {
  let description: String
}

/// Parses the text format, version 0.0.4: a help and a type before a family's samples, which stand together.
private func parse(_ text: String) throws -> [(name: String, family: Family)] {
  func isName(_ name: some StringProtocol) -> Bool {
    !name.isEmpty && !(name.first?.isNumber ?? true)
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
  }
  var families: [(name: String, family: Family)] = []
  var help: (name: String, text: String)?
  guard text.hasSuffix("\n") else { throw FormatError(description: "no line end at the end") }
  for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
    if line.hasPrefix("#") {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      guard words.count == 4, isName(words[2]) else { throw FormatError(description: "\(line)") }
      switch words[1] {
      case "HELP": help = (words[2], words[3])
      case "TYPE":
        guard let text = help, text.name == words[2],
          ["counter", "gauge", "summary"].contains(words[3]),
          !families.contains(where: { $0.name == words[2] })
        else { throw FormatError(description: "\(line)") }
        families.append((words[2], Family(help: text.text, type: words[3])))
      default: throw FormatError(description: "\(line)")
      }
      continue
    }
    var rest = line[...]
    let name = String(rest.prefix { $0 != "{" && $0 != " " })
    rest = rest.dropFirst(name.count)
    var labels: [String: String] = [:]
    if rest.first == "{" {
      rest = rest.dropFirst()
      while rest.first != "}" {
        let label = String(rest.prefix { $0 != "=" })
        rest = rest.dropFirst(label.count)
        guard isName(label), rest.hasPrefix("=\"") else {
          throw FormatError(description: "\(line)")
        }
        rest = rest.dropFirst(2)
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
          guard character == "\\" else {
            value.append(character)
            continue
          }
          switch rest.popFirst() {
          case "\\": value.append("\\")
          case "\"": value.append("\"")
          case "n": value.append("\n")
          default: throw FormatError(description: "\(line)")
          }
        }
        guard labels.updateValue(value, forKey: label) == nil else {
          throw FormatError(description: "\(line)")
        }
        if rest.first == "," { rest = rest.dropFirst() }
      }
      rest = rest.dropFirst()
    }
    guard let last = families.indices.last, isName(name), rest.first == " ",
      let value = Double(String(rest.dropFirst()))
    else { throw FormatError(description: "\(line)") }
    let (family, type) = (families[last].name, families[last].family.type)
    let suffixes = type == "summary" ? ["", "_sum", "_count"] : [""]
    guard suffixes.contains(where: { name == family + $0 }) else {
      throw FormatError(description: "\(name) stands below \(family)")
    }
    families[last].family.samples.append((name, labels, value))
  }
  return families
}

@Suite("Prometheus") struct PrometheusTests {
  /// Of a dispatcher that did some of everything.
  static func statistics() throws -> Statistics {
    let model = DeviceModel(.init(queues: [.init(name: "a \"b\\c")]))
    let dispatcher = try Dispatcher(.patient, models: [model])
    let page = [UInt8](repeating: 0x2A, count: 4096)
    for _ in 0..<7 { _ = try dispatcher.compress(page) }
    _ = try dispatcher.compress([])
    #expect(throws: OffloadError.outputFull) {
      try dispatcher.decompress(Sample.software(page), room: 4095)
    }
    return dispatcher.statistics
  }

  @Test("every line is one that a server takes, and every family has its help and its type")
  func format() throws {
    let families = try parse(Self.statistics().prometheus)
    #expect(families.count > 20)
    for (name, family) in families {
      #expect(name.hasPrefix("iaa_") && family.help.hasSuffix("."))
      // No samples with the same labels, and each family's labels by the same names.
      let keys = family.samples.map { "\($0.name) \($0.labels.sorted { $0.key < $1.key })" }
      #expect(Set(keys).count == keys.count, "\(name)")
    }
    #expect(throws: FormatError.self) { try parse("iaa_jobs_total 1\n") }
    #expect(throws: FormatError.self) { try parse("# HELP a b.\n# TYPE a counter\nb 1\n") }
  }

  @Test("names end as the conventions have it, and units are seconds and bytes")
  func names() throws {
    for (name, family) in try parse(Self.statistics().prometheus) {
      #expect(name.hasSuffix("_total") == (family.type == "counter"), "\(name)")
      #expect(!name.contains("_ns") && !name.contains("milli") && !name.contains("micro"))
      #expect(family.samples.allSatisfy { $0.value >= 0 })
      if family.type == "summary" || name.contains("delay") { #expect(name.hasSuffix("_seconds")) }
    }
  }

  @Test("the numbers are the statistics'")
  func numbers() throws {
    let statistics = try Self.statistics()
    let families = Dictionary(
      uniqueKeysWithValues: try parse(statistics.prometheus).map { ($0.name, $0.family) })
    func value(_ name: String, _ labels: [String: String] = [:], _ suffix: String = "") -> Double? {
      families[name]?.samples.first { $0.name == name + suffix && $0.labels == labels }?.value
    }
    #expect(value("iaa_jobs_total", ["job": "compress"]) == 8)
    #expect(value("iaa_results_total", ["path": "hardware"]) == 7)
    #expect(value("iaa_fallbacks_total", ["reason": "emptyInput"]) == 1)
    // What did not happen yet is there all the same: a rate needs a first value.
    #expect(value("iaa_fallbacks_total", ["reason": "timedOut"]) == 0)
    #expect(value("iaa_errors_total", ["error": "outputFull"]) == 1)
    let queue = ["wq": "wq1.0", "name": "a \"b\\c"]
    #expect(value("iaa_wq_comp_calls_total", queue) == 7)
    #expect(value("iaa_wq_comp_bytes_total", queue) == 1596)
    let work = ["job": "compress", "path": "hardware"]
    #expect(value("iaa_job_duration_seconds", work, "_count") == 7)
    let total = try #require(value("iaa_job_duration_seconds", work, "_sum"))
    let latency = try #require(statistics.latencies[.init(.compress, .hardware)])
    #expect(total > 0 && total == Double(latency.total.nanosecondCount) / 1e9)
    let median = try #require(
      value("iaa_job_duration_seconds", work.merging(["quantile": "0.5"]) { $1 }))
    #expect(median > 0 && median * 3.5 <= total * 1.125)
    let longest = try #require(value("iaa_max_delay_seconds", ["job": "compress", "of": "call"]))
    #expect(longest > 0 && longest <= total)
  }
}
