// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The other modes: every stream decodes to its chunk within its bound, the best is no larger than the device's, and
// what the sizer tells is what is written.

import FixedDeflate
import TestSupport

final class ModesTarget: FuzzTarget {
  private static let editions = CompressionTable.CannedEdition.allCases
  private let source = GuardedMemory(capacity: 1 << 18)
  private let room = GuardedMemory(capacity: 1 << 18)
  private let modes: [(mode: CompressionMode, encoder: Box<Encoder>)] = {
    let modes =
      [.fixed, .dynamic, .dynamic.longMatches] + editions.map { CompressionMode.canned($0) }
    return (modes + modes.map(\.best)).map { ($0, Box(Encoder(mode: $0))) }
  }()
  private let sizers = editions.map { Box(StreamSizer(table: .canned($0))) }
  private let decoders = Dictionary(
    uniqueKeysWithValues: DistanceLimit.allCases.map { ($0, Box(Decoder(limit: $0))) })
  private let tableDecoders = Dictionary(
    uniqueKeysWithValues: editions.map { ($0, Box(TableDecoder(table: .canned($0)))) })

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    let chunk = ChunkShape.chunk(&choices, maximumCount: 5000)
    var counts: [CompressionMode: Int] = [:]
    for (mode, encoder) in modes {
      let bound = Encoder.bound(chunk.count, mode: mode)
      let (outcome, stream) = room.collect(bound) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        try source.lend(chunk) { (input: RawSpan) throws(DeflateError) in
          try encoder.value.compress(input, into: &output)
        }
      }
      guard case .success = outcome else { throw FuzzFinding("\(mode): longer than its bound") }
      counts[mode] = stream.count
      try readBack(stream, mode, chunk)
    }
    for (mode, _) in modes.prefix(modes.count / 2) {
      try demand(
        counts[mode.best, default: 0] <= counts[mode, default: 0], "\(mode): the best is larger")
    }
    try compareSizes(chunk, counts)
  }

  private func readBack(
    _ stream: [UInt8], _ mode: CompressionMode, _ chunk: [UInt8]
  ) throws(FuzzFinding) {
    if case .canned(let edition) = mode.code {
      let ours = tableDecoders[edition]?.decode(stream, maximumCount: chunk.count)
      return try demand(
        ours?.bytes == chunk && ours?.consumed.bytes == stream.count,
        "\(mode): our decoder differs")
    }
    let theirs = Zlib.inflate(stream, maximumCount: chunk.count)
    try demand(theirs.verdict == .accepted && theirs.bytes == chunk, "\(mode): zlib differs")
    try demand(
      decoders[mode.limit]?.decode(stream, maximumCount: chunk.count)?.bytes == chunk,
      "\(mode): our decoder differs")
  }

  private func compareSizes(
    _ chunk: [UInt8], _ counts: [CompressionMode: Int]
  ) throws(FuzzFinding) {
    for (edition, sizer) in zip(Self.editions, sizers) {
      let sizes = source.lend(chunk) { sizer.value.measure($0) }
      try demand(sizes.fixed == counts[.fixed], "fixed: \(sizes.fixed) told")
      try demand(sizes.canned == counts[.canned(edition)], "\(edition): \(sizes.canned) told")
      // Larger chunks have codes that no device makes.
      guard chunk.count <= 4096 else { continue }
      let written = counts[.dynamic, default: 0]
      try demand(
        written == sizes.dynamic || written == sizes.fixed && sizes.fixed < sizes.dynamic,
        "dynamic: \(sizes.dynamic) told, \(written) written")
    }
  }
}
