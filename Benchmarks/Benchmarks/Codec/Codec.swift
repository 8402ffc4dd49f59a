// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Wall clock of the codec alone, with its whole distribution: what the peer comparison's medians do
// not show. An iteration is 64 pages or one chunk of 2 MiB. The corpus is found through DEFLATE_IAA_CORPUS.

import Benchmark
import Foundation
import Rig

let benchmarks: @Sendable () -> Void = {
  let directory = ProcessInfo.processInfo.environment["DEFLATE_IAA_CORPUS"] ?? "corpus"
  let corpus: [(kind: String, bytes: [UInt8])]
  do {
    corpus = try Corpus.load(directory, kinds: ["text", "mem-python"])
  } catch {
    fatalError("no corpus in \(directory): run make-corpus, or set DEFLATE_IAA_CORPUS (\(error))")
  }
  for (shape, size, count) in [("page", 4096, 64), ("2 MiB", 2 << 20, 1)] {
    for (kind, bytes) in corpus {
      let plain = Chunks(cutting: Array(bytes.prefix(size * count)), every: size)
      let encoder = OwnEncoder()
      measure("encode \(shape) \(kind)", plain, encoder, room: plain.encodedRoom)
      guard let streams = try? plain.coded(by: encoder, room: plain.encodedRoom) else {
        fatalError("the encoder refused \(kind)")
      }
      measure("decode \(shape) \(kind)", streams, OwnDecoder(), room: plain.largest)
    }
  }
}

/// Registers one benchmark: every iteration runs all chunks.
private func measure(_ name: String, _ chunks: Chunks, _ engine: some Engine, room: Int) {
  let slots = Slots(count: chunks.count, room: room)
  let configuration = Benchmark.Configuration(
    metrics: [.wallClock, .throughput], timeUnits: .microseconds, warmupIterations: 2,
    maxDuration: .seconds(1), maxIterations: 10_000)
  Benchmark(name, configuration: configuration) { benchmark in
    for _ in benchmark.scaledIterations { try engine.run(chunks, into: slots) }
  }
}
