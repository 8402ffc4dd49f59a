// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One piece of a stream at a time, on a device where there is one. A device takes whole streams, and
// an empty last block behind a piece makes it one: what the device then reads to the last byte was
// blocks to the piece's end.

import FixedDeflate
import IAAOffload

/// Decodes pieces of streams.
struct BlocksDecoder: ~Copyable {
  private let offload: Offload
  private let outputLimit: Int
  private var decoder = PieceDecoder()

  /// BFINAL = 1, BTYPE = 01, end-of-block: a stream, or the end of one, without data.
  private static let emptyBlock: [UInt8] = [0x03, 0x00]
  /// Less than this is no block with data and a trailer behind it: nothing for a device.
  private static let leastTail = 12

  init(_ offload: Offload, outputLimit: Int) {
    self.offload = offload
    self.outputLimit = outputLimit
  }

  /// Decodes a piece, as a guess that a block begins with it.
  mutating func decode(_ piece: DecodedPiece) {
    piece.failure = nil
    piece.tally = BlockTally()
    guard let engine = offload.engine, !piece.isTail || piece.input.count >= Self.leastTail else {
      decodeInSoftware(piece)
      if piece.output.count > 0 { piece.tally.addSoftware() }
      return
    }
    do throws(OffloadError) {
      try decode(piece, on: engine)
    } catch {
      if offload.isStrict {
        piece.extent = nil
        piece.failure = .offload("\(error)")
        return
      }
      decodeInSoftware(piece)
      piece.tally.addSoftware("\(error)")
    }
  }

  private mutating func decodeInSoftware(_ piece: DecodedPiece) {
    piece.extent = piece.input.withBytes { input in
      decoder.decode(input, into: &piece.output, maximumCount: outputLimit)
    }
  }

  private func decode(_ piece: DecodedPiece, on engine: Engine) throws(OffloadError) {
    let count = piece.input.count
    if !piece.isTail {
      if piece.input.capacity < count + Self.emptyBlock.count { _ = piece.input.grow(to: 2 * count) }
      lend(Self.emptyBlock, 0..<Self.emptyBlock.count) { piece.input.append($0) }
    }
    defer { piece.input.keepFirst(count) }
    while true {
      piece.output.removeAll()
      do throws(OffloadError) {
        let report = try piece.input.withBytes { (input: RawSpan) throws(OffloadError) in
          try piece.output.withOutput { (output: inout OutputRawSpan) throws(OffloadError) in
            try engine.decompress(input, into: &output)
          }
        }
        let isWhole = !piece.isTail && report.inputCount == piece.input.count
        piece.extent =
          isWhole
          ? PieceDecoder.Extent(byteCount: count, isStreamEnd: false)
          : report.inputCount <= count
            ? PieceDecoder.Extent(byteCount: report.inputCount, isStreamEnd: true) : nil
        if piece.output.count > 0 { piece.tally.add(report) }
        return
      } catch .outputFull where piece.output.grow(to: outputLimit) {
        continue
      }
    }
  }
}
