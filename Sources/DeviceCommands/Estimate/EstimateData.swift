// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The estimate for programs: JSON, TSV, and Prometheus' text form. The JSON's members are described in
// Documentation/estimate-schema.md; a change that a reader would notice makes a new version.

import IAADevices
import MemoryEstimate

enum EstimateData {
  static let schemaVersion = 1

  static func json(
    _ estimate: Estimate, _ worth: Worth, notes: [String], explains: Bool = false,
    time: String? = nil
  ) -> JSON {
    let options = estimate.options
    return .members([
      "schema": .string("deflate-iaa estimate"), "version": .integer(schemaVersion),
      "time": time.map(JSON.string),
      "page_size": .integer(options.pageSize),
      "kernel": .string(options.kernel.series),
      "profile": .string(options.profile.name),
      "seed": .number("\(options.seed)"), "partial": .bool(estimate.isPartial),
      "libraries": .object(
        estimate.measured.compactMap { algorithm in
          estimate.versions[algorithm].map { .init(key: algorithm.rawValue, value: .string($0)) }
        }),
      "missing": .array(estimate.missing.map { .string($0.algorithm.rawValue) }),
      "notes": .array(
        (notes
          + estimate.missing.filter { $0.why == .crashed }.map {
            "\($0.algorithm.rawValue): its library does not go with this program's C library"
          }).map(JSON.string)),
      "microseconds_per_page": .object(
        estimate.measured.compactMap { algorithm in
          estimate.times[algorithm].map {
            .init(key: algorithm.rawValue, value: .number(Quantity.fixed($0.perPage, 3)))
          }
        }),
      "worth": .members([
        "cold_share": .number(Quantity.fixed(worth.cold.share, 4)),
        "cold_origin": .string(worth.cold.origin),
        "swap_bytes_per_second": integer(worth.swapRate),
        "pressure": worth.pressure.map { .number(Quantity.fixed($0.share, 4)) },
      ]),
      "explanation": explains
        ? .array(worth.explanation(estimate).map(JSON.string)) : nil,
      "family": family(estimate),
      "total": figures(estimate.total, estimate, worth),
      "by_kind": .array(
        estimate.byKind.map { named($0.kind, figures($0.figures, estimate, worth)) }),
      "sources": .array(
        estimate.sources.map { source in
          named(
            source.name, figures(estimate.figures(of: source), estimate, worth),
            [
              .init(
                key: "kinds",
                value: .array(
                  source.strata.map { stratum in
                    let part = Figures(CollectionOfOne(stratum), pageSize: options.pageSize)
                    return named(stratum.kind, figures(part, estimate, worth))
                  }))
            ])
        }),
    ])
  }

  /// The range of the total's figures over the family; nil where it was not measured.
  private static func family(_ estimate: Estimate) -> JSON? {
    let total = estimate.total
    let modes = Algorithm.ofDevice.compactMap { algorithm -> JSON.Member? in
      let measures: [(String, Measure)] = [
        ("stream_bytes", .stream), ("stored_bytes", .stored), ("zswap_bytes", .zswap),
        ("zram_bytes", .zram),
      ]
      let ranges = measures.compactMap { name, measure -> JSON.Member? in
        estimate.spread(of: algorithm, in: total, { $0[measure].value }).map { range in
          .init(
            key: name,
            value: .members([
              "least": integer(range.least.value), "least_member": .string(range.least.member),
              "most": integer(range.most.value), "most_member": .string(range.most.member),
            ]))
        }
      }
      return ranges.isEmpty ? nil : .init(key: algorithm.rawValue, value: .object(ranges))
    }
    guard !modes.isEmpty else { return nil }
    return .members([
      "members": .array(([estimate.options.profile.name] + estimate.members).map(JSON.string)),
      "sampled": .integer(estimate.spreadPages(in: total)), "ranges": .object(modes),
    ])
  }

  private static func named(_ name: String, _ value: JSON, _ more: [JSON.Member] = []) -> JSON {
    guard case .object(let members) = value else { return value }
    return .object([.init(key: "name", value: .string(name))] + members + more)
  }

  private static func integer(_ value: Double) -> JSON { .integer(Int(value.rounded())) }

  private static func figures(_ figures: Figures, _ estimate: Estimate, _ worth: Worth) -> JSON {
    let fixed = figures.algorithms[.fixed]
    return .members([
      "pages": .integer(figures.pages), "sampled": .integer(figures.sampled),
      "swapped": .integer(figures.swapped), "never_touched": .integer(figures.holes),
      "gone": .integer(figures.unread), "shared": .integer(figures.shared),
      "zero": integer(figures.zero.value),
      "same_filled": integer(figures.zero.value + figures.sameFilled.value),
      "stream_bytes": integer(fixed?.stream.value ?? 0),
      "stored_bytes": integer(fixed?.stored.value ?? 0),
      "algorithms": .object(
        estimate.measured.compactMap { algorithm in
          figures.algorithms[algorithm].map {
            .init(key: algorithm.rawValue, value: algorithmJSON($0, figures, worth))
          }
        }),
    ])
  }

  private static func algorithmJSON(
    _ algorithm: AlgorithmFigures, _ figures: Figures, _ worth: Worth
  ) -> JSON {
    .members([
      "stream_bytes": integer(algorithm.stream.value),
      "stream_bytes_margin": integer(algorithm.stream.margin),
      "stored_bytes": integer(algorithm.stored.value),
      "stored_bytes_margin": integer(algorithm.stored.margin),
      "zswap_bytes": integer(algorithm.zswap.value),
      "zswap_bytes_margin": integer(algorithm.zswap.margin),
      "zram_bytes": integer(algorithm.zram.value),
      "zram_bytes_margin": integer(algorithm.zram.margin),
      "rejected": integer(algorithm.rejected.value),
      "incompressible": integer(algorithm.incompressible.value),
      "saved_bytes": integer(worth.saved(figures, algorithm)),
      "histogram": .array(algorithm.histogram.counts.map(integer)),
    ])
  }

  /// One line for each source, kind of mapping and algorithm, below one with the columns' names.
  static func tsv(_ estimate: Estimate) -> String {
    var lines = [
      "source\tkind\tpages\tsampled\tzero\tsame_filled\talgorithm\tstream_bytes\tstored_bytes\tzswap_bytes"
        + "\tzram_bytes\tincompressible"
    ]
    for source in estimate.sources {
      for stratum in source.strata {
        let figures = Figures(CollectionOfOne(stratum), pageSize: estimate.options.pageSize)
        for algorithm in estimate.measured {
          guard let found = figures.algorithms[algorithm] else { continue }
          let numbers = [
            found.stream.value, found.stored.value, found.zswap.value, found.zram.value,
            found.incompressible.value,
          ]
          let same = figures.zero.value + figures.sameFilled.value
          lines.append(
            ([cell(source.name), cell(stratum.kind), "\(figures.pages)", "\(figures.sampled)"]
              + [
                Quantity.fixed(figures.zero.value, 0), Quantity.fixed(same, 0), algorithm.rawValue,
              ]
              + numbers.map { Quantity.fixed($0, 0) }).joined(separator: "\t"))
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A name without what would end a column or a line.
  private static func cell(_ name: String) -> String {
    name.replacingControls(with: " ")
  }

  /// Prometheus' text form, for node_exporter's textfile collector.
  static func metrics(_ estimate: Estimate) -> String {
    let total = estimate.total
    var text = ""
    func add(_ name: String, _ help: String, _ rows: [(labels: String, value: Double)]) {
      guard !rows.isEmpty else { return }
      text +=
        "# HELP deflate_iaa_estimate_\(name) \(help)\n# TYPE deflate_iaa_estimate_\(name) gauge\n"
      for (labels, value) in rows {
        text += "deflate_iaa_estimate_\(name)\(labels) \(Quantity.fixed(value, 0))\n"
      }
    }
    func each(_ value: (AlgorithmFigures) -> Double) -> [(labels: String, value: Double)] {
      estimate.measured.compactMap { algorithm in
        total.algorithms[algorithm].map { ("{algorithm=\"\(algorithm.rawValue)\"}", value($0)) }
      }
    }
    add("pages", "Pages in memory.", [("", Double(total.pages))])
    add("sampled_pages", "Pages looked at.", [("", Double(total.sampled))])
    add(
      "same_filled_pages", "Pages of one word over and over, zeros included.",
      [("", total.zero.value + total.sameFilled.value)])
    add("memory_bytes", "Bytes of all pages.", [("", total.bytes)])
    add("stream_bytes", "Bytes of all streams.", each(\.stream.value))
    add(
      "stored_bytes", "Bytes kept: of each page the smaller of stream and page.",
      each(\.stored.value))
    add("zswap_bytes", "Bytes of zswap's pool.", each(\.zswap.value))
    add("zram_bytes", "Bytes of zram's pool.", each(\.zram.value))
    add("incompressible_pages", "Pages that do not shrink.", each(\.incompressible.value))
    return text
  }
}
