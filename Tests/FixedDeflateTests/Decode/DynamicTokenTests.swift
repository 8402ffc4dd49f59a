// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Dynamic blocks with codes of every length, long enough for the loop that makes a table of leading
// literals. The data is known from a replay byte by byte; errors and their positions are those of the careful
// path, which gets so few bytes a call that no hot loop runs.

import TestSupport
import Testing

@testable import FixedDeflate

/// A final dynamic block and what it stands for.
private struct DynamicBlock {
  private(set) var bits = PlainBits()
  private(set) var data: [UInt8] = []
  private let literalLengths: [Int: (value: Int, width: Int)]
  private let distances: [Int: (value: Int, width: Int)]
  /// The literals that have a codeword.
  let literals: [UInt8]

  /// A complete code of 55 symbols, among them pairs that fit one index and codewords of 15 bits, dealt out
  /// at random; so for the distances.
  init(using generator: inout SeededGenerator) {
    literals = (0..<25).map { UInt8($0 * 10 + 1) }
    let symbols = literals.map(Int.init) + Array(256...285)
    let widths =
      [Int](repeating: 5, count: 8) + [Int](repeating: 7, count: 32) + Array(2...15) + [15]
    let lengths = Self.deal(widths, to: symbols, using: &generator)
    let distanceLengths = Self.deal(
      [Int](repeating: 5, count: 16) + Array(2...14) + [14], to: Array(0..<30), using: &generator)
    literalLengths = Self.codewords(lengths)
    distances = Self.codewords(distanceLengths)
    bits.dynamicHeader(literals: lengths, distances: distanceLengths)
  }

  private static func deal(
    _ widths: [Int], to symbols: [Int], using generator: inout SeededGenerator
  ) -> [Int: Int] {
    var widths = widths
    for index in widths.indices { widths.swapAt(index, generator.number(index...widths.count - 1)) }
    return Dictionary(uniqueKeysWithValues: zip(symbols, widths))
  }

  /// RFC 1951 §3.2.2: codewords count up, by length and then by symbol.
  private static func codewords(_ lengths: [Int: Int]) -> [Int: (value: Int, width: Int)] {
    var words: [Int: (value: Int, width: Int)] = [:]
    var (next, width) = (0, 0)
    for (symbol, length) in lengths.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
      next <<= length - width
      width = length
      words[symbol] = (next, width)
      next += 1
    }
    return words
  }

  private mutating func codeword(_ word: (value: Int, width: Int)?) {
    guard let word else { preconditionFailure("no codeword") }
    bits.codeword(word.value, width: word.width)
  }

  mutating func literal(_ byte: UInt8) {
    codeword(literalLengths[Int(byte)])
    data.append(byte)
  }

  /// The tokens alone: the distance may be too far.
  mutating func matchBits(length: Int, distance: Int) {
    let symbol = LengthAlphabet.symbol(forLength: length)
    codeword(literalLengths[symbol.symbol])
    bits.number(symbol.extraValue, width: symbol.extraBits)
    let far = DistanceAlphabet.symbol(forDistance: distance)
    codeword(distances[far.symbol])
    bits.number(far.extraValue, width: far.extraBits)
  }

  mutating func match(length: Int, distance: Int) {
    matchBits(length: length, distance: distance)
    for _ in 0..<length { data.append(data[data.count - distance]) }
  }

  /// So many bytes, in so few bits, that what follows is the step loop's; else a byte, and the table loop's.
  mutating func begin(bySteps: Bool = true) {
    literal(literals[0])
    while bySteps, data.count < LoopSelection.firstDynamicInterval + 1000 {
      match(length: 258, distance: 1)
    }
  }

  mutating func append(tokens: Int, using generator: inout SeededGenerator) {
    for _ in 0..<tokens {
      if generator.number(0...1) == 0 {
        literal(generator.element(literals))
        continue
      }
      let length =
        switch generator.number(0...7) {
        case 0: generator.number(3...258)
        case 1: generator.number(30...35)
        case 2: 258
        default: generator.number(3...12)
        }
      let farthest = min(data.count, 1 << generator.number(0...15))
      match(length: length, distance: generator.number(1...farthest))
    }
  }

  mutating func end() { codeword(literalLengths[256]) }
}

@Suite struct DynamicTokenTests {
  static let builds = CPUKind.allCases.filter { $0 <= .current }

  private struct Outcome: Equatable {
    var bytes: [UInt8]
    var error: DeflateError?
    /// Bits of the stream, 0 with an error.
    var end = 0
  }

  private func decode(
    _ stream: [UInt8], room: Int, _ limit: DistanceLimit, _ build: CPUKind
  ) -> Outcome {
    var decoder = Decoder(limit: limit, cpu: build)
    var outcome = Outcome(bytes: [])
    outcome.bytes = makeBytes(capacity: room) { (output: inout OutputRawSpan) in
      do throws(DeflateError) {
        // SAFETY: bytes have no padding.
        outcome.end = try unsafe decoder.decompress(stream.span.bytes, into: &output).bits
      } catch {
        outcome.error = error
      }
    }
    return outcome
  }

  /// By the careful path alone: pieces smaller than any loop's margin.
  private func decodeCarefully(_ stream: [UInt8], room: Int, _ limit: DistanceLimit) -> Outcome {
    var inflater = Inflater(limit: limit)
    var outcome = Outcome(bytes: [])
    outcome.bytes = makeBytes(capacity: room) { (output: inout OutputRawSpan) in
      do throws(DeflateError) {
        var start = 0
        while true {
          let end = min(start + 7, stream.count)
          // SAFETY: bytes have no padding.
          let piece = unsafe stream.span.bytes.extracting(start..<end)
          inflater.bits.nextByte = 0
          let status = try inflater.run(piece, into: &output, origin: 0)
          if case .finished = status {
            outcome.end = inflater.bits.position
            return
          }
          if case .outputFull = status {
            throw DeflateError(.outputFull, bitPosition: inflater.bits.position)
          }
          guard end < stream.count else {
            throw DeflateError(.truncatedInput, bitPosition: stream.count * 8)
          }
          start = end
        }
      } catch {
        outcome.error = error
      }
    }
    return outcome
  }

  @Test(arguments: builds)
  func everyCodeDecodesToItsTokensDataHoweverLittleRoomOrInputIsThere(build: CPUKind) {
    var generator = SeededGenerator(test: "dynamic tokens \(build)")
    for _ in 0..<40 * SeededGenerator.scale {
      var block = DynamicBlock(using: &generator)
      block.begin(bySteps: generator.number(0...1) == 0)
      block.append(tokens: generator.number(0...400), using: &generator)
      block.end()
      let stream = block.bits.bytes
      let whole = decode(stream, room: block.data.count, .rfc1951, build)
      #expect(whole == Outcome(bytes: block.data, end: block.bits.count))
      for missing in [1, 2, 3, generator.number(4...400)] where missing <= block.data.count {
        let room = block.data.count - missing
        let result = decode(stream, room: room, .rfc1951, build)
        #expect(result == decodeCarefully(stream, room: room, .rfc1951), "\(missing) too few")
        #expect(
          result.error?.kind == .outputFull && result.bytes.elementsEqual(block.data[..<room]))
      }
      for missing in [1, 2, generator.number(3...200)] {
        let cut = Array(stream.dropLast(missing))
        let result = decode(cut, room: block.data.count, .rfc1951, build)
        #expect(
          result.error == DeflateError(.truncatedInput, bitPosition: cut.count * 8)
            && block.data.starts(with: result.bytes))
      }
    }
  }

  @Test(arguments: builds, DistanceLimit.allCases)
  func damageIsFoundWhereTheCarefulPathFindsIt(build: CPUKind, limit: DistanceLimit) {
    var generator = SeededGenerator(test: "dynamic damage \(build) \(limit)")
    var kinds: [DeflateError.Kind: Int] = [:]
    for _ in 0..<150 * SeededGenerator.scale {
      var block = DynamicBlock(using: &generator)
      block.begin(bySteps: generator.number(0...1) == 0)
      let intact = block.bits.count / 8
      block.append(tokens: generator.number(1...120), using: &generator)
      block.end()
      var stream = block.bits.bytes
      for _ in 0..<generator.number(1...3) {
        stream[generator.number(intact...stream.count - 1)] ^= 1 << UInt8(generator.number(0...7))
      }
      stream += [UInt8](repeating: 0x5A, count: generator.number(0...40))
      let room = block.data.count + generator.number(0...300)
      let expected = decodeCarefully(stream, room: room, limit)
      #expect(decode(stream, room: room, limit, build) == expected, "\(stream)")
      if let kind = expected.error?.kind { kinds[kind, default: 0] += 1 }
    }
    #expect(kinds[.distanceTooFar, default: 0] > 0 || limit == .rfc1951, "\(kinds)")
    #expect(kinds.count >= 2, "\(kinds)")
  }

  /// Literals before an end, an error or the last byte of room, as few and as many as a step takes.
  @Test(arguments: builds)
  func whatFollowsLiteralsIsJudgedAtItsOwnBit(build: CPUKind) {
    var generator = SeededGenerator(test: "behind literals \(build)")
    for count in 0...6 {
      for turn in 0..<20 {
        var block = DynamicBlock(using: &generator)
        block.begin(bySteps: turn % 2 == 0)
        for _ in 0..<count { block.literal(block.literals[generator.number(0...24)]) }
        let position = block.bits.count
        var broken = block
        let distance = block.data.count + 1
        broken.matchBits(length: generator.number(3...258), distance: distance)
        let afterLength = decodeCarefully(
          broken.bits.bytes + [UInt8](repeating: 0, count: 100), room: distance + 1000, .rfc1951)
        #expect(afterLength.error?.kind == .distanceTooFar && afterLength.bytes == block.data)
        #expect((position..<broken.bits.count).contains(afterLength.error?.bitPosition ?? -1))
        block.end()
        for more in [0, 100] {
          let tail = [UInt8](repeating: 0, count: more)
          for room in [block.data.count, block.data.count + 1000] {
            let good = decode(block.bits.bytes + tail, room: room, .rfc1951, build)
            #expect(good == Outcome(bytes: block.data, end: block.bits.count))
          }
          let bad = decode(broken.bits.bytes + tail, room: distance + 1000, .rfc1951, build)
          #expect(bad == afterLength)
        }
      }
    }
  }

  @Test(arguments: builds)
  func everyShortDistanceRepeatsTheRightBytesAtEveryLength(build: CPUKind) {
    var generator = SeededGenerator(test: "dynamic repeats \(build)")
    for distance in Array(1...40) + [63, 64, 65] {
      for bySteps in [true, false] {
        var block = DynamicBlock(using: &generator)
        block.begin(bySteps: bySteps)
        for length in Array(3...70) + [256, 257, 258] {
          for index in 0..<distance { block.literal(block.literals[(index * 7 + length) % 25]) }
          for _ in 0..<generator.number(1...3) { block.match(length: length, distance: distance) }
        }
        block.end()
        let result = decode(block.bits.bytes, room: block.data.count, .rfc1951, build)
        #expect(result == Outcome(bytes: block.data, end: block.bits.count), "\(distance)")
      }
    }
  }

  /// Pieces of literals and of matches in one block are different loops'.
  @Test(arguments: builds)
  func loopsTakeTurnsWithinABlock(build: CPUKind) {
    var generator = SeededGenerator(test: "turns \(build)")
    for strategy in [Zlib.Strategy.standard, .huffmanOnly] {
      var data: [UInt8] = []
      for _ in 0..<6 {
        data += Inputs.noise(generator.number(10_000...40_000), symbols: 200, using: &generator)
        data += Inputs.make(.text, count: generator.number(10_000...60_000), using: &generator)
      }
      // The most tokens a block can have in zlib.
      let stream = Zlib.deflate(data, Zlib.Parameters(strategy: strategy, memoryLevel: 9))
      let result = decode(stream, room: data.count, .rfc1951, build)
      #expect(result.bytes == data && result.error == nil)
    }
  }
}
