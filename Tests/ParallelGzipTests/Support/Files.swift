// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Compressed files of every kind that readers treat in their own way, and what a reader makes of one.

import FixedDeflate
import TestSupport

@testable import ParallelGzip

/// A whole file and its data.
struct CompressedFile {
  /// By which a reader gets at the data.
  enum Kind: CaseIterable {
    /// Members as gzip makes them, one by one.
    case members
    /// One member with joints between its chunks.
    case chunks
    case blocks
    /// BGZF, and members of other kinds behind it.
    case blocksAndMembers
    case zlib, zlibWithJoints, raw, rawWithJoints
  }

  let kind: Kind
  let data: [UInt8]
  let bytes: [UInt8]

  var format: ContainerFormat {
    switch kind {
    case .members, .chunks, .blocksAndMembers: .gzip
    case .blocks: .bgzf
    case .zlib, .zlibWithJoints: .zlib
    case .raw, .rawWithJoints: .raw
    }
  }

  /// A file of a kind, of that data.
  init(_ kind: Kind, of data: [UInt8], using random: inout SeededGenerator) throws {
    (self.kind, self.data) = (kind, data)
    var parameters = Zlib.Parameters(level: random.number(1...9), flush: .full)
    switch kind {
    case .members:
      parameters.wrapper = .gzip
      bytes = Self.members(of: data, parameters, count: random.number(1...5))
    case .chunks:
      bytes = try compressed(data, .init(.gzip, chunkSize: random.number(4096...300_000)))
    case .blocks:
      bytes = try compressed(data, .init(.bgzf, chunkSize: random.number(4096...65_280)))
    case .blocksAndMembers:
      let half = data.count / 2
      parameters.wrapper = .gzip
      bytes =
        try compressed(Array(data[..<half]), .init(.bgzf, chunkSize: random.number(4096...65_280)))
        + Self.members(of: Array(data[half...]), parameters, count: 2)
    case .zlib, .zlibWithJoints, .raw, .rawWithJoints:
      parameters.wrapper = kind == .zlib || kind == .zlibWithJoints ? .zlib : .raw
      let hasJoints = kind == .zlibWithJoints || kind == .rawWithJoints
      parameters.pieceSize = hasJoints ? random.number(10_000...200_000) : .max
      bytes = Zlib.deflate(data, parameters)
    }
  }

  private static func members(
    of data: [UInt8], _ parameters: Zlib.Parameters, count: Int
  ) -> [UInt8] {
    let size = data.count / count + 1
    return (0..<count).flatMap { number in
      Zlib.deflate(
        Array(data.dropFirst(number * size).prefix(size)), parameters)
    }
  }
}

/// What a reader has come to.
struct ReaderOutcome: Equatable {
  var data: [UInt8]
  var summary: GzipReader.Summary?
  var error: String?

  /// Without the data.
  var brief: String {
    "\(data.count) bytes, \(error ?? "no error"), \(summary.map { "\($0)" } ?? "no summary")"
  }
}

/// Reads a file in one call.
func copied(
  _ input: GzipInput, _ configuration: GzipReader.Configuration,
  cancellation: GzipCancellation? = nil
) -> ReaderOutcome {
  let collected = Collected()
  do throws(GzipError) {
    let reader = try GzipReader(input, configuration: configuration, cancellation: cancellation)
    let summary = try reader.copy(to: collected.output)
    return ReaderOutcome(data: collected.bytes, summary: summary)
  } catch {
    return ReaderOutcome(data: collected.bytes, error: "\(error)")
  }
}

/// Reads a file by many calls, with rooms of any size up to so many bytes.
func pulled(
  _ input: GzipInput, _ configuration: GzipReader.Configuration, room largest: Int = 300_000,
  cancellation: GzipCancellation? = nil
) -> ReaderOutcome {
  var random = SeededGenerator(seed: UInt64(largest))
  var data: [UInt8] = []
  do throws(GzipError) {
    let reader = try GzipReader(input, configuration: configuration, cancellation: cancellation)
    while true {
      let room = random.number(1...largest)
      let piece = collectingOutputAlways(capacity: room) {
        (output: inout OutputRawSpan) throws(GzipError) in
        try reader.read(into: &output)
      }
      data += piece.bytes
      let count = try piece.outcome.get()
      precondition(count == piece.bytes.count, "the count is not what was appended")
      if count == 0 { return ReaderOutcome(data: data, summary: reader.summary) }
    }
  } catch {
    return ReaderOutcome(data: data, error: "\(error)")
  }
}

/// Whether bytes begin others. As fast as arrays are compared, which sequences are not.
func isBeginning(_ bytes: [UInt8], of whole: [UInt8]) -> Bool {
  bytes.count <= whole.count && bytes == Array(whole[..<bytes.count])
}
