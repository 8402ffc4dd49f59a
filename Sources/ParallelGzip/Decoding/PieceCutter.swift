// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where one stream's pieces end. A joint is the only sign of a block's start that can be searched for, and stored data
// may hold its bytes: the header of a stored block of 65,280 bytes is a joint with a zero behind it. So stored blocks
// are walked over, from each place where a block begins, and joints are searched for in what is left. Whoever stores
// what does not compress may leave no joint at all; there the stored blocks' own ends are where pieces end.

import FixedDeflate

/// Cuts what a source holds next into pieces that begin, as far as can be known, where a block does.
struct PieceCutter {
  /// The most bytes that a piece may hold.
  let maximumCount: Int
  private let source: ByteSource
  private var place: Place

  /// What stands next.
  private enum Place {
    /// A block, unless the joint before it was something else's bytes.
    case blockStart
    /// So many bytes of a stored block.
    case stored(remaining: Int)
    /// Anything, with a joint behind it where it pays to look for one.
    case unknown
  }

  /// Prepares to cut what `source` holds next, which may be known to begin with a block.
  init(_ source: ByteSource, isAtBlockStart: Bool, maximumCount: Int) {
    self.source = source
    self.maximumCount = maximumCount
    place = isAtBlockStart ? .blockStart : .unknown
  }

  /// Takes the next piece, `least` bytes and what stands before the next block, or all to the end; none, and nothing
  /// taken, when neither is in reach.
  mutating func cut(into piece: StreamPiece, least: Int) -> OrderedWorkers.ReadOutcome {
    while piece.input.count < maximumCount {
      source.wait(for: StoredBlock.headerByteCount)
      guard source.count > 0 else { break }
      switch place {
      case .blockStart:
        let kind = source.withBytes { BlockStart($0) }
        if kind != .none, piece.input.count >= max(1, least) { return .more }
        if case .stored(let byteCount) = kind {
          place = .stored(remaining: byteCount)
        } else {
          place = .unknown
        }
      case .stored(let remaining):
        let left = remaining - take(remaining, into: &piece.input)
        place = left > 0 ? .stored(remaining: left) : .blockStart
      case .unknown:
        if let count = countToJoint(behind: piece.input) {
          if take(count, into: &piece.input) == count { place = .blockStart }
        } else {
          take(source.count, into: &piece.input)
        }
      }
    }
    piece.isTail = source.isAtEnd && source.count == 0 && piece.input.count > 0
    if piece.isTail { return .last }
    source.putBack(piece.input.withBytes { $0.copied })
    return .nothing
  }

  /// Takes so many of the bytes that wait, or as many as there are and a piece may have, and says how many.
  @discardableResult
  private func take(_ wanted: Int, into piece: inout OwnedBytes) -> Int {
    let count = min(wanted, source.count, maximumCount - piece.count)
    while piece.capacity < piece.count + count, piece.grow(to: maximumCount) {}
    source.withBytes { piece.append($0.extracting(first: count)) }
    source.consume(count)
    return count
  }

  /// Bytes that wait up to the end of the first joint, which may have begun in `piece`.
  private func countToJoint(behind piece: borrowing OwnedBytes) -> Int? {
    let overlap = min(piece.count, PieceDecoder.joint.count - 1)
    return source.withBytes { (waiting: RawSpan) -> Int? in
      let seam =
        piece.withBytes(from: piece.count - overlap) { $0.copied }
        + waiting.extracting(first: PieceDecoder.joint.count - 1).copied
      let early = lend(seam, 0..<seam.count) { PieceDecoder.firstStart(in: $0) }
      return early.map { $0 - overlap } ?? PieceDecoder.firstStart(in: waiting)
    }
  }
}
