// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Who waits for whom, and how much is held meanwhile.

import AsyncGzip
import FixedDeflate
import Synchronization
import TestSupport
import Testing

@Suite struct FlowTests {
  private let chunkSize = ChunkLayout.chunkSizes.lowerBound

  private func noise(_ count: Int, _ name: String = #function) -> [UInt8] {
    var generator = SeededGenerator(test: name)
    return Inputs.make(.random, count: count, using: &generator)
  }

  @Test("A producer is asked for no more than the pieces taken need")
  func aSlowConsumerHoldsTheProducerBack() async throws {
    let source = CountingSource((0..<100).map { _ in noise(chunkSize) })
    var pieces = source.compressed(as: .gzip, chunkSize: chunkSize).makeAsyncIterator()
    #expect(source.asked.load(ordering: .relaxed) == 0, "nothing is read before it is asked for")
    for taken in 1...50 {
      #expect(try await pieces.next() != nil)
      // A chunk is known not to be the last once the next element is there.
      #expect(source.asked.load(ordering: .relaxed) == taken + 1)
    }
  }

  @Test("Data of an element is handed over before the next is asked for, piece by piece")
  func decompressingHoldsTheProducerBack() async throws {
    let data = [UInt8](repeating: 0, count: 5_000_000)
    let file = container(.gzip, data)
    let half = file.count / 2
    let source = CountingSource([[UInt8](file[..<half]), [UInt8](file[half...])])
    var pieces = source.decompressed(from: .gzip, pieceSize: 1000).makeAsyncIterator()
    for _ in 0..<2000 {
      #expect(try await pieces.next()?.count == 1000)
    }
    #expect(source.asked.load(ordering: .relaxed) == 1)
  }

  @Test("No piece is larger than asked for, whatever an element unfolds to")
  func decompressionBombsAreBounded() async throws {
    let bomb = container(.gzip, [UInt8](repeating: 0, count: 5_000_000))
    var total = 0
    for try await piece in CountingSource([bomb]).decompressed(from: .gzip, pieceSize: 4096) {
      #expect((1...4096).contains(piece.count))
      total += piece.count
    }
    #expect(total == 5_000_000)
  }

  @Test("No compressed piece is larger than two chunks', however large the element")
  func compressedPiecesAreBounded() async throws {
    let bound = 2 * ChunkLayout(format: .gzip, chunkSize: chunkSize).bound
    for flushes in [false, true] {
      let source = CountingSource([noise(1_000_001), [], noise(1)])
      for try await piece in source.compressed(
        as: .gzip, chunkSize: chunkSize, flushesEachElement: flushes)
      {
        #expect((1...bound).contains(piece.count))
      }
    }
  }

  @Test(
    "With flushes an element can be decoded before the next is asked for, without it waits",
    arguments: ContainerFormat.allCases)
  func flushes(format: ContainerFormat) async throws {
    let events = (0..<20).map { [UInt8]("data: \($0)\n\n".utf8) }
    for flushes in [true, false] {
      let source = CountingSource(events)
      var decoder = StreamDecoder(format: format)
      var read: [UInt8] = []
      var early = 0
      for try await piece in source.compressed(as: format, flushesEachElement: flushes) {
        // SAFETY: bytes have no padding.
        let progress = try decoder.decompress(unsafe piece.span.bytes, endOfInput: false) {
          read.append(contentsOf: $0)
        }
        #expect(progress.consumed == piece.count)
        let asked = source.asked.load(ordering: .relaxed)
        if asked <= events.count {
          early += 1
          #expect(read == [UInt8](events[..<asked].joined()))
        }
      }
      #expect(early == (flushes ? events.count : 0))
      #expect(read == [UInt8](events.joined()))
    }
  }

  @Test("What decodes an event-stream hands an event over before the next one comes")
  func decompressedEventsDoNotWait() async throws {
    let events = (0..<20).map { [UInt8]("data: \($0)\n\n".utf8) }
    let source = CountingSource(events)
    var pieces = source.compressed(as: .gzip, flushesEachElement: true)
      .decompressed(from: .gzip).makeAsyncIterator()
    for (index, event) in events.enumerated() {
      #expect(try await pieces.next() == event)
      #expect(source.asked.load(ordering: .relaxed) == index + 1)
    }
    #expect(try await pieces.next() == nil)
  }

  @MainActor private final class Page {
    var received = 0
  }

  @Test("An actor's own state is used between the pieces without leaving the actor")
  @MainActor func isolation() async throws {
    let page = Page()
    let (elements, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    continuation.yield(noise(100_000))
    continuation.finish()
    for try await piece in elements.compressed(as: .gzip).decompressed(from: .gzip) {
      page.received += piece.count
    }
    #expect(page.received == 100_000)
  }
}
