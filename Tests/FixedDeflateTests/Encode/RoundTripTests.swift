// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing

@Suite struct RoundTripTests {
  @Test(arguments: [0, 1, 2, 3, 5, 70, 4096, 70_000])
  func decoderUndoesEncoder(count: Int) throws {
    let input = (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 / 100 % 7) }
    var encoder = Encoder()
    // SAFETY (here and below): bytes have no padding.
    let stream = unsafe encoder.compress(input.span.bytes)
    var decoder = Decoder()
    let (bytes, consumed) = unsafe try decoder.decompress(stream.span.bytes, maximumCount: count)
    #expect(bytes == input)
    #expect(consumed.bytes == stream.count)
  }

  @Test func decodersByDefaultTakeAllDistancesOfDEFLATE() {
    #expect(Decoder().limit == .rfc1951)
    #expect(Decoder(limit: .iaa).limit == .iaa)
  }
}
