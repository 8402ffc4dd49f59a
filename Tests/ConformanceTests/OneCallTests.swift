// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Whole files and streams in one call, with zlib on the other side.

import FixedDeflate
import TestSupport
import Testing

@Suite("One call") struct OneCallTests {
  /// A container with its two calls, and zlib's word for it.
  struct Door: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let wrapper: Zlib.Wrapper
    let compress: @Sendable ([UInt8], Int) -> [UInt8]
    let decompress: @Sendable ([UInt8], Int) throws(DeflateError) -> [UInt8]
    /// Both ways from spans: the same bytes have to come.
    let compressSpans: @Sendable ([UInt8]) -> [[UInt8]]
    let decompressSpans: @Sendable ([UInt8], Int) throws(DeflateError) -> [[UInt8]]
  }

  @Test("a mode codes as the chunk encoder does, and zlib reads it")
  func modes() throws {
    var generator = SeededGenerator(test: "one call in modes")
    for mode in [.fixed, .dynamic, .dynamic.best] as [CompressionMode] {
      for count in [0, 1, 5000, 150_000] {
        let data = Inputs.make(.mixture, count: count, using: &generator)
        let gzip = try Gzip.compress(data, mode: mode, chunkSize: 65_280)
        let zlib = try FixedDeflate.Zlib.compress(data, mode: mode, chunkSize: 65_280)
        let raw = try Deflate.compress(data, mode: mode, chunkSize: 65_280)
        let streams: [([UInt8], TestSupport.Zlib.Wrapper)] = [
          (gzip, .gzip), (zlib, .zlib), (raw, .raw),
        ]
        for (stream, wrapper) in streams {
          let theirs = TestSupport.Zlib.inflate(stream, wrapper: wrapper, maximumCount: count)
          #expect(theirs.verdict == .accepted && theirs.bytes == data, "\(mode) \(count)")
        }
        #expect(try Gzip.compress(data.span, mode: mode) == gzip)
        if mode == .fixed { #expect(gzip == Gzip.compress(data)) }
        var written: [UInt8] = []
        var encoder = StreamEncoder(format: .gzip, mode: mode)
        encoder.write(data) { written.append(contentsOf: $0) }
        encoder.finish { written.append(contentsOf: $0) }
        #expect(written == gzip)
      }
    }
  }

  @Test("tables go into raw streams alone, and what they lack is told with its place")
  func tables() throws {
    let data = [UInt8](repeating: 65, count: 70_000) + [66]
    let canned = try Deflate.compress(data, mode: .canned())
    var decoder = StreamDecoder(canned: .newest)
    var output = OwnedBytes(capacity: data.count + 1)
    try withRawSpan(canned) { (input: RawSpan) throws(DeflateError) in
      try output.withOutput { (output: inout OutputRawSpan) throws(DeflateError) in
        _ = try decoder.decompress(input, endOfInput: true, into: &output)
      }
    }
    var decoded: [UInt8] = []
    output.withBytes { decoded.append(contentsOf: $0) }
    #expect(decoded == data)
    let notInFormat = DeflateError.Kind.tableNotInFormat
    #expect { try Gzip.compress(data, mode: .canned()) } throws: {
      ($0 as? DeflateError)?.kind == notInFormat
    }
    #expect { try FixedDeflate.Zlib.compress(data, mode: .canned(.june2023).best) } throws: {
      ($0 as? DeflateError)?.kind == notInFormat
    }
    // A table without literal 66, which the second chunk is.
    var lengths = [UInt8](repeating: 0, count: 286)
    (lengths[65], lengths[256]) = (2, 2)
    for symbol in 257...272 { lengths[symbol] = 5 }
    let table = try #require(
      CompressionTable(
        literalLengthLengths: lengths,
        distanceLengths: [1] + [UInt8](repeating: 0, count: 29)))
    let chunks = [UInt8](repeating: 65, count: 4096) + [66]
    #expect(try !Deflate.compress(Array(chunks.dropLast()), mode: .table(table)).isEmpty)
    #expect {
      try Deflate.compress(chunks, mode: .table(table), chunkSize: 4096)
    } throws: {
      let error = $0 as? DeflateError
      return error?.kind == .noCodeword && error?.bitPosition == 4096 * 8
    }
  }

  static let doors = [
    Door(
      testDescription: "Gzip", wrapper: .gzip, compress: { Gzip.compress($0, chunkSize: $1) },
      decompress: { (data, most) throws(DeflateError) in
        try Gzip.decompress(data, maximumCount: most)
      },
      compressSpans: { data in
        [Gzip.compress(data.span), withRawSpan(data) { Gzip.compress($0) }]
      },
      decompressSpans: { (data, most) throws(DeflateError) in
        let raw = try withRawSpan(data) { (data: RawSpan) throws(DeflateError) in
          try Gzip.decompress(data, maximumCount: most)
        }
        return [try Gzip.decompress(data.span, maximumCount: most), raw]
      }),
    Door(
      testDescription: "Zlib", wrapper: .zlib,
      compress: { FixedDeflate.Zlib.compress($0, chunkSize: $1) },
      decompress: { (data, most) throws(DeflateError) in
        try FixedDeflate.Zlib.decompress(data, maximumCount: most)
      },
      compressSpans: { data in
        [
          FixedDeflate.Zlib.compress(data.span),
          withRawSpan(data) { FixedDeflate.Zlib.compress($0) },
        ]
      },
      decompressSpans: { (data, most) throws(DeflateError) in
        let raw = try withRawSpan(data) { (data: RawSpan) throws(DeflateError) in
          try FixedDeflate.Zlib.decompress(data, maximumCount: most)
        }
        return [try FixedDeflate.Zlib.decompress(data.span, maximumCount: most), raw]
      }),
    Door(
      testDescription: "Deflate", wrapper: .raw,
      compress: { Deflate.compress($0, chunkSize: $1) },
      decompress: { (data, most) throws(DeflateError) in
        try Deflate.decompress(data, maximumCount: most)
      },
      compressSpans: { data in
        [Deflate.compress(data.span), withRawSpan(data) { Deflate.compress($0) }]
      },
      decompressSpans: { (data, most) throws(DeflateError) in
        let raw = try withRawSpan(data) { (data: RawSpan) throws(DeflateError) in
          try Deflate.decompress(data, maximumCount: most)
        }
        return [try Deflate.decompress(data.span, maximumCount: most), raw]
      }),
  ]

  @Test("writes what zlib reads to its end, and reads what zlib writes", arguments: doors)
  func bothWays(door: Door) throws {
    var generator = SeededGenerator(test: "one call \(door.testDescription)")
    for size in [0, 1, 4096, 65_280, 65_281, 200_000] {
      let input = Inputs.make(.mixture, count: size, using: &generator)
      for chunkSize in [4096, 65_280, 1 << 20] {
        let stream = door.compress(input, chunkSize)
        let theirs = Zlib.inflate(stream, wrapper: door.wrapper, maximumCount: size)
        #expect(theirs.verdict == .accepted && theirs.consumed == stream.count)
        #expect(theirs.bytes == input)
        #expect(try door.decompress(stream, size) == input)
      }
      #expect(door.compressSpans(input) == [0, 1].map { _ in door.compress(input, 65_280) })
      let zlibs = Zlib.deflate(input, Zlib.Parameters(level: 9, wrapper: door.wrapper))
      #expect(try door.decompress(zlibs, size) == input)
      #expect(try door.decompressSpans(zlibs, size) == [input, input])
    }
  }

  @Test("stops a bomb at the maximum and tells where", arguments: doors)
  func bomb(door: Door) throws {
    let input = [UInt8](repeating: 0, count: 50_000_000)
    let stream = Zlib.deflate(input, Zlib.Parameters(level: 9, wrapper: door.wrapper))
    for most in [0, 1, 1000, 1 << 20, input.count - 1] {
      let error = #expect(throws: DeflateError.self) { try door.decompress(stream, most) }
      #expect(error?.kind == .outputFull)
      let position = try #require(error?.bitPosition)
      #expect((1...stream.count * 8).contains(position))
      // Decoding has gone no farther than a window beyond the maximum, some 100 bytes of input.
      let expected = stream.count * 8 * most / input.count
      #expect(position <= expected + 8 * 2000, "\(position) for \(most)")
    }
    #expect(try door.decompress(stream, input.count) == input)
  }

  @Test("takes no memory for a length that a file only claims")
  func lyingLength() throws {
    for claimed: UInt32 in [0, 1, 4, 0x7FFF_FFFF, .max] {
      var file = Gzip.compress([1, 2, 3])
      for index in 0..<4 {
        file[file.count - 4 + index] = UInt8(truncatingIfNeeded: claimed >> (8 * UInt32(index)))
      }
      let error = #expect(throws: DeflateError.self) {
        try Gzip.decompress(file, maximumCount: .max)
      }
      #expect(error == DeflateError(.lengthMismatch, bitPosition: (file.count - 4) * 8))
    }
    let result = try Gzip.decompress(Gzip.compress([1, 2, 3]), maximumCount: .max)
    #expect(result == [1, 2, 3] && result.capacity < 4096)
  }

  @Test("refuses bytes behind the end, at their first", arguments: doors)
  func trailing(door: Door) {
    let stream = door.compress(Array("some data".utf8), 65_280)
    for rest: [UInt8] in [[7], [7, 0, 0], Array("garbage".utf8)] {
      let error = #expect(throws: DeflateError.self) {
        try door.decompress(stream + rest, 100)
      }
      #expect(error == DeflateError(.notInFormat, bitPosition: stream.count * 8))
    }
  }

  @Test("refuses what is cut off anywhere", arguments: doors)
  func cut(door: Door) {
    let stream = door.compress(Array("some data, some data".utf8), 65_280)
    for count in 0..<stream.count {
      let error = #expect(throws: DeflateError.self) {
        try door.decompress(Array(stream[..<count]), 100)
      }
      #expect(error == DeflateError(.truncatedInput, bitPosition: count * 8))
    }
  }

  @Test("gzip: one member out, any number in, and zeros behind the last")
  func members() throws {
    let data = Array("some data".utf8)
    var header = GzipHeader()
    header.name = Array("name".utf8)
    let file = Gzip.compress(data, header: header)
    #expect(Zlib.gunzip(file) == Zlib.Gunzipped(bytes: data, memberCount: 1))
    #expect(try GzipHeader.parse(file.span)?.header == header)
    #expect(try Gzip.decompress(file + file + Gzip.compress([]), maximumCount: 18) == data + data)
    #expect(try Gzip.decompress(file + [0, 0, 0], maximumCount: 9) == data)
    let blocks = Engine.contain(data + data, .bgzf)
    #expect(try Gzip.decompress(blocks, maximumCount: 18) == data + data)
  }

  @Test("reads any distance that DEFLATE has")
  func farDistances() throws {
    var generator = SeededGenerator(test: "far distances")
    let noise = Inputs.make(.random, count: 30_000, using: &generator)
    let stream = Zlib.deflate(noise + noise, Zlib.Parameters(level: 9))
    #expect(stream.count < 45_000)
    #expect(try Deflate.decompress(stream, maximumCount: 60_000) == noise + noise)
    var decoder = Decoder()
    #expect(try decoder.decompress(stream, maximumCount: 60_000).bytes == noise + noise)
  }
}
