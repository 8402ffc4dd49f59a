// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Compression on several processors. Every chunk depends on nothing but its place, so the output is
// the same, byte for byte, whatever the number of workers.

import FixedDeflate
import IAAOffload
import SystemPackage

/// One input being compressed by several workers.
///
/// SAFETY of `@unchecked Sendable`: the reader's properties are touched only in `read` and the
/// writer's only in `write`, each called by one worker at a time (`OrderedWorkers` hands the turn on
/// under a lock); after `run` all workers have ended.
final class ParallelEncoding: @unchecked Sendable {
  fileprivate let layout: ChunkLayout
  fileprivate let offload: Offload
  fileprivate let computesChecksum: Bool
  private let input: FileDescriptor
  private let sink: (RawSpan, _ inputCount: UInt64) throws(TransferError) -> Void

  /// Chunks a worker takes at a time.
  fileprivate let batchCount: Int

  // The reader's.
  /// The first byte of the next batch: reading it tells that the batch before is not the last.
  private var carry: UInt8?
  private var isAtStart = true
  private var isAtEnd = false
  private var readFailure: TransferError?

  // The writer's.
  private(set) var inputCount: UInt64 = 0
  private(set) var outputCount: UInt64 = 0
  /// CRC-32 of the input, if asked for.
  private(set) var checksum = CRC32()
  /// Where the chunks went.
  private(set) var index = BGZFIndex()
  /// Where they were compressed.
  private(set) var tally = BlockTally()
  private var adler = Adler32()
  private var writeFailure: TransferError?

  /// Prepares to compress an input; the sink takes the output in order, with the input bytes that it
  /// stands for so far.
  init(
    _ input: FileDescriptor, _ layout: ChunkLayout, _ offload: Offload, computesChecksum: Bool,
    to sink: @escaping (RawSpan, _ inputCount: UInt64) throws(TransferError) -> Void
  ) {
    self.input = input
    self.layout = layout
    self.offload = offload
    self.computesChecksum = computesChecksum
    self.sink = sink
    batchCount = (OrderedWorkers.usualBatchSize + layout.chunkSize - 1) / layout.chunkSize
  }

  /// Compresses everything.
  func run(processors: Int) throws(TransferError) {
    OrderedWorkers.run(
      processors: processors, batchSize: batchSize,
      makeBatch: { [capacity = batchCount * layout.bound] in EncodedBatch(capacity: capacity) }
    ) {
      EncodingWorker(self)
    }
    if let failure = writeFailure ?? readFailure { throw failure }
    let end = layout.end(checksum: adler)
    outputCount += UInt64(end.count)
    try lend(end, 0..<end.count) { (bytes: RawSpan) throws(TransferError) in
      try sink(bytes, inputCount)
    }
  }

  /// Bytes of data in a batch.
  fileprivate var batchSize: Int { batchCount * layout.chunkSize }

  /// Reads the next batch; nil when there is none.
  fileprivate func read(into buffer: inout OwnedBytes) -> BatchPlace? {
    guard !isAtEnd else { return nil }
    buffer.removeAll()
    if let carry = carry.take() { lend([carry], 0..<1) { buffer.append($0) } }
    do throws(TransferError) {
      while buffer.count <= batchSize {
        let before = buffer.count
        try receive(from: input, into: &buffer)
        if buffer.count == before { break }
      }
    } catch {
      readFailure = error
      isAtEnd = true
      return nil
    }
    if buffer.count > batchSize {
      carry = buffer.withBytes { $0.byte(at: batchSize) }
    } else {
      isAtEnd = true
    }
    defer { isAtStart = false }
    return BatchPlace(count: min(buffer.count, batchSize), isFirst: isAtStart, isLast: isAtEnd)
  }

  /// Hands an encoded batch over; false when that fails.
  fileprivate func write(_ batch: EncodedBatch) -> Bool {
    guard writeFailure == nil else { return false }
    if let failure = batch.failure {
      writeFailure = .offload("\(failure)")
      return false
    }
    tally.add(batch.tally)
    inputCount += UInt64(batch.count)
    outputCount += UInt64(batch.output.count)
    for chunk in batch.chunks where chunk.compressedCount > 0 {
      index.append(compressedCount: chunk.compressedCount, dataCount: chunk.dataCount)
    }
    checksum = checksum.combined(with: batch.checksum, count: batch.count)
    adler = adler.combined(with: batch.adler, count: batch.count)
    do throws(TransferError) {
      try batch.output.withBytes { (bytes: RawSpan) throws(TransferError) in
        try sink(bytes, inputCount)
      }
      return true
    } catch {
      writeFailure = error
      return false
    }
  }
}

/// Where a batch stands.
private struct BatchPlace {
  var count = 0
  var isFirst = true
  var isLast = true
}

/// The output that a batch's data becomes, and what the whole needs to know of it.
///
/// SAFETY of `@unchecked Sendable`: it is with one worker at a time, as `OrderedWorkers` promises.
private final class EncodedBatch: @unchecked Sendable {
  var output: OwnedBytes
  /// Bytes of data.
  var count = 0
  var checksum = CRC32()
  var adler = Adler32()
  var chunks: [(compressedCount: Int, dataCount: Int)] = []
  /// Where it was compressed.
  var tally = BlockTally()
  /// Why it was not, where only a device may do it.
  var failure: OffloadError?

  init(capacity: Int) { output = OwnedBytes(capacity: capacity) }
}

private struct EncodingWorker: OrderedWorkers.Worker, ~Copyable {
  private let encoding: ParallelEncoding
  private var encoder: BlockEncoder
  /// The batch's data. Needed until the output is made, so it is the worker's and not the batch's.
  private var input: OwnedBytes
  private var place = BatchPlace()

  init(_ encoding: ParallelEncoding) {
    self.encoding = encoding
    encoder = BlockEncoder(encoding.layout, encoding.offload)
    input = OwnedBytes(capacity: encoding.batchSize + 1)
  }

  mutating func read(into _: EncodedBatch) -> OrderedWorkers.Piece {
    guard let next = encoding.read(into: &input) else { return .none }
    place = next
    return next.isLast ? .last : .some
  }

  mutating func process(_ batch: EncodedBatch) {
    batch.count = place.count
    (batch.checksum, batch.adler) = (CRC32(), Adler32())
    batch.chunks.removeAll(keepingCapacity: true)
    batch.output.removeAll()
    encoder.beginBatch()
    input.withBytes { bytes in
      let data = bytes.extracting(first: place.count)
      if encoding.computesChecksum { batch.checksum.update(data) }
      if encoding.layout.format == .zlib { batch.adler.update(data) }
    }
    var start = 0
    // An empty input is one empty chunk.
    repeat {
      let end = min(start + encoding.layout.chunkSize, place.count)
      encode(start..<end, into: batch)
      start = end
    } while start < place.count
    (batch.tally, batch.failure) = (encoder.tally, encoder.failure)
  }

  private mutating func encode(_ range: Range<Int>, into batch: EncodedBatch) {
    let before = batch.output.count
    input.withBytes { bytes in
      batch.output.withOutput { (output: inout OutputRawSpan) in
        encoder.encode(
          bytes.extracting(range), isFirst: place.isFirst && range.lowerBound == 0,
          isLast: place.isLast && range.upperBound == place.count, into: &output)
      }
    }
    batch.chunks.append((batch.output.count - before, range.count))
  }

  mutating func write(_ batch: EncodedBatch) -> Bool { encoding.write(batch) }
}
