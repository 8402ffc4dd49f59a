// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The library's calls on arrays, so that the tests read as what they claim.

import FixedDeflate
import TestSupport

/// The library under test.
enum Engine {
  static func encode(
    _ input: [UInt8], with encoder: inout Encoder, position: BlockPosition = .last
  ) -> [UInt8] {
    withRawSpan(input) { encoder.compress($0, position: position) }
  }

  static func encode(
    _ input: [UInt8], profile: MatchProfile = .iaaV1, position: BlockPosition = .last
  ) -> [UInt8] {
    var encoder = Encoder(profile: profile)
    return encode(input, with: &encoder, position: position)
  }

  /// A whole container; `pieceSize` bytes go in a call.
  static func contain(
    _ input: [UInt8], _ format: ContainerFormat,
    chunkSize: Int = ChunkLayout.defaultChunkSize, header: GzipHeader = GzipHeader(),
    pieceSize: Int = .max
  ) -> [UInt8] {
    var encoder = StreamEncoder(format: format, chunkSize: chunkSize, header: header)
    var stream: [UInt8] = []
    withRawSpan(input) { span in
      var start = 0
      while start < input.count {
        let end = start + min(pieceSize, input.count - start)
        encoder.write(span.extracting(start..<end)) { stream.append(span: $0) }
        start = end
      }
    }
    encoder.finish { stream.append(span: $0) }
    return stream
  }

  /// The largest chunk of a format that these tests use.
  static func largeChunk(_ format: ContainerFormat) -> Int {
    format == .bgzf ? ChunkLayout.defaultChunkSize : 100_000
  }

  /// What decoding gave: all bytes up to the end or the error.
  struct Outcome: Equatable {
    var bytes: [UInt8] = []
    var error: DeflateError?
    /// One-shot: bits of the stream.
    var bits = 0
    /// Streaming: bytes taken from the input.
    var consumed = 0
  }

  /// One call, into room for `capacity` bytes.
  static func decode(
    _ stream: [UInt8], limit: DistanceLimit = .rfc1951, capacity: Int
  ) -> Outcome {
    let (result, bytes) = collectingOutputAlways(capacity: capacity) {
      (output: inout OutputRawSpan) throws(DeflateError) in
      var decoder = Decoder(limit: limit)
      return try withRawSpan(stream) { (input: RawSpan) throws(DeflateError) in
        try decoder.decompress(input, into: &output).bits
      }
    }
    switch result {
    case .success(let bits): return Outcome(bytes: bytes, bits: bits)
    case .failure(let error): return Outcome(bytes: bytes, error: error)
    }
  }

  /// One call for one gzip member.
  static func decodeMember(_ stream: [UInt8], capacity: Int) -> Outcome {
    let (result, bytes) = collectingOutputAlways(capacity: capacity) {
      (output: inout OutputRawSpan) throws(DeflateError) in
      var decoder = Decoder(limit: .rfc1951)
      return try withRawSpan(stream) { (input: RawSpan) throws(DeflateError) in
        try decoder.decompressGzipMember(input, into: &output).byteCount
      }
    }
    switch result {
    case .success(let count): return Outcome(bytes: bytes, consumed: count)
    case .failure(let error): return Outcome(bytes: bytes, error: error)
    }
  }

  /// One call, growing; on an error there are no bytes.
  static func decodeGrowing(
    _ stream: [UInt8], limit: DistanceLimit = .rfc1951, maximumCount: Int
  ) -> Outcome {
    var decoder = Decoder(limit: limit)
    do throws(DeflateError) {
      let (bytes, consumed) = try withRawSpan(stream) { (input: RawSpan) throws(DeflateError) in
        try decoder.decompress(input, maximumCount: maximumCount)
      }
      return Outcome(bytes: bytes, bits: consumed.bits)
    } catch {
      return Outcome(error: error)
    }
  }
}
