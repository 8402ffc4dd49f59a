// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Everything we write, zlib reads: raw, zlib and gzip. Distances are checked by our own reader,
// since zlib keeps the whole output in view when it inflates in one call.

import FixedDeflate
import TestSupport
import Testing

@Suite("zlib reads what we write") struct ZlibReadsOursTests {
  @Test("raw streams of every family and size", arguments: Inputs.Family.allCases)
  func raw(_ family: Inputs.Family) throws {
    var generator = SeededGenerator(test: "raw \(family)")
    var encoder = Encoder()
    for size in Inputs.edgeSizes + [20_000] {
      // Half of the larger sizes a run; all of them in long runs.
      if size > 300, SeededGenerator.scale == 1, generator.number(0...1) == 0 { continue }
      let input = Inputs.make(family, count: size, using: &generator)
      let stream = Engine.encode(input, with: &encoder)
      let inflated = Zlib.inflate(stream, maximumCount: size)
      #expect(inflated.verdict == .accepted, "\(family) of \(size)")
      #expect(inflated.bytes == input && inflated.consumed == stream.count)

      let contents = try FixedStreamReader.read(stream)
      #expect(contents.bytes == input && contents.consumed == stream.count)
      let decoded = Engine.decode(stream, limit: .iaa, capacity: size)
      #expect(decoded == Engine.Outcome(bytes: input, bits: contents.bits))
    }
  }

  @Test("containers of one and of many chunks", arguments: ContainerFormat.allCases)
  func containers(_ format: ContainerFormat) throws {
    var generator = SeededGenerator(test: "containers \(format)")
    for size in [0, 1, 70, 4095, 4096, 4097, 8192, 8193, 13_000] {
      for family in [Inputs.Family.text, .random, .mixture] {
        let input = Inputs.make(family, count: size, using: &generator)
        let pieceSize = generator.number(1...5000)
        for chunkSize in [4096, ChunkLayout.defaultChunkSize, Engine.largeChunk(format)] {
          let stream = Engine.contain(input, format, chunkSize: chunkSize, pieceSize: pieceSize)
          let inflated = Zlib.inflateAllMembers(stream, format, maximumCount: size)
          #expect(inflated.verdict == .accepted, "\(family) of \(size), chunks of \(chunkSize)")
          #expect(inflated.bytes == input && inflated.consumed == stream.count)
          #expect(stream == Engine.contain(input, format, chunkSize: chunkSize), "pieces show")
        }
      }
    }
  }

  @Test("a raw container is the chunks' streams, joined by empty stored blocks")
  func rawChunks() throws {
    var generator = SeededGenerator(test: "raw chunks")
    for size in [0, 1, 4096, 4097, 8192, 10_000] {
      let input = Inputs.make(.mixture, count: size, using: &generator)
      var expected: [UInt8] = []
      var start = 0
      repeat {
        let end = min(start + 4096, size)
        expected += PlainProfile().stream(Array(input[start..<end]), last: end == size)
        start = end
      } while start < size
      let stream = Engine.contain(input, .raw, chunkSize: 4096)
      #expect(stream == expected)
      let contents = try FixedStreamReader.read(stream, chunkStarts: true)
      #expect(contents.bytes == input)
      #expect(contents.fixedBlocks == max(1, (size + 4095) / 4096))
    }
  }

  @Test("the checksums are zlib's", arguments: Inputs.Family.allCases)
  func checksums(_ family: Inputs.Family) {
    var generator = SeededGenerator(test: "checksums \(family)")
    for size in Inputs.edgeSizes + [5552, 5553, 70_001] {
      let input = Inputs.make(family, count: size, using: &generator)
      var (crc, adler) = (CRC32(), Adler32())
      withRawSpan(input) { span in
        let cut = generator.number(0...size)
        for part in [0..<cut, cut..<size] {
          crc.update(span.extracting(part))
          adler.update(span.extracting(part))
        }
      }
      #expect(crc.value == Zlib.crc32(input), "\(family) of \(size)")
      #expect(adler.value == Zlib.adler32(input), "\(family) of \(size)")
    }
  }
}
