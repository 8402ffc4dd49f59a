// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Fixed blocks that are nearly all literals, where a loop takes six of them at a time, and what interrupts those. The
// data is known from a replay byte by byte; errors and positions are those of the careful path, which gets so few
// bytes a call that no hot loop runs.

import TestSupport
import Testing

@testable import FixedDeflate

@Suite struct FixedLoopTests {
  static let builds = CPUKind.allCases.filter { $0 <= .current }

  /// The end of a stream: data, and the error or the bits that it took.
  private struct Outcome: Equatable {
    var bytes: [UInt8] = []
    var error: DeflateError?
    var end = 0
  }

  /// Decodes in pieces of `size` bytes; of 7 or fewer, no loop takes anything.
  private func decode(
    _ stream: [UInt8], room: Int, _ limit: DistanceLimit, _ build: CPUKind, pieces size: Int
  ) -> Outcome {
    var inflater = Inflater(limit: limit, cpu: build)
    var outcome = Outcome()
    outcome.bytes = makeBytes(capacity: room) { (output: inout OutputRawSpan) in
      var start = 0
      do throws(DeflateError) {
        while true {
          let end = min(start + size, stream.count)
          // SAFETY: bytes have no padding.
          let piece = unsafe stream.span.bytes.extracting(start..<end)
          inflater.bits.nextByte = 0
          switch try inflater.run(piece, into: &output, origin: 0) {
          case .finished:
            outcome.end = inflater.bits.position
            return
          case .outputFull:
            throw DeflateError(.outputFull, bitPosition: inflater.bits.position)
          case .needsInput where end == stream.count:
            throw DeflateError(.truncatedInput, bitPosition: end * 8)
          case .needsInput: start = end
          }
        }
      } catch {
        outcome.error = error
      }
    }
    return outcome
  }

  /// What may stand among literals.
  enum Interruption: CaseIterable {
    case none, shortMatch, longMatch, farMatch, badLength, badDistance, tooFar, end
  }

  /// Literals, most of them of nine bits so that the literal loop runs, an interruption, and literals again.
  private func block(
    _ interruption: Interruption, after count: Int, _ generator: inout SeededGenerator
  ) -> (stream: [UInt8], data: [UInt8], isWhole: Bool) {
    var bits = PlainBits()
    bits.number(3, width: 3)
    var data: [UInt8] = []
    func append(_ count: Int, _ bits: inout PlainBits) {
      for _ in 0..<count {
        let byte = generator.byte() | (generator.number(0...2) == 0 ? 0x90 : 0)
        bits.literalOrLength(Int(byte))
        data.append(byte)
      }
    }
    func match(_ length: Int, _ distance: Int, _ bits: inout PlainBits) {
      bits.match(length: length, distance: distance)
      for _ in 0..<length { data.append(data[data.count - distance]) }
    }
    append(count, &bits)
    var isWhole = true
    switch interruption {
    case .none: break
    case .shortMatch:
      for _ in 0..<generator.number(1...3) {
        match(generator.number(3...32), generator.number(1...40), &bits)
      }
    case .longMatch: match(generator.number(33...258), generator.number(1...40), &bits)
    case .farMatch: match(generator.number(3...32), count, &bits)
    case .badLength: bits.literalOrLength(generator.number(286...287))
    case .badDistance:
      bits.literalOrLength(257)
      bits.codeword(generator.number(30...31), width: 5)
    case .tooFar: bits.match(length: generator.number(3...32), distance: count + 1)
    case .end: bits.literalOrLength(256)
    }
    if [.badLength, .badDistance, .tooFar, .end].contains(interruption) {
      isWhole = interruption == .end
      for _ in 0..<60 { bits.literalOrLength(200) }
    } else {
      append(generator.number(0...200), &bits)
    }
    bits.literalOrLength(256)
    return (bits.bytes, data, isWhole)
  }

  @Test(
    "What interrupts many literals is decoded and judged as by the careful path, at its own bit",
    arguments: builds, Interruption.allCases)
  func interruptions(build: CPUKind, interruption: Interruption) {
    var generator = SeededGenerator(test: "interruptions \(build) \(interruption)")
    // Six literals a round, so that the interruption stands at each place of one.
    for count in Array(300...312) + [4200] {
      for limit in DistanceLimit.allCases {
        let (stream, data, isWhole) = block(interruption, after: count, &generator)
        let rooms = [data.count + 100, data.count] + (1...60).map { max(0, data.count - $0) }
        for room in rooms {
          let expected = decode(stream, room: room, limit, build, pieces: 7)
          let result = decode(stream, room: room, limit, build, pieces: stream.count)
          #expect(result == expected, "\(count), room \(room): \(stream)")
          #expect(data.starts(with: result.bytes))
          if isWhole, room >= data.count, limit == .rfc1951 {
            #expect(result.bytes == data && result.error == nil, "\(count)")
          }
        }
        for missing in 1...40 {
          let cut = Array(stream.dropLast(missing))
          #expect(
            decode(cut, room: 8192, limit, build, pieces: cut.count)
              == decode(cut, room: 8192, limit, build, pieces: 7),
            "\(count), \(missing) missing: \(stream)")
        }
      }
    }
  }

  @Test(
    "Streams of any share of literals, damaged or not, decode as by the careful path",
    arguments: builds, DistanceLimit.allCases)
  func anyShareOfLiterals(build: CPUKind, limit: DistanceLimit) {
    var generator = SeededGenerator(test: "share of literals \(build) \(limit)")
    for _ in 0..<60 * SeededGenerator.scale {
      var bits = PlainBits()
      bits.number(3, width: 3)
      var count = 0
      let share = generator.number(1...40)
      let least = generator.number(0...1) == 0 ? 0 : 100
      while count < 3000 {
        if count < 300 || generator.number(0...share) > 0 {
          bits.literalOrLength(generator.number(least...255))
          count += 1
        } else {
          let length = generator.number(3...34)
          bits.match(length: length, distance: generator.number(1...min(count, 4200)))
          count += length
        }
      }
      bits.literalOrLength(256)
      var stream = bits.bytes
      for _ in 0..<generator.number(0...2) {
        stream[generator.number(1...stream.count - 1)] ^= 1 << UInt8(generator.number(0...7))
      }
      let room = count + generator.number(-40...40)
      let expected = decode(stream, room: room, limit, build, pieces: 7)
      #expect(
        decode(stream, room: room, limit, build, pieces: stream.count) == expected, "\(stream)")
    }
  }
}
