// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Dynamic blocks: the published streams of devices that make them, and all containers with zlib as the judge.

import FixedDeflate
import TestSupport
import Testing

@Suite("Dynamic blocks") struct DynamicTests {
  /// What the driver's patches print for T1 and T2 [DYN].
  static let t1 = [UInt8](
    hex: """
      85cac109002008 05d055fe3c6e2164d845210dd7b726e8f8e0912fc3099817d80642790b5205e133eb813ee5a201
      """)
  static let t2 = [UInt8](
    hex: """
      5d8dc10dc23010045bd90ad203822021f1f0230d5cec0bb664fb2cdff1a07b123e5879ae766776894911c4bf0b57
      4360f53dadac207829adb36a928ac216256025e5803d5b64dce6fbf3b2cce38cf24b7ab25826e02cde52ddb50748
      ade5e4c90e42b6d1f517c0e4573c1c1c7db250c07538725d4cbce4e90b
      """)

  @Test("T2 is the published stream bit for bit, T1 in size: exact 1 of 2 and 2 of 2")
  func vectors() throws {
    var encoder = Encoder(mode: .dynamic)
    #expect(encoder.compress(Vector.t2.input).hex == Self.t2.hex)
    #expect(encoder.compress(Vector.t1.input).count == Self.t1.count)
    #expect(Self.t1.count == 46 && Self.t2.count == 121)
    for (stream, input) in [(Self.t1, Vector.t1.input), (Self.t2, Vector.t2.input)] {
      #expect(Zlib.inflate(stream, maximumCount: 200).bytes == input)
    }
  }

  @Test(
    "zlib and ours read the streams of all builds, which are the same",
    arguments: Inputs.Family.allCases)
  func families(_ family: Inputs.Family) throws {
    var generator = SeededGenerator(test: "dynamic \(family)")
    var encoder = Encoder(mode: .dynamic)
    var decoder = Decoder(limit: .iaa)
    for count in [0, 1, 2, 3, 4, 63, 64, 65, 2047, 2048, 2049, 4095, 4096, 4097, 8193, 70_000] {
      let input = Inputs.make(family, count: count, using: &generator)
      for position in BlockPosition.allCases {
        let stream = withRawSpan(input) { encoder.compress($0, position: position) }
        #expect(
          stream.count <= Encoder.bound(count, position: position, mode: .dynamic), "\(count)")
        guard position == .last else { continue }
        #expect(stream[0] & 7 == 0b101, "a final dynamic block")
        let inflated = Zlib.inflate(stream, maximumCount: count + 1)
        #expect(inflated.verdict == .accepted && inflated.bytes == input, "\(count)")
        #expect(try decoder.decompress(stream, maximumCount: count).bytes == input)
      }
    }
  }

  @Test("room for the stream and no more is enough, a byte less is none")
  func exactRoom() throws {
    var generator = SeededGenerator(test: "dynamic room")
    var encoder = Encoder(mode: .dynamic)
    for family in Inputs.Family.allCases {
      let input = Inputs.make(family, count: 5000, using: &generator)
      let stream = encoder.compress(input)
      for (room, fits) in [(0, true), (3, true), (-1, false)] {
        let (outcome, bytes) = collectingOutputAlways(capacity: stream.count + room) {
          (output: inout OutputRawSpan) throws(DeflateError) in
          try withRawSpan(input) { (input: RawSpan) throws(DeflateError) in
            try encoder.compress(input, into: &output)
          }
        }
        #expect(bytes == (fits ? stream : []))
        if case .failure(let error) = outcome {
          #expect(!fits && error.kind == .outputFull)
        } else {
          #expect(fits)
        }
      }
    }
  }

  @Test("a profile without a fast path has dynamic blocks, too")
  func otherProfiles() throws {
    var profile = MatchProfile()
    profile.lanes = .longest
    var encoder = Encoder(mode: .dynamic, profile: profile)
    var generator = SeededGenerator(test: "dynamic profile")
    let input = Inputs.make(.text, count: 10_000, using: &generator)
    #expect(Zlib.inflate(encoder.compress(input), maximumCount: 10_000).bytes == input)
  }

  @Test(
    "containers of every mode are read, and no larger than stored",
    arguments: ContainerFormat.allCases)
  func containers(_ format: ContainerFormat) throws {
    var generator = SeededGenerator(test: "dynamic containers")
    for family in [Inputs.Family.text, .random, .zeros, .mixture] {
      for count in [0, 10, 5000, 200_000] {
        let input = Inputs.make(family, count: count, using: &generator)
        for mode in [CompressionMode.fixed, .dynamic, .dynamic.longMatches, .dynamic.best] {
          if count > 100_000 && mode == .dynamic.best { continue }
          var encoder = StreamEncoder(format: format, mode: mode)
          var stream: [UInt8] = []
          withRawSpan(input) { encoder.write($0) { stream.append(span: $0) } }
          encoder.finish { stream.append(span: $0) }
          var decoder = StreamDecoder(format: format)
          let (bytes, progress) = try collectingOutput(capacity: count + 1) {
            (output: inout OutputRawSpan) throws(DeflateError) in
            try withRawSpan(stream) { (input: RawSpan) throws(DeflateError) in
              try decoder.decompress(input, endOfInput: true, into: &output)
            }
          }
          #expect(bytes == input && progress.state == .finished, "\(family) \(count) \(mode)")
          if format != .raw { #expect(stream.count <= count + count / 60 + 100) }
        }
      }
    }
  }

  @Test("canned streams of several chunks follow each other, and are read with their tables alone")
  func cannedStreams() throws {
    var generator = SeededGenerator(test: "canned streams")
    for count in [0, 100, 65_280, 200_000] {
      let input = Inputs.make(.text, count: count, using: &generator)
      for edition in CompressionTable.CannedEdition.allCases {
        var encoder = StreamEncoder(format: .raw, mode: .canned(edition))
        var stream: [UInt8] = []
        withRawSpan(input) { encoder.write($0) { stream.append(span: $0) } }
        encoder.finish { stream.append(span: $0) }
        for pieceSize in [1, 7, 100_000] {
          if pieceSize == 1 && count > 70_000 { continue }
          var decoder = StreamDecoder(canned: edition)
          var (bytes, start) = ([UInt8](), 0)
          repeat {
            let end = min(start + pieceSize, stream.count)
            let (piece, progress) = try collectingOutput(capacity: 1 << 20) {
              (output: inout OutputRawSpan) throws(DeflateError) in
              try withRawSpan(Array(stream[start..<end])) {
                (input: RawSpan) throws(DeflateError) in
                try decoder.decompress(input, endOfInput: end == stream.count, into: &output)
              }
            }
            bytes += piece
            start += progress.consumed
          } while start < stream.count
          #expect(bytes == input, "\(count) bytes by \(pieceSize)")
        }
      }
    }
  }
}
