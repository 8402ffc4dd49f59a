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
final class ParallelDecoding: @unchecked Sendable {
  /// Bytes a BGZF member has at most, compressed or not (SAM specification §4.1).
  static let maximumMemberCount = 1 << 16
  /// Members a worker takes at a time.
  private static let batchCount = OrderedWorkers.usualBatchSize / maximumMemberCount
  /// A BGZF header: 10 bytes, XLEN, the BC subfield.
  static let headerCount = 18

  private let source: ByteSource
  private let sink: Decoding.Sink
  fileprivate let offload: Offload
  private var returned: [UInt8] = []
  private var failure: TransferError?
  private var isEnded = false
  /// What has been handed over.
  private(set) var done = StreamDecoder.PassedMembers()
  /// Where it was decoded.
  private(set) var tally = BlockTally()

  init(_ source: ByteSource, _ offload: Offload, to sink: @escaping Decoding.Sink) {
    self.source = source
    self.sink = sink
    self.offload = offload
  }

  /// Decodes as many members as it can.
  func run(processors: Processors) throws(TransferError) {
    if let header = try Self.nextMember(in: source)?.header { done.header = header }
    let batchSize = Self.batchCount * Self.maximumMemberCount
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

  /// The header of the member that is next, when it is BGZF's and the member can be whole.
  static func nextMember(
    in source: ByteSource
  ) throws(TransferError) -> (header: GzipHeader, byteCount: Int)? {
    let start = try source.peek(headerCount)
    let header = lend(start, 0..<start.count) { bytes in
      (try? GzipHeader.parse(bytes))?.header
    }
    guard let header, let byteCount = header.bgzfBlockSize else { return nil }
    return (header, byteCount)
  }

  /// Whether everything has been taken. What cannot be read is not the end.
  fileprivate var isAtEnd: Bool { (try? source.peek(1))?.isEmpty == true }

  /// Takes the next members; the ends of them in `buffer`, none when there are none.
  fileprivate func read(into buffer: inout OwnedBytes) -> [Int] {
    buffer.removeAll()
    var ends: [Int] = []
    while ends.count < Self.batchCount {
      guard let next = try? Self.nextMember(in: source),
        (try? source.take(next.byteCount, into: &buffer)) == true
      else { break }
      ends.append(buffer.count)
    }
    return ends
  }

  private var counts: Decoding.Counts {
    Decoding.Counts(input: done.inputCount, output: done.outputCount)
  }

  /// Hands the good ones of the members in `input` over; the others have to go back, and after a
  /// failure of the device none does.
  fileprivate func write(
    _ data: RawSpan, _ members: StreamDecoder.PassedMembers, of input: RawSpan, _ tally: BlockTally,
    _ deviceFailure: TransferError?
  ) -> Bool {
    let rest = input.extracting(droppingFirst: isEnded ? 0 : Int(members.inputCount))
    if !isEnded {
      do throws(TransferError) {
        done.append(members)
        self.tally.add(tally)
        if data.byteCount > 0 { try sink(data, counts) }
        if let deviceFailure { throw deviceFailure }
      } catch {
        failure = error
        isEnded = true
        return false
      }
    }
    if rest.byteCount > 0 { isEnded = true }
    returned += rest.copied
    return !isEnded
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
  /// Where they were decoded.
  var tally = BlockTally()
  /// Why no device could decode what only a device may.
  var failure: TransferError?

  /// Makes room for so many bytes, compressed or not.
  init(capacity: Int) {
    input = OwnedBytes(capacity: capacity)
    output = OwnedBytes(capacity: capacity)
  }
}

private struct DecodingWorker: OrderedWorkers.Worker, ~Copyable {
  private let decoding: ParallelDecoding
  private var decoder: MemberDecoder

  init(_ decoding: ParallelDecoding) {
    self.decoding = decoding
    decoder = MemberDecoder(decoding.offload)
  }

  mutating func read(into batch: DecodedBatch) -> OrderedWorkers.Piece {
    batch.ends = decoding.read(into: &batch.input)
    return batch.ends.isEmpty ? .none : decoding.isAtEnd ? .last : .some
  }

  mutating func process(_ batch: DecodedBatch) {
    batch.members = StreamDecoder.PassedMembers()
    batch.failure = nil
    batch.output.removeAll()
    decoder.resetTally()
    var start = 0
    for end in batch.ends {
      guard decode(start..<end, of: batch) else { break }
      start = end
    }
    batch.tally = decoder.tally
  }

  /// Decodes one member; false, and no trace of it, when anything about it is wrong.
  private mutating func decode(_ range: Range<Int>, of batch: DecodedBatch) -> Bool {
    let before = batch.output.count
    let checksum: CRC32? = batch.input.withBytes { bytes in
      batch.output.withOutput { (output: inout OutputRawSpan) in
        let bytes = bytes.extracting(range)
        do throws(TransferError) {
          let member = try decoder.decode(bytes, into: &output)
          if member.byteCount == bytes.byteCount { return member.checksum }
        } catch {
          if case .offload = error { batch.failure = error }
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

  mutating func write(_ batch: DecodedBatch) -> Bool {
    batch.output.withBytes { data in
      batch.input.withBytes {
        decoding.write(data, batch.members, of: $0, batch.tally, batch.failure)
      }
    }
  }
}
