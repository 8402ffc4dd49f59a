// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One stream on several processors. Writers that compress in parallel, or flush, leave joints behind
// which a block begins; what is between two of them is decoded as a guess that nothing before it is
// needed. The pieces come in order to the stream's own decoder. Where it stands at a block's start, a
// piece that was decoded without a fault is what it would have made of the same bytes, and is passed.
// Everything else it decodes itself, so its verdict on bad data is the only one.

import FixedDeflate
import Synchronization

/// The stream's decoder, as pieces need it. All is called by one worker at a time, in order.
protocol PieceJudge: AnyObject {
  /// Takes a piece that was decoded elsewhere; false, and nothing done, where no block begins.
  func pass(_ piece: DecodedPiece) throws(TransferError) -> Bool
  /// Decodes a piece; how many of its bytes belong to the body, which ends there if not all do.
  func decode(_ piece: DecodedPiece) throws(TransferError) -> Int
}

/// A piece of a stream, and what became of it.
///
/// SAFETY of `@unchecked Sendable`: it is with one worker at a time, as `OrderedWorkers` promises.
final class DecodedPiece: @unchecked Sendable {
  var input = OwnedBytes(capacity: 2 * PieceDecoding.usualInputCount)
  var output = OwnedBytes(capacity: 2 * PieceDecoding.usualOutputCount)
  /// Whether the input is whole blocks and the output their data.
  var isWhole = false
  /// The data's check, of the stream's container.
  var checksum = ContentChecksum(for: .raw)
  /// CRC-32 of the data, where the container has another check and one is asked for.
  var crc: CRC32?
}

/// Pieces of a stream, decoded by several workers from where the stream's decoder stands.
///
/// SAFETY of `@unchecked Sendable`: the source is touched only in `read`, the judge and the other
/// variables only in `write`, each called by one worker at a time (`OrderedWorkers` hands the turn on
/// under a lock); after `run` all workers have ended.
final class PieceDecoding: @unchecked Sendable {
  /// Bytes of data that a piece shall have: enough that locks and system calls do not count.
  static let usualOutputCount = 256 << 10
  /// Bytes that a piece has at least, unless they would hold much more data.
  static let usualInputCount = 96 << 10
  private static let leastInputCount = 2 << 10
  /// The most a piece may hold: the largest chunk we write fits, whatever the format.
  private static let maximumOutputCount = Encoder.maximumChunkSize + usualOutputCount
  private static let maximumInputCount =
    Encoder.bound(Encoder.maximumChunkSize, position: .notLast) + 2 * usualInputCount

  /// Bytes that a worker takes at most: two pieces, what goes back to the source, and its tables.
  static let memory = 2 * maximumOutputCount + 6 * maximumInputCount + OrderedWorkers.tableSize

  private let source: ByteSource
  private let judge: any PieceJudge
  fileprivate let format: ContainerFormat
  fileprivate let computesChecksum: Bool
  /// Bytes that the next piece shall have at least.
  private let inputCount: Atomic<Int>
  private var returned: [UInt8] = []
  private var failure: TransferError?
  private var isEnded = false
  /// Falls with each piece that had to be decoded again, and ends the run at 0.
  private var credit = usualCredit
  private static let usualCredit = 5
  /// Bytes of data that were decoded by the workers.
  private(set) var passedCount: UInt64 = 0

  /// Prepares to decode what the source holds next; `ratio` is how much data a byte has stood for.
  init(
    _ source: ByteSource, _ format: ContainerFormat, ratio: Double, computesChecksum: Bool,
    judge: any PieceJudge
  ) {
    self.source = source
    self.format = format
    self.computesChecksum = computesChecksum && !format.hasMembers
    self.judge = judge
    inputCount = Atomic(Self.inputCount(ratio: ratio))
  }

  /// Decodes until the body ends, or it does not pay: the source then holds what is left.
  func run(processors: Int) throws(TransferError) {
    // Pieces can be eight times as large as usual: fewer of them wait.
    OrderedWorkers.run(
      processors: processors, batchSize: 2 * Self.usualOutputCount, memory: Self.memory,
      makeBatch: { DecodedPiece() }
    ) {
      PieceWorker(self)
    }
    source.putBack(returned)
    if let failure { throw failure }
  }

  private static func inputCount(ratio: Double) -> Int {
    min(usualInputCount, max(leastInputCount, Int(Double(usualOutputCount) / max(1, ratio))))
  }

  /// Takes the next piece, up to a joint; false when there is none in reach.
  fileprivate func read(into piece: inout OwnedBytes) -> Bool {
    piece.removeAll()
    let least = inputCount.load(ordering: .relaxed)
    var searched = max(0, least - PieceDecoder.joint.count)
    while piece.count < Self.maximumInputCount {
      if source.count == 0 { try? source.fill() }
      let taken = min(source.count, Self.maximumInputCount - piece.count)
      guard taken > 0 else { break }
      while piece.capacity - piece.count < taken, piece.grow(to: Self.maximumInputCount) {}
      source.withBytes { piece.append($0.extracting(first: taken)) }
      source.consume(taken)
      if let end = piece.withBytes({ PieceDecoder.firstStart(in: $0, from: searched) }) {
        source.putBack(piece.count - end)
        piece.keepFirst(end)
        return true
      }
      searched = max(searched, piece.count - PieceDecoder.joint.count + 1)
    }
    source.putBack(piece.withBytes { $0.copied })
    return false
  }

  /// Hands over the piece that all wait for; false when no more shall be read.
  fileprivate func write(_ piece: DecodedPiece) -> Bool {
    var taken = 0
    if !isEnded {
      do throws(TransferError) {
        taken = try settle(piece)
      } catch {
        failure = error
        isEnded = true
        return false
      }
      if taken < piece.input.count || credit == 0 { isEnded = true }
    }
    if taken < piece.input.count {
      returned += piece.input.withBytes(from: taken) { $0.copied }
    }
    return !isEnded
  }

  private func settle(_ piece: DecodedPiece) throws(TransferError) -> Int {
    if piece.isWhole, try judge.pass(piece) {
      passedCount += UInt64(piece.output.count)
      credit = min(Self.usualCredit, credit + 1)
      let ratio = Double(piece.output.count) / Double(piece.input.count)
      inputCount.store(Self.inputCount(ratio: ratio), ordering: .relaxed)
      return piece.input.count
    }
    credit -= 1
    // Too much data in it, maybe.
    let least = inputCount.load(ordering: .relaxed)
    inputCount.store(max(Self.leastInputCount, least / 2), ordering: .relaxed)
    return try judge.decode(piece)
  }

  /// The most data that a worker decodes.
  fileprivate var outputLimit: Int { Self.maximumOutputCount }
}

private struct PieceWorker: OrderedWorkers.Worker, ~Copyable {
  private let decoding: PieceDecoding
  private var decoder = PieceDecoder()

  init(_ decoding: PieceDecoding) { self.decoding = decoding }

  mutating func read(into piece: DecodedPiece) -> OrderedWorkers.Piece {
    decoding.read(into: &piece.input) ? .some : .none
  }

  mutating func process(_ piece: DecodedPiece) {
    piece.isWhole = piece.input.withBytes { input in
      decoder.decode(input, into: &piece.output, maximumCount: decoding.outputLimit)
    }
    guard piece.isWhole else { return }
    piece.checksum = ContentChecksum(for: decoding.format)
    piece.crc = decoding.computesChecksum ? CRC32() : nil
    piece.output.withBytes { data in
      piece.checksum.update(data)
      piece.crc?.update(data)
    }
  }

  mutating func write(_ piece: DecodedPiece) -> Bool { decoding.write(piece) }
}
