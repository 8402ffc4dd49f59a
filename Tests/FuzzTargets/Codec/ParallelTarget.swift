// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A file by several threads: data, verdict and all that is told are those of one decoder in order. Files are long
// enough for the threads to be used: ours, with joints, and zlib's, and then damaged as the input says.

import FixedDeflate
import ParallelGzip
import Synchronization
import TestSupport

final class ParallelTarget: FuzzTarget {
  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    let format = choices.element([ContainerFormat.gzip, .zlib, .raw, .bgzf])
    let workers = choices.number(2...4)
    let pieceSize = choices.element([300, 5000, 65_536, 1 << 20])
    let file = Self.file(&choices, format)
    let serial = Self.run(file, format, workers: 1, pieceSize: pieceSize)
    let parallel = Self.run(file, format, workers: workers, pieceSize: pieceSize)
    try demand(serial.bytes == parallel.bytes, "other data")
    try demand(
      serial.error == parallel.error, "\(parallel.error), where one thread says \(serial.error)")
    try demand(serial.summary == parallel.summary, "other figures")
    guard format.hasMembers else { return }
    let judge = StreamOutcome(file, format)
    try demand(judge.bytes == serial.bytes, "other data than the stream decoder's")
    try demand(
      (judge.error == nil) == serial.error.isEmpty, "another verdict than the stream decoder's")
  }

  /// The input itself, or a file made of it that is long enough, with some bytes changed.
  private static func file(_ choices: inout Choices, _ format: ContainerFormat) -> [UInt8] {
    let kind = choices.number(0...5)
    guard kind > 0 else { return choices.data }
    let changes = (0..<choices.number(0...3)).map { _ in
      (place: choices.word(), byte: choices.byte(), kind: choices.number(0...2))
    }
    let count = choices.number(1...12) << 16
    let data = ChunkShape.counted(count, choices.data + [0])
    var file =
      kind == 1 && format != .bgzf
      ? Zlib.deflate(data, .init(level: 1, wrapper: wrapper(of: format), flush: .full))
      : Engine.contain(data, format, chunkSize: kind < 4 ? 8192 : Engine.largeChunk(format))
    if kind == 5, format.hasMembers { file += file }
    for change in changes {
      let place = Int(change.place % UInt64(file.count))
      switch change.kind {
      case 0: file[place] ^= change.byte | 1
      case 1: file.removeSubrange(place...)
      default: file.insert(change.byte, at: place)
      }
      if file.isEmpty { file = [change.byte] }
    }
    return file
  }

  private static func wrapper(of format: ContainerFormat) -> Zlib.Wrapper {
    switch format {
    case .gzip, .bgzf: .gzip
    case .zlib: .zlib
    case .raw: .raw
    }
  }

  private struct Outcome {
    var bytes: [UInt8] = []
    /// What was thrown, as text; empty for nothing.
    var error = ""
    var summary: GzipReader.Summary?
  }

  private static func run(
    _ file: [UInt8], _ format: ContainerFormat, workers: Int, pieceSize: Int
  ) -> Outcome {
    var configuration = GzipReader.Configuration()
    (configuration.format, configuration.workers) = (format, workers)
    configuration.computesChecksum = true
    let start = Mutex(0)
    let input = GzipInput { output in
      let count = min(output.freeCapacity, pieceSize)
      let range = start.withLock { start in
        let range = start..<min(start + count, file.count)
        start = range.upperBound
        return range
      }
      withRawSpan(file) { output.append(contentsOf: $0.extracting(range)) }
    }
    let bytes = Mutex<[UInt8]>([])
    let output = GzipOutput { span in bytes.withLock { $0.append(span: span) } }
    var outcome = Outcome()
    do throws(GzipError) {
      outcome.summary = try GzipReader(input, configuration: configuration).copy(to: output)
    } catch {
      outcome.error = "\(error)"
    }
    outcome.bytes = bytes.withLock { $0 }
    return outcome
  }
}
