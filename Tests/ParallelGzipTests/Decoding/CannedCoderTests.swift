// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Streams in canned tables by another coder, as devices get them: one at a time, from where they lie.

import FixedDeflate
import Foundation
import TestSupport
import Testing
import Threading

@testable import ParallelGzip

/// Decodes streams in canned tables and notes what it was lent for each.
private final class NotingCoders: Coders {
  let lent = Monitor([Int]())
  /// Whether they say of each stream that it took no bytes.
  let takeNothing: Bool

  init(takeNothing: Bool = false) { self.takeNothing = takeNothing }

  var takesWholeBodies: Bool { true }
  var isStrict: Bool { false }
  func noteSerialWork() {}
  func makeChunkCoder(_ layout: ChunkLayout) -> any ChunkCoder { CodecChunks(layout) }
  func makeMemberCoder() -> any MemberCoder { CodecMembers() }
  func makePieceCoder(outputLimit: Int) -> any PieceCoder { CodecPieces(outputLimit: outputLimit) }
  func makeCannedCoder() -> (any CannedCoder)? { NotingCoder(lent, takesNothing: takeNothing) }
}

private final class NotingCoder: CannedCoder {
  private let lent: Monitor<[Int]>
  private let takesNothing: Bool
  private var decoder = TableDecoder(table: .canned())

  init(_ lent: Monitor<[Int]>, takesNothing: Bool) {
    self.lent = lent
    self.takesNothing = takesNothing
  }

  var refusal: String? { nil }
  func takeNote() -> (any WorkNote)? { nil }

  func decode(_ input: RawSpan, into output: inout OwnedBytes, maximumCount: Int) -> Int? {
    lent.update { $0.append(input.byteCount) }
    if takesNothing { return 0 }
    while true {
      do throws(DeflateError) {
        return try output.withOutput { (output: inout OutputRawSpan) throws(DeflateError) in
          do throws(DeflateError) {
            return try decoder.decompress(input, into: &output).bytes
          } catch {
            output.removeAll()
            throw error
          }
        }
      } catch {
        guard error.kind == .outputFull, output.grow(to: maximumCount) else { return nil }
      }
    }
  }
}

@Suite("Canned streams by another coder")
struct CannedCoderTests {
  /// Chunks of these sizes as streams, and their data.
  private static func streams(_ sizes: [Int]) throws -> (streams: [[UInt8]], data: [UInt8]) {
    var random = SeededGenerator(seed: 13)
    let data = Inputs.make(.mixture, count: sizes.reduce(0, +), using: &random)
    var (streams, start) = ([[UInt8]](), 0)
    for size in sizes {
      let chunk = Array(data[start..<start + size])
      streams.append(try Deflate.compress(chunk, mode: .canned(), chunkSize: size))
      start += size
    }
    return (streams, data)
  }

  /// More streams than are decoded without other threads: the first mebibyte.
  private static let count = 24
  private static let many = Result { try streams(Array(repeating: 65536, count: count)) }

  private static func decoding(
    _ input: GzipInput, _ coders: NotingCoders, workers: Int
  ) -> StreamDecoding {
    StreamDecoding(
      ByteSource(input), format: .raw, processors: Processors(count: workers), coders: coders,
      computesChecksum: true, canned: .newest)
  }

  @Test(
    "a stream is asked for once, with as much lent as the largest before it needed",
    arguments: [1, 3])
  func asksOnce(workers: Int) throws {
    let sizes = [5000, 700_000, 4096, 700_000] + Array(repeating: 4096, count: 12)
    let (streams, data) = try Self.streams(sizes)
    let (coders, collected) = (NotingCoders(), Collected())
    let decoding = Self.decoding(
      Given(streams.flatMap { $0 }).input, coders, workers: workers)
    try decoding.run(to: Sink(collected.output))
    #expect(collected.bytes == data)
    var crc = CRC32()
    withRawSpan(data) { crc.update($0) }
    #expect(decoding.checksum == crc && decoding.outputCount == UInt64(data.count))
    var expected: [Int] = []
    var (wanted, left) = (96 << 10, streams.reduce(0) { $0 + $1.count })
    for stream in streams {
      while stream.count > wanted {
        expected.append(wanted)
        wanted *= 2
      }
      expected.append(min(wanted, left))
      left -= stream.count
    }
    #expect(coders.lent.update { $0 } == expected && expected.count > sizes.count)
  }

  @Test("who says that a stream took no bytes is not asked again, and software goes on")
  func takesNothing() throws {
    let (streams, data) = try Self.streams([5000, 70_000])
    let collected = Collected()
    let decoding = Self.decoding(
      Given(streams.flatMap { $0 }).input, NotingCoders(takeNothing: true), workers: 1)
    try decoding.run(to: Sink(collected.output))
    #expect(collected.bytes == data)
  }

  @Test("a stream is decoded while the one before it is being written")
  func writesBehind() throws {
    let (count, (streams, data)) = (Self.count, try Self.many.get())
    let coders = NotingCoders()
    let (late, written) = (Monitor(0), Monitor(0))
    let collected = Collected { bytes in
      let written = written.update {
        $0 += 1
        return $0
      }
      guard (18..<count).contains(written) else { return }
      for _ in 0..<10_000 where coders.lent.update({ $0.count }) <= written { usleep(1000) }
      if coders.lent.update({ $0.count }) <= written { late.update { $0 += 1 } }
    }
    let input = Given(streams.flatMap { $0 }).input
    try Self.decoding(input, coders, workers: 2).run(to: Sink(collected.output))
    #expect(collected.bytes == data && late.update { $0 } == 0)
  }

  @Test("where writing fails, nothing behind that is written", arguments: [1, 2], [2, 20])
  func failure(workers: Int, call: Int) throws {
    let (streams, data) = try Self.many.get()
    let collected = Collected(failingAt: call)
    #expect(throws: GzipError.self) {
      try Self.decoding(
        Given(streams.flatMap { $0 }).input, NotingCoders(), workers: workers
      ).run(to: Sink(collected.output))
    }
    #expect(collected.bytes == Array(data[..<((call - 1) * 65536)]))
  }

  @Test("as many bytes wait as are wanted, in order, up to the end or a failure to read")
  func waiting() throws {
    var random = SeededGenerator(test: "waiting")
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    for failing in [nil, 4] {
      let source = ByteSource(Given(bytes, failingAt: failing).input)
      var place = 0
      while true {
        let wanted = random.number(0...3) == 0 ? random.number(0...400_000) : random.number(0...500)
        source.wait(for: wanted)
        let waiting = source.withBytes { $0.copied }
        try #require(waiting == Array(bytes[place..<place + waiting.count]))
        if waiting.count < wanted, failing != nil || source.isAtEnd { break }
        let taken = random.number(0...waiting.count)
        source.consume(taken)
        place += taken
      }
      #expect(source.isAtEnd == (failing == nil))
      if failing == nil {
        #expect(source.totalCount == UInt64(bytes.count))
      } else {
        source.consume(source.count)
        #expect(throws: GzipError.self) { try source.fill() }
      }
    }
  }
}
