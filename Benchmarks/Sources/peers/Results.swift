// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a run found: tables for the terminal, records for the report.

import Foundation
import Rig

struct Record: Codable {
  let section: Section
  let shape: Shape
  let kind: String
  let engine: String
  /// Uncompressed bytes a run, and 10^6 of them a second.
  let plainCount: Int
  let megabytesPerSecond: Double
  /// Bytes of streams, when encoding.
  let outputCount: Int
  /// The share of streams whose first block is not a fixed one, 0…1.
  let notFixed: Double

  var ratio: Double { Double(plainCount) / Double(max(1, outputCount)) }
}

struct Results: Codable {
  var versions: [String: String] = [:]
  /// The build of our loops that goes without a name.
  var build = ""
  var rounds = 0
  var records: [Record] = []
}

/// One table: a row for each kind, a column for each engine.
struct Table {
  let section: Section
  let shape: Shape
  let records: [Record]

  private var kinds: [String] { ordered(records.map(\.kind)) }
  private var engines: [String] { ordered(records.map(\.engine)) }

  private func ordered(_ names: [String]) -> [String] {
    names.enumerated().filter { names.firstIndex(of: $1) == $0 }.map(\.element)
  }

  private func record(_ kind: String, _ engine: String) -> Record? {
    records.first { $0.kind == kind && $0.engine == engine }
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }

  private func meanOverKinds(_ value: (String) -> Double?) -> Double? {
    mean(kinds.filter(Corpus.averaged.contains).compactMap(value))
  }

  private static func cell(_ value: Double?, _ digits: Int) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? "-"
  }

  private func speed(_ kind: String, _ engine: String) -> Double? {
    record(kind, engine)?.megabytesPerSecond
  }

  /// The speed of an engine over the anchor's.
  private func advantage(_ kind: String, _ engine: String) -> Double? {
    guard let own = speed(kind, engine), let peer = speed(kind, section.anchor) else { return nil }
    return own / peer
  }

  private func rows(
    _ title: String, _ engines: [String], digits: Int, _ value: (String, String) -> Double?
  ) -> [[String]] {
    var rows = [[title] + engines]
    for kind in kinds { rows.append([kind] + engines.map { Self.cell(value(kind, $0), digits) }) }
    rows.append(
      ["geometric mean"]
        + engines.map { engine in Self.cell(meanOverKinds { value($0, engine) }, digits) })
    return rows
  }

  /// All of it as text.
  var text: String {
    var blocks = [rows("MB/s", engines, digits: 0, speed)]
    let ours = engines.filter { $0.hasPrefix(EngineName.ours) }
    var advantages = rows("speed / \(section.anchor)", ours, digits: 2, advantage)
    advantages.append(
      ["worst kind"]
        + ours.map { engine in
          let worst = kinds.min {
            advantage($0, engine) ?? .infinity < advantage($1, engine) ?? .infinity
          }
          return worst.map { "\($0) \(Self.cell(advantage($0, engine), 2))" } ?? "-"
        })
    blocks.append(advantages)
    if section == .encode {
      blocks.append(rows("ratio", engines, digits: 2) { record($0, $1)?.ratio })
    }
    var text = "\n\(section.title): \(shape.title)\n"
    for block in blocks { text += Self.aligned(block) + "\n" }
    for engine in engines {
      let other = records.filter { $0.engine == engine && $0.notFixed > 0 }
      guard !other.isEmpty, section == .encode else { continue }
      let kinds = other.map { String(format: "%@ %.0f %%", $0.kind, 100 * $0.notFixed) }
      text += "\(engine), streams that are not fixed blocks: \(kinds.joined(separator: ", "))\n"
    }
    return text
  }

  private static func aligned(_ rows: [[String]]) -> String {
    let widths = (rows.first ?? []).indices.map { column in
      (rows.map { $0[column].count }.max() ?? 0) + 2
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined()
    }.joined(separator: "\n") + "\n"
  }
}
