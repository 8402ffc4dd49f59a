// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The worst case is promised to be reached and never passed, and too little room to do no harm.

import FixedDeflate
import TestSupport
import Testing

@Suite("Bounds and full outputs") struct EncoderBoundTests {
  /// Bytes of nine-bit literals in which no three repeat: nothing but literals, all long.
  private func incompressible(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
    var seen = Set<[UInt8]>()
    var bytes: [UInt8] = []
    while bytes.count < count {
      let byte = UInt8(generator.number(144...255))
      let triple = Array(bytes.suffix(2)) + [byte]
      if triple.count == 3, !seen.insert(triple).inserted { continue }
      bytes.append(byte)
    }
    return bytes
  }

  @Test(
    "some input of every size takes exactly the bound", arguments: [BlockPosition.last, .notLast])
  func tight(_ position: BlockPosition) {
    var generator = SeededGenerator(test: "tight \(position)")
    var encoder = Encoder()
    for size in Array(0...40) + [4095, 4096, 4097, 12_000] {
      let input = incompressible(size, using: &generator)
      #expect(
        Engine.encode(input, with: &encoder, position: position).count
          == Encoder.bound(size, position: position), "\(size) bytes")
    }
  }

  @Test("no input passes the bound", arguments: [BlockPosition.last, .notLast])
  func neverExceeded(_ position: BlockPosition) {
    var generator = SeededGenerator(test: "bound \(position)")
    var encoder = Encoder()
    for family in Inputs.Family.allCases {
      for _ in 0..<40 * SeededGenerator.scale {
        let size = generator.number(0...600)
        // Bytes above 143 have the long literals.
        let input = Inputs.make(family, count: size, using: &generator).map { $0 | 0x90 }
        let count = Engine.encode(input, with: &encoder, position: position).count
        #expect(count <= Encoder.bound(size, position: position), "\(family) of \(size)")
      }
    }
  }

  @Test(
    "too little room throws, appends nothing and leaves the encoder as it was",
    arguments: [Inputs.Family.text, .random, .allEqual, .zeros, .binary])
  func everyCapacity(_ family: Inputs.Family) throws {
    var generator = SeededGenerator(test: "capacity \(family)")
    for size in [0, 1, 40, 300] {
      let input = Inputs.make(family, count: size, using: &generator)
      let expected = PlainProfile().stream(input)
      var encoder = Encoder()
      for capacity in 0...(expected.count + 2) {
        let (result, bytes) = collectingOutputAlways(capacity: capacity + 3) {
          (output: inout OutputRawSpan) throws(DeflateError) in
          // What was there before must stay.
          for _ in 0..<3 { output.append(0xEE) }
          try withRawSpan(input) { (span: RawSpan) throws(DeflateError) in
            try encoder.compress(span, into: &output)
          }
        }
        if capacity < expected.count {
          #expect(throws: DeflateError.self) { try result.get() }
          if case .failure(let error) = result { #expect(error.kind == .outputFull) }
          #expect(bytes == [0xEE, 0xEE, 0xEE])
        } else {
          try result.get()
          #expect(bytes == [0xEE, 0xEE, 0xEE] + expected)
        }
      }
      #expect(Engine.encode(input, with: &encoder) == expected)
    }
  }
}
