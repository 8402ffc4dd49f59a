// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Inputs and outputs in memory, and zlib's judgement.

import FixedDeflate
import Foundation
import TestSupport
import Testing
import Threading

@testable import ParallelGzip

/// Thrown by closures that are to fail.
struct Trouble: Error, Equatable {
  var call = 0
}

/// What was written to it, with a failure at one call if that is wanted.
final class Collected: Sendable {
  private let state = Monitor((bytes: [UInt8](), calls: 0))
  private let failing: Int?
  private let onWrite: @Sendable ([UInt8]) -> Void

  init(failingAt call: Int? = nil, onWrite: @escaping @Sendable ([UInt8]) -> Void = { _ in }) {
    (failing, self.onWrite) = (call, onWrite)
  }

  var bytes: [UInt8] { state.update { $0.bytes } }
  var calls: Int { state.update { $0.calls } }

  var output: GzipOutput {
    GzipOutput { [self] span in
      let piece = span.copied
      let (call, bytes) = state.update { state in
        state.calls += 1
        if state.calls != failing { state.bytes += piece }
        return (state.calls, state.bytes)
      }
      if call == failing { throw Trouble(call: call) }
      onWrite(bytes)
    }
  }
}

/// Bytes that a closure gives in pieces of any size, with a failure at one call if that is wanted.
final class Given: Sendable {
  private struct State: Sendable {
    var start = 0
    var calls = 0
    var random: SeededGenerator
  }

  private let bytes: [UInt8]
  private let failing: Int?
  private let state: Monitor<State>

  init(_ bytes: [UInt8], seed: UInt64 = 1, failingAt call: Int? = nil) {
    self.bytes = bytes
    failing = call
    state = Monitor(State(random: SeededGenerator(seed: seed)))
  }

  var calls: Int { state.update { $0.calls } }

  var input: GzipInput {
    GzipInput { [self] output in
      let room = output.freeCapacity
      let (call, range) = state.update { state -> (Int, Range<Int>) in
        state.calls += 1
        let most = min(room, state.random.number(0...2) == 0 ? 100 : 200_000)
        let count = min(bytes.count - state.start, state.random.number(1...max(1, most)))
        defer { state.start += count }
        return (state.calls, state.start..<(state.start + count))
      }
      if call == failing { throw Trouble(call: call) }
      withRawSpan(bytes) { output.append(contentsOf: $0.extracting(range)) }
    }
  }
}

extension GzipWriter.Configuration {
  init(
    _ format: ContainerFormat, chunkSize: Int = ChunkLayout.defaultChunkSize, workers: Int? = nil
  ) {
    self.init()
    (self.format, self.chunkSize, self.workers) = (format, chunkSize, workers)
  }
}

extension GzipReader.Configuration {
  init(_ format: ContainerFormat?, workers: Int? = nil) {
    self.init()
    (self.format, self.workers) = (format, workers)
  }
}

/// Compresses in one call.
func compressed(_ data: [UInt8], _ configuration: GzipWriter.Configuration) throws -> [UInt8] {
  let collected = Collected()
  let summary = try GzipWriter.compress(
    from: Given(data).input, to: collected.output, configuration: configuration)
  let bytes = collected.bytes
  #expect(summary.inputCount == data.count && summary.outputCount == bytes.count)
  return bytes
}

/// What zlib makes of a file that must be whole.
func judged(_ file: [UInt8], as format: ContainerFormat) throws -> [UInt8] {
  switch format {
  case .gzip, .bgzf:
    let gunzipped = Zlib.gunzip(file)
    #expect(gunzipped.rest.isEmpty)
    return gunzipped.bytes
  case .zlib, .raw:
    let wrapper: Zlib.Wrapper = format == .zlib ? .zlib : .raw
    let inflated = Zlib.inflate(file, wrapper: wrapper, maximumCount: 64 << 20)
    #expect(inflated.verdict == .accepted && inflated.consumed == file.count)
    return inflated.bytes
  }
}

/// Pulls all that a reader has, in pieces of any size.
func pulled(_ reader: GzipReader, seed: UInt64 = 1) throws(GzipError) -> [UInt8] {
  var random = SeededGenerator(seed: seed)
  var bytes: [UInt8] = []
  while true {
    let room = random.number(0...3) == 0 ? random.number(1...50) : 100_000
    let piece = try collectingOutput(capacity: room) {
      (output: inout OutputRawSpan) throws(GzipError) in
      try reader.read(into: &output)
    }
    if piece.bytes.isEmpty { return bytes }
    bytes += piece.bytes
  }
}

/// The threads of this process.
func threadCount() throws -> Int {
  try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
}

/// Where the members of a BGZF file end, by their BSIZE.
func memberEnds(_ file: [UInt8]) -> [Int] {
  var ends: [Int] = []
  var start = 0
  while start + 18 <= file.count {
    start += (Int(file[start + 16]) | Int(file[start + 17]) << 8) + 1
    ends.append(start)
  }
  return ends
}
