// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The estimate as one page for a browser: nothing is fetched, nothing runs. It follows the reader's
// light or dark setting, and its columns stack on a phone.

import MemoryEstimate

enum EstimatePage {
  /// The page.
  static func html(_ estimate: Estimate, _ worth: Worth, notes: [String]) -> String {
    let total = estimate.total
    let what =
      estimate.sources.count == 1
      ? estimate.sources[0].name : "\(estimate.sources.count) sources"
    var body = "<h1>What IAA would save</h1>\n<p class=sub>\(escaped(what)): "
    body += "\(Quantity.grouped(Double(total.pages))) pages of \(total.pageSize / 1024) KiB, "
    body += "\(Quantity.bytes(total.bytes))"
    if total.sampled < total.pages {
      body += "; \(Quantity.grouped(Double(total.sampled))) looked at, chosen at random"
    }
    body += estimate.isPartial ? "; interrupted</p>\n" : "</p>\n"
    body += notes.map { "<p class=note>\(escaped($0))</p>\n" }.joined()
    if total.sampled > 0 {
      body += tiles(estimate, total, worth)
      body += section("Ratio by algorithm", ratios(estimate, total), caption(estimate))
      body += section(
        "If a device follows other rules", spread(estimate, total),
        "Which match rules a device follows is known within a family of plausible ones. These are the "
          + "smallest and the largest ratio over \(estimate.options.profile.name) and "
          + "\(estimate.members.count) others, by "
          + "\(Quantity.grouped(Double(estimate.spreadPages(in: total)))) of the pages: no larger sample "
          + "narrows it, calibrating a device does.")
      body += section(
        "Stream sizes, IAA fixed mode", EstimateCharts.histogram(total, .fixed),
        "Each column is a 32nd of a page; the last holds pages that do not shrink.")
      body += section(
        "Pages no larger than", EstimateCharts.cumulative(estimate, total),
        "How many of the pages, in percent, have a stream of that part of a page or less.")
      body += section("By kind of mapping", table(estimate.byKind, total), nil)
      if estimate.sources.count > 1 {
        body += section("By source", table(Array(estimate.bySource.prefix(100)), total), nil)
      }
      body += section(
        "The arithmetic",
        "<ul>" + worth.explanation(estimate).map { "<li>\(escaped($0))</li>" }.joined() + "</ul>",
        nil)
    }
    body +=
      "<footer>deflate-iaa estimate. Sizes in IAA's modes are those of profile "
      + "\(escaped(estimate.options.profile.name)). A device's speed is its vendor's figure; the other times "
      + "were measured here.</footer>\n"
    return """
      <!doctype html>
      <html lang=en>
      <meta charset=utf-8>
      <meta name=viewport content="width=device-width, initial-scale=1">
      <meta http-equiv=Content-Security-Policy content="default-src 'none'; style-src 'unsafe-inline'">
      <title>deflate-iaa estimate</title>
      <style>\(EstimateCharts.style)</style>
      <main>
      \(body)</main>
      </html>

      """
  }

  /// Text within an element or a quoted attribute.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  private static func section(_ title: String, _ content: String, _ caption: String?) -> String {
    guard !content.isEmpty else { return "" }
    let note = caption.map { "<p class=note>\(escaped($0))</p>\n" } ?? ""
    return "<section>\n<h2>\(escaped(title))</h2>\n\(content)\n\(note)</section>\n"
  }

  private static func tile(_ value: String, _ words: String) -> String {
    // An option is not to be broken behind its hyphens.
    "<div class=tile><b>\(escaped(value))</b><span>"
      + "\(escaped(words).replacing("--", with: "\u{2011}\u{2011}"))</span></div>\n"
  }

  private static func tiles(_ estimate: Estimate, _ total: Figures, _ worth: Worth) -> String {
    guard let fixed = total.algorithms[.fixed] else { return "" }
    var text = "<div class=tiles>\n"
    text += tile(
      Quantity.bytes(worth.saved(total, fixed)),
      "saved, of \(Quantity.bytes(total.bytes)), with \(Quantity.percent(worth.cold.share)) cold "
        + "(\(worth.cold.origin))")
    text += tile(
      Quantity.fixed(total.ratio(fixed.stored), 2) + " ×",
      "smaller in IAA's fixed mode; in zswap's memory \(Quantity.fixed(total.zswapRatio(fixed), 2)) ×"
    )
    let same = total.zero.value + total.sameFilled.value
    text += tile(
      Quantity.percent(same / Double(max(1, total.pages))),
      "of the pages are one word over and over")
    text += tile(
      Quantity.percent(fixed.incompressible.value / Double(max(1, total.pages))), "do not shrink")
    return text + "</div>\n"
  }

  private static func caption(_ estimate: Estimate) -> String {
    var words = "Uncompressed bytes for each byte kept. The lines are 95 % intervals."
    for sentence in EstimateText.missing(estimate) { words += " \(sentence.capitalizedFirst)." }
    return words
  }

  private static func ratios(_ estimate: Estimate, _ total: Figures) -> String {
    let rows = estimate.measured.compactMap { algorithm in
      total.algorithms[algorithm].map {
        (
          algorithm.rawValue, total.ratio($0.stored), total.ratioMargin($0.stored),
          Algorithm.ofDevice.contains(algorithm)
        )
      }
    }
    return EstimateCharts.bars(rows)
  }

  private static func spread(_ estimate: Estimate, _ total: Figures) -> String {
    let rows = estimate.ratioSpreads(in: total).map { algorithm, ratio, zswap in
      let ranges = [ratio, zswap].map {
        "<td>\(Quantity.fixed($0.least.value, 2)) – \(Quantity.fixed($0.most.value, 2))"
      }
      return "<tr><td>\(algorithm.rawValue)" + ranges.joined()
        + "<td>\(escaped(ratio.least.member))<td>\(escaped(ratio.most.member))</tr>\n"
    }
    guard !rows.isEmpty else { return "" }
    return
      "<div class=wide><table><tr><th>mode<th>ratio<th>zswap<th>smallest with<th>largest with</tr>\n"
      + rows.joined() + "</table></div>"
  }

  private static func table(_ rows: [(kind: String, figures: Figures)], _ total: Figures) -> String
  {
    var text =
      "<div class=wide><table><tr><th>what<th>pages<th>memory<th>one word<th>no gain<th>ratio<th>zswap</tr>\n"
    for (name, figures) in rows {
      let fixed = figures.algorithms[.fixed]
      let share = { (value: Double) in Quantity.percent(value / Double(max(1, figures.pages))) }
      let part = total.pages > 0 ? 100 * Double(figures.pages) / Double(total.pages) : 0
      text += "<tr><td><i style=\"width:\(Quantity.fixed(part, 1))%\"></i>\(escaped(name))"
      text += "<td>\(Quantity.grouped(Double(figures.pages)))<td>\(Quantity.bytes(figures.bytes))"
      text += "<td>\(share(figures.zero.value + figures.sameFilled.value))"
      text += "<td>\(fixed.map { share($0.incompressible.value) } ?? "-")"
      text += "<td>\(fixed.map { Quantity.fixed(figures.ratio($0.stored), 2) } ?? "-")"
      text += "<td>\(fixed.map { Quantity.fixed(figures.zswapRatio($0), 2) } ?? "-")</tr>\n"
    }
    return text + "</table></div>"
  }
}
