// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Streams in canned tables by another coder than the stream's own decoder. Where one ends, only who has decoded it
// knows: so they go one after the other, each with some of what stands behind it.

import FixedDeflate

extension StreamDecoding {
  /// Bytes of the largest stream that is written.
  private static let largestCannedCount = CompressionTable.canned().bound(Encoder.maximumChunkSize)

  /// Has streams decoded as far as the coder can. What it leaves is the decoder's to do or to judge.
  func decodeCanned(_ coder: any CannedCoder, _ delivery: inout Delivery) throws(GzipError) {
    let piece = StreamPiece()
    // What a stream of blocks of the usual size has at most, and some more.
    var wanted = PieceDecoding.usualInputCount
    while true {
      fill(&piece.input, to: wanted)
      guard piece.input.count > 0 else { return }
      piece.output.removeAll()
      let decoded = piece.input.withBytes { input in
        coder.decode(input, into: &piece.output, maximumCount: Encoder.maximumChunkSize)
      }
      guard let count = decoded else {
        // Maybe there is more of it.
        if piece.input.count == wanted, wanted < Self.largestCannedCount {
          wanted = min(2 * wanted, Self.largestCannedCount)
          continue
        }
        source.putBack(piece.input.withBytes { $0.copied })
        if coders.isStrict { try judgeRest(refusing: coder.refusal) }
        return
      }
      source.putBack(piece.input.withBytes(from: count) { $0.copied })
      piece.input.removeAll()
      decoder.passCanned(byteCount: count, dataCount: piece.output.count)
      if delivery.checksum != nil {
        var crc = CRC32()
        piece.output.withBytes { crc.update($0) }
        piece.crc = crc
      }
      try delivery.take(piece, counts)
      coder.takeNote()?.count()
    }
  }

  /// Takes bytes from the source until there are so many, or no more. A failure to read is met again by the decoder.
  private func fill(_ bytes: inout OwnedBytes, to wanted: Int) {
    while bytes.count < wanted {
      if source.count == 0 { try? source.fill() }
      guard source.count > 0 else { return }
      let count = min(wanted - bytes.count, source.count)
      while bytes.capacity < bytes.count + count, bytes.grow(to: Self.largestCannedCount) {}
      source.withBytes { bytes.append($0.extracting(first: count)) }
      source.consume(count)
    }
  }
}
