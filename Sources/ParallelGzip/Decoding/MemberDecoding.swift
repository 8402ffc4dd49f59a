// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// BGZF on several processors. Only members that are whole, say their size truly and decode without
// a fault are dealt with here; at the first other one everything not handed over yet goes back to
// the source, and the serial decoder goes on from there. So its verdict on bad data is the only one.

import FixedDeflate

/// The BGZF members at the front of a source, decoded by several workers.
///
/// SAFETY of `@unchecked Sendable`: the source is touched only in `read` and the other variables
/// only in `write`, each called by one worker at a time (`OrderedWorkers` hands the turn on under a
/// lock); after `run` all workers have ended.
final class MemberDecoding: @unchecked Sendable {
  /// Members a worker takes at a time.
  private static let batchCount = OrderedWorkers.usualBatchSize / BGZFMember.maximumCount

  private let source: ByteSource
  private let sink: Sink
  fileprivate let coders: any Coders
  private var returned: [UInt8] = []
  private var failure: GzipError?
  private var isEnded = false
  /// What has been handed over.
  private(set) var done = StreamDecoder.PassedMembers()

  init(_ source: ByteSource, _ coders: any Coders, to sink: Sink) {
    self.source = source
    self.sink = sink
    self.coders = coders
  }

  /// Decodes as many members as it can.
  func run(processors: Processors) throws(GzipError) {
    if let member = try BGZFMember(nextIn: source) { done.header = member.header }
    let batchSize = Self.batchCount * BGZFMember.maximumCount
    OrderedWorkers.run(
      processors: processors.count, batchSize: batchSize,
      // Two inputs and outputs, what goes back to the source, and the decoder's tables.
      memory: 6 * batchSize + OrderedWorkers.tableSize,
      makeBatch: { DecodedBatch(capacity: batchSize) }
    ) {
      DecodingWorker(self)
    }
    source.putBack(returned)
    if let failure { throw failure }
    // Whatever could not be read, the serial decoder will meet again after what was put back.
  }

  /// Whether everything has been taken. What cannot be read is not the end.
  fileprivate var isAtEnd: Bool { (try? source.peek(1))?.isEmpty == true }

  /// Takes the next members; the ends of them in `buffer`, none when there are none.
  fileprivate func read(into buffer: inout OwnedBytes) -> [Int] {
    buffer.removeAll()
    var ends: [Int] = []
    while ends.count < Self.batchCount,
      (try? BGZFMember.take(from: source, into: &buffer)) ?? nil != nil
    {
      ends.append(buffer.count)
    }
    return ends
  }

  private var counts: GzipProgress {
    GzipProgress(inputCount: done.inputCount, outputCount: done.outputCount)
  }

  /// Hands the good ones of a batch's members over; the others have to go back, and after a coder's
  /// refusal none does.
  fileprivate func write(_ batch: DecodedBatch) -> Bool {
    let good = isEnded ? 0 : Int(batch.members.inputCount)
    if !isEnded {
      do throws(GzipError) {
        done.append(batch.members)
        batch.note?.count()
        try batch.output.withBytes { (data: RawSpan) throws(GzipError) in
          if data.byteCount > 0 { try sink.take(data, counts) }
        }
        if let refusal = batch.refusal { throw refusal }
      } catch {
        failure = error
        isEnded = true
        return false
      }
    }
    guard good < batch.input.count else { return !isEnded }
    isEnded = true
    returned += batch.input.withBytes(from: good) { $0.copied }
    return false
  }
}

/// Members read together, and what became of them.
///
/// SAFETY of `@unchecked Sendable`: it is with one worker at a time, as `OrderedWorkers` promises.
private final class DecodedBatch: @unchecked Sendable {
  var input: OwnedBytes
  /// Where in `input` each member ends.
  var ends: [Int] = []
  var output: OwnedBytes
  /// The members decoded without a fault.
  var members = StreamDecoder.PassedMembers()
  var note: (any WorkNote)?
  /// Why a coder has not decoded all, and nobody shall.
  var refusal: GzipError?

  /// Makes room for so many bytes, compressed or not.
  init(capacity: Int) {
    input = OwnedBytes(capacity: capacity)
    output = OwnedBytes(capacity: capacity)
  }
}

private struct DecodingWorker: OrderedWorkers.Worker, ~Copyable {
  private let decoding: MemberDecoding
  private let coder: any MemberCoder

  init(_ decoding: MemberDecoding) {
    self.decoding = decoding
    coder = decoding.coders.makeMemberCoder()
  }

  mutating func read(into batch: DecodedBatch) -> OrderedWorkers.ReadOutcome {
    batch.ends = decoding.read(into: &batch.input)
    return batch.ends.isEmpty ? .nothing : decoding.isAtEnd ? .last : .more
  }

  mutating func process(_ batch: DecodedBatch) {
    batch.members = StreamDecoder.PassedMembers()
    batch.refusal = nil
    batch.output.removeAll()
    var start = 0
    for end in batch.ends {
      guard decode(start..<end, of: batch) else { break }
      start = end
    }
    batch.note = coder.takeNote()
  }

  /// Decodes one member; false, and no trace of it, when anything about it is wrong.
  private mutating func decode(_ range: Range<Int>, of batch: DecodedBatch) -> Bool {
    let before = batch.output.count
    let checksum: CRC32? = batch.input.withBytes { bytes in
      batch.output.withOutput { (output: inout OutputRawSpan) in
        let bytes = bytes.extracting(range)
        do throws(GzipError) {
          let member = try coder.decode(bytes, into: &output)
          if member.byteCount == bytes.byteCount { return member.checksum }
        } catch {
          if case .refused = error { batch.refusal = error }
        }
        output.removeLast(output.byteCount - before)
        return nil
      }
    }
    guard let checksum else { return false }
    batch.members.append(
      inputCount: range.count, outputCount: batch.output.count - before, checksum: checksum,
      isBGZF: true)
    return true
  }

  mutating func write(_ batch: DecodedBatch) -> Bool { decoding.write(batch) }
}
