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

  /// Cuts chunks by content; nil when all are of one size.
  private let cutter: ContentCutter?
  /// Chunks a worker takes at a time, or their bytes where chunks are shorter.
  fileprivate let batchCount: Int

  // The reader's.
  /// The next batch's first bytes, at least one: they tell that the batch before is not the last.
  private var carry: [UInt8] = []
  private var isAtStart = true
  private var isAtEnd = false
  private var readFailure: TransferError?

  // The writer's.
  private(set) var inputCount: UInt64 = 0
  private(set) var outputCount: UInt64 = 0
  /// CRC-32 of the input, if asked for.
  var checksum: CRC32 { content.crc32 ?? crc }
  /// Where the chunks went.
  private(set) var index = BGZFIndex()
  /// Where they were compressed.
  private(set) var tally = BlockTally()
  private var content: ContentChecksum
  /// CRC-32 of the input where the container has another check.
  private var crc = CRC32()
  /// BGZF: the last byte written, kept back until the next ones come.
  private var heldBack: UInt8?
  private var writeFailure: TransferError?

  /// Prepares to compress an input; the sink takes the output in order, with the input bytes that it
  /// stands for so far.
  init(
    _ input: FileDescriptor, _ layout: ChunkLayout, cutsByContent: Bool = false, _ offload: Offload,
    computesChecksum: Bool,
    to sink: @escaping (RawSpan, _ inputCount: UInt64) throws(TransferError) -> Void
  ) {
    self.input = input
    self.layout = layout
    self.offload = offload
    self.computesChecksum = computesChecksum && !layout.format.hasMembers
    self.sink = sink
    content = ContentChecksum(for: layout.format)
    cutter = cutsByContent ? ContentCutter(maximum: layout.chunkSize) : nil
    batchCount = (OrderedWorkers.usualBatchSize + layout.chunkSize - 1) / layout.chunkSize
  }

  /// Compresses everything.
  func run(processors: Processors) throws(TransferError) {
    OrderedWorkers.run(
      processors: processors.count, batchSize: batchSize,
      // The input, what of it is carried on, two outputs and the encoder's tables.
      memory: 2 * (batchSize + outputCapacity + reservedCount) + OrderedWorkers.tableSize,
      makeBatch: {
        [capacity = outputCapacity, reservedCount, format = layout.format] in
        EncodedBatch(capacity: capacity, reservedCount: reservedCount, format: format)
      }
    ) {
      EncodingWorker(self)
    }
    if let failure = writeFailure ?? readFailure { throw failure }
    let end = layout.end(checksum: content)
    outputCount += UInt64(end.count)
    let rest = (heldBack.map { [$0] } ?? []) + end
    try lend(rest, 0..<rest.count) { (bytes: RawSpan) throws(TransferError) in
      try sink(bytes, inputCount)
    }
  }

  /// Bytes of data in a batch, at most.
  fileprivate var batchSize: Int { batchCount * layout.chunkSize }

  /// The most bytes that a batch's output can take.
  private var outputCapacity: Int {
    guard cutter != nil else { return batchCount * layout.bound }
    // More and shorter chunks: what each takes beside its data counts as often.
    return layout.bound(batchSize, chunks: batchSize / ContentCutter.minimum + 1)
  }

  /// Reads the next batch; nil when there is none.
  fileprivate func read(into buffer: inout OwnedBytes) -> BatchPlace? {
    guard !isAtEnd else { return nil }
    buffer.removeAll()
    lend(carry, 0..<carry.count) { buffer.append($0) }
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
    isAtEnd = buffer.count <= batchSize
    let ends = buffer.withBytes { bytes in
      let ends = chunkEnds(in: bytes)
      // Small unless chunks are cut by content.
      carry = bytes.extracting(droppingFirst: ends[ends.count - 1]).copied
      return ends
    }
    defer { isAtStart = false }
    return BatchPlace(ends: ends, isFirst: isAtStart, isLast: isAtEnd)
  }

  /// Where a batch's chunks end. An empty input is one empty chunk.
  private func chunkEnds(in bytes: RawSpan) -> [Int] {
    let count = min(bytes.byteCount, batchSize)
    if let cutter { return cutter.ends(of: bytes.extracting(first: count), isAll: isAtEnd) }
    let whole = stride(from: layout.chunkSize, to: count, by: layout.chunkSize)
    return whole + [count]
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
    outputCount += UInt64(batch.output.count - batch.reservedCount)
    for chunk in batch.chunks where chunk.compressedCount > 0 {
      index.append(compressedCount: chunk.compressedCount, dataCount: chunk.dataCount)
    }
    content.append(batch.content)
    if computesChecksum { crc = crc.combined(with: batch.crc, count: batch.count) }
    do throws(TransferError) {
      let range = holdBack(&batch.output, reserved: batch.reservedCount)
      try batch.output.withBytes { (bytes: RawSpan) throws(TransferError) in
        if !range.isEmpty { try sink(bytes.extracting(range), inputCount) }
      }
      return true
    } catch {
      writeFailure = error
      return false
    }
  }
}

extension ParallelEncoding {
  /// Bytes in front of a batch's output, for what was kept back of the one before.
  fileprivate var reservedCount: Int { layout.format == .bgzf ? 1 : 0 }

  /// What of a batch's output is written now. A BGZF file that a killed run leaves would end with a
  /// whole member, and most readers would take it for all there is. So the last byte of each write
  /// stays back until the next.
  fileprivate func holdBack(_ output: inout OwnedBytes, reserved: Int) -> Range<Int> {
    guard reserved > 0 else { return 0..<output.count }
    guard output.count > reserved else { return 0..<0 }
    let start = heldBack == nil ? reserved : 0
    output.withOutput { (output: inout OutputRawSpan) in
      if let heldBack { output.overwrite(at: 0, with: [heldBack]) }
      heldBack = output.bytes.byte(at: output.byteCount - 1)
    }
    return start..<(output.count - 1)
  }
}

/// Where a batch stands.
private struct BatchPlace {
  /// Where its chunks end, the last where the batch does.
  var ends = [0]
  var isFirst = true
  var isLast = true

  /// Bytes of data.
  var count: Int { ends[ends.count - 1] }
}

/// The output that a batch's data becomes, and what the whole needs to know of it.
///
/// SAFETY of `@unchecked Sendable`: it is with one worker at a time, as `OrderedWorkers` promises.
private final class EncodedBatch: @unchecked Sendable {
  var output: OwnedBytes
  /// Bytes at the output's front that are not the batch's.
  let reservedCount: Int
  /// Bytes of data.
  var count = 0
  var content: ContentChecksum
  var crc = CRC32()
  var chunks: [(compressedCount: Int, dataCount: Int)] = []
  /// Where it was compressed.
  var tally = BlockTally()
  /// Why it was not, where only a device may do it.
  var failure: OffloadError?

  init(capacity: Int, reservedCount: Int, format: ContainerFormat) {
    output = OwnedBytes(capacity: capacity + reservedCount)
    self.reservedCount = reservedCount
    content = ContentChecksum(for: format)
  }
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
    batch.crc = CRC32()
    batch.content = ContentChecksum(for: encoding.layout.format)
    batch.chunks.removeAll(keepingCapacity: true)
    batch.output.removeAll()
    if batch.reservedCount > 0 {
      batch.output.withOutput { (output: inout OutputRawSpan) in output.append(0) }
    }
    encoder.beginBatch()
    input.withBytes { bytes in
      let data = bytes.extracting(first: place.count)
      batch.content.update(data)
      if encoding.computesChecksum { batch.crc.update(data) }
    }
    var start = 0
    for end in place.ends {
      encode(start..<end, into: batch)
      start = end
    }
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
