// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The listings of the catalog's article for storage engines. They are here because this target checks
// memory safety strictly: none needs the word that would switch it off. `ArticleTests` hold the article
// to them.

import FixedDeflate

// Listing: pages
/// Pages of one size, each a stream of its own, and where they are.
struct PackedPages {
  let pageSize: Int
  private(set) var streams: [UInt8] = []
  private(set) var byteCounts: [Int] = []

  init(_ memory: [UInt8], pageSize: Int, using encoder: inout Encoder) {
    self.pageSize = pageSize
    var start = 0
    while start < memory.count {
      let end = min(start + pageSize, memory.count)
      let stream = encoder.compress(memory.span.extracting(start..<end))
      streams += stream
      byteCounts.append(stream.count)
      start = end
    }
  }

  /// One page, of at most `pageSize` bytes; no other stream is looked at.
  func page(_ index: Int, using decoder: inout Decoder) throws(DeflateError) -> [UInt8] {
    let start = byteCounts[..<index].reduce(0, +)
    let stream = streams.span.extracting(start..<start + byteCounts[index])
    return try decoder.decompress(stream, maximumCount: pageSize).bytes
  }
}
// Listing: end

// Listing: room
/// The page's stream when it saves at least a quarter of the room; nil when it is kept as it is.
func saving(_ page: [UInt8], using encoder: inout Encoder) -> [UInt8]? {
  do {
    return try [UInt8](capacity: page.count * 3 / 4) {
      (room: inout OutputSpan<UInt8>) throws(DeflateError) in
      try encoder.compress(page.span, into: &room)
    }
  } catch {
    return nil  // outputFull: the encoder is ready for the next page
  }
}
// Listing: end
