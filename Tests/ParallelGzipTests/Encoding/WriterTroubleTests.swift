// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Closures that fail at every call, and runs that are cancelled at every batch.

import FixedDeflate
import TestSupport
import Testing
import Threading

@testable import ParallelGzip

@Suite("Trouble with writers")
struct WriterTroubleTests {
  private static let data: [UInt8] = {
    var random = SeededGenerator(test: "trouble")
    return Inputs.make(.text, count: 1_500_000, using: &random)
  }()

  private func settings(_ workers: Int) -> GzipWriter.Configuration {
    GzipWriter.Configuration(.bgzf, chunkSize: 20_000, workers: workers)
  }

  @Test("what the output's closure throws at any call comes back, and it is not called again")
  func failingSink() throws {
    let file = try compressed(Self.data, settings(1))
    for workers in [1, 3] {
      let whole = Collected()
      _ = try GzipWriter.compress(
        from: Given(Self.data).input, to: whole.output, configuration: settings(workers))
      for call in 1...whole.calls {
        let collected = Collected(failingAt: call)
        let error = #expect(throws: GzipError.self) {
          try GzipWriter.compress(
            from: Given(Self.data).input, to: collected.output, configuration: settings(workers))
        }
        #expect(error.trouble == Trouble(call: call))
        #expect(collected.calls == call && file.starts(with: collected.bytes))
      }
    }
  }

  @Test("what the input's closure throws at any call comes back, behind the data before it")
  func failingSource() throws {
    let file = try compressed(Self.data, settings(1))
    for workers in [1, 3] {
      let whole = Given(Self.data)
      _ = try GzipWriter.compress(
        from: whole.input, to: .nowhere, configuration: settings(workers))
      for call in 1...whole.calls {
        let collected = Collected()
        let error = #expect(throws: GzipError.self) {
          try GzipWriter.compress(
            from: Given(Self.data, failingAt: call).input, to: collected.output,
            configuration: settings(workers))
        }
        #expect(error.trouble == Trouble(call: call))
        let bytes = collected.bytes
        #expect(bytes.count < file.count && file.starts(with: bytes))
      }
    }
  }

  @Test("a pushed writer throws what its output's closure has thrown, from each call on")
  func failingPush() throws {
    for call in 1...4 {
      for flushes in [false, true] {
        let collected = Collected(failingAt: call)
        var writer = try GzipWriter(to: collected.output, configuration: settings(2))
        var errors: [GzipError] = []
        for start in stride(from: 0, to: Self.data.count, by: 50_000) {
          do throws(GzipError) {
            try withRawSpan(Self.data) { (bytes: RawSpan) throws(GzipError) in
              try writer.write(bytes.extracting(start..<(start + 50_000)))
            }
            if flushes { try writer.flush() }
          } catch {
            errors.append(error)
          }
        }
        do throws(GzipError) {
          _ = try writer.finish()
          Issue.record("finished")
        } catch {
          errors.append(error)
        }
        #expect(errors.allSatisfy { $0.trouble == Trouble(call: call) })
        #expect(!flushes || errors.count > 20)
        #expect(collected.calls == call)
      }
    }
  }

  @Test("a cancelled run ends at the batch it is at, and one cancelled before does nothing")
  func cancelled() throws {
    let file = try compressed(Self.data, settings(1))
    for workers in [1, 3] {
      for call in 1...6 {
        let cancellation = GzipCancellation()
        let calls = Monitor(0)
        let collected = Collected { _ in
          if calls.update({
            $0 += 1; return $0 == call
          }) {
            cancellation.cancel()
          }
        }
        let error = #expect(throws: GzipError.self) {
          try GzipWriter.compress(
            from: Given(Self.data).input, to: collected.output, configuration: settings(workers),
            cancellation: cancellation)
        }
        #expect(error.isCancelled && collected.calls == call)
        #expect(file.starts(with: collected.bytes))
      }
      let cancellation = GzipCancellation()
      cancellation.cancel()
      let (given, collected) = (Given(Self.data), Collected())
      let error = #expect(throws: GzipError.self) {
        try GzipWriter.compress(
          from: given.input, to: collected.output, configuration: settings(workers),
          cancellation: cancellation)
      }
      #expect(error.isCancelled && given.calls == 0 && collected.calls == 0)
    }
  }

  @Test("a writer that is dropped leaves an output without an end")
  func dropped() throws {
    let file = try compressed(Self.data, settings(1))
    for count in [0, 100, 300_000, Self.data.count] {
      let collected = Collected()
      do {
        var writer = try GzipWriter(to: collected.output, configuration: settings(2))
        try withRawSpan(Self.data) { (bytes: RawSpan) throws(GzipError) in
          try writer.write(bytes.extracting(first: count))
        }
      }
      let bytes = collected.bytes
      #expect(bytes.count < file.count && file.starts(with: bytes))
    }
  }
}
