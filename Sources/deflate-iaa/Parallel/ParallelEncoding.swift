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
  private let input: FileDescriptor
  private let sink: (RawSpan, _ inputCount: UInt64) throws(TransferError) -> Void

  // The reader's.
  /// The first byte of the next chunk: reading it tells that the chunk before is not the last.
  private var carry: UInt8?
  private var isAtStart = true
  private var isAtEnd = false
  private var readFailure: TransferError?

  // The writer's.
  private(set) var inputCount: UInt64 = 0
  private(set) var outputCount: UInt64 = 0
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
    _ input: FileDescriptor, _ layout: ChunkLayout, _ offload: Offload,
    to sink: @escaping (RawSpan, _ inputCount: UInt64) throws(TransferError) -> Void
  ) {
    self.input = input
    self.layout = layout
    self.offload = offload
    self.sink = sink
  }

  /// Compresses everything.
  func run(processors: Int) throws(TransferError) {
    OrderedWorkers.run(processors: processors) { EncodingWorker(self) }
    if let failure = writeFailure ?? readFailure { throw failure }
    let end = layout.end(checksum: adler)
    outputCount += UInt64(end.count)
    try lend(end, 0..<end.count) { (bytes: RawSpan) throws(TransferError) in
      try sink(bytes, inputCount)
    }
  }

  /// Reads the next chunk; nil when there is none.
  fileprivate func read(into buffer: inout [UInt8]) -> ChunkPlace? {
    guard !isAtEnd else { return nil }
    var count = 0
    if let byte = carry.take() {
      buffer[0] = byte
      count = 1
    }
    do {
      while count <= layout.chunkSize {
        let read = try SystemCalls.read(input, into: &buffer, at: count)
        if read == 0 { break }
        count += read
      }
    } catch {
      readFailure = .reading(error)
      isAtEnd = true
      return nil
    }
    if count > layout.chunkSize {
      carry = buffer[layout.chunkSize]
    } else {
      isAtEnd = true
    }
    defer { isAtStart = false }
    return ChunkPlace(count: min(count, layout.chunkSize), isFirst: isAtStart, isLast: isAtEnd)
  }

  /// Hands an encoded chunk over; false when that fails.
  fileprivate func write(_ piece: RawSpan, of chunk: EncodedChunk) -> Bool {
    guard writeFailure == nil else { return false }
    switch chunk.outcome {
    case .failure(let error):
      writeFailure = .offload("\(error)")
      return false
    case .success(let report): tally.add(report)
    case nil where chunk.count > 0: tally.addSoftware(offload.reason)
    case nil: break
    }
    inputCount += UInt64(chunk.count)
    outputCount += UInt64(piece.byteCount)
    if piece.byteCount > 0 {
      index.append(compressedCount: piece.byteCount, dataCount: chunk.count)
    }
    checksum = checksum.combined(with: chunk.checksum, count: chunk.count)
    adler = adler.combined(with: chunk.adler, count: chunk.count)
    do throws(TransferError) {
      try sink(piece, inputCount)
      return true
    } catch {
      writeFailure = error
      return false
    }
  }
}

/// Where a chunk stands.
private struct ChunkPlace {
  var count = 0
  var isFirst = true
  var isLast = true
}

/// What the whole needs to know of a chunk.
private struct EncodedChunk {
  let count: Int
  let checksum: CRC32
  let adler: Adler32
  /// What became of it on a device.
  let outcome: Result<JobReport, OffloadError>?
}

private struct EncodingWorker: OrderedWorkers.Worker, ~Copyable {
  private let encoding: ParallelEncoding
  private var encoder: BlockEncoder
  private var input: [UInt8]
  private var output: OwnedBytes
  private var place = ChunkPlace()
  private var checksum = CRC32()
  private var adler = Adler32()

  init(_ encoding: ParallelEncoding) {
    self.encoding = encoding
    encoder = BlockEncoder(encoding.layout, encoding.offload)
    input = [UInt8](repeating: 0, count: encoding.layout.chunkSize + 1)
    output = OwnedBytes(capacity: encoding.layout.bound)
  }

  mutating func read() -> OrderedWorkers.Piece {
    guard let next = encoding.read(into: &input) else { return .none }
    place = next
    return next.isLast ? .last : .some
  }

  mutating func process() {
    checksum = CRC32()
    adler = Adler32()
    output.removeAll()
    lend(input, 0..<place.count) { chunk in
      checksum.update(chunk)
      if encoding.layout.format == .zlib { adler.update(chunk) }
      output.withOutput { (output: inout OutputRawSpan) in
        encoder.encode(chunk, isFirst: place.isFirst, isLast: place.isLast, into: &output)
      }
    }
  }

  mutating func write() -> Bool {
    let chunk = EncodedChunk(
      count: place.count, checksum: checksum, adler: adler, outcome: encoder.outcome)
    return output.withBytes { encoding.write($0, of: chunk) }
  }
}
