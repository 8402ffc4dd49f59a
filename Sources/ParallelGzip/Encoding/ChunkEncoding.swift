// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Compression on several processors. Every chunk depends on nothing but its place, so the output is
// the same, byte for byte, whatever the number of workers.

package import FixedDeflate

/// One input being compressed by several workers, once.
///
/// SAFETY of `@unchecked Sendable`: the reader's properties are touched only in `read` and the
/// writer's only in `write`, each called by one worker at a time (`OrderedWorkers` hands the turn on
/// under a lock); after `run` all workers have ended.
package final class ChunkEncoding: @unchecked Sendable {
  fileprivate let layout: ChunkLayout
  fileprivate let coders: any Coders
  fileprivate let computesChecksum: Bool
  private let recordsIndex: Bool
  private let sink: Sink

  /// Cuts chunks by content; nil when all are of one size.
  private let cutter: ContentCutter?
  /// Chunks a worker takes at a time, or their bytes where chunks are shorter.
  fileprivate let batchCount: Int

  // The reader's.
  private var reader: InputReader
  /// The next batch's first bytes, at least one: they tell that the batch before is not the last.
  private var carry: [UInt8] = []
  private var isAtStart = true
  private var isAtEnd = false
  private var readFailure: GzipError?

  // The writer's.
  package private(set) var inputCount: UInt64 = 0
  package private(set) var outputCount: UInt64 = 0
  /// CRC-32 of the input, if the container has it or it was asked for.
  package var checksum: CRC32 { content.crc32 ?? crc }
  /// Where the chunks went, if asked for.
  package private(set) var index = BGZFIndex()
  private var content: ContentChecksum
  /// CRC-32 of the input where the container has another check.
  private var crc = CRC32()
  /// BGZF: the last byte written, kept back until the next ones come.
  private var heldBack: UInt8?
  private var writeFailure: GzipError?

  /// Prepares to compress an input; the sink takes the output in order.
  package init(
    _ reader: InputReader, _ layout: ChunkLayout, cutsByContent: Bool = false,
    recordsIndex: Bool = false, computesChecksum: Bool = false, coders: any Coders, to sink: Sink
  ) {
    self.reader = reader
    self.layout = layout
    self.coders = coders
    self.recordsIndex = recordsIndex
    self.computesChecksum = computesChecksum && !layout.format.hasMembers
    self.sink = sink
    content = ContentChecksum(for: layout.format)
    cutter = cutsByContent ? ContentCutter(maximum: layout.chunkSize) : nil
    batchCount = (OrderedWorkers.usualBatchSize + layout.chunkSize - 1) / layout.chunkSize
  }

  /// Compresses everything.
  package func run(processors: Processors) throws(GzipError) {
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
    try lend(rest, 0..<rest.count) { (bytes: RawSpan) throws(GzipError) in
      try sink.take(bytes, counts)
    }
  }

  private var counts: GzipProgress {
    GzipProgress(inputCount: inputCount, outputCount: outputCount)
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
    var isFlushed = false
    do throws(GzipError) {
      while buffer.count <= batchSize, !isAtEnd, !isFlushed {
        let before = buffer.count
        let isFlush = try reader.read(into: &buffer)
        // With nothing before it there is nothing that it could bring on its way.
        isFlushed = isFlush && buffer.count > 0
        isAtEnd = !isFlush && buffer.count == before
      }
    } catch {
      readFailure = error
      isAtEnd = true
      return nil
    }
    let ends = buffer.withBytes { bytes in
      let ends = chunkEnds(in: bytes, isAll: isAtEnd || isFlushed)
      // Small unless chunks are cut by content.
      carry = bytes.extracting(droppingFirst: ends[ends.count - 1]).copied
      return ends
    }
    defer { isAtStart = false }
    return BatchPlace(ends: ends, isFirst: isAtStart, isLast: isAtEnd, isFlushed: isFlushed)
  }

  /// Where a batch's chunks end. An empty input is one empty chunk.
  private func chunkEnds(in bytes: RawSpan, isAll: Bool) -> [Int] {
    let count = min(bytes.byteCount, batchSize)
    if let cutter { return cutter.ends(of: bytes.extracting(first: count), isAll: isAll) }
    let whole = stride(from: layout.chunkSize, to: count, by: layout.chunkSize)
    return whole + [count]
  }

  /// Hands an encoded batch over; false when that fails.
  fileprivate func write(_ batch: EncodedBatch) -> Bool {
    guard writeFailure == nil else { return false }
    if let failure = batch.failure {
      writeFailure = failure
      return false
    }
    batch.note?.count()
    inputCount += UInt64(batch.count)
    outputCount += UInt64(batch.output.count - batch.reservedCount)
    if recordsIndex {
      for chunk in batch.chunks where chunk.compressedCount > 0 {
        index.append(compressedCount: chunk.compressedCount, dataCount: chunk.dataCount)
      }
    }
    content.append(batch.content)
    if computesChecksum { crc = crc.combined(with: batch.crc, count: batch.count) }
    do throws(GzipError) {
      let range = holdBack(
        &batch.output, reserved: batch.reservedCount, releasing: batch.isFlushed)
      try batch.output.withBytes { (bytes: RawSpan) throws(GzipError) in
        if !range.isEmpty { try sink.take(bytes.extracting(range), counts) }
      }
      return true
    } catch {
      writeFailure = error
      return false
    }
  }
}

extension ChunkEncoding {
  /// Bytes in front of a batch's output, for what was kept back of the one before.
  fileprivate var reservedCount: Int { layout.format == .bgzf ? 1 : 0 }

  /// What of a batch's output is written now. A BGZF file that a killed run leaves would end with a
  /// whole member, and most readers would take it for all there is. So the last byte of each write
  /// stays back until the next, unless the caller wants all there is.
  fileprivate func holdBack(
    _ output: inout OwnedBytes, reserved: Int, releasing: Bool
  ) -> Range<Int> {
    guard reserved > 0 else { return 0..<output.count }
    guard output.count > reserved else { return 0..<0 }
    let start = heldBack == nil ? reserved : 0
    output.withOutput { (output: inout OutputRawSpan) in
      if let heldBack { output.overwrite(at: 0, with: [heldBack]) }
      heldBack = releasing ? nil : output.bytes.byte(at: output.byteCount - 1)
    }
    return start..<(releasing ? output.count : output.count - 1)
  }
}

/// Where a batch stands.
private struct BatchPlace {
  /// Where its chunks end, the last where the batch does.
  var ends = [0]
  var isFirst = true
  var isLast = true
  /// All of it is wanted at once.
  var isFlushed = false

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
  /// All of it is wanted at once.
  var isFlushed = false
  var note: (any WorkNote)?
  /// Why it was not compressed.
  var failure: GzipError?

  init(capacity: Int, reservedCount: Int, format: ContainerFormat) {
    output = OwnedBytes(capacity: capacity + reservedCount)
    self.reservedCount = reservedCount
    content = ContentChecksum(for: format)
  }
}

private struct EncodingWorker: OrderedWorkers.Worker, ~Copyable {
  private let encoding: ChunkEncoding
  private let coder: any ChunkCoder
  /// The batch's data. Needed until the output is made, so it is the worker's and not the batch's.
  private var input: OwnedBytes
  private var place = BatchPlace()

  init(_ encoding: ChunkEncoding) {
    self.encoding = encoding
    coder = encoding.coders.makeChunkCoder(encoding.layout)
    input = OwnedBytes(capacity: encoding.batchSize + 1)
  }

  mutating func read(into _: EncodedBatch) -> OrderedWorkers.ReadOutcome {
    guard let next = encoding.read(into: &input) else { return .nothing }
    place = next
    return next.isLast ? .last : .more
  }

  mutating func process(_ batch: EncodedBatch) {
    batch.count = place.count
    batch.isFlushed = place.isFlushed
    batch.failure = nil
    batch.crc = CRC32()
    batch.content = ContentChecksum(for: encoding.layout.format)
    batch.chunks.removeAll(keepingCapacity: true)
    batch.output.removeAll()
    if batch.reservedCount > 0 {
      batch.output.withOutput { (output: inout OutputRawSpan) in output.append(0) }
    }
    if encoding.computesChecksum {
      input.withBytes { batch.crc.update($0.extracting(first: place.count)) }
    }
    do throws(GzipError) {
      var start = 0
      for end in place.ends {
        try encode(start..<end, into: batch)
        start = end
      }
    } catch {
      // The batch is worth nothing now.
      batch.failure = error
    }
    batch.note = coder.takeNote()
  }

  private mutating func encode(
    _ range: Range<Int>, into batch: EncodedBatch
  ) throws(GzipError) {
    let before = batch.output.count
    let checksum = try input.withBytes { (bytes: RawSpan) throws(GzipError) in
      try batch.output.withOutput { (output: inout OutputRawSpan) throws(GzipError) in
        try coder.encode(
          bytes.extracting(range), isFirst: place.isFirst && range.lowerBound == 0,
          isLast: place.isLast && range.upperBound == place.count, into: &output)
      }
    }
    batch.content.append(checksum)
    batch.chunks.append((batch.output.count - before, range.count))
  }

  mutating func write(_ batch: EncodedBatch) -> Bool { encoding.write(batch) }
}
