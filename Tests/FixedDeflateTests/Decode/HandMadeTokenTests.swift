// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Fixed blocks of tokens that no encoder of ours would write, on every build of the decoder: the data is
// known from a replay byte by byte, and errors and positions are the plain build's.

import TestSupport
import Testing

@testable import FixedDeflate

@Suite struct HandMadeTokenTests {
  static let builds = CPUKind.allCases.filter { $0 <= .current }

  /// A final fixed block and what it stands for.
  private struct Block {
    private(set) var bits = PlainBits()
    private(set) var data: [UInt8] = []

    init() { bits.number(3, width: 3) }

    mutating func literal(_ byte: UInt8) {
      bits.literalOrLength(Int(byte))
      data.append(byte)
    }

    mutating func match(length: Int, distance: Int) {
      bits.match(length: length, distance: distance)
      for _ in 0..<length { data.append(data[data.count - distance]) }
    }

    func ended() -> [UInt8] {
      var whole = bits
      whole.literalOrLength(256)
      return whole.bytes
    }
  }

  private func decode(
    _ stream: [UInt8], room: Int, _ build: CPUKind, _ limit: DistanceLimit = .iaa
  ) -> (bytes: [UInt8], error: DeflateError?) {
    var decoder = Decoder(limit: limit, cpu: build)
    var thrown: DeflateError?
    let bytes = makeBytes(capacity: room) { (output: inout OutputRawSpan) in
      do throws(DeflateError) {
        // SAFETY: bytes have no padding.
        _ = try unsafe decoder.decompress(stream.span.bytes, into: &output)
      } catch {
        thrown = error
      }
    }
    return (bytes, thrown)
  }

  @Test(arguments: builds)
  func everyLengthAtEveryShortDistanceRepeatsTheRightBytes(build: CPUKind) {
    for distance in Array(1...40) + [63, 64, 65] {
      for length in 3...34 {
        var block = Block()
        for index in 0..<distance { block.literal(UInt8(truncatingIfNeeded: index * 7 + 1)) }
        // At the output's very start, and again where more than a vector is there already.
        block.match(length: length, distance: distance)
        block.literal(255)
        for index in 0..<40 { block.literal(UInt8(200 + index)) }
        block.match(length: length, distance: distance)
        block.match(length: length, distance: distance)
        let result = decode(block.ended(), room: block.data.count, build)
        #expect(result.bytes == block.data && result.error == nil, "(\(length), \(distance))")
      }
    }
  }

  /// The vector loop takes tokens by sixteen and stops at a match longer than 32.
  @Test(arguments: builds)
  func aLongMatchMayStandAtAnyPlaceAmongTheTokens(build: CPUKind) {
    for place in 1...70 {
      for length in [31, 32, 33, 34, 35, 66, 257, 258] {
        var block = Block()
        for index in 0..<place { block.literal(UInt8(index)) }
        block.match(length: length, distance: place)
        for index in 0..<50 { block.literal(UInt8(150 + index)) }
        block.match(length: 10, distance: 12)
        let result = decode(block.ended(), room: block.data.count, build)
        #expect(result.bytes == block.data && result.error == nil, "\(length) at \(place)")
      }
    }
  }

  @Test(arguments: builds)
  func literalRunsOfAnyLengthAndWidth(build: CPUKind) {
    for first in [UInt8(0), 100, 143, 144, 255] {
      for count in Array(0...70) + [255, 511, 512, 513, 514, 700, 1030] {
        var block = Block()
        block.literal(first)
        for index in 0..<count { block.literal(first &+ UInt8(index & 31)) }
        block.match(length: 3, distance: 1)
        block.match(length: 32, distance: 1)
        block.match(length: 32, distance: 1)
        block.literal(first)
        let result = decode(block.ended(), room: block.data.count, build)
        #expect(result.bytes == block.data && result.error == nil, "\(count) of \(first)")
      }
    }
  }

  /// As many tokens as fit a segment of the vector loop, from each bit of a byte on.
  @Test(arguments: builds)
  func theShortestTokensAloneFillSegments(build: CPUKind) {
    for shift in 0..<8 {
      for isMatch in [false, true] {
        var block = Block()
        for _ in 0..<shift { block.literal(200) }
        for index in 0..<4 { block.literal(UInt8(index)) }
        for index in 0..<1200 {
          if isMatch {
            block.match(length: 3 + index % 8, distance: 1 + index / 8 % 4)
          } else {
            block.literal(UInt8(index % 144))
          }
        }
        let result = decode(block.ended(), room: block.data.count, build)
        #expect(result.bytes == block.data && result.error == nil, "\(shift) \(isMatch)")
      }
    }
  }

  /// The vector loop expects a block to be about as long as the one before.
  @Test(arguments: builds)
  func tinyAndLongBlocksFollowOneAnother(build: CPUKind) {
    var generator = SeededGenerator(test: "blocks \(build)")
    for _ in 0..<40 {
      var bits = PlainBits()
      var data: [UInt8] = []
      for index in 0..<30 {
        bits.number(index < 29 ? 2 : 3, width: 3)
        for _ in 0..<generator.number(0...(generator.number(0...3) == 0 ? 900 : 9)) {
          if data.isEmpty || generator.number(0...1) == 0 {
            data.append(generator.byte())
            bits.literalOrLength(Int(data[data.count - 1]))
          } else {
            let distance = generator.number(1...min(data.count, 4096))
            let length = generator.number(3...32)
            bits.match(length: length, distance: distance)
            for _ in 0..<length { data.append(data[data.count - distance]) }
          }
        }
        bits.literalOrLength(256)
      }
      let result = decode(bits.bytes, room: data.count, build)
      #expect(result.bytes == data && result.error == nil)
    }
  }

  /// Tokens at random, far and long ones among them where the limit allows.
  private func block(
    tokens: Int, farthest: Int, longest: Int, _ generator: inout SeededGenerator
  ) -> Block {
    var block = Block()
    for _ in 0..<tokens {
      let history = min(block.data.count, farthest)
      guard history > 0, generator.number(0...2) > 0 else {
        for _ in 0..<(generator.number(0...9) == 0 ? generator.number(0...90) : 1) {
          block.literal(generator.byte())
        }
        continue
      }
      let near = min(history, generator.number(0...1) == 0 ? 40 : farthest)
      let distance = generator.number(0...7) == 0 ? 1 : generator.number(1...near)
      let length = generator.number(0...3) == 0 ? min(32, longest) : generator.number(3...longest)
      for _ in 0..<(generator.number(0...5) == 0 ? generator.number(1...9) : 1) {
        block.match(length: length, distance: distance)
      }
    }
    return block
  }

  @Test(arguments: builds, [(4096, 32), (4096, 258), (32768, 40), (32768, 258)])
  func randomTokensAreReplayedAsByteByByte(build: CPUKind, bounds: (farthest: Int, longest: Int)) {
    var generator = SeededGenerator(test: "tokens \(build) \(bounds)")
    for round in 0..<60 {
      let block = block(
        tokens: round < 50 ? generator.number(1...900) : 9000, farthest: bounds.farthest,
        longest: bounds.longest, &generator)
      let slack = generator.number(0...1) * generator.number(0...100)
      let result = decode(block.ended(), room: block.data.count + slack, build, .rfc1951)
      #expect(result.bytes == block.data && result.error == nil)
    }
  }

  /// The loops may stop early but never say otherwise than the plain build does: of a room too small by any
  /// number of bytes, of an input that ends anywhere, of a distance that is one too far.
  @Test(arguments: builds.dropFirst())
  func everyBuildStopsWhereThePlainOneDoes(build: CPUKind) {
    var generator = SeededGenerator(test: "stops \(build)")
    for _ in 0..<6 {
      let block = block(tokens: 160, farthest: 4096, longest: 32, &generator)
      let stream = block.ended()
      for room in 0...min(block.data.count, 700) {
        let room = block.data.count - room
        #expect(
          decode(stream, room: room, build) == decode(stream, room: room, .plain),
          "\(room) of \(block.data.count) bytes: \(stream)")
      }
      for count in 0..<stream.count {
        let part = Array(stream[..<count])
        #expect(
          decode(part, room: 4096, build) == decode(part, room: 4096, .plain),
          "\(count) bytes of \(stream)")
      }
    }
    for known in Array(1...70) + [600, 4000] {
      for beyond in [1, 2, 40, 4096 - known] where known + beyond <= 4096 {
        var block = Block()
        for index in 0..<known { block.literal(UInt8(index & 127)) }
        var bits = block.bits
        bits.match(length: 5, distance: known + beyond)
        for _ in 0..<100 { bits.literalOrLength(65) }
        bits.literalOrLength(256)
        let result = decode(bits.bytes, room: 8192, build)
        #expect(result == decode(bits.bytes, room: 8192, .plain))
        #expect(result.bytes == block.data && result.error?.kind == .distanceTooFar)
      }
    }
  }
}
