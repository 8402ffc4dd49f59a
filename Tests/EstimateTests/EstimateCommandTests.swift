// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import DeviceCommands

@Suite("deflate-iaa estimate", .serialized)
struct EstimateCommandTests {
  /// A file of `pages` pages: text, zeros, one word, noise in turn.
  private static func file(pages: Int) throws -> URL {
    var random = SeededGenerator(seed: 11)
    var bytes: [UInt8] = []
    for number in 0..<pages {
      switch number % 4 {
      case 0:
        bytes += (0..<4096).map {
          UInt8("the quick brown fox ".utf8.map { $0 }[($0 + number) % 20])
        }
      case 1: bytes += [UInt8](repeating: 0, count: 4096)
      case 2: bytes += [UInt8](repeating: 0x55, count: 4096)
      default: bytes += (0..<4096).map { _ in random.byte() }
      }
    }
    let url = FileManager.default.temporaryDirectory.appending(
      path: "deflate-iaa-estimate-\(UUID().uuidString)")
    try Data(bytes).write(to: url)
    return url
  }

  @Test("JSON has the members that its page lists, and no others")
  func schema() throws {
    let file = try Self.file(pages: 8)
    defer { try? FileManager.default.removeItem(at: file) }
    let json = try EstimateTestRun([file.path, "--json"]).json()
    let page = try String(
      contentsOf: Repository.root.appending(path: "Documentation/estimate-schema.md"),
      encoding: .utf8)
    // Five tables: the object, figures, algorithms, the family and its ranges.
    let tables = page.components(separatedBy: "| member | what |").dropFirst().map { table in
      Set(
        table.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { line in
          line.split(separator: "|")[0].split(separator: ",")
            .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        })
    }
    try #require(tables.count == 5)
    #expect(Set(json.keys) == tables[0].subtracting(["time", "explanation"]))
    let explained = try EstimateTestRun([file.path, "--json", "--explain"]).json()
    #expect(Set(explained.keys) == tables[0].subtracting(["time"]))
    let lines = try #require(explained["explanation"] as? [String])
    #expect(lines.contains { $0.hasPrefix("saved, iaa-fixed = ") })
    let family = try #require(json["family"] as? [String: Any])
    #expect(Set(family.keys) == tables[3])
    let ranges = try #require(family["ranges"] as? [String: [String: [String: Any]]])
    #expect(Set(ranges.keys) == ["iaa-fixed", "iaa-canned", "iaa-dynamic"])
    for range in ranges.values.flatMap(\.values) { #expect(Set(range.keys) == tables[4]) }
    let total = try #require(json["total"] as? [String: Any])
    #expect(Set(total.keys) == tables[1])
    let algorithms = try #require(total["algorithms"] as? [String: [String: Any]])
    #expect(Set(["iaa-fixed", "iaa-canned", "iaa-dynamic"]).isSubset(of: algorithms.keys))
    for figures in algorithms.values { #expect(Set(figures.keys) == tables[2]) }
    let sources = try #require(json["sources"] as? [[String: Any]])
    #expect(Set(sources[0].keys) == tables[1].union(["name", "kinds"]))
  }

  @Test("a full count of a file adds up")
  func sums() throws {
    let file = try Self.file(pages: 8)
    defer { try? FileManager.default.removeItem(at: file) }
    let json = try EstimateTestRun([file.path, "--sample", "all", "--kernel", "6.18", "--json"])
      .json()
    let total = try #require(json["total"] as? [String: Any])
    #expect(total["pages"] as? Int == 8)
    #expect(total["same_filled"] as? Int == 4)
    #expect(total["zero"] as? Int == 2)
    let fixed = try #require((total["algorithms"] as? [String: [String: Any]])?["iaa-fixed"])
    #expect(fixed["incompressible"] as? Int == 2)
    #expect(fixed["stored_bytes_margin"] as? Int == 0)
    #expect((fixed["histogram"] as? [Int])?.reduce(0, +) == 8)
    let stored = try #require(total["stored_bytes"] as? Int)
    #expect(try #require(total["stream_bytes"] as? Int) > stored)
  }

  @Test("this process's own memory can be looked at, and the table fits 80 columns")
  func ownProcess() throws {
    let run = EstimateTestRun([
      "--pid", "\(ProcessInfo.processInfo.processIdentifier)", "--sample", "600", "--explain",
    ])
    #expect(run.code == 0, "\(run.err)")
    #expect(run.out.contains("by mapping"))
    #expect(run.out.contains("heap") && run.out.contains("stack"))
    #expect(run.out.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(run.out)")
  }

  @Test("a line of JSON each time, and figures for Prometheus")
  func watching() throws {
    let file = try Self.file(pages: 4)
    let metrics = file.appendingPathExtension("prom")
    defer {
      try? FileManager.default.removeItem(at: file)
      try? FileManager.default.removeItem(at: metrics)
    }
    let run = EstimateTestRun([
      file.path, "--every", "1s", "--count", "2", "--prometheus", metrics.path,
    ])
    #expect(run.code == 0, "\(run.err)")
    let lines = run.out.split(separator: "\n")
    #expect(lines.count == 2)
    for line in lines {
      let json = try #require(
        JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect((json["time"] as? String)?.hasSuffix("Z") == true)
    }
    let text = try String(contentsOf: metrics, encoding: .utf8)
    #expect(text.contains("# TYPE deflate_iaa_estimate_stored_bytes gauge\n"))
    #expect(text.contains("deflate_iaa_estimate_pages 4\n"))
    #expect(text.contains("deflate_iaa_estimate_stored_bytes{algorithm=\"iaa-fixed\"} "))
  }

  @Test("the page for a browser fetches nothing, and names are escaped in it")
  func page() throws {
    let file = try Self.file(pages: 4)
    let odd = file.deletingLastPathComponent().appending(
      path: "deflate-iaa <b>&\(UUID().uuidString)")
    try FileManager.default.moveItem(at: file, to: odd)
    let html = odd.appendingPathExtension("html")
    defer {
      try? FileManager.default.removeItem(at: odd)
      try? FileManager.default.removeItem(at: html)
    }
    #expect(EstimateTestRun([odd.path, "--html", html.path]).code == 0)
    let text = try String(contentsOf: html, encoding: .utf8)
    #expect(text.contains("&lt;b&gt;&amp;") && !text.contains("<b>&"))
    for word in ["http:", "https:", "src=", "<script", "@import", "url("] {
      #expect(!text.contains(word), "\(word)")
    }
    #expect(text.contains("Content-Security-Policy"))
  }

  static let refused: [([String], String)] = [
    ([], "name files, or use --pid, --cgroup or --system."),
    (["--pid", "0"], "--pid 0: takes 1 or more."),
    (["--pid", "999999999"], "--pid 999999999: no such"),
    (["/nonexistent/file"], "/nonexistent/file: no such file"),
    (["/tmp"], "/tmp: not a file with pages"), (["."], ".: not a file with pages"),
    (["a", "--html", "a"], "a is to be read and written."),
    (
      ["--system", "--cold", "130%"],
      "--cold takes a percentage from 0 to 100, 30% say, or a time such as 60s, not '130%'."
    ),
    (["--system", "--cold", "0s"], "or a time such as 60s, not '0s'."),
    (["--system", "--explain", "--tsv"], "--explain goes with text and JSON, not with --tsv."),
    (["--system", "--every", "10x"], "--every takes a time such as 10s, 5m or 1h, not '10x'."),
    (["--system", "--kernel", "new"], "--kernel takes a release such as 6.18, not 'new'."),
    (["--system", "--sample", "0"], "--sample takes a number from 1 on, or \"all\"."),
    (["--system", "--page-size", "8"], "--page-size takes 4, 16 or 64."),
    (["--cgroup", "no/such/group"], "/sys/fs/cgroup/no/such/group/cgroup.procs: "),
  ]

  @Test("what cannot be is refused with what can", arguments: refused)
  func refusals(arguments: [String], message: String) {
    let run = EstimateTestRun(arguments)
    #expect(run.code == 1)
    #expect(run.err.contains(message), "\(run.err)")
  }

  @Test("shares and times are read as written")
  func words() {
    #expect(EstimateCommand.share("30%") == 0.3 && EstimateCommand.share("0") == 0)
    #expect(EstimateCommand.share("nan") == nil && EstimateCommand.share("-1") == nil)
    #expect(EstimateCommand.seconds("5m") == 300 && EstimateCommand.seconds("7") == 7)
    #expect(
      EstimateCommand.seconds("0s") == nil && EstimateCommand.seconds("9999999999999999999h") == nil
    )
    #expect(Quantity.fixed(2.005, 1) == "2.0" && Quantity.fixed(-0.01, 1) == "0.0")
    #expect(Quantity.bytes(1_572_864) == "1.5 MiB" && Quantity.grouped(1_234_567) == "1,234,567")
  }
}
