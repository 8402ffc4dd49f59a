// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Containers around streams that are made, or decompressed, elsewhere.

import FixedDeflate
import Testing

@Suite("Framing of streams made elsewhere") struct FramingTests {
  /// Text that compresses, and noise that is stored.
  private static let chunks = [
    (0..<3000).map { UInt8(truncatingIfNeeded: $0 / 7) },
    (0..<700).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 2_654_435_761 >> 11) }, [],
  ]

  @Test("is the chunk encoder's, byte for byte", arguments: ContainerFormat.allCases)
  func equalsTheEncoder(format: ContainerFormat) throws {
    for size in [4096, format == .bgzf ? 65_280 : 100_000] {
      let layout = ChunkLayout(format: format, chunkSize: size)
      for chunk in Self.chunks {
        for (isFirst, isLast) in [(true, true), (true, false), (false, true)] {
          let expected = try makeBytes(capacity: layout.bound) { output throws(DeflateError) in
            var encoder = ChunkEncoder(layout: layout)
            // SAFETY (here and below): bytes have no padding.
            try encoder.encode(
              unsafe chunk.span.bytes, isFirst: isFirst, isLast: isLast, into: &output)
          }
          let bytes = try makeBytes(capacity: layout.bound) { output throws(DeflateError) in
            try layout.write(
              unsafe chunk.span.bytes, isFirst: isFirst, isLast: isLast, into: &output
            ) { chunk, position, output throws(DeflateError) in
              var encoder = Encoder()
              try encoder.compress(chunk, position: position, into: &output)
            }
          }
          #expect(bytes == expected)
        }
      }
    }
  }

  @Test("leaves nothing behind when there is no stream", arguments: ContainerFormat.allCases)
  func failureIsUndone(format: ContainerFormat) {
    let layout = ChunkLayout(format: format, chunkSize: 4096)
    let chunk = Self.chunks[0]
    var error: DeflateError?
    let left = makeBytes(capacity: layout.bound) { output in
      output.append(7)
      do throws(DeflateError) {
        try layout.write(
          unsafe chunk.span.bytes, isFirst: true, isLast: true, into: &output
        ) { _, _, output throws(DeflateError) in
          output.append(9)
          throw DeflateError(.outputFull, bitPosition: 0)
        }
      } catch let failure {
        error = failure
      }
    }
    #expect(error?.kind == .outputFull)
    #expect(left == [7])
  }

  @Test("a member is as long as its stream says, and its trailer stands behind that")
  func memberEndsWithItsStream() throws {
    let chunk = Self.chunks[0]
    let layout = ChunkLayout(format: .bgzf)
    let member = try makeBytes(capacity: layout.bound) { output throws(DeflateError) in
      var encoder = ChunkEncoder(layout: layout)
      try encoder.encode(
        unsafe chunk.span.bytes, isFirst: true, isLast: true, into: &output)
    }
    func read(_ bytes: [UInt8], extra: Int) throws(DeflateError) -> [UInt8] {
      try makeBytes(capacity: 4096) { output throws(DeflateError) in
        let result = try GzipHeader.readMember(unsafe bytes.span.bytes, into: &output) {
          stream, output throws(DeflateError) in
          var decoder = Decoder(limit: .iaa)
          return try decoder.decompress(stream, into: &output).bytes + extra
        }
        #expect(result.byteCount == member.count)
      }
    }
    #expect(try read(member, extra: 0) == chunk)
    #expect(try read(member + [1, 2, 3], extra: 0) == chunk)
    #expect(throws: DeflateError.self) { try read(member + [1, 2, 3], extra: 1) }
  }

  @Test("a compressor that appends nothing traps in every container")
  func emptyStream() async {
    await #expect(processExitsWith: .failure) { write(.gzip) }
    await #expect(processExitsWith: .failure) { write(.zlib) }
    await #expect(processExitsWith: .failure) { write(.raw) }
  }

  @Test("a decompressor whose count is beyond its input, or negative, traps")
  func wrongCount() async {
    await #expect(processExitsWith: .failure) { readMember(count: 1000) }
    await #expect(processExitsWith: .failure) { readMember(count: -1) }
  }
}

/// Has a chunk's stream made by a compressor that makes none.
private func write(_ format: ContainerFormat) {
  let layout = ChunkLayout(format: format)
  _ = try? makeBytes(capacity: layout.bound) { output throws(DeflateError) in
    // SAFETY: bytes have no padding.
    try layout.write(unsafe [1, 2, 3].span.bytes, isFirst: true, isLast: true, into: &output) {
      _, _, _ throws(DeflateError) in
    }
  }
}

/// Reads a member through a decompressor that tells a wrong count.
private func readMember(count: Int) {
  let member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  _ = try? makeBytes(capacity: 100) { output throws(DeflateError) in
    // SAFETY: bytes have no padding.
    _ = try GzipHeader.readMember(unsafe member.span.bytes, into: &output) {
      _, _ throws(DeflateError) in count
    }
  }
}
