// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A pipe can be read once, and nobody knows how long it is: pages are drawn by lot as they pass by, so
// that those kept are at any time a simple random sample of all that came.

package import SystemPackage

/// What comes from a pipe, cut into pages; the last is filled up with zeros.
package final class PipePages: PageSource {
  package let name: String
  package let strata: [Stratum]
  package let wasStopped: Bool
  /// The pages kept.
  private let pages: [UInt64]
  private let pageWords: Int

  /// Reads a pipe to its end, or until `goesOn` says no: what came until then is looked at.
  ///
  /// - Parameters:
  ///   - reader: the pipe.
  ///   - name: in every output.
  ///   - pageSize: bytes of a page, a multiple of 8.
  ///   - limit: pages that are kept in memory, 1 or more.
  ///   - keepsAll: whether more pages than that are an error.
  ///   - random: what draws the pages.
  ///   - goesOn: asked before each read whether to go on.
  /// - Throws: the errno of read(2); EFBIG where `keepsAll` and there is more.
  package init(
    _ reader: consuming PageReader, name: String, pageSize: Int, limit: Int, keepsAll: Bool,
    using random: inout some RandomNumberGenerator, goesOn: () -> Bool
  ) throws(Errno) {
    precondition(limit > 0 && pageSize % 8 == 0, "no room for a page")
    let words = pageSize / 8
    var pages: [UInt64] = []
    var count = 0
    var isStopped = false
    var page = [UInt64](repeating: 0, count: words)
    while true {
      var filled = 0
      while filled < pageSize {
        let more = try reader.next(into: &page, from: filled, goesOn)
        isStopped = more == nil
        guard let more, more > 0 else { break }
        filled += more
      }
      // Half a page that somebody interrupted is none.
      if filled == 0 || isStopped { break }
      Self.clear(&page, from: filled)
      count += 1
      if count <= limit {
        pages += page
      } else if keepsAll {
        throw .fileTooLarge
      } else {
        // Of n pages each is kept with a chance of limit / n (Waterman's way; Knuth, volume 2, 3.4.2).
        let place = Int.random(in: 0..<count, using: &random)
        if place < limit {
          pages.replaceSubrange(place * words..<(place + 1) * words, with: page)
        }
      }
      if filled < pageSize { break }
    }
    self.name = name
    self.pages = pages
    wasStopped = isStopped
    pageWords = words
    var stratum = Stratum(kind: "pipe")
    if count > 0 { stratum.runs.append(start: 0, length: min(count, limit)) }
    stratum.passed = max(0, count - limit)
    strata = [stratum]
  }

  /// Fills a page with zeros behind its first bytes.
  private static func clear(_ page: inout [UInt64], from filled: Int) {
    guard filled < page.count * 8 else { return }
    let (word, bytes) = filled.quotientAndRemainder(dividingBy: 8)
    // The first bytes of a word are its lowest where numbers are little-endian.
    page[word] = UInt64(
      littleEndian: UInt64(littleEndian: page[word]) & (1 << (8 * UInt64(bytes)) - 1))
    for index in word + 1..<max(page.count, word + 1) { page[index] = 0 }
  }

  package func read(position: UInt64, into page: inout [UInt64]) -> Bool {
    let start = Int(position) * pageWords
    guard start + pageWords <= pages.count else { return false }
    page = Array(pages[start..<start + pageWords])
    return true
  }
}
