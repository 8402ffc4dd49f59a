// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Damaged streams: the same verdict as zlib, the same reason, the same bytes before it; and the
// streaming decoder says exactly what the one-shot decoder says, however the pieces fall.

import FixedDeflate
import TestSupport
import Testing

@Suite("Damaged streams get zlib's verdict") struct MutationTests {
  private static let capacity = 1 << 15

  /// Streams to damage: ours, and zlib's of all three block types.
  private func sample(using generator: inout SeededGenerator) -> [UInt8] {
    let family = Inputs.Family.allCases[generator.number(0...(Inputs.Family.allCases.count - 1))]
    let input = Inputs.make(family, count: generator.number(0...300), using: &generator)
    switch generator.number(0...5) {
    case 0: return Engine.encode(input)
    case 1: return Zlib.deflate(input, Zlib.Parameters(level: 0))
    case 2:
      return Zlib.deflate(
        input, Zlib.Parameters(strategy: .fixed, flush: .sync, pieceSize: 100))
    case 3: return Zlib.deflate(input, Zlib.Parameters(strategy: .huffmanOnly))
    case 4: return Zlib.deflate(input, Zlib.Parameters(memoryLevel: 1, flush: .full, pieceSize: 90))
    default: return Zlib.deflate(input, Zlib.Parameters(level: 9))
    }
  }

  /// Compares all decoders on one stream; the verdict's name for the census.
  private func compare(
    _ stream: [UInt8], inPieces: Bool, using generator: inout SeededGenerator
  ) -> String {
    let theirs = Zlib.inflate(stream, maximumCount: Self.capacity)
    let ours = Engine.decode(stream, capacity: Self.capacity)
    let name = "zlib: \(theirs.verdict) at \(theirs.bytes.count), ours: \(ours), \(stream.hex)"
    switch (Zlib.kind(theirs.verdict), ours.error?.kind) {
    case (nil, nil):
      guard theirs.verdict == .accepted else {
        Issue.record("unknown verdict of zlib; \(name)")
        break
      }
      if ours.bytes != theirs.bytes || (ours.bits + 7) / 8 != theirs.consumed {
        Issue.record("accepted differently; \(name)")
      }
    case (let theirKind?, let ourKind?) where theirKind == ourKind:
      if ours.bytes[...] != theirs.bytes.prefix(Self.capacity) {
        Issue.record("different data before the error; \(name)")
      }
    case (let theirKind?, let ourKind?) where Zlib.mayDiffer(theirKind, ourKind): break
    default: Issue.record("different verdicts; \(name)")
    }
    if let error = ours.error, !(0...8 * stream.count).contains(error.bitPosition) {
      Issue.record("a position outside the input; \(name)")
    }
    if inPieces, ours.error?.kind != .outputFull {
      let pieces = StreamOutcome(stream, .raw, maximumCount: Self.capacity) {
        (generator.number(0...9), generator.number(0...100))
      }
      let isEqual =
        pieces.bytes == ours.bytes && pieces.error == ours.error && !pieces.isStuck
        && (ours.error != nil || pieces.consumed == theirs.consumed)
      if !isEqual {
        Issue.record("pieces: \(pieces); \(name)")
      }
    }
    return ours.error.map { "\($0.kind)" } ?? "accepted"
  }

  @Test("on tens of thousands of damaged streams", arguments: 0..<4)
  func damaged(_ part: Int) {
    var generator = SeededGenerator(test: "damaged \(part)")
    let census = census("damaged streams", samples: 300, variants: 20, using: &generator) {
      let stream = sample(using: &$0)
      return (stream, donor: sample(using: &$0))
    }
    // Damage that always or never shows would prove nothing.
    #expect(census["accepted", default: 0] > census.values.reduce(0, +) / 50)
    #expect(census.keys.count >= 10)
  }

  /// Blocks long enough for the loop that makes a table of leading literals.
  @Test("on long dynamic blocks, damaged")
  func damagedLong() {
    var generator = SeededGenerator(test: "damaged long")
    let census = census("damaged long streams", samples: 60, variants: 8, using: &generator) {
      let family = Inputs.Family.allCases[$0.number(0...Inputs.Family.allCases.count - 1)]
      let input = Inputs.make(family, count: $0.number(3000...30_000), using: &$0)
      let parameters =
        $0.number(0...3) == 0
        ? Zlib.Parameters(strategy: .huffmanOnly) : Zlib.Parameters(level: $0.number(1...9))
      let stream = Zlib.deflate(input, parameters)
      return (stream, donor: stream)
    }
    #expect(census.keys.count >= 5)
  }

  /// Compares the verdicts on each sample, damaged in so many ways; how often each was given, printed, too.
  private func census(
    _ name: String, samples: Int, variants: Int, using generator: inout SeededGenerator,
    _ makeSample: (inout SeededGenerator) -> (stream: [UInt8], donor: [UInt8])
  ) -> [String: Int] {
    var census: [String: Int] = [:]
    for _ in 0..<samples * SeededGenerator.scale {
      let (stream, donor) = makeSample(&generator)
      for variant in 0..<variants {
        let damaged = Mutations.damage(stream, donor: donor, using: &generator)
        let verdict = compare(damaged, inPieces: variant % 4 == 0, using: &generator)
        census[verdict, default: 0] += 1
      }
    }
    let count = samples * SeededGenerator.scale * variants
    print("\(name): \(count), \(census.sorted { $0.value > $1.value })")
    return census
  }

  @Test("on bytes drawn at random")
  func random() {
    var generator = SeededGenerator(test: "random bytes")
    for _ in 0..<3000 * SeededGenerator.scale {
      let stream = Inputs.noise(generator.number(0...80), symbols: 256, using: &generator)
      _ = compare(stream, inPieces: true, using: &generator)
    }
  }

  @Test("on every stream of two bytes or fewer")
  func allShort() {
    var generator = SeededGenerator(test: "short")
    _ = compare([], inPieces: true, using: &generator)
    for first in 0...255 {
      _ = compare([UInt8(first)], inPieces: true, using: &generator)
      // All second bytes in long runs, a spread of them otherwise.
      for second in stride(from: first % 8, to: 256, by: SeededGenerator.scale > 1 ? 1 : 8) {
        _ = compare([UInt8(first), UInt8(second)], inPieces: false, using: &generator)
      }
    }
  }

  @Test("on every truncation, which is told as the end of the input")
  func truncated() {
    var generator = SeededGenerator(test: "truncated")
    for _ in 0..<10 {
      let stream = sample(using: &generator)
      for count in 0..<stream.count {
        let cut = Array(stream[..<count])
        _ = compare(cut, inPieces: true, using: &generator)
        #expect(
          Engine.decode(cut, capacity: Self.capacity).error
            == DeflateError(.truncatedInput, bitPosition: 8 * count))
      }
    }
  }

  /// The one-shot call for one member against zlib, which reads no more than one either.
  private func compareFirstMember(_ stream: [UInt8]) {
    let theirs = Zlib.inflate(stream, wrapper: .gzip, maximumCount: Self.capacity)
    let ours = Engine.decodeMember(stream, capacity: Self.capacity)
    let name = "one member, zlib: \(theirs.verdict), ours: \(ours), \(stream.hex)"
    switch (Zlib.kind(theirs.verdict), ours.error?.kind) {
    case (nil, nil):
      #expect(ours.bytes == theirs.bytes && ours.consumed == theirs.consumed, "\(name)")
    case (let theirKind?, let ourKind?):
      #expect(theirKind == ourKind || Zlib.mayDiffer(theirKind, ourKind), "\(name)")
    default: Issue.record("different verdicts; \(name)")
    }
  }

  @Test("containers too", arguments: [ContainerFormat.gzip, .zlib])
  func containers(_ format: ContainerFormat) {
    var generator = SeededGenerator(test: "damaged \(format)")
    var census: [String: Int] = [:]
    var count = 0
    for round in 0..<150 * SeededGenerator.scale {
      let input = Inputs.make(.mixture, count: generator.number(0...200), using: &generator)
      let whole =
        round % 2 == 0
        ? Engine.contain(input, format, header: GzipHeader())
        : Zlib.deflate(input, Zlib.Parameters(wrapper: format == .gzip ? .gzip : .zlib))
      for _ in 0..<20 {
        let stream = Mutations.damage(whole, donor: whole, using: &generator)
        let theirs = Zlib.inflateAllMembers(stream, format, maximumCount: Self.capacity)
        let ours = StreamOutcome(stream, format, maximumCount: Self.capacity) {
          (generator.number(1...50), generator.number(1...300))
        }
        count += 1
        census[ours.error.map { "\($0.kind)" } ?? "accepted", default: 0] += 1
        let name = "zlib: \(theirs.verdict), ours: \(ours), \(stream.hex)"
        #expect(!ours.isStuck, "\(name)")
        switch (Zlib.kind(theirs.verdict), ours.error?.kind) {
        case (nil, nil): #expect(ours.bytes == theirs.bytes, "\(name)")
        case (.outputFull, _): break
        case (let theirKind?, let ourKind?):
          #expect(theirKind == ourKind || Zlib.mayDiffer(theirKind, ourKind), "\(name)")
        default: Issue.record("different verdicts; \(name)")
        }
        if format == .gzip { compareFirstMember(stream) }
      }
    }
    print("damaged \(format): \(count), \(census.sorted { $0.value > $1.value })")
    #expect(census.keys.count >= 6)
  }
}
