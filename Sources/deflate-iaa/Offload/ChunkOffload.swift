// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One chunk at a time, on a device where there is one. Either way its stream has the same bits.

import FixedDeflate
import IAAOffload

/// Encodes the chunks of a container.
struct BlockEncoder: ~Copyable {
  private let offload: Offload
  private var encoder: ChunkEncoder
  /// Where the batch's chunks were compressed.
  private(set) var tally = BlockTally()
  /// Why a chunk was not, where only a device may do it; the batch is worth nothing then.
  private(set) var failure: OffloadError?

  init(_ layout: ChunkLayout, _ offload: Offload) {
    self.offload = offload
    encoder = ChunkEncoder(layout: layout)
  }

  /// Begins a new tally, with no failure.
  mutating func beginBatch() {
    tally = BlockTally()
    failure = nil
  }

  /// Appends a chunk's piece of the container, unless there is a ``failure``.
  mutating func encode(
    _ chunk: RawSpan, isFirst: Bool, isLast: Bool, into output: inout OutputRawSpan
  ) {
    guard failure == nil else { return }
    do throws(DeflateError) {
      // Devices reject empty input.
      guard let engine = offload.engine, chunk.byteCount > 0 else {
        if chunk.byteCount > 0 { tally.addSoftware() }
        return try encoder.encode(chunk, isFirst: isFirst, isLast: isLast, into: &output)
      }
      try encoder.layout.write(chunk, isFirst: isFirst, isLast: isLast, into: &output) {
        (chunk: RawSpan, position: BlockPosition, output: inout OutputRawSpan) throws(DeflateError)
        in
        do throws(OffloadError) {
          tally.add(try engine.compress(chunk, position: position, into: &output))
        } catch {
          failure = error
          throw DeflateError(.outputFull, bitPosition: 0)
        }
      }
    } catch {
      precondition(failure != nil, "a chunk's bound is too small: \(error)")
    }
  }
}
