// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The published outputs of real devices, as Documentation/iaa-fixed-profile.md lists them. The two token
// lists and the first size are evidence; the fixed streams follow from them by RFC 1951.

import FixedDeflate
import TestSupport
import Testing

/// One row of the page's evidence.
struct Vector: Sendable, CustomTestStringConvertible {
  let name: String
  let input: [UInt8]
  let matches: [MatchToken]
  let stream: [UInt8]
  var testDescription: String { name }

  static let star = Vector(
    name: "4096 stars", input: [UInt8](repeating: 0x2A, count: 4096),
    matches: (0..<127).map { MatchToken(2 + 32 * $0, 32, 1) } + [MatchToken(4066, 30, 1)],
    stream: [])

  static let t1 = Vector(
    name: "T1",
    input: Array(
      String(repeating: "Join us now and share the software ", count: 2).utf8),
    matches: [MatchToken(31, 4, 13), MatchToken(36, 31, 35), MatchToken(67, 3, 13)],
    stream: [UInt8](
      hex: "f3cacfcc53282d56c8cb2f5748cc4b5128ce482c4a5528c9485528ce4f2b290771bc0828017200"))

  static let t2 = Vector(
    name: "T2",
    input: Array(
      ("This document describes a compression method based on the DEFLATE"
        + "compression algorithm.  This document defines the application of the DEFLATE "
        + "algorithm to the IP Payload Compression Protocol.").utf8),
    matches: [
      MatchToken(51, 3, 16), MatchToken(65, 12, 39), MatchToken(89, 16, 89),
      MatchToken(108, 3, 87), MatchToken(111, 4, 57), MatchToken(123, 4, 50),
      MatchToken(129, 12, 76), MatchToken(141, 10, 65), MatchToken(154, 5, 25),
      MatchToken(171, 11, 105),
    ],
    stream: [UInt8](
      hex: """
        0bc9c82c5648c94f2ecd4dcd2b5148492d4e2eca4c4a2d56485448cecf2d284a2d2ececccf53c84d2dc9c84f
        51484a2c4e4d5100f24b3252155c5cdd7c1c435c919525e6a4e717659664e4ea2928a01b9c9699073416a431
        b1a020273339b104a4233f0dd92c84010a25f96009cf008580c4ca9cfcc4140567248b028af24bf293f373f4
        00
        """))
}

@Suite("Vectors of the profile's page") struct VectorTests {
  @Test("the engine writes T1 and T2 bit for bit", arguments: [Vector.t1, .t2])
  func streams(_ vector: Vector) {
    #expect(Engine.encode(vector.input).hex == vector.stream.hex)
  }

  @Test("the engine's tokens are the page's", arguments: [Vector.star, .t1, .t2])
  func tokens(_ vector: Vector) throws {
    let contents = try FixedStreamReader.read(Engine.encode(vector.input))
    #expect(contents.matches == vector.matches)
    #expect(contents.bytes == vector.input)
  }

  @Test("the plain implementation's tokens are the page's", arguments: [Vector.star, .t1, .t2])
  func plainTokens(_ vector: Vector) throws {
    #expect(PlainProfile().tokens(vector.input) == vector.matches)
    let stream = PlainProfile().stream(vector.input)
    let contents = try FixedStreamReader.read(stream)
    #expect(contents.matches == vector.matches)
    #expect(contents.bytes == vector.input)
    if !vector.stream.isEmpty { #expect(stream.hex == vector.stream.hex) }
  }

  @Test("a page of stars takes the 228 bytes that device logs show")
  func starSize() {
    #expect(Engine.encode(Vector.star.input).count == 228)
  }

  @Test("T1 and T2 and their streams have the page's sizes")
  func sizes() {
    #expect(Vector.t1.input.count == 70 && Engine.encode(Vector.t1.input).count == 39)
    #expect(Vector.t2.input.count == 191 && Engine.encode(Vector.t2.input).count == 133)
  }

  @Test("empty input is the 10-bit stream 03 00")
  func empty() {
    #expect(Engine.encode([]) == [0x03, 0x00])
    #expect(PlainProfile().stream([]) == [0x03, 0x00])
  }

  @Test("a chunk that is not the last ends with an empty stored block")
  func notLast() {
    let stream = Engine.encode([], position: .notLast)
    // 0b010, seven zero bits, 0b000, three bits of padding, LEN, NLEN.
    #expect(stream == [0x02, 0x00, 0x00, 0x00, 0xFF, 0xFF])
    #expect(PlainProfile().stream([], last: false) == stream)
  }
}
