// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One chunk at a time, on a device where there is one. Either way its stream has the same bits.

import FixedDeflate
import IAAOffload

/// Encodes the chunks of a container.
struct BlockEncoder: ~Copyable {
  private let offload: Offload
  private var encoder: ChunkEncoder
  /// What became of the last chunk, when it was for a device: a result, or why it has none.
  private(set) var outcome: Result<JobReport, OffloadError>?

  init(_ layout: ChunkLayout, _ offload: Offload) {
    self.offload = offload
    encoder = ChunkEncoder(layout: layout)
  }

  /// Appends a chunk's piece of the container; nothing when ``outcome`` is a failure.
  mutating func encode(
    _ chunk: RawSpan, isFirst: Bool, isLast: Bool, into output: inout OutputRawSpan
  ) {
    outcome = nil
    do throws(DeflateError) {
      // Devices reject empty input.
      guard let engine = offload.engine, chunk.byteCount > 0 else {
        return try encoder.encode(chunk, isFirst: isFirst, isLast: isLast, into: &output)
      }
      try encoder.layout.write(chunk, isFirst: isFirst, isLast: isLast, into: &output) {
        (chunk: RawSpan, position: BlockPosition, output: inout OutputRawSpan) throws(DeflateError)
        in
        do throws(OffloadError) {
          outcome = .success(try engine.compress(chunk, position: position, into: &output))
        } catch {
          outcome = .failure(error)
          throw DeflateError(.outputFull, bitPosition: 0)
        }
      }
    } catch {
      if case .failure? = outcome { return }
      preconditionFailure("a chunk's bound is too small: \(error)")
    }
  }
}
