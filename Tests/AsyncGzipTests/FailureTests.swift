// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import AsyncGzip
import FixedDeflate
import TestSupport
import Testing

@Suite struct FailureTests {
  private func text(_ count: Int, _ name: String = #function) -> [UInt8] {
    var generator = SeededGenerator(test: name)
    return Inputs.make(.text, count: count, using: &generator)
  }

  /// Takes pieces until one fails, and then says that nothing follows.
  private func drain<Pieces: AsyncSequence>(
    _ pieces: Pieces
  ) async -> (bytes: [UInt8], error: (any Error)?) where Pieces.Element == [UInt8] {
    var iterator = pieces.makeAsyncIterator()
    var bytes: [UInt8] = []
    do {
      while let piece = try await iterator.next(isolation: nil) { bytes += piece }
      return (bytes, nil)
    } catch {
      let after = try? await iterator.next(isolation: nil)
      #expect(after == nil, "the sequence has ended")
      return (bytes, error)
    }
  }

  @Test("Bad data is told with its bit, behind all data that stands before it")
  func badDataInTheMiddle() async throws {
    let (good, bad) = (text(250_000), [UInt8]("not a member".utf8))
    var generator = SeededGenerator(test: "bad data")
    // A member with a reserved block type right behind its header.
    let file = container(.gzip, good) + container(.gzip, bad)[..<10] + [0b111]
    let position = (file.count - 1) * 8
    for _ in 0..<8 {
      let elements = CountingSource(split(file, using: &generator))
      let result = await drain(
        elements.decompressed(from: .gzip, pieceSize: generator.number(1...300_000)))
      #expect(result.bytes == good)
      let expected = DeflateError(.invalidBlockType, bitPosition: position)
      #expect(result.error as? DeflateError == expected)
    }
  }

  @Test("A file that ends too early gives what it has, then the place where it ends")
  func truncation() async throws {
    let data = text(100_000)
    let file = container(.gzip, data)
    for count in [1, 9, 10, file.count / 2, file.count - 9, file.count - 8, file.count - 1] {
      let result = await drain(
        CountingSource([[UInt8](file[..<count])]).decompressed(from: .gzip))
      #expect(result.bytes == [UInt8](data[..<result.bytes.count]))
      if count >= file.count - 8 { #expect(result.bytes == data) }
      #expect(
        result.error as? DeflateError == DeflateError(.truncatedInput, bitPosition: count * 8))
    }
  }

  @Test(
    "What follows a container is told with its place, however the bytes are cut",
    arguments: ContainerFormat.allCases)
  func otherBytesBehindTheEnd(format: ContainerFormat) async throws {
    let data = text(1000)
    let file = container(format, data)
    for more in [[0x1F], [0x1F, 0x1F], [1], [0x1F, 1, 2, 3]] as [[UInt8]] {
      for elements in [[file + more], [file, more], (file + more).map { [$0] }] {
        let result = await drain(CountingSource(elements).decompressed(from: format))
        #expect(result.bytes == data)
        #expect(
          result.error as? DeflateError == DeflateError(.notInFormat, bitPosition: file.count * 8))
      }
    }
  }

  @Test("A producer's error arrives as it is, behind the data of what it gave before")
  func theProducersError() async throws {
    let data = text(200_000)
    let file = container(.gzip, data)
    let beginning = CountingSource([[UInt8](file[..<(file.count - 4)])], failure: SourceError())
    let read = await drain(beginning.decompressed(from: .gzip))
    #expect(read.bytes == data)
    #expect(read.error is SourceError)
    let written = await drain(CountingSource([data], failure: SourceError()).compressed(as: .gzip))
    #expect(!written.bytes.isEmpty && container(.gzip, data).starts(with: written.bytes))
    #expect(written.error is SourceError)
  }

  @Test("A limit gives the data up to it, and an error only where there is more")
  func limits() async throws {
    let data = text(100_000)
    let file = CountingSource([container(.gzip, data)])
    for (limit, isEnough) in [(0, false), (1, false), (99_999, false), (100_000, true)] {
      for pieceSize in [7, 50_000, 100_000, 200_000] {
        let source = CountingSource(file.elements)
        let result = await drain(
          source.decompressed(from: .gzip, pieceSize: pieceSize, maximumCount: limit))
        #expect(result.bytes == [UInt8](data[..<limit]))
        #expect((result.error as? DeflateError)?.kind == (isEnough ? nil : .outputFull))
      }
    }
    let nothing = CountingSource([container(.gzip, [])])
    let result = await drain(nothing.decompressed(from: .gzip, maximumCount: 0))
    #expect(result.bytes.isEmpty && result.error == nil)
  }

  @Test("A cancelled task stops between two pieces, and asks the producer for nothing more")
  func cancellation() async throws {
    let elements = [[UInt8]](repeating: text(65_536), count: 20)
    let file = container(.gzip, [UInt8](elements.joined()))
    let producers = [
      CountingSource(elements), CountingSource([file], failure: SourceError()),
    ]
    for (index, source) in producers.enumerated() {
      let task = Task {
        var taken = 0
        func take(_ pieces: some AsyncSequence<[UInt8], any Error>) async throws {
          for try await _ in pieces {
            taken += 1
            // SAFETY: the task is this one, while it runs.
            if taken == 3 { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
          }
        }
        do {
          if index == 0 {
            try await take(source.compressed(as: .gzip))
          } else {
            try await take(source.decompressed(from: .gzip))
          }
        } catch is CancellationError {
          return taken
        }
        return -1
      }
      #expect(try await task.value == 3)
      #expect(source.asked.load(ordering: .relaxed) <= 5)
    }
  }

  @Test(
    "a task that is cancelled while it waits gets an error, never a short file",
    arguments: [false, true])
  func cancelledWait(decompresses: Bool) async throws {
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let task = Task {
      do {
        if decompresses {
          for try await _ in stream.decompressed(from: .gzip) {}
        } else {
          for try await _ in stream.compressed(as: .gzip) {}
        }
        return false
      } catch is CancellationError {
        return true
      }
    }
    // A whole member: what follows may be its end, or another one.
    continuation.yield(container(.gzip, text(1000)))
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    #expect(try await task.value)
  }
}
