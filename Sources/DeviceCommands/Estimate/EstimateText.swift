// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The estimate for a terminal of 80 columns.

import FixedDeflate
import MemoryEstimate

enum EstimateText {
  /// Sources with a line of their own; the rest are in the total, and all are in --json.
  static let longestList = 12

  static func report(_ estimate: Estimate, _ worth: Worth, notes: [String], explains: Bool)
    -> String
  {
    let total = estimate.total
    var lines = heading(estimate, total)
    lines += notes.flatMap { wrapped($0, indent: "  ") }
    guard total.sampled > 0 else {
      return (lines + ["No page could be looked at."]).joined(separator: "\n") + "\n"
    }
    lines += [""] + pageTable("by mapping", estimate.byKind, total)
    if estimate.sources.count > 1 {
      let rows = estimate.bySource
      lines += [""] + pageTable("by source", Array(rows.prefix(longestList)), total)
      if rows.count > longestList {
        lines.append("… and \(rows.count - longestList) more (--json)")
      }
    }
    lines += [""] + algorithmTable(estimate, total)
    lines += spread(estimate, total)
    if let fixed = total.algorithms[.fixed] { lines += [""] + histogram(fixed.histogram) }
    lines += [""] + worthLines(estimate, total, worth)
    if explains {
      lines += [""] + worth.explanation(estimate).flatMap { wrapped($0, hanging: "    ") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func heading(_ estimate: Estimate, _ total: Figures) -> [String] {
    let names = estimate.sources.map { printable($0.name) }
    let what = names.count == 1 ? names[0] : "\(names.count) sources"
    let options = estimate.options
    var lines = wrapped(
      "\(what): \(Quantity.grouped(Double(total.pages))) pages of \(options.pageSize / 1024) KiB in "
        + "memory, \(Quantity.bytes(total.bytes))")
    if total.swapped + total.holes > 0 {
      lines += wrapped(
        "\(Quantity.grouped(Double(total.swapped))) pages in swap and "
          + "\(Quantity.grouped(Double(total.holes))) never touched were not looked at",
        indent: "  ")
    }
    if total.shared > 0 {
      lines += wrapped(
        "\(Quantity.grouped(Double(total.shared))) of them shared with other processes, in each of which they count",
        indent: "  ")
    }
    if total.sampled < total.pages {
      lines += wrapped(
        "\(Quantity.grouped(Double(total.sampled))) pages chosen at random were looked at (seed "
          + "\(options.seed)); ± is the 95 % interval", indent: "  ")
    }
    if total.unread > 0 {
      lines.append(
        "  \(Quantity.grouped(Double(total.unread))) pages were gone when their turn came")
    }
    if total.unseen > 0 {
      lines += wrapped(
        "\(Quantity.grouped(Double(total.unseen))) pages of kinds not reached are in no figure",
        indent: "  ")
    }
    if options.profile.name != MatchProfile.defaultName {
      lines += wrapped(
        "IAA's modes by the match rules of profile \(printable(options.profile.name))", indent: "  "
      )
    }
    if estimate.isPartial { lines.append("  interrupted: what was seen until then") }
    return lines
  }

  private static func pageTable(
    _ title: String, _ rows: [(kind: String, figures: Figures)], _ total: Figures
  ) -> [String] {
    var lines = [
      pad(title, 26) + pad("pages", -12) + pad("zero", -8) + pad("same", -8) + pad("no gain", -9)
        + pad("ratio", -8) + pad("zswap", -8)
    ]
    for (name, figures) in rows + (rows.count > 1 ? [("total", total)] : []) {
      let fixed = figures.algorithms[.fixed]
      let share = { (value: Double) in
        figures.pages > 0 ? Quantity.fixed(100 * value / Double(figures.pages), 1) + "%" : "-"
      }
      lines.append(
        pad(clippedName(printable(name), 26), 26)
          + pad(Quantity.grouped(Double(figures.pages)), -12)
          + pad(share(figures.zero.value), -8) + pad(share(figures.sameFilled.value), -8)
          + pad(fixed.map { share($0.incompressible.value) } ?? "-", -9)
          + pad(fixed.map { Quantity.fixed(figures.ratio($0.stored), 2) } ?? "-", -8)
          + pad(fixed.map { Quantity.fixed(figures.zswapRatio($0), 2) } ?? "-", -8))
    }
    return lines
  }

  /// A name without what a terminal would obey: processes choose theirs.
  private static func printable(_ name: String) -> String { name.replacingControls(with: "?") }

  private static func clippedName(_ name: String, _ width: Int) -> String {
    name.count < width ? name : name.prefix(width - 2) + "…"
  }

  private static func algorithmTable(_ estimate: Estimate, _ total: Figures) -> [String] {
    var lines = [
      pad("algorithm", 14) + pad("ratio", -8) + pad("±", -7) + pad("zswap", -8) + pad("zram", -8)
        + pad("no gain", -9) + pad("us/page", -9) + "  by"
    ]
    for algorithm in estimate.measured {
      guard let figures = total.algorithms[algorithm] else { continue }
      let time = estimate.times[algorithm].map { Quantity.fixed($0.perPage, 1) } ?? ""
      lines.append(
        pad(algorithm.rawValue, 14) + pad(Quantity.fixed(total.ratio(figures.stored), 2), -8)
          + pad(Quantity.fixed(total.ratioMargin(figures.stored), 2), -7)
          + pad(Quantity.fixed(total.zswapRatio(figures), 2), -8)
          + pad(Quantity.fixed(total.zramRatio(figures), 2), -8)
          + pad(Quantity.percent(figures.incompressible.value / Double(max(1, total.pages))), -9)
          + pad(time, -9) + "  "
          + (estimate.versions[algorithm].map { "library \($0)" } ?? "this program"))
    }
    if total.sampled < total.pages {
      let shares = Dictionary(grouping: estimate.measured.filter { $0.sampledOneOf > 1 }) {
        $0.sampledOneOf
      }.sorted { $0.key < $1.key }.map { oneOf, algorithms in
        "one of \(oneOf) to " + algorithms.map(\.rawValue).joined(separator: ", ")
      }
      if !shares.isEmpty {
        lines += wrapped(
          "Of these pages were given " + shares.joined(separator: ", ")
            + "; their figures follow from the ratio to iaa-fixed on the same pages.", indent: "  ")
      }
    }
    lines += missing(estimate).flatMap { wrapped($0, indent: "  ") }
    return lines
  }

  /// Sentences about what was not measured, and why.
  static func missing(_ estimate: Estimate) -> [String] {
    let reasons: [(LibraryFailure, String)] = [
      (.absent, "not measured, as the system has no such library: "),
      (
        .crashed,
        "not measured, as the library does not go with this program's C library (a process that tried it "
          + "crashed): "
      ),
    ]
    return reasons.compactMap { why, words in
      let names = estimate.missing.filter { $0.why == why }.map(\.algorithm.rawValue)
      return names.isEmpty ? nil : words + names.joined(separator: ", ")
    }
  }

  /// The range over the family's members, by mode of the device.
  private static func spread(_ estimate: Estimate, _ total: Figures) -> [String] {
    let rows = estimate.ratioSpreads(in: total).map { algorithm, ratio, zswap in
      pad(algorithm.rawValue, 14) + pad(range(ratio), -14) + pad(range(zswap), -16)
        + "  \(ratio.least.member) to \(ratio.most.member)"
    }
    guard !rows.isEmpty else { return [] }
    let pages = Quantity.grouped(Double(estimate.spreadPages(in: total)))
    return [
      "",
      pad("by match rules", 14) + pad("ratio", -14) + pad("zswap", -16) + "  smallest to largest",
    ] + rows
      + wrapped(
        "Which rules a device follows is known within a family: this is the range over "
          + "\(estimate.options.profile.name) and \(estimate.members.count) others, by \(pages) of the "
          + "pages. `deflate-iaa calibrate` on a device tells its own, for --profile.", indent: "  "
      )
  }

  private static func range(_ spread: FamilySpread) -> String {
    "\(Quantity.fixed(spread.least.value, 2))-\(Quantity.fixed(spread.most.value, 2))"
  }

  private static func histogram(_ histogram: SizeHistogram) -> [String] {
    let all = histogram.counts.reduce(0, +)
    guard all > 0 else { return [] }
    var lines = ["stream sizes of iaa-fixed, in sixteenths of a page"]
    // Four steps a line, and a line for those that do not shrink.
    var rows = stride(from: 0, to: SizeHistogram.steps, by: 4).map { start in
      histogram.counts[start..<start + 4].reduce(0, +)
    }
    rows.append(histogram.counts[SizeHistogram.steps])
    let most = rows.max() ?? 1
    for (index, count) in rows.enumerated() {
      let title = index < 16 ? "\(index)-\(index + 1)" : "larger"
      let bar = String(repeating: "#", count: Int((54 * count / most).rounded()))
      lines.append(pad(title, -8) + pad(Quantity.percent(count / all), -9) + " " + bar)
    }
    return lines
  }

  private static func worthLines(_ estimate: Estimate, _ total: Figures, _ worth: Worth) -> [String]
  {
    var lines: [String] = wrapped(
      "worth it? With \(Quantity.percent(worth.cold.share)) cold (\(worth.cold.origin)):")
    for algorithm in estimate.measured {
      guard let figures = total.algorithms[algorithm] else { continue }
      lines.append(
        "  " + pad(algorithm.rawValue, 14) + pad(Quantity.bytes(worth.saved(total, figures)), -12)
          + " saved, " + Quantity.percent(worth.savedShare(total, figures)) + " of this memory")
    }
    if let pressure = worth.pressure {
      lines += wrapped(
        "Memory pressure: in \(Quantity.percent(pressure.share)) of the last 5 minutes something waited for "
          + "memory (PSI).", indent: "  ")
    }
    if let time = estimate.times[.zstd3], time.pages > 0 {
      lines += wrapped(
        "At \(Quantity.bytes(worth.swapRate)) a second out to swap zstd-3 keeps "
          + Quantity.fixed(
            worth.processors(microsecondsPerPage: time.perPage, pageSize: total.pageSize), 2)
          + " processors like this one busy; for a device that is \(Quantity.percent(worth.deviceShare)) of the "
          + "1.9 GB/s that its vendor publishes for one job stream (64 KiB, not measured here).",
        indent: "  ")
    }
    return lines
  }
}
