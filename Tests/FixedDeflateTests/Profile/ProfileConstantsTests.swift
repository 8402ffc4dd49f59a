// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fast encoder and its kernels have the default profile's and the fixed code's numbers built in. Here each is held
// to the place where the rule stands.

import CDeflateKernels
import TestSupport
import Testing

@testable import FixedDeflate

@Suite struct ProfileConstantsTests {
  private let profile = MatchProfile.iaaV1

  @Test func theKernelsHaveTheProfilesNumbers() {
    #expect(Int(DK_HISTORY) == profile.historySize)
    #expect(Int(DK_WINDOW) == profile.compareWindow)
    #expect(DistanceLimit.iaa.maximumDistance == profile.historySize)
  }

  @Test func theKernelsHaveTheLookupTablesNumbers() {
    #expect(Int(DK_LITERAL_LENGTH_BITS) == HuffmanTable.literalLengthBits)
    #expect(Int(DK_LITERAL_LENGTH_COUNT) == HuffmanTable.literalLengthCount)
    #expect(Int(DK_DISTANCE_BITS) == HuffmanTable.distanceBits)
    #expect(DK_LITERAL == HuffmanEntry.literal)
    #expect(DK_EXCEPTIONAL == HuffmanEntry.exceptional)
    #expect(DK_LINK == HuffmanEntry.link)
    #expect(Int(DK_LONGEST_DISTANCE) == DistanceAlphabet.distances.upperBound)
    // Two literals, the longest match, and what a copy writes beyond its end.
    #expect(Int(DK_TABLE_FREE_OUTPUT_MARGIN) >= 2 + LengthAlphabet.lengths.upperBound + 31)
    // The loop takes an entry's low byte for the count of its bits.
    for entry in HuffmanEntry.literalLengths + HuffmanEntry.distances { #expect(entry & 0xE0 == 0) }
  }

  @Test func theLayoutHasTheProfilesNumbers() {
    #expect(FastEncoderLayout.page == profile.historySize)
    // A page's first position is pointer 0, so pages are as long as pointers reach.
    #expect(FastEncoderLayout.page == 1 << profile.pointerBits)
    #expect(FastEncoderLayout.bucketDepth == profile.bucketDepth)
    #expect(FastEncoderLayout.tableByteCount == profile.hash.bucketCount * profile.bucketDepth * 4)
  }

  @Test("Where the kernels find the encoder's memory, nothing overlaps")
  func theKernelsLayoutFits() {
    typealias Layout = FastEncoderLayout
    #expect(Layout.bitBuffer == 0 && Layout.bitCount == 8 && Layout.next == 16)
    // SAFETY: only the sizes are asked.
    let sink = unsafe MemoryLayout<dk_sink>.size
    let cursor = unsafe MemoryLayout<dk_cursor>.stride
    #expect(sink == 24)
    #expect(MemoryLayout<dk_token>.size == 8 && MemoryLayout<dk_coded>.size == 8)
    #expect(Layout.lastRow + 8 <= Layout.cursors)
    #expect(Layout.cursors + Layout.cursorCount * cursor <= Layout.matchBits)
    #expect(Layout.matchBits + Layout.page / 8 + 64 <= Layout.longBits)
    #expect(Layout.longBits + Layout.page / 8 + 64 <= Layout.codes)
    #expect(Layout.codes + Layout.page + 64 <= Layout.window)
    #expect(Layout.window + 64 + 2 * Layout.page + 128 <= Layout.table)
    #expect(Layout.table % 64 == 0)
    // Slots and their masks, each with what is read beyond the last, in what rows leave behind the scratch.
    #expect(Layout.scratch + Layout.blockOutput <= Layout.slots)
    #expect(Layout.block * 2 + 32 <= Int(DK_STATE_SLOT_MASKS))
    #expect(Layout.slots + 2 * Int(DK_STATE_SLOT_MASKS) <= Layout.entries)
  }

  @Test func literalsHaveTheFixedCode() {
    let first = FixedCode.literalLengthLengths.firstIndex(of: 9)
    #expect(first == Int(DK_FIRST_LONG_LITERAL))
    #expect(FixedCode.literalLength[0].code == UInt16(DK_FIRST_LITERAL_CODE))
    #expect(
      FixedCode.literalLengthLengths.prefix(256).max().map(Int.init) == FixedCode.longestLiteral)
    #expect(
      Int(FixedCode.literalLength[LengthAlphabet.endOfBlock].length) == FixedCode.endOfBlockBits)
    for start in stride(from: 0, to: 256, by: 32) {
      let bytes = (0..<32).map { UInt8(start + $0) }
      var codes = [UInt8](repeating: 0, count: 32)
      // SAFETY: the kernel reads and writes 32 bytes.
      let long = unsafe dk_literals32(bytes, &codes)
      for index in 0..<32 {
        let codeword = FixedCode.literalLength[start + index]
        let isLong = long >> UInt32(index) & 1 == 1
        #expect(isLong == (codeword.length == 9))
        // The first bit of a long one is 1 and is added by the writer.
        #expect(UInt16(codes[index]) == (isLong ? codeword.streamBits >> 1 : codeword.streamBits))
        if isLong { #expect(codeword.streamBits & 1 == 1) }
      }
    }
  }

  @Test func theHashIsThePolynomialsAndTheTagTellsTheBytes() {
    var generator = SeededGenerator(test: "hashes")
    // Every value of two bytes, with a third of each kind.
    for high in [UInt8](0...255) {
      var bytes = [UInt8](repeating: 0, count: 32 + 64)
      for index in bytes.indices { bytes[index] = UInt8.random(in: 0...255, using: &generator) }
      bytes[0] = high
      var offsets = [UInt16](repeating: 0, count: 33)
      var entries = [UInt32](repeating: 0, count: 33)
      var collisions: UInt32 = 0
      // SAFETY: the kernel reads 34 bytes, and the element before `offsets` and `entries`, which is theirs.
      unsafe offsets.withUnsafeMutableBufferPointer { offsets in
        unsafe entries.withUnsafeMutableBufferPointer { entries in
          if let offsets = offsets.baseAddress, let entries = entries.baseAddress {
            _ = unsafe dk_hashes(bytes, 7, 32, offsets + 1, entries + 1, &collisions, nil)
          }
        }
      }
      for index in 0..<32 {
        let (a, b, c) = (bytes[index], bytes[index + 1], bytes[index + 2])
        #expect(Int(offsets[index + 1]) == 16 * profile.hash.bucket(a, b, c))
        #expect(entries[index + 1] & 0xFFFF == UInt32(7 + index))
        let tag = UInt32(a) | UInt32(b) << 8 | UInt32(c) << 16
        #expect(entries[index + 1] >> 16 == tag >> UInt32(profile.hash.bits) & 0xFFFF)
      }
    }
  }

  @Test func aMatchHasTheAlphabetsSymbols() {
    let origin = FastEncoderLayout.origin
    for length in profile.minimumMatchLength...profile.compareWindow {
      let lengthSymbol = LengthAlphabet.symbol(forLength: length)
      let lengthCode = FixedCode.literalLength[lengthSymbol.symbol]
      for first in stride(from: 1, through: profile.historySize, by: 8) {
        var tokens = (0..<8).map { index in
          // Start 4000 of the page, where every distance leads into the window.
          UInt64(4000) | UInt64(4000 + length) << 16
            | UInt64(origin + 4000 - first - index) << 32
        }
        // SAFETY: the kernel reads and writes eight tokens.
        unsafe tokens.withUnsafeMutableBytes { tokens in
          if let base = tokens.baseAddress { unsafe dk_codes8(base, UInt32(origin), base) }
        }
        for (index, token) in tokens.enumerated() {
          let symbol = DistanceAlphabet.symbol(forDistance: first + index)
          let distanceCode = FixedCode.distance[symbol.symbol]
          var expected = UInt64(lengthCode.streamBits)
          var count = Int(lengthCode.length)
          for (bits, bitCount) in [
            (lengthSymbol.extraValue, lengthSymbol.extraBits),
            (Int(distanceCode.streamBits), Int(distanceCode.length)),
            (symbol.extraValue, symbol.extraBits),
          ] {
            expected |= UInt64(bits) << UInt64(count)
            count += bitCount
          }
          if token >> 32 != expected | UInt64(count) << 24 {
            Issue.record("length \(length), distance \(first + index)")
          }
        }
      }
    }
  }

  @Test func aBucketKeepsItsNewestEntriesAndSeesThemAsFarBackAsTheHistory() {
    let history = UInt32(profile.historySize)
    var bucket = [UInt32](repeating: 0xFFFF_0000, count: profile.bucketDepth)
    var row = [UInt16](repeating: 0, count: profile.bucketDepth)
    // SAFETY: the kernel reads and writes four entries and a row of four positions.
    let seen = [100, 100 + history, 101 + history].map { unsafe dk_insert1(&bucket, &row, $0, 0) }
    // The first is in slot 0 at a distance of the history, then in slot 1 one farther.
    #expect(seen == [0, 0b0001, 0b0001])
    for position in UInt32(5000)..<5003 { _ = unsafe dk_insert1(&bucket, &row, position, 0) }
    #expect(bucket == [5002, 5001, 5000, 101 + history])
    #expect(row == [5001, 5000, UInt16(101 + history), UInt16(100 + history)])
  }

  @Test func theCompareStopsWhereTheWindowEndsOrBytesDiffer() {
    let window = profile.compareWindow
    for length in 0...window {
      let bytes = [UInt8](repeating: 7, count: 2 * window)
      var other = bytes
      other[length] = 8
      for bmi in 0...1 {
        // SAFETY: the kernel reads 32 bytes of each.
        #expect(unsafe dk_run32(bytes, other, bmi) == length)
      }
    }
  }
}
