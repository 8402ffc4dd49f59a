// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// gzip trailers whose check is left to whoever gets the data: the verdict must be the one that the
// decoder comes to by itself.

import FixedDeflate
import TestSupport
import Testing

@Suite("gzip trailers checked elsewhere") struct TrailerTests {
  /// Two members of two sizes, and an empty one between them.
  private static let members = [
    Array("some data, some data".utf8), [], Array("and more of it".utf8),
  ]

  /// The first error that the left trailers, or the decoder behind them, come to.
  private func error(_ stream: [UInt8], leftFrom start: Int) -> DeflateError? {
    var decoder = StreamDecoder(format: .gzip)
    var (checksum, count) = (CRC32(), UInt64(0))
    var (offset, isLeft) = (0, false)
    while true {
      if offset >= start, !isLeft {
        isLeft = true
        guard let sum = decoder.leaveChecks() else { preconditionFailure("this is gzip") }
        (checksum, count) = (sum, decoder.outputCount)
      }
      // A byte at a time, so that the checks are left at exactly this place.
      let end = min(offset + 1, stream.count)
      let (result, piece) = collectingOutputAlways(capacity: 64) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        try withRawSpan(stream) { (input: RawSpan) throws(DeflateError) in
          try decoder.decompress(
            input.extracting(offset..<end), endOfInput: end == stream.count, into: &output)
        }
      }
      withRawSpan(piece) { checksum.update($0) }
      count += UInt64(piece.count)
      for trailer in decoder.takeTrailers() {
        #expect(trailer.dataEnd == count)
        do throws(DeflateError) { try trailer.check(checksum) } catch { return error }
        checksum = CRC32()
      }
      switch result {
      case .success(let progress) where progress.state == .finished: return nil
      case .success(let progress): offset += progress.consumed
      case .failure(let error): return error
      }
    }
  }

  @Test("every damage to one byte has the verdict of a decoder that checks by itself")
  func damage() {
    let stream = Self.members.flatMap { Engine.contain($0, .gzip, chunkSize: 100_000) }
    for start in [0, stream.count / 2] {
      #expect(error(stream, leftFrom: start) == nil)
      for index in stream.indices {
        for flip: UInt8 in [0x01, 0x80, 0xFF] {
          var damaged = stream
          damaged[index] ^= flip
          #expect(
            error(damaged, leftFrom: start) == StreamOutcome(damaged, .gzip).error,
            "byte \(index) ^ \(flip), left from \(start)")
        }
      }
    }
  }

  @Test("good members stay good wherever in a stream the checks are left, between members too")
  func anyPlace() {
    let stream = Self.members.flatMap { Engine.contain($0, .gzip, chunkSize: 100_000) }
    for start in stream.indices {
      #expect(error(stream, leftFrom: start) == nil, "left from \(start)")
    }
  }

  @Test("other formats keep their check", arguments: [ContainerFormat.zlib, .raw])
  func otherFormats(_ format: ContainerFormat) {
    var decoder = StreamDecoder(format: format)
    let left = decoder.leaveChecks()
    #expect(left == nil)
  }
}
