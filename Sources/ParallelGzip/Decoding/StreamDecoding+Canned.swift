// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Streams in canned tables by another coder than the stream's own decoder. Nothing in or before such a stream says how
// long it is: its end is an end-of-block codeword at any bit, which only who has read every codeword before it knows,
// and no two streams have a joint between them that could be searched for. So the coder has one stream at a time. To
// find the ends beforehand in software would be to read all codewords there: decoding but for the copying, when it is
// the processor that the coder is to spare. What can go on beside the coder does: checking and writing what it made
// before.

import FixedDeflate
import Threading

extension StreamDecoding {
  /// Bytes of the largest stream that is written.
  private static let largestCannedCount = CompressionTable.canned().bound(Encoder.maximumChunkSize)
  /// Bytes that writing behind takes: a thread, and its buffers, each grown to the largest stream's data.
  private static let cannedHelperMemory = SystemThread.smallStackSize + 5 * Encoder.maximumChunkSize

  /// What the streams so far have needed, and those behind them will as a rule.
  private struct CannedNeeds {
    /// Bytes that the coder is lent, of which it takes its stream: those that one of a block of the usual size has at
    /// most, and some more.
    var inputCount = PieceDecoding.usualInputCount
    /// Bytes of room for data.
    var room = ByteSource.capacity
  }

  /// Has streams decoded as far as the coder can. What it leaves is the decoder's to do or to judge.
  func decodeCanned(_ coder: any CannedCoder, _ delivery: inout Delivery) throws(GzipError) {
    var needs = CannedNeeds()
    var goesOn = try decodeCanned(coder, &needs, until: Self.overlapThreshold) {
      (bytes: inout OwnedBytes, note: Delivery.Note) throws(GzipError) in
      try delivery.take(&bytes, note)
    }
    if goesOn, processors.count > 1, MemoryLimit.hasRoom(for: Self.cannedHelperMemory) {
      try WriteBehind.run(&delivery) { (outlet: Delivery.Outlet) throws(GzipError) in
        goesOn = try decodeCanned(coder, &needs, until: .max, to: outlet)
      }
    } else if goesOn {
      goesOn = try decodeCanned(coder, &needs, until: .max) {
        (bytes: inout OwnedBytes, note: Delivery.Note) throws(GzipError) in
        try delivery.take(&bytes, note)
      }
    }
    if source.count > 0, coders.isStrict { try judgeRest(refusing: coder.refusal) }
  }

  /// Has streams decoded from where they lie in the source, until there are so many bytes of data.
  ///
  /// - Returns: Whether there may be more for the coder.
  private func decodeCanned(
    _ coder: any CannedCoder, _ needs: inout CannedNeeds, until end: UInt64,
    to outlet: Delivery.Outlet
  ) throws(GzipError) -> Bool {
    var output = OwnedBytes(capacity: needs.room)
    while decoder.outputCount < end {
      source.wait(for: needs.inputCount)
      guard source.count > 0 else { return false }
      // Another buffer, maybe, in the place of one that has grown.
      while output.capacity < needs.room, output.grow(to: needs.room) {}
      let lent = min(source.count, needs.inputCount)
      let decoded = source.withBytes { input in
        coder.decode(
          input.extracting(first: lent), into: &output, maximumCount: Encoder.maximumChunkSize)
      }
      // A stream takes bytes: who says that it took none would be asked for ever.
      guard let count = decoded, count > 0 else {
        // Maybe there is more of it.
        guard lent == needs.inputCount, lent < Self.largestCannedCount else { return false }
        needs.inputCount = min(2 * lent, Self.largestCannedCount)
        continue
      }
      needs.room = max(needs.room, output.capacity)
      source.consume(count)
      decoder.passCanned(byteCount: count, dataCount: output.count)
      if output.count > 0 { try outlet(&output, Delivery.Note(counts: counts)) }
      coder.takeNote()?.count()
    }
    return true
  }
}
