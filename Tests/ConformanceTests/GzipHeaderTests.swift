// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// gzip headers with long fields: the same in any pieces, and in time that grows with the bytes
// alone.

import FixedDeflate
import TestSupport
import Testing

@Suite("gzip headers with long fields") struct GzipHeaderTests {
  private static let data = Array("some data, some data".utf8)

  private static func member(_ change: (inout GzipHeader) -> Void) -> [UInt8] {
    var header = GzipHeader()
    change(&header)
    return Engine.contain(data, .gzip, chunkSize: 100_000, header: header)
  }

  @Test("all fields together are the same however they are split in two")
  func everySplit() {
    let stream = Self.member {
      $0.extraField = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
      $0.name = (0..<270).map { UInt8($0 % 255 + 1) }
      $0.comment = [UInt8](repeating: 0x80, count: 129)
      $0.hasHeaderChecksum = true
    }
    let whole = StreamOutcome(stream, .gzip)
    #expect(whole.error == nil && whole.bytes == Self.data && whole.header?.comment?.count == 129)
    for split in 0...stream.count {
      var isFirst = true
      let outcome = StreamOutcome(stream, .gzip) {
        defer { isFirst = false }
        return (isFirst ? split : .max, 1 << 16)
      }
      #expect(outcome.error == nil && outcome.bytes == Self.data, "\(split)")
      #expect(outcome.header == whole.header, "\(split)")
      #expect(outcome.inputCount == whole.inputCount, "\(split)")
    }
  }

  @Test("a wrong header checksum is found behind long fields, at its bit, in any pieces")
  func checksumBehindLongFields() {
    var stream = Self.member {
      $0.extraField = [UInt8](repeating: 9, count: 5000)
      $0.hasHeaderChecksum = true
    }
    stream[4000] ^= 1
    for size in [1, 7, 100, 1 << 20] {
      let outcome = StreamOutcome(stream, .gzip) { (size, 100) }
      let position = (10 + 2 + 5000) * 8
      #expect(outcome.error == DeflateError(.headerChecksumMismatch, bitPosition: position))
    }
  }

  @Test("a name is kept up to 65,535 bytes and then reported as absent", arguments: [0, 1])
  func longestName(_ excess: Int) {
    let name = [UInt8](repeating: 0x61, count: 65_535 + excess)
    let stream = Self.member { $0.name = name }
    for size in [1000, 65_535, 1 << 20] {
      let outcome = StreamOutcome(stream, .gzip) { (size, 100) }
      #expect(outcome.error == nil && outcome.bytes == Self.data)
      #expect(outcome.header?.name == (excess == 0 ? name : nil))
    }
  }

  /// What counts is how the two compare: the long headers are few, the short ones many.
  @Test("long headers take no longer than short ones with as many bytes")
  func growth() {
    func time(_ nameCount: Int, _ memberCount: Int) -> Duration {
      let member = Self.member { $0.name = [UInt8](repeating: 0x61, count: nameCount) }
      let stream = (0..<memberCount).flatMap { _ in member }
      return (0..<3).map { _ in
        ContinuousClock().measure {
          #expect(StreamOutcome(stream, .gzip).memberCount == memberCount)
        }
      }.min() ?? .zero
    }
    let (short, long) = (time(500, 2000), time(50_000, 20))
    #expect(long < short, "\(long) for long headers, \(short) for short ones")
  }
}
