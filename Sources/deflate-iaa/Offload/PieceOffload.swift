// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One piece of a stream at a time, on a device where there is one. A device takes whole streams, and a
// last block behind a piece makes it one. The piece may end in the middle of a block, where that block
// would be read as something else's bits; so it is a stored block of bytes that nobody can foresee, and
// only where the device gives back these bytes did it begin a block behind the piece.

import FixedDeflate
import IAADevices
import IAAOffload
import ParallelGzip

/// Decodes pieces of streams.
final class PieceOffload: PieceCoder {
  private let offload: Offload
  private let coders: OffloadCoders
  private let outputLimit: Int
  private let codec: CodecPieces
  private var tally = BlockTally()

  /// What nobody can foresee, for all pieces of a run.
  private static let nonce = (0..<8).map { _ in UInt8.random(in: 0 ... .max) }
  /// BFINAL = 1, BTYPE = 00, LEN = 8, NLEN, the bytes (RFC 1951 §3.2.4).
  private static let lastBlock: [UInt8] = [0x01, 0x08, 0x00, 0xF7, 0xFF] + nonce
  /// Less than this is no block with data and a trailer behind it: nothing for a device.
  private static let leastTail = 12

  init(_ offload: Offload, _ coders: OffloadCoders, outputLimit: Int) {
    self.offload = offload
    self.coders = coders
    self.outputLimit = outputLimit
    codec = CodecPieces(outputLimit: outputLimit)
  }

  func decode(_ piece: StreamPiece) {
    decodeAndCount(piece)
    piece.note = tally.takeNote(for: coders)
  }

  private func decodeAndCount(_ piece: StreamPiece) {
    piece.failure = nil
    guard let dispatcher = offload.dispatcher, !piece.isTail || piece.input.count >= Self.leastTail
    else {
      codec.decode(piece)
      if piece.output.count > 0 { tally.addSoftware() }
      return
    }
    do throws(OffloadError) {
      try decode(piece, on: dispatcher)
    } catch {
      if offload.isStrict {
        piece.extent = nil
        piece.failure = .refused("\(error)")
        return
      }
      codec.decode(piece)
      tally.addSoftware("\(error)")
    }
  }

  private func decode(_ piece: StreamPiece, on dispatcher: Dispatcher) throws(OffloadError) {
    let count = piece.input.count
    if !piece.isTail {
      let last = Self.lastBlock
      if piece.input.capacity < count + last.count {
        _ = piece.input.grow(to: 2 * piece.input.capacity)
      }
      lend(last, 0..<last.count) { piece.input.append($0) }
    }
    defer { piece.input.keepFirst(count) }
    while true {
      piece.output.removeAll()
      do throws(OffloadError) {
        let report = try piece.input.withBytes { (input: RawSpan) throws(OffloadError) in
          try piece.output.withOutput { (output: inout OutputRawSpan) throws(OffloadError) in
            try dispatcher.decompress(input, into: &output)
          }
        }
        if report.inputCount <= count {
          piece.extent = PieceDecoder.Extent(byteCount: report.inputCount, isStreamEnd: true)
        } else if report.inputCount == piece.input.count, piece.output.takeAway(Self.nonce) {
          piece.extent = PieceDecoder.Extent(byteCount: count, isStreamEnd: false)
        } else {
          piece.extent = nil
        }
        if piece.output.count > 0 { tally.add(report) }
        return
      } catch .outputFull
        where piece.output.grow(to: outputLimit + Self.nonce.count)
      {
        continue
      }
    }
  }
}

extension OwnedBytes {
  /// Drops the last bytes if they are these.
  fileprivate mutating func takeAway(_ last: [UInt8]) -> Bool {
    guard count >= last.count, withBytes(from: count - last.count, { $0.copied }) == last else {
      return false
    }
    keepFirst(count - last.count)
    return true
  }
}
