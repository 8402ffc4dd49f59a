// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing

@Suite struct BGZFIndexTests {
  private func parse(_ bytes: [UInt8]) throws(DeflateError) -> BGZFIndex {
    // SAFETY: bytes have no padding.
    try unsafe BGZFIndex(parsing: bytes.span.bytes)
  }

  private var three: BGZFIndex {
    var index = BGZFIndex()
    index.append(compressedCount: 0x6949, dataCount: 65_280)
    index.append(compressedCount: 100, dataCount: 65_280)
    index.append(compressedCount: 7, dataCount: 5)
    return index
  }

  @Test func encodedFormIsBgzips() throws {
    let number: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0]
    let second: [UInt8] = [0x49, 0x69, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0]
    let third: [UInt8] = [0xAD, 0x69, 0, 0, 0, 0, 0, 0, 0, 0xFE, 1, 0, 0, 0, 0, 0]
    #expect(three.encoded == number + second + third)
    #expect(try parse(three.encoded).blocks == three.blocks)
  }

  @Test func aBlockHoldsFromItsStartToTheNext() {
    let starts = [0, 65_279, 65_280, 130_559, 130_560, .max].map {
      three.block(holding: $0)?.compressedOffset
    }
    #expect(starts == [0, 0, 0x6949, 0x6949, 0x69AD, 0x69AD])
    #expect(BGZFIndex().block(holding: 0) == nil)
  }

  @Test func bgzipsIndexOfAnEmptyFileHasNoBlocks() throws {
    #expect(try parse([UInt8](repeating: 0xFF, count: 8)).blocks.isEmpty)
  }

  @Test func everyShorterOrLongerIndexIsRefused() {
    let good = three.encoded
    for count in 0..<good.count {
      #expect(throws: DeflateError(.truncatedInput, bitPosition: count * 8)) {
        try parse(Array(good.prefix(count)))
      }
    }
    #expect(throws: DeflateError(.notInFormat, bitPosition: 0)) { try parse(good + [0]) }
  }

  @Test func offsetsThatDoNotAscendAreRefused() {
    var index = three.encoded
    index[24] = 1
    index[25] = 0
    #expect(throws: DeflateError(.notInFormat, bitPosition: 24 * 8)) { try parse(index) }
  }

  @Test func aHugeCountAllocatesNothing() {
    #expect(throws: DeflateError.self) {
      try parse([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
    }
  }

  @Test func anIndexEqualsItselfAfterARoundTripAlsoWithoutBlocks() throws {
    for index in [three, BGZFIndex()] {
      let again = try parse(index.encoded)
      #expect(again == index && again.encoded == index.encoded)
      #expect(again.hashValue == index.hashValue)
    }
  }

  @Test func anIndexThatWasReadGoesOnByTheNextBlocksStart() throws {
    var index = try parse(three.encoded)
    index.append(.init(compressedOffset: 0x69B4, dataOffset: 130_565))
    var whole = three
    whole.append(compressedCount: 9, dataCount: 1)
    #expect(index == whole && index.encoded == whole.encoded)
  }

  @Test func blocksThatCannotBeTrap() async {
    await #expect(processExitsWith: .failure) {
      var index = BGZFIndex()
      index.append(compressedCount: -1, dataCount: 1)
    }
    await #expect(processExitsWith: .failure) {
      var index = BGZFIndex()
      index.append(compressedCount: 1, dataCount: -1)
    }
    await #expect(processExitsWith: .failure) {
      var index = BGZFIndex()
      index.append(.init(compressedOffset: 1, dataOffset: 0))
    }
    await #expect(processExitsWith: .failure) {
      // One block, where it ends is not told.
      let bytes = [UInt8](repeating: 0, count: 8)
      // SAFETY: bytes have no padding.
      guard var index = try? unsafe BGZFIndex(parsing: bytes.span.bytes) else { return }
      index.append(compressedCount: 1, dataCount: 1)
    }
  }
}
