// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A mode made ready for jobs: what goes into their descriptors, what room streams need, how they begin and end.

package import FixedDeflate

/// What a dispatcher's mode asks of its jobs. One for a dispatcher, and never copied: tables are references, which a copy
/// would count for every job.
package final class ModeRules: Sendable {
  /// The driver's modes.
  package enum Kind: UInt8 {
    case fixed
    /// The driver's canned mode, with any table.
    case canned
    case dynamic
  }

  package let kind: Kind
  /// The most bytes of a chunk that devices are asked to compress.
  let maximumChunkSize: Int
  /// What streams are coded with that do not say it.
  let table: CompressionTable?
  /// The same as the header that a device is told it with, and zlib.
  let header: CompressionTable.BlockHeaderBits?
  private let worstCase: CompressionTable.WorstCase?

  init(_ mode: CompressionMode) {
    maximumChunkSize = mode.maximumDeviceChunkSize
    table = mode.code.table
    header = table?.blockHeader
    worstCase = table?.worstCase
    kind = table != nil ? .canned : mode.code == .dynamic ? .dynamic : .fixed
  }

  /// The most bytes that a chunk's stream can take.
  @inline(__always)
  package func bound(_ count: Int, _ position: BlockPosition) -> Int {
    switch kind {
    case .fixed: Encoder.bound(count, position: position)
    case .dynamic: Encoder.bound(count, position: position, mode: .dynamic)
    case .canned: worstCase?.bound(count) ?? 0
    }
  }

  /// Where a chunk stands in its stream: without headers each is a stream of its own.
  @inline(__always)
  package func position(_ position: BlockPosition) -> BlockPosition {
    kind == .canned ? .last : position
  }

  /// Whether a stream begins and ends as it should.
  func frames(_ stream: RawSpan, _ position: BlockPosition) -> Bool {
    switch kind {
    case .fixed: BlockHeader.frames(stream, isFinal: position.isFinal)
    // Which kind of block it is, is the device's business.
    case .dynamic: BlockHeader.framesAnyBlock(stream, isFinal: position.isFinal)
    case .canned: true
    }
  }

  /// The state that compressions are given; nil where the device makes its code itself.
  func compressionState(_ position: BlockPosition) -> [UInt8]? {
    switch kind {
    case .fixed: CompressionState.fixed(position)
    case .canned: table.map(CompressionState.table)
    case .dynamic: nil
    }
  }

  /// The flags of a compression.
  @inline(__always)
  func compressFlags(_ position: BlockPosition) -> CompressFlags {
    switch (kind, position) {
    case (.dynamic, .last): .dynamic
    case (.dynamic, .notLast): .dynamicNotLastChunk
    case (_, .last): .lastChunk
    case (_, .notLast): .notLastChunk
    }
  }
}

/// The software of a mode that decompresses: one of two decoders, each kept where it is, since they are large.
package struct ModeDecoder: ~Copyable {
  private var standard: Decoder?
  private var table: TableDecoder?

  package init(_ mode: CompressionMode, limit: DistanceLimit) {
    if let table = mode.code.table {
      self.table = TableDecoder(table: table, limit: limit)
    } else {
      standard = Decoder(limit: limit)
    }
  }

  /// Decodes one stream and appends its data.
  package mutating func decompress(
    _ input: RawSpan, into output: inout OutputRawSpan
  ) throws(DeflateError) -> Decoder.Consumed {
    if let consumed = try standard?.decompress(input, into: &output) { return consumed }
    guard let consumed = try table?.decompress(input, into: &output) else {
      preconditionFailure("no decoder")
    }
    return consumed
  }

  /// Decodes the streams of many pages, as ``Decoder`` does it with streams that have headers.
  mutating func decompressPages(
    _ input: RawSpan, byteCounts: Span<Int>, pageSize: Int, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    let done: Void? = try standard?.decompressPages(
      input, byteCounts: byteCounts, pageSize: pageSize, into: &output)
    precondition(done != nil, "no call for many pages knows a table")
  }
}
