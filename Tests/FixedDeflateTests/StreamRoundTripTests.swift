// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing

@Suite struct StreamRoundTripTests {
  private func sample(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 / 1000 % 11) }
  }

  private func encode(_ input: [UInt8], _ format: ContainerFormat, chunkSize: Int) -> [UInt8] {
    var encoder = StreamEncoder(format: format, chunkSize: chunkSize)
    var stream: [UInt8] = []
    func keep(_ bytes: RawSpan) {
      // SAFETY: copied while borrowed.
      unsafe bytes.withUnsafeBytes { unsafe stream.append(contentsOf: $0) }
    }
    // SAFETY: bytes have no padding.
    unsafe encoder.write(input.span.bytes, to: keep)
    encoder.finish(to: keep)
    #expect(encoder.outputCount == UInt64(stream.count))
    return stream
  }

  @Test(arguments: ContainerFormat.allCases, [0, 1, 4096, 200_000])
  func decoderUndoesEncoderInPiecesOfAnySize(format: ContainerFormat, count: Int) throws {
    let input = sample(count)
    for (chunkSize, pieceSize) in [(4096, 1), (65_280, 7), (100_000, 50_000)] {
      let stream = encode(input, format, chunkSize: chunkSize)
      var decoder = StreamDecoder(format: format)
      var output: [UInt8] = []
      var offset = 0
      var state = StreamDecoder.State.needsInput
      var calls = 0
      while state != .finished {
        let end = min(offset + pieceSize, stream.count)
        let piece = try [UInt8](capacity: pieceSize) { (bytes: inout OutputSpan<UInt8>) in
          // SAFETY: the raw span covers the array's buffer; bytes have no padding.
          try unsafe bytes.withUnsafeMutableBufferPointer { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var room = unsafe OutputRawSpan(buffer: raw, initializedCount: 0)
            let progress = try decoder.decompress(
              stream.span.bytes.extracting(offset..<end), endOfInput: end == stream.count,
              into: &room)
            count = unsafe room.finalize(for: raw)
            offset += progress.consumed
            state = progress.state
          }
        }
        output += piece
        calls += 1
        try #require(calls < 10 * (stream.count + input.count) + 10)
      }
      #expect(output == input)
      #expect(offset == stream.count)
      #expect(decoder.trailingData == .none)
    }
  }
}
