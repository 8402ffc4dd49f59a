// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Closures that fail, runs that are cancelled, readers that are dropped.

import FixedDeflate
import TestSupport
import Testing
import Threading

@testable import ParallelGzip

@Suite("Trouble with readers")
struct ReaderTroubleTests {
  private static let data: [UInt8] = {
    var random = SeededGenerator(test: "reader trouble")
    return Inputs.make(.mixture, count: 1_800_000, using: &random)
  }()

  private func file(_ kind: CompressedFile.Kind) throws -> CompressedFile {
    var random = SeededGenerator(test: "reader trouble \(kind)")
    return try CompressedFile(kind, of: Self.data, using: &random)
  }

  @Test(
    "what the output's closure throws at any call comes back, and it is not called again",
    arguments: CompressedFile.Kind.allCases)
  func failingSink(_ kind: CompressedFile.Kind) throws {
    let file = try file(kind)
    for workers in [1, 5] {
      let configuration = GzipReader.Configuration(file.format, workers: workers)
      let whole = Collected()
      _ = try GzipReader(Given(file.bytes).input, configuration: configuration)
        .copy(to: whole.output)
      // How many writes several workers make depends on what is ready: the last call is one's alone.
      let last = workers == 1 ? [whole.calls] : []
      for call in [1, 2, 5] + last where 1...whole.calls ~= call {
        let collected = Collected(failingAt: call)
        let reader = try GzipReader(Given(file.bytes).input, configuration: configuration)
        let error = #expect(throws: GzipError.self) { try reader.copy(to: collected.output) }
        #expect(error.trouble == Trouble(call: call), "\(workers) \(call)")
        let isPrefix = isBeginning(collected.bytes, of: file.data)
        #expect(collected.calls == call && isPrefix)
      }
    }
  }

  @Test(
    "what the input's closure throws comes back behind the data before it, and it is not asked again",
    arguments: CompressedFile.Kind.allCases)
  func failingSource(_ kind: CompressedFile.Kind) throws {
    let file = try file(kind)
    var random = SeededGenerator(test: "failing source \(kind)")
    var counts = [0, file.bytes.count]
    for _ in 0..<2 { counts.append(random.number(0...file.bytes.count)) }
    for count in counts {
      let bytes = Array(file.bytes[..<count])
      let alone = copied(.failing(behind: bytes), .init(file.format, workers: 1))
      #expect(alone.error == "\(GzipError.source(Trouble()))", "\(count)")
      let isPrefix = isBeginning(alone.data, of: file.data)
      #expect(isPrefix, "\(count)")
      for workers in [2, 5] {
        let configuration = GzipReader.Configuration(file.format, workers: workers)
        for outcome in [
          copied(.failing(behind: bytes), configuration),
          pulled(.failing(behind: bytes), configuration),
        ] {
          let isSame = outcome == alone
          #expect(isSame, "\(workers) \(count): \(outcome.brief), not \(alone.brief)")
        }
      }
    }
  }

  @Test(
    "the first bytes are decoded before a failure to read, also where they may be BGZF's",
    arguments: [1, 2, 5])
  func failureAtTheFront(_ workers: Int) throws {
    // A stored block's header and two bytes of data, with those of the member 17 bytes.
    let front: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 0, 9, 0, 0xF6, 0xFF, 65, 66]
    let blocks = try compressed(Self.data, .init(.bgzf))
    for (before, data) in [([], []), (blocks, Self.data)] {
      let failing = GzipInput.failing(behind: before + front)
      let outcome = copied(failing, .init(.gzip, workers: workers))
      #expect(outcome.data == data + [65, 66], "\(outcome.brief)")
      #expect(outcome.error == "\(GzipError.source(Trouble()))")
    }
    // A header can be had though nothing can be read behind it.
    let header = GzipInput.failing(behind: Array(front[..<10]))
    let reader = try GzipReader(header, configuration: .init(nil, workers: workers))
    #expect(try reader.readHeader()?.operatingSystem == 255)
    // Where the format has to be told, two bytes are needed.
    let error = #expect(throws: GzipError.self) { try GzipReader(.failing(behind: [0x1F])) }
    #expect(error.trouble == Trouble())
  }

  @Test(
    "a cancelled run ends at the write it is at, and one cancelled before does nothing",
    arguments: CompressedFile.Kind.allCases)
  func cancelled(_ kind: CompressedFile.Kind) throws {
    let file = try file(kind)
    for workers in [1, 5] {
      let configuration = GzipReader.Configuration(file.format, workers: workers)
      let whole = Collected()
      _ = try GzipReader(Given(file.bytes).input, configuration: configuration)
        .copy(to: whole.output)
      // One that is cancelled at its last write may have read and written all, and how many writes
      // several workers make depends on what is ready.
      let last = workers == 1 ? [whole.calls - 1] : []
      for call in [1, 2, 4] + last where 1..<whole.calls ~= call {
        let cancellation = GzipCancellation()
        let calls = Monitor(0)
        let collected = Collected { _ in
          let isIt = calls.update { count in
            count += 1
            return count == call
          }
          if isIt { cancellation.cancel() }
        }
        let reader = try GzipReader(
          Given(file.bytes).input, configuration: configuration, cancellation: cancellation)
        let error = #expect(throws: GzipError.self) { try reader.copy(to: collected.output) }
        #expect(error.isCancelled && collected.calls == call, "\(workers) \(call)")
        let isPrefix = isBeginning(collected.bytes, of: file.data)
        #expect(isPrefix)
      }
      let cancellation = GzipCancellation()
      cancellation.cancel()
      let (given, collected) = (Given(file.bytes), Collected())
      let error = #expect(throws: GzipError.self) {
        try GzipReader(given.input, configuration: configuration, cancellation: cancellation)
          .copy(to: collected.output)
      }
      #expect(error.isCancelled && given.calls == 0 && collected.calls == 0)
    }
  }

  @Test(
    "a pull that is cancelled throws behind what was ready, again and again",
    arguments: CompressedFile.Kind.allCases)
  func cancelledPull(_ kind: CompressedFile.Kind) throws {
    let file = try file(kind)
    for workers in [1, 5] {
      for count in [1, 100_000] {
        let cancellation = GzipCancellation()
        let reader = try GzipReader(
          Given(file.bytes).input, configuration: .init(file.format, workers: workers),
          cancellation: cancellation)
        var (bytes, errors) = ([UInt8](), [GzipError]())
        while errors.count < 3 {
          let piece = collectingOutputAlways(capacity: 50_000) {
            (output: inout OutputRawSpan) throws(GzipError) in
            try reader.read(into: &output)
          }
          bytes += piece.bytes
          switch piece.outcome {
          case .success(let count): try #require(count > 0, "it was not cancelled")
          case .failure(let error): errors.append(error)
          }
          if bytes.count >= count { cancellation.cancel() }
        }
        let areCancelled = errors.allSatisfy { Optional($0).isCancelled }
        #expect(areCancelled && reader.summary == nil)
        let isPrefix = isBeginning(bytes, of: file.data)
        #expect(isPrefix && bytes.count < file.data.count)
      }
    }
  }
}

extension GzipInput {
  /// Gives all of some bytes, and fails once when it is asked for more: then it is at an end, which
  /// nobody shall see.
  static func failing(behind bytes: [UInt8]) -> GzipInput {
    let state = Monitor((start: 0, hasFailed: false))
    return GzipInput { output in
      let (range, fails) = state.update { state -> (Range<Int>, Bool) in
        let start = state.start
        let fails = start == bytes.count && !state.hasFailed
        if fails { state.hasFailed = true }
        state.start = Swift.min(bytes.count, start + output.freeCapacity)
        return (start..<state.start, fails)
      }
      if fails { throw Trouble() }
      withRawSpan(bytes) { output.append(contentsOf: $0.extracting(range)) }
    }
  }
}
