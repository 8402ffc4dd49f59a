// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One stream on several processors. Writers that compress in parallel, or flush, leave joints behind
// which a block begins, and stored blocks say where they end; what is between two such places is
// decoded as a guess that nothing before it is needed. The pieces come in order to the stream's own decoder. Where it stands at a block's start, a
// piece that was decoded without a fault is what it would have made of the same bytes, and is passed.
// Everything else it decodes itself, so its verdict on bad data is the only one.

import FixedDeflate
import Synchronization

/// The stream's decoder, as pieces need it. All is called by one worker at a time, in order.
protocol PieceJudge: AnyObject {
  /// Whether it stands where a block begins, and nothing is half done.
  var isAtBlockStart: Bool { get }
  /// Takes a piece that was decoded elsewhere; a block must begin.
  func pass(_ piece: StreamPiece, _ extent: PieceDecoder.Extent) throws(GzipError)
  /// Decodes a piece; how many of its bytes belong to the body, which ends there if not all do.
  func decode(_ piece: StreamPiece) throws(GzipError) -> Int
}

/// Pieces of a stream, decoded by several workers from where the stream's decoder stands.
///
/// SAFETY of `@unchecked Sendable`: the source and the cutter are touched only in `read`, the judge and the other
/// variables only in `write`, each called by one worker at a time (`OrderedWorkers` hands the turn on
/// under a lock); after `run` all workers have ended.
final class PieceDecoding: @unchecked Sendable {
  /// Bytes of data that a piece shall have: enough that locks and system calls do not count.
  static let usualOutputCount = 256 << 10
  /// Bytes that a piece has at least, unless they would hold much more data.
  static let usualInputCount = 96 << 10
  private static let leastInputCount = 2 << 10
  /// The most a piece may hold: the largest chunk we write fits, whatever the format.
  fileprivate static let maximumOutputCount = Encoder.maximumChunkSize + usualOutputCount
  private static let maximumInputCount =
    Encoder.bound(Encoder.maximumChunkSize, position: .notLast) + 2 * usualInputCount

  /// Bytes that a worker takes at most: two pieces, what goes back to the source, and its tables.
  static let memory = 2 * maximumOutputCount + 6 * maximumInputCount + OrderedWorkers.tableSize

  private let source: ByteSource
  private let judge: any PieceJudge
  fileprivate let format: ContainerFormat
  fileprivate let coders: any Coders
  fileprivate let computesChecksum: Bool
  private var cutter: PieceCutter
  /// Bytes that the next piece shall have at least.
  private let inputCount: Atomic<Int>
  private var returned: [UInt8] = []
  private var failure: GzipError?
  private var isEnded = false
  /// Falls with each piece that had to be decoded again, and ends the run at 0.
  private var credit = firstCredit
  /// The first piece begins anywhere, so it is decoded again as a rule.
  private static let firstCredit = 3
  private static let usualCredit = 5
  /// Bytes of data that were decoded by the workers.
  private(set) var passedCount: UInt64 = 0

  /// Prepares to decode what the source holds next; `ratio` is how much data a byte has stood for.
  init(
    _ source: ByteSource, _ format: ContainerFormat, _ coders: any Coders, ratio: Double,
    computesChecksum: Bool, judge: any PieceJudge
  ) {
    self.source = source
    self.coders = coders
    self.format = format
    self.computesChecksum = computesChecksum && !format.hasMembers
    self.judge = judge
    cutter = PieceCutter(
      source, isAtBlockStart: judge.isAtBlockStart, maximumCount: Self.maximumInputCount)
    inputCount = Atomic(Self.inputCount(ratio: ratio))
  }

  /// Decodes until the body ends, or it does not pay: the source then holds what is left.
  func run(processors: Int) throws(GzipError) {
    // Pieces can be eight times as large as usual: fewer of them wait.
    OrderedWorkers.run(
      processors: processors, batchSize: 2 * Self.usualOutputCount, memory: Self.memory,
      makeBatch: { StreamPiece() }
    ) {
      PieceWorker(self)
    }
    source.putBack(returned)
    if let failure { throw failure }
  }

  private static func inputCount(ratio: Double) -> Int {
    min(usualInputCount, max(leastInputCount, Int(Double(usualOutputCount) / max(1, ratio))))
  }

  /// Takes the next piece; none when no end of one is in reach.
  fileprivate func read(into piece: StreamPiece) -> OrderedWorkers.ReadOutcome {
    piece.input.removeAll()
    piece.isTail = false
    return cutter.cut(into: piece, least: inputCount.load(ordering: .relaxed))
  }

  /// Hands over the piece that all wait for; false when no more shall be read.
  fileprivate func write(_ piece: StreamPiece) -> Bool {
    var taken = 0
    if !isEnded {
      do throws(GzipError) {
        taken = try settle(piece)
      } catch {
        failure = error
        isEnded = true
        return false
      }
      if taken < piece.input.count || credit == 0 { isEnded = true }
    }
    if taken < piece.input.count, failure == nil {
      returned += piece.input.withBytes(from: taken) { $0.copied }
    }
    return !isEnded
  }

  private func settle(_ piece: StreamPiece) throws(GzipError) -> Int {
    let least = inputCount.load(ordering: .relaxed)
    if let extent = piece.extent, judge.isAtBlockStart {
      try judge.pass(piece, extent)
      piece.note?.count()
      passedCount += UInt64(piece.output.count)
      credit = min(Self.usualCredit, credit + 1)
      let ratio = Double(piece.output.count) / Double(max(1, extent.byteCount))
      inputCount.store(Self.inputCount(ratio: ratio), ordering: .relaxed)
      // What ends the stream ends the run, also where nothing is left.
      if extent.isStreamEnd { isEnded = true }
      return extent.byteCount
    }
    credit -= 1
    // Too much data in it, maybe.
    inputCount.store(max(Self.leastInputCount, least / 2), ordering: .relaxed)
    return try judge.decode(piece)
  }
}

private struct PieceWorker: OrderedWorkers.Worker, ~Copyable {
  private let decoding: PieceDecoding
  private let coder: any PieceCoder

  init(_ decoding: PieceDecoding) {
    self.decoding = decoding
    coder = decoding.coders.makePieceCoder(outputLimit: PieceDecoding.maximumOutputCount)
  }

  mutating func read(into piece: StreamPiece) -> OrderedWorkers.ReadOutcome {
    decoding.read(into: piece)
  }

  mutating func process(_ piece: StreamPiece) {
    coder.decode(piece)
    guard piece.extent != nil else { return }
    piece.checksum = ContentChecksum(for: decoding.format)
    piece.crc = decoding.computesChecksum ? CRC32() : nil
    piece.output.withBytes { data in
      piece.checksum.update(data)
      piece.crc?.update(data)
    }
  }

  mutating func write(_ piece: StreamPiece) -> Bool { decoding.write(piece) }
}
