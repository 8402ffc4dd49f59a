// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import FixedDeflate

@Suite struct FastEncoderTests {
  static let builds = CPUKind.allCases.filter { $0 <= .current }

  /// The parse looks at the match bit of the last match's end before it asks where that is: an end pages before would
  /// be an address outside the encoder's memory.
  @Test(
    "where nothing matches, the last match's end stays at the page's start, with its parity",
    arguments: builds, [0, 1])
  func baseStaysInMemory(build: CPUKind, parity: Int) {
    // One match that ends at 32 or 33, then nothing.
    let run = [UInt8](repeating: 255, count: 32 + parity)
    let input = run + Inputs.nothingRepeats(64 * FastEncoderLayout.page)
    let encoder = FastEncoder(cpu: build)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * input.count, alignment: 8)
    defer { unsafe room.deallocate() }
    // SAFETY: the input is read only, and both are there until the call returns.
    let count = unsafe input.withUnsafeBytes { unsafe encoder.encode($0, into: room) }
    #expect(count ?? 0 > input.count)
    #expect(encoder.base == (parity == 0 ? -2 : -1))
  }
}
