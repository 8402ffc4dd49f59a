// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as streams in canned tables, which have no header: every build gives the same, pieces give what the
// whole does, and nothing traps.

import FixedDeflate
import TestSupport

final class TablesTarget: FuzzTarget {
  private typealias Whole = (outcome: Result<Int, DeflateError>, bytes: [UInt8])

  private static let editions = CompressionTable.CannedEdition.allCases
  private let source = GuardedMemory(capacity: 1 << 20)
  private let room = GuardedMemory(capacity: DecoderTarget.capacity)
  private let decoders = editions.map { edition in
    DecoderTarget.builds.map {
      Box(TableDecoder(table: .canned(edition), limit: .iaa, cpu: $0))
    }
  }

  func check(_ stream: [UInt8]) throws(FuzzFinding) {
    guard stream.count <= source.capacity else { return }
    for (edition, decoders) in zip(Self.editions, decoders) {
      let wholes = decoders.map { decode(stream, by: $0) }
      for (whole, build) in zip(wholes, DecoderTarget.builds) {
        try demand(
          whole.bytes == wholes[0].bytes && whole.outcome == wholes[0].outcome,
          "the build \(build) differs")
      }
      try comparePieces(stream, edition, wholes[0], by: decoders[0])
    }
  }

  private func decode(_ stream: [UInt8], by decoder: Box<TableDecoder>) -> Whole {
    room.collect(DecoderTarget.capacity) { (output: inout OutputRawSpan) throws(DeflateError) in
      try source.lend(stream) { (input: RawSpan) throws(DeflateError) in
        try decoder.value.decompress(input, into: &output).bits
      }
    }
  }

  /// Behind the first stream others follow, up to the end of the input; pieces are of them all.
  private func comparePieces(
    _ stream: [UInt8], _ edition: CompressionTable.CannedEdition, _ first: Whole,
    by decoder: Box<TableDecoder>
  ) throws(FuzzFinding) {
    var expected = first.bytes
    var failure: DeflateError?
    var start = 0
    var next = first
    while case .success(let bits) = next.outcome {
      start += (bits + 7) / 8
      guard start < stream.count, expected.count <= DecoderTarget.capacity else { break }
      next = decode(Array(stream[start...]), by: decoder)
      expected += next.bytes
    }
    if case .failure(let error) = next.outcome {
      failure = DeflateError(error.kind, bitPosition: start * 8 + error.bitPosition)
    }
    let isCut = failure?.kind == .outputFull || expected.count > DecoderTarget.capacity
    let pieces = try inPieces(stream, edition)
    let count = min(pieces.bytes.count, expected.count)
    try demand(
      pieces.bytes.prefix(count) == expected.prefix(count)
        && (isCut || pieces.bytes.count == expected.count), "pieces differ from the whole")
    try demand(isCut || pieces.error == failure, "pieces fail otherwise")
  }

  private func inPieces(
    _ stream: [UInt8], _ edition: CompressionTable.CannedEdition
  ) throws(FuzzFinding) -> (bytes: [UInt8], error: DeflateError?) {
    var decoder = StreamDecoder(canned: edition)
    var generator = SeededGenerator(seed: UInt64(Zlib.crc32(stream)))
    var (bytes, start, idle) = ([UInt8](), 0, 0)
    while bytes.count <= DecoderTarget.capacity {
      let end = min(stream.count, start + generator.number(0...60))
      let (outcome, piece) = room.collect(generator.number(0...1000)) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        try source.lend(Array(stream[start..<end])) { (input: RawSpan) throws(DeflateError) in
          try decoder.decompress(input, endOfInput: end == stream.count, into: &output)
        }
      }
      bytes += piece
      switch outcome {
      case .success(let progress):
        idle = progress.consumed == 0 && piece.isEmpty ? idle + 1 : 0
        try demand(idle < 100, "the decoder does not move")
        start += progress.consumed
        if progress.state == .finished { return (bytes, nil) }
      case .failure(let error): return (bytes, error)
      }
    }
    return (bytes, nil)
  }
}
