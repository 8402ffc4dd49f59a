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
    let count = encoder.finish(to: keep)
    #expect(count == UInt64(stream.count))
    return stream
  }

  @Test(arguments: ContainerFormat.allCases, [0, 1, 4096, 140_000])
  func decoderUndoesEncoderInPiecesOfAnySize(format: ContainerFormat, count: Int) throws {
    let input = sample(count)
    for (chunkSize, pieceSize) in [
      (4096, 13), (65_280, 1000), (format == .bgzf ? 60_000 : 100_000, 50_000),
    ] {
      let stream = encode(input, format, chunkSize: chunkSize)
      var decoder = StreamDecoder(format: format)
      var output: [UInt8] = []
      var offset = 0
      var state = StreamDecoder.State.needsInput
      var calls = 0
      while state != .finished {
        let end = min(offset + pieceSize, stream.count)
        output += try makeBytes(capacity: pieceSize) {
          (room: inout OutputRawSpan) throws(DeflateError) in
          // SAFETY: bytes have no padding.
          let input = unsafe stream.span.bytes.extracting(offset..<end)
          let progress = try decoder.decompress(
            input, endOfInput: end == stream.count, into: &room)
          offset += progress.consumed
          state = progress.state
        }
        calls += 1
        try #require(calls < 10 * (stream.count + input.count) + 10)
      }
      #expect(output == input)
      #expect(offset == stream.count)
      #expect(decoder.trailingData == .none)
    }
  }
}
