// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Every path through encoder and decoder that this processor has gives the same bits, errors and
// positions. The general path and the plain build are the measure.

import TestSupport
import Testing

@testable import FixedDeflate

@Suite struct CodePathTests {
  static let builds = CPUKind.allCases.filter { $0 <= .current }

  /// Sizes around what the paths treat specially: the vector, the segment, the block, the page.
  static let sizes =
    Array(0...70) + [
      255, 256, 257, 511, 512, 513, 1024, 2047, 2048, 2049, 2050, 4093, 4094, 4095, 4096, 4097,
    ]
    + [4159, 4160, 4161, 5120, 8191, 8192, 8193, 12_289]

  private func stream(
    _ input: [UInt8], _ encoder: inout Encoder, _ position: BlockPosition = .last
  ) -> [UInt8] {
    // SAFETY: bytes have no padding.
    unsafe encoder.compress(input.span.bytes, position: position)
  }

  @Test(arguments: builds, Inputs.Family.allCases)
  func specialisedEqualsGeneral(build: CPUKind, family: Inputs.Family) {
    var generator = SeededGenerator(test: "specialised \(build) \(family)")
    var general = Encoder(profile: .iaaV1, path: .reference)
    var specialised = Encoder(profile: .iaaV1, path: .fast(build))
    for count in Self.sizes where count < 2000 || generator.number(0...3) == 0 {
      let input = Inputs.make(family, count: count, using: &generator)
      let position: BlockPosition = generator.number(0...1) == 0 ? .last : .notLast
      let expected = stream(input, &general, position)
      #expect(stream(input, &specialised, position) == expected, "\(count) bytes: \(input)")
    }
  }

  @Test(
    "Any number of literals of eight and nine bits between matches is written alike",
    arguments: builds)
  func literalRunsOfAllLengths(build: CPUKind) {
    var generator = SeededGenerator(test: "literal runs \(build)")
    var general = Encoder(profile: .iaaV1, path: .reference)
    var specialised = Encoder(profile: .iaaV1, path: .fast(build))
    // Bytes of eight bits, of nine, and of both.
    for bytes in [0...143, 144...255, 0...255] as [ClosedRange<Int>] {
      for run in 0...40 {
        let phrase = (0..<12).map { _ in UInt8(generator.number(bytes)) }
        var input = phrase
        while input.count < 3000 {
          for _ in 0..<run { input.append(UInt8(generator.number(bytes))) }
          input += phrase.prefix(3 + input.count % 9)
        }
        let expected = stream(input, &general)
        #expect(stream(input, &specialised) == expected, "\(bytes), \(run)")
      }
    }
  }

  @Test(arguments: builds)
  func specialisedWritesNothingWhereTheStreamDoesNotFit(build: CPUKind) throws {
    var generator = SeededGenerator(test: "room \(build)")
    var encoder = Encoder(profile: .iaaV1, path: .fast(build))
    for family in [Inputs.Family.random, .text, .allEqual] {
      let input = Inputs.make(family, count: 1500, using: &generator)
      let expected = stream(input, &encoder)
      for room in Array(0..<16) + [expected.count / 2, expected.count - 1, expected.count] {
        var thrown: DeflateError?
        let written = makeBytes(capacity: room) { (output: inout OutputRawSpan) in
          do throws(DeflateError) {
            // SAFETY: bytes have no padding.
            try unsafe encoder.compress(input.span.bytes, into: &output)
          } catch {
            thrown = error
          }
        }
        if room < expected.count {
          #expect(thrown == DeflateError(.outputFull, bitPosition: room * 8))
          #expect(written.isEmpty)
        } else {
          #expect(thrown == nil && written == expected)
        }
      }
    }
  }

  @Test func theLoopsMemoryStaysWithinTheirCaches() {
    #expect(FastEncoderLayout.size <= 64 << 10)
    // Zen 4 has the smallest of those that run it: 32 KiB.
    #expect(VectorLayout.size <= 32 << 10)
  }

  /// One stream's end on every build: data or error, and the exact bit.
  private func outcome(
    _ stream: [UInt8], room: Int, _ limit: DistanceLimit, _ build: CPUKind
  ) -> (bytes: [UInt8], end: Result<Int, DeflateError>) {
    var decoder = Decoder(limit: limit, cpu: build)
    var end = Result<Int, DeflateError>.success(0)
    let bytes = makeBytes(capacity: room) { (output: inout OutputRawSpan) in
      do throws(DeflateError) {
        // SAFETY: bytes have no padding.
        end = .success(try unsafe decoder.decompress(stream.span.bytes, into: &output).bits)
      } catch {
        end = .failure(error)
      }
    }
    return (bytes, end)
  }

  @Test(arguments: builds.dropFirst(), DistanceLimit.allCases)
  func everyBuildOfTheDecoderAgreesOnGoodAndDamagedStreams(build: CPUKind, limit: DistanceLimit) {
    var generator = SeededGenerator(test: "decoder \(build) \(limit)")
    var encoder = Encoder()
    for _ in 0..<1500 {
      let family = generator.element(Inputs.Family.allCases)
      let input = Inputs.make(family, count: generator.number(0...3000), using: &generator)
      var bytes = stream(input, &encoder)
      for _ in 0..<generator.number(0...2) {
        bytes[generator.number(0...bytes.count - 1)] ^= 1 << UInt8(generator.number(0...7))
      }
      let room = generator.number(0...3) == 0 ? generator.number(0...3000) : 4096
      let expected = outcome(bytes, room: room, limit, .plain)
      let result = outcome(bytes, room: room, limit, build)
      #expect(result == expected, "\(bytes)")
    }
  }

  @Test(
    "Where all codewords have eight bits, walks from other bits meet no token, and every build decodes alike",
    arguments: builds.dropFirst())
  func walksThatNeverMeet(build: CPUKind) {
    var generator = SeededGenerator(test: "eight bits \(build)")
    var encoder = Encoder()
    for count in [200, 256, 1000, 2559, 2560, 2561, 3000, 5200, 9000] {
      // Literals below 144, and a match now and then; every other time damaged.
      let input = (0..<count).map { _ in UInt8(generator.number(0...143)) }
      var bytes = stream(input, &encoder)
      for damaged in [false, true] {
        if damaged {
          bytes[generator.number(0...bytes.count - 1)] ^= 1 << UInt8(generator.number(0...7))
        }
        let result = outcome(bytes, room: 10_000, .iaa, build)
        #expect(result == outcome(bytes, room: 10_000, .iaa, .plain), "\(count)")
        #expect(damaged || result.bytes == input, "\(count)")
      }
    }
  }

  @Test(
    "A chunk of long matches, of literals and of both in turn goes from loop to loop, and every build decodes alike",
    arguments: builds.dropFirst())
  func chunksThatChange(build: CPUKind) {
    var generator = SeededGenerator(test: "changing chunks \(build)")
    var encoder = Encoder()
    for damaged in [false, false, true, true] {
      var input: [UInt8] = []
      for family in [Inputs.Family.text, .allEqual, .random, .allEqual, .text, .random, .text] {
        input += Inputs.make(family, count: generator.number(200...40_000), using: &generator)
      }
      var bytes = stream(input, &encoder)
      if damaged {
        bytes[generator.number(0...bytes.count - 1)] ^= 1 << UInt8(generator.number(0...7))
      }
      let room = damaged ? input.count : input.count + generator.number(0...1) * 5000
      let result = outcome(bytes, room: room, .iaa, build)
      #expect(result == outcome(bytes, room: room, .iaa, .plain))
      #expect(damaged || result.bytes == input)
    }
  }

  @Test(arguments: builds)
  func everyBuildDecodesWhatItsEncoderMakesOfLongChunks(build: CPUKind) throws {
    var generator = SeededGenerator(test: "long \(build)")
    var encoder = Encoder(profile: .iaaV1, path: .fast(build))
    for family in Inputs.Family.allCases {
      let input = Inputs.make(family, count: 70_000, using: &generator)
      let result = outcome(stream(input, &encoder), room: input.count, .iaa, build)
      #expect(result.bytes == input, "\(family)")
      #expect(throws: Never.self) { try result.end.get() }
    }
  }
}
