// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FixedDeflate

@Suite struct ChecksumTests {
  private func checksums(_ bytes: [UInt8]) -> (crc: CRC32, adler: Adler32) {
    var (crc, adler) = (CRC32(), Adler32())
    // SAFETY: bytes have no padding.
    unsafe crc.update(bytes.span.bytes)
    unsafe adler.update(bytes.span.bytes)
    return (crc, adler)
  }

  /// The check values of the CRC catalogue and of RFC 1950's definition by hand.
  @Test func knownValues() {
    let (crc, adler) = checksums(Array("123456789".utf8))
    #expect(crc.value == 0xCBF4_3926)
    #expect(adler.value == 0x091E_01DE)
    #expect(checksums([]).crc.value == 0)
    #expect(checksums([]).adler.value == 1)
  }

  @Test func allOnesDoNotOverflowTheSums() {
    // 65521 bytes of 255: the low sum is 1 + 255·65521 ≡ 1; the high one Σ(1 + 255·i) ≡ 0.
    let (_, adler) = checksums([UInt8](repeating: 255, count: 65_521))
    #expect(adler.value == 1)
  }

  @Test(arguments: [0, 1, 7, 8, 9, 5552, 5553, 70_000])
  func splitAnywhereChecksumsCombineToTheWhole(split: Int) {
    let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    let whole = checksums(bytes)
    let (front, back) = (Array(bytes[..<split]), Array(bytes[split...]))
    let (first, second) = (checksums(front), checksums(back))
    #expect(first.crc.combined(with: second.crc, count: back.count) == whole.crc)
    #expect(first.adler.combined(with: second.adler, count: back.count) == whole.adler)
  }

  /// Any count that there may be, 2^61 bytes and more included, whose bits no longer have a number.
  @Test func zerosBehindAddUp() {
    let (crc, adler) = checksums([1, 2, 3])
    let half = 1 << 61
    let (crcOfTwo, adlerOfTwo) = (
      crc.combined(with: CRC32(), count: half).combined(with: CRC32(), count: half),
      adler.combined(with: Adler32(), count: half).combined(with: Adler32(), count: half)
    )
    #expect(crcOfTwo == crc.combined(with: CRC32(), count: 2 * half))
    #expect(adlerOfTwo == adler.combined(with: Adler32(), count: 2 * half))
  }

  @Test func updatingInPiecesEqualsOneUpdate() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var (crc, adler) = (CRC32(), Adler32())
    for piece in stride(from: 0, to: 1000, by: 13) {
      // SAFETY: bytes have no padding.
      let part = unsafe bytes.span.bytes.extracting(piece..<min(piece + 13, 1000))
      crc.update(part)
      adler.update(part)
    }
    #expect(crc == checksums(bytes).crc)
    #expect(adler == checksums(bytes).adler)
  }

  @Test func everyPathOfTheCRCAgreesAtEveryLength() {
    let bytes = (0..<1400).map { UInt8(truncatingIfNeeded: $0 &* 73 ^ $0 >> 3) }
    for count in 0...bytes.count {
      // SAFETY: bytes have no padding.
      let part = unsafe bytes.span.bytes.extracting(first: count)
      var (dispatched, byTable) = (CRC32(), CRC32())
      dispatched.update(part)
      byTable.updateByTable(part)
      #expect(dispatched == byTable, "\(count) bytes")
      #if arch(x86_64)
        for folding in CRC32Folding.allCases where folding.isSupported {
          var folded = CRC32()
          folded.updateByTable(part, from: folded.fold(part, from: 0, by: folding))
          #expect(folded == byTable, "\(count) bytes, \(folding)")
        }
      #endif
    }
  }
}
