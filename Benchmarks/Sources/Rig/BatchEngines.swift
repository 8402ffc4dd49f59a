// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// This package's batch calls behind the engines' shape: so many pages a call.

@_spi(Builds) import FixedDeflate

/// The encoder, a batch of pages a call; its streams are then copied to their slots.
public final class OwnBatchEncoder: Engine {
  /// See ``Engine``.
  public let name: String
  private let batch: Int
  private var encoder: Encoder
  private let room: Slots

  /// Creates an engine for batches of so many pages of at most 4 KiB, in a given build or the
  /// processor's best.
  package init(batch: Int, build: CodecBuild? = nil) {
    name = "\(EngineName.ours(build)) ×\(batch)"
    self.batch = batch
    encoder = build.map { Encoder(build: $0) } ?? Encoder()
    room = Slots(count: 1, room: batch * Encoder.bound(4096))
  }

  /// See ``Engine``.
  public func run(_ chunks: borrowing Chunks, into slots: Slots) throws {
    // SAFETY: bytes have no padding.
    let bytes = unsafe chunks.bytes.span.bytes
    let pageSize = chunks.largest
    for first in stride(from: 0, to: chunks.count, by: batch) {
      let end = min(first + batch, chunks.count)
      let pages = bytes.extracting(
        chunks.ranges[first].lowerBound..<chunks.ranges[end - 1].upperBound)
      let counts = try [Int](capacity: end - first) { (counts: inout OutputSpan<Int>) in
        try room.fill(0) { output throws(DeflateError) in
          try encoder.compressPages(
            pages, pageSize: pageSize, into: &output, byteCounts: &counts)
        }
      }
      var start = 0
      for (index, count) in counts.enumerated() {
        slots.copy(from: room, start..<start + count, to: first + index)
        start += count
      }
    }
  }
}

/// The decoder, a batch of streams a call.
public final class OwnBatchDecoder: Engine {
  /// See ``Engine``.
  public let name: String
  private let batch: Int
  private var decoder: Decoder

  /// Creates an engine for batches of so many pages, in a given build or the processor's best.
  package init(batch: Int, build: CodecBuild? = nil) {
    name = "\(EngineName.ours(build)) ×\(batch)"
    self.batch = batch
    decoder = build.map { Decoder(build: $0) } ?? Decoder()
  }

  /// See ``Engine``.
  public func run(_ chunks: borrowing Chunks, into slots: Slots) throws {
    // SAFETY: bytes have no padding.
    let bytes = unsafe chunks.bytes.span.bytes
    let counts = chunks.ranges.map(\.count)
    for first in stride(from: 0, to: chunks.count, by: batch) {
      let end = min(first + batch, chunks.count)
      let streams = bytes.extracting(
        chunks.ranges[first].lowerBound..<chunks.ranges[end - 1].upperBound)
      try slots.fillNeighbours(first..<end) { output throws(DeflateError) in
        try decoder.decompressPages(
          streams, byteCounts: counts.span.extracting(first..<end), pageSize: slots.room,
          into: &output)
      }
    }
  }
}
