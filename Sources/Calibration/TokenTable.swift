// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Two token lists of one input side by side.

import FixedDeflate

/// The tokens of two streams by the places they begin at.
struct TokenTable {
  private struct Row {
    let start: Int
    let left: BlockToken?
    let right: BlockToken?
  }

  private let rows: [Row]
  private let problem: String?

  /// Tokens of a device's stream and a member's.
  init(_ left: [UInt8], _ right: [UInt8], limit: Int) {
    do throws(DeflateError) {
      let lists = try [left, right].map { (stream) throws(DeflateError) in
        try Self.tokens(stream, limit)
      }
      let starts = Set(lists[0].keys).union(lists[1].keys).sorted()
      rows = starts.map { Row(start: $0, left: lists[0][$0], right: lists[1][$0]) }
      problem = nil
    } catch {
      rows = []
      problem = "\(error)"
    }
  }

  private static func tokens(
    _ stream: [UInt8], _ limit: Int
  ) throws(DeflateError) -> [Int: BlockToken] {
    let tokens = try stream.withBytes { (stream: RawSpan) throws(DeflateError) in
      try FixedBlockTokens(reading: stream, limit: limit).tokens
    }
    var places: [Int: BlockToken] = [:]
    var start = 0
    for token in tokens {
      places[start] = token
      start += token.byteCount
    }
    return places
  }

  /// The table's lines; with a limit those around the first difference.
  func lines(atMost count: Int = .max) -> [String] {
    if let problem { return ["  no token list: \(problem)"] }
    let first = rows.firstIndex { $0.left != $0.right } ?? 0
    let start = count == .max ? 0 : max(0, first - 3)
    let shown = rows[start...].prefix(count)
    let head = "  start  " + Self.padded("device") + "member"
    return [head]
      + shown.map { row in
        let mark = row.left == row.right ? " " : "*"
        let place = "\(row.start)"
        return mark + " " + place + String(repeating: " ", count: max(1, 7 - place.count))
          + Self.padded(Self.text(row.left)) + Self.text(row.right)
      }
      + (shown.endIndex < rows.count || start > 0
        ? ["  (\(rows.count - shown.count) more rows)"] : [])
  }

  private static func padded(_ text: String) -> String {
    text + String(repeating: " ", count: max(1, 24 - text.count))
  }

  private static func text(_ token: BlockToken?) -> String {
    switch token {
    case .literal(let byte):
      (0x21...0x7E).contains(byte)
        ? "'\(UnicodeScalar(byte))'" : "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    case .match(let length, let distance): "\(length) bytes from \(distance) back"
    case nil: ""
    }
  }
}
