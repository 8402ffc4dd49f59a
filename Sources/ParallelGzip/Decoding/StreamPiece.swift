// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

package import FixedDeflate

/// A piece of a stream, and what became of it.
///
/// SAFETY of `@unchecked Sendable`: it is with one worker at a time, as `OrderedWorkers` promises.
package final class StreamPiece: @unchecked Sendable {
  package var input = OwnedBytes(capacity: 2 * PieceDecoding.usualInputCount)
  /// Nothing follows it.
  package var isTail = false
  package var output = OwnedBytes(capacity: 2 * PieceDecoding.usualOutputCount)
  /// What of the input the output is the data of, if a block begins there; nil when that is not
  /// known.
  package var extent: PieceDecoder.Extent?
  /// Why its coder has not decoded it, and nobody shall.
  package var failure: GzipError?
  package var note: (any WorkNote)?
  /// The data's check, of the stream's container.
  var checksum = ContentChecksum(for: .raw)
  /// CRC-32 of the data, where the container has another check and one is asked for.
  var crc: CRC32?
}
