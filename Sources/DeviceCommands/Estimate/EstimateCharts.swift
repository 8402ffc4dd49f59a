// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The page's drawings. Colours come from the style, so that light and dark share every drawing.

import MemoryEstimate

enum EstimateCharts {
  static let style = """
    :root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--faint:#667080;--line:#d8dde3;--card:#f5f7f9;\
    --own:#0a6ebd;--peer:#98a4b3}
    @media(prefers-color-scheme:dark){:root{--back:#12161b;--text:#e6eaef;--faint:#96a1ae;--line:#333b45;\
    --card:#1b2129;--own:#5db3f2;--peer:#6c7886}}
    *{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--text);\
    font:16px/1.5 system-ui,sans-serif}
    main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem}
    h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem}h2{font-size:1.1rem;margin:0 0 .6rem}
    .sub{color:var(--faint);margin:0 0 1rem;overflow-wrap:anywhere}
    .note,footer{color:var(--faint);font-size:.85rem;margin:.5rem 0 0}
    section{margin:2rem 0}footer{border-top:1px solid var(--line);padding-top:.8rem;margin-top:2rem}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.8rem}
    .tile{background:var(--card);border-radius:.5rem;padding:.9rem 1rem}
    .tile b{display:block;font-size:1.6rem;line-height:1.2}.tile span{color:var(--faint);font-size:.9rem}
    svg{display:block;width:100%;height:auto}
    svg text{fill:var(--text);font:13px system-ui,sans-serif}svg .faint{fill:var(--faint)}
    svg .own{fill:var(--own)}svg .peer{fill:var(--peer)}svg .grid{stroke:var(--line)}
    svg .margin{stroke:var(--text);stroke-width:1.5}svg polyline{fill:none;stroke-width:2}
    .bar{display:grid;grid-template-columns:6.5rem 1fr 3.2rem;gap:.6rem;align-items:center;margin:.25rem 0}
    .bar div{position:relative;height:1.1rem}.bar u{position:absolute;inset:0 auto 0 0;border-radius:.2rem;\
    background:var(--peer)}.bar u.own{background:var(--own)}
    .bar s{position:absolute;top:.5rem;height:2px;background:var(--text)}
    .bar span:last-child{text-align:right;font-variant-numeric:tabular-nums}
    .wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
    th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
    th{color:var(--faint);font-weight:600;font-size:.85rem}
    th:first-child,td:first-child{text-align:left;position:relative;max-width:16rem;overflow:hidden;\
    text-overflow:ellipsis}
    td i{position:absolute;inset:auto auto 0 0;height:3px;background:var(--own)}
    @media(max-width:40rem){svg text{font-size:17px}}
    ul{padding-left:1.2rem;font-size:.9rem}li{overflow-wrap:anywhere}
    """

  /// A bar for each ratio from 0, with its interval. In HTML, so that words keep their size on a phone.
  static func bars(_ rows: [(name: String, value: Double, margin: Double, isOwn: Bool)]) -> String {
    let most = rows.map { $0.value + $0.margin }.filter(\.isFinite).max() ?? 1
    return rows.map { row in
      let percent = { (value: Double) in
        Quantity.fixed(min(100, max(0, 100 * value / most)), 2) + "%"
      }
      let margin =
        row.margin > 0
        ? "<s style=\"left:\(percent(row.value - row.margin));width:\(percent(2 * row.margin))\"></s>"
        : ""
      return
        "<div class=bar><span>\(EstimatePage.escaped(row.name))</span><div><u\(row.isOwn ? " class=own" : "") "
        + "style=\"width:\(percent(row.value))\"></u>\(margin)</div>"
        + "<span>\(Quantity.fixed(row.value, 2))</span></div>\n"
    }.joined()
  }

  private static let (width, height, left, bottom) = (640.0, 230.0, 56.0, 30.0)

  private static func frame(_ content: String, _ title: String) -> String {
    "<svg viewBox=\"0 0 640 260\" role=img aria-label=\"\(EstimatePage.escaped(title))\">\n\(content)</svg>"
  }

  /// Lines across at round values, with their names.
  private static func grid(to top: Double, _ suffix: String) -> String {
    (0...4).map { step in
      let y = height - (height - 14) * Double(step) / 4
      let value = Quantity.fixed(top * Double(step) / 4, top < 8 ? 1 : 0) + suffix
      return "<line class=grid x1=\(left) x2=\(width) y1=\(number(y)) y2=\(number(y)) />"
        + "<text class=faint text-anchor=end x=\(left - 5) y=\(number(y + 4))>\(value)</text>\n"
    }.joined()
  }

  private static func number(_ value: Double) -> String { Quantity.fixed(value, 1) }

  private static func axis() -> String {
    [0.0, 0.25, 0.5, 0.75, 1].map { part in
      let x = left + (width - left - 20) * part
      let anchor = part == 0 ? "start" : part == 1 ? "end" : "middle"
      let words = part == 0 ? "0" : part == 1 ? "a page" : Quantity.fixed(part, 2)
      return
        "<text class=faint text-anchor=\(anchor) x=\(number(x)) y=\(number(height + 18))>\(words)</text>\n"
    }.joined()
  }

  /// How many pages have streams of which size, in percent.
  static func histogram(_ total: Figures, _ algorithm: Algorithm) -> String {
    guard let histogram = total.algorithms[algorithm]?.histogram else { return "" }
    let all = histogram.counts.reduce(0, +)
    guard all > 0 else { return "" }
    var columns = stride(from: 0, to: SizeHistogram.steps, by: 2).map {
      100 * (histogram.counts[$0] + histogram.counts[$0 + 1]) / all
    }
    columns.append(100 * histogram.counts[SizeHistogram.steps] / all)
    let top = rounded(columns.max() ?? 1)
    let step = (width - left - 20) / 32
    var text = grid(to: top, "%") + axis()
    for (index, value) in columns.enumerated() where value > 0 {
      let tall = (height - 14) * value / top
      text +=
        "<rect class=own x=\(number(left + step * Double(index) + 1)) y=\(number(height - tall)) "
        + "width=\(number(step - 2)) height=\(number(max(tall, 0.5))) />\n"
    }
    return frame(text, "Histogram of stream sizes")
  }

  /// The least of 1, 2, 5 and their tenfolds that is not below a value.
  private static func rounded(_ value: Double) -> Double {
    var unit = 1.0
    while unit * 10 < value { unit *= 10 }
    for step in [1.0, 2, 4, 10] where unit * step >= value { return unit * step }
    return value
  }

  /// For each algorithm the pages with streams of a size or less.
  static func cumulative(_ estimate: Estimate, _ total: Figures) -> String {
    let shown = estimate.measured.filter { [.fixed, .dynamic, .lz4, .zstd3].contains($0) }
    var text = grid(to: 100, "%") + axis()
    for (place, algorithm) in shown.enumerated() {
      guard let histogram = total.algorithms[algorithm]?.histogram else { continue }
      let all = histogram.counts.reduce(0, +)
      guard all > 0 else { continue }
      var sum = 0.0
      var points = "\(number(left)),\(number(height))"
      for step in 0..<SizeHistogram.steps {
        sum += histogram.counts[step]
        let x = left + (width - left - 20) * Double(step + 1) / Double(SizeHistogram.steps)
        points += " \(number(x)),\(number(height - (height - 14) * sum / all))"
      }
      let isOwn = Algorithm.ofDevice.contains(algorithm)
      // Two of each colour: the second is dashed.
      let dash = algorithm == .dynamic || algorithm == .zstd3 ? " stroke-dasharray=\"6 4\"" : ""
      let colour = isOwn ? "var(--own)" : "var(--peer)"
      text += "<polyline points=\"\(points)\" style=\"stroke:\(colour)\"\(dash) />\n"
      // Below the curves, which rise to the left of it or run along the top.
      let y = 130 + 24 * Double(place)
      text +=
        "<line x1=\(left + 412) x2=\(left + 440) y1=\(y) y2=\(y) style=\"stroke:\(colour);stroke-width:2\"\(dash) />"
        + "<text x=\(left + 448) y=\(y + 4)>\(algorithm.rawValue)</text>\n"
    }
    return frame(text, "Cumulative share of pages by stream size")
  }
}
