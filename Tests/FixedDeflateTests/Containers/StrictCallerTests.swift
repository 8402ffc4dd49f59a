// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Callers that check memory safety strictly, as this target does: this file compiles without one word
// that switches the check off.

import FixedDeflate
import TestSupport
import Testing

@Suite("A strict caller") struct StrictCallerTests {
  private let data = Array("Join us now and share the software, and share it again".utf8)

  @Test("reaches every call with arrays and spans alone")
  func everyCall() throws {
    var encoder = Encoder()
    var decoder = Decoder()
    let stream = encoder.compress(data)
    #expect(encoder.compress(data.span) == stream)
    let filled = try [UInt8](capacity: Encoder.bound(data.count)) {
      (room: inout OutputSpan<UInt8>) throws(DeflateError) in
      try encoder.compress(data.span, into: &room)
    }
    #expect(filled == stream)
    let (bytes, consumed) = try decoder.decompress(stream, maximumCount: 100)
    #expect(bytes == data && consumed.bytes == stream.count)
    let back = try [UInt8](capacity: 100) {
      (room: inout OutputSpan<UInt8>) throws(DeflateError) in
      room.append(7)
      _ = try decoder.decompress(stream.span, into: &room)
    }
    #expect(back == [7] + data)
    let layout = ChunkLayout(format: .bgzf)
    var chunks = ChunkEncoder(layout: layout)
    var checksum = ContentChecksum(for: .bgzf)
    checksum.update(data.span)
    let piece = try [UInt8](capacity: layout.bound) {
      (room: inout OutputSpan<UInt8>) throws(DeflateError) in
      let own = try chunks.encode(data.span, isFirst: true, isLast: true, into: &room)
      #expect(own == checksum)
    }
    #expect(try Gzip.decompress(piece, maximumCount: 100) == data)
    #expect(try GzipHeader.parse(piece.span)?.header.bgzfBlockSize == piece.count)
    var index = BGZFIndex()
    index.append(compressedCount: piece.count, dataCount: data.count)
    #expect(try BGZFIndex(parsing: index.encoded.span) == index)
    var (crc, adler) = (CRC32(), Adler32())
    crc.update(data.span)
    adler.update(data.span)
    #expect(crc == checksum.crc32 && adler.value == 0x11F8_134E)
  }

  @Test("packs pages and opens a member") func pagesAndMembers() throws {
    var encoder = Encoder()
    var decoder = Decoder()
    let memory = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 / 100) }
    var counts: [Int] = []
    let streams = try [UInt8](capacity: 3 * Encoder.bound(4096)) {
      (room: inout OutputSpan<UInt8>) throws(DeflateError) in
      counts = try [Int](capacity: 3) { (counts: inout OutputSpan<Int>) throws(DeflateError) in
        try encoder.compressPages(
          memory.span, pageSize: 4096, into: &room, byteCounts: &counts)
      }
    }
    #expect(counts.count == 3 && counts.reduce(0, +) == streams.count)
    let back = try [UInt8](capacity: 3 * 4096) {
      (room: inout OutputSpan<UInt8>) throws(DeflateError) in
      try decoder.decompressPages(
        streams.span, byteCounts: counts.span, pageSize: 4096, into: &room)
    }
    #expect(back == memory)
    let member = Gzip.compress(data)
    var taken = 0
    let opened = try [UInt8](capacity: data.count) {
      (room: inout OutputSpan<UInt8>) throws(DeflateError) in
      taken = try decoder.decompressGzipMember(member.span, into: &room).byteCount
    }
    #expect(opened == data && taken == member.count)
  }

  @Test("streams both ways") func streams() throws {
    var encoder = StreamEncoder(format: .zlib)
    var stream: [UInt8] = []
    encoder.write(data, to: &stream)
    encoder.write(data.span, to: &stream)
    encoder.flush(to: &stream)
    let total = encoder.finish(to: &stream)
    #expect(total == UInt64(stream.count))
    var decoder = StreamDecoder(format: .zlib)
    var state = StreamDecoder.State.needsInput
    let bytes = try [UInt8](capacity: 200) {
      (room: inout OutputSpan<UInt8>) throws(DeflateError) in
      state = try decoder.decompress(stream.span, endOfInput: true, into: &room).state
    }
    #expect(state == .finished && bytes == data + data)
  }

  @Test("runs the listings for storage engines") func listings() throws {
    var encoder = Encoder()
    var decoder = Decoder(limit: .iaa)
    let memory = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 / 100) }
    let pages = PackedPages(memory, pageSize: 4096, using: &encoder)
    #expect(pages.byteCounts.count == 3)
    for index in 0..<3 {
      let page = memory[(index * 4096)..<min(memory.count, (index + 1) * 4096)]
      #expect(try pages.page(index, using: &decoder) == Array(page))
    }
    #expect(saving(Array(memory[..<4096]), using: &encoder)?.count ?? 4096 < 3072)
    var generator = SeededGenerator(test: "pages that save nothing")
    let noise = Inputs.make(.random, count: 4096, using: &generator)
    let isKept = saving(noise, using: &encoder) == nil
    #expect(isKept)
    // What the article says of a page.
    #expect(Encoder.bound(4096) == 4610)
  }
}
