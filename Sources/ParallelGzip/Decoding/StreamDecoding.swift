// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Decoding from a source to a sink in pieces, for decompression, test, list and verification alike.
// The caller can stop behind the first header, because -N takes the output's name from it.

package import FixedDeflate
import Threading

/// One compressed stream being decoded.
package final class StreamDecoding {
  let source: ByteSource
  var decoder: StreamDecoder
  private let copiesTrailingData: Bool
  private let computesChecksum: Bool
  let processors: Processors
  let coders: any Coders
  private let takesWholeBodies: Bool
  /// Decoded bytes that the sink has not had.
  private var buffer = OwnedBytes(capacity: ByteSource.capacity)
  /// A failure that waits until the data before it has been handed over.
  private var failure: DeflateError?
  private var isFinished = false
  /// The decoder holds data that found no room in `buffer`.
  private var hasMore = false

  /// CRC-32 of everything decoded, if asked for.
  package private(set) var checksum = CRC32()
  /// What follows the stream and was read over; valid after `run`.
  package private(set) var trailingData = StreamDecoder.TrailingData.none

  /// The first member's header, when it was only looked at.
  private var headerAhead: GzipHeader?

  /// Prepares to decode with up to so many processors. With `copiesTrailingData` what
  /// follows the last gzip member goes to the sink as it is; `computesChecksum` asks for `checksum`,
  /// beside the container's own check. With `canned` it is raw streams in those tables.
  package init(
    _ source: ByteSource, format: ContainerFormat, processors: Processors,
    coders: any Coders = Codec.shared, copiesTrailingData: Bool = false,
    computesChecksum: Bool = false, canned: CompressionTable.CannedEdition? = nil
  ) {
    self.source = source
    self.processors = processors
    self.coders = coders
    self.computesChecksum = computesChecksum
    self.copiesTrailingData = copiesTrailingData && format.hasMembers
    // Pieces of such streams cannot be told.
    takesWholeBodies = coders.takesWholeBodies && canned == nil
    decoder = canned.map { StreamDecoder(canned: $0) } ?? StreamDecoder(format: format)
  }

  /// gzip: the first member's header, once read.
  package var header: GzipHeader? { decoder.header ?? headerAhead }
  /// Whether it is a BGZF file without its end; valid after `run`.
  package var isMissingEndOfFile: Bool { decoder.isMissingEndOfFile }
  /// gzip: members decoded, or looked into; 1 for the other formats' streams.
  package var memberCount: Int { decoder.format.hasMembers ? decoder.memberCount : 1 }
  /// Bytes decoded.
  package var outputCount: UInt64 { decoder.outputCount }
  /// CRC-32 as a listing shows it: the last gzip member's, else that of the data.
  package var shownChecksum: UInt32 {
    guard decoder.format.hasMembers, let stored = decoder.storedChecksum else {
      return checksum.value
    }
    return stored
  }

  /// Bytes that are a container's and not compressed data, which gzip leaves out of its ratios.
  package var overhead: Int { containerOverhead(decoder.format, header: header) }

  /// gzip: decodes as far as the first header. A failure in the data behind it waits for `run`.
  package func readHeader() throws(GzipError) {
    if canRunInParallel, let member = nextMember {
      headerAhead = member.header
    }
    while header == nil, buffer.count == 0, !isFinished {
      try step()
      if let failure {
        guard header != nil else { throw .decoding(failure) }
        return
      }
    }
  }

  /// Whether nothing has been decoded yet, and members may be decoded beside each other.
  private var canRunInParallel: Bool {
    decoder.format.hasMembers && (processors.mayBeSeveral || takesWholeBodies)
      && decoder.inputCount == 0
  }

  /// The BGZF member that is next. A failure to read is met again by the decoder, behind the few
  /// bytes before it.
  private var nextMember: BGZFMember? { (try? BGZFMember(nextIn: source)) ?? nil }

  var counts: GzipProgress {
    GzipProgress(inputCount: source.consumedCount, outputCount: outputCount)
  }

  /// Less than this is decoded without other threads.
  static let overlapThreshold: UInt64 = 1 << 20

  /// Decodes the rest.
  package func run(to sink: Sink) throws(GzipError) {
    var delivery = Delivery(sink: sink, checksum: computesChecksum ? CRC32() : nil)
    var hasFaultyMember = false
    if canRunInParallel, nextMember != nil {
      let members = MemberDecoding(source, coders, to: sink)
      try members.run(processors: processors)
      decoder = StreamDecoder(after: members.done)
      if computesChecksum { delivery.checksum = members.done.checksum }
      delivery.count = decoder.outputCount
      hasFaultyMember = nextMember != nil
    }
    if decoder.isCanned, let coder = coders.makeCannedCoder() {
      try decodeCanned(coder, &delivery)
    }
    let start = decoder.outputCount
    // A member that was left is bad, or not for its coder: what it is the decoder says.
    let end: End =
      takesWholeBodies && !hasFaultyMember
      ? .atBody(beyond: .max)
      : .beyond(processors.mayBeSeveral && !hasFaultyMember ? start + Self.overlapThreshold : .max)
    try decode(until: end, deliveringTo: &delivery)
    if !isFinished { try decodeRest(&delivery) }
    try finish(to: sink)
    if let checksum = delivery.checksum { self.checksum = checksum }
  }

  /// Bytes that reading ahead and writing behind take, each with a thread and four buffers.
  private static let helpersMemory = 2 * (SystemThread.smallStackSize + 4 * ByteSource.capacity)

  private func decodeRest(_ delivery: inout Delivery) throws(GzipError) {
    let hasHelpers = processors.count > 1 && MemoryLimit.hasRoom(for: Self.helpersMemory)
    guard hasHelpers || takesWholeBodies else {
      return try decode(until: .beyond(.max), deliveringTo: &delivery)
    }
    delivery.memberChecksum = decoder.leaveChecks()
    try decodeInPieces(&delivery, hasHelpers: hasHelpers)
  }

  /// Decodes the rest with the help of other coders or threads: pieces beside each other where that
  /// pays, and else reading, decoding and writing.
  private func decodeInPieces(
    _ delivery: inout Delivery, hasHelpers: Bool
  ) throws(GzipError) {
    var jointCount = 0
    var wait = Self.firstWait
    while !isFinished {
      let isForCoder = takesWholeBodies && decoder.isAtBodyStart
      if isForCoder || decoder.isInBody && decoder.jointCount > jointCount {
        let passed = try decodePieces(&delivery)
        wait =
          passed >= Self.overlapThreshold ? Self.overlapThreshold : min(Self.longestWait, 2 * wait)
        jointCount = decoder.jointCount
      }
      // Not the same body's start again.
      try decodeStep(&delivery)
      let beyond = jointCount == 0 ? 0 : decoder.outputCount + wait
      let end: End =
        takesWholeBodies
        ? .atBody(beyond: beyond, jointCount: jointCount)
        : .behindJoint(beyond: beyond, jointCount: jointCount)
      guard hasHelpers else {
        try decode(until: end, deliveringTo: &delivery)
        continue
      }
      try source.readingAhead { () throws(GzipError) in
        try WriteBehind.run(&delivery) { (outlet: Delivery.Outlet) throws(GzipError) in
          try decode(until: end, to: outlet)
        }
      }
    }
  }

  /// Bytes of data until pieces are tried again where they did not pay.
  private static let firstWait: UInt64 = 32 << 20
  private static let longestWait: UInt64 = 1 << 30

  /// Decodes pieces beside each other; returns how many bytes of data that gave.
  private func decodePieces(_ delivery: inout Delivery) throws(GzipError) -> UInt64 {
    let workers = MemoryLimit.workers(
      processors.count, each: SystemThread.smallStackSize + PieceDecoding.memory)
    // One alone has nothing beside it but what its coder has.
    guard workers > 1 || takesWholeBodies else { return 0 }
    let judge = StreamJudge(self, delivery)
    let ratio = Double(decoder.outputCount) / Double(max(1, decoder.inputCount))
    let pieces = PieceDecoding(
      source, decoder.format, coders, ratio: ratio, computesChecksum: computesChecksum,
      judge: judge)
    defer { delivery = judge.delivery }
    try pieces.run(processors: workers)
    return pieces.passedCount
  }

  /// The stream's decoder as pieces need it.
  private final class StreamJudge: PieceJudge {
    private let decoding: StreamDecoding
    var delivery: Delivery

    init(_ decoding: StreamDecoding, _ delivery: Delivery) {
      self.decoding = decoding
      self.delivery = delivery
    }

    private var counts: GzipProgress {
      GzipProgress(
        inputCount: decoding.decoder.inputCount, outputCount: decoding.decoder.outputCount)
    }

    var isAtBlockStart: Bool { decoding.decoder.isAtBlockStart }

    func pass(_ piece: StreamPiece, _ extent: PieceDecoder.Extent) throws(GzipError) {
      piece.output.withBytes { data in
        decoding.decoder.pass(extent, data: data, checksum: piece.checksum)
      }
      try delivery.take(piece, counts)
    }

    func decode(_ piece: StreamPiece) throws(GzipError) -> Int {
      let isWanted = !decoding.coders.isStrict
      if isWanted { try decoding.coders.noteSerialWork() }
      var consumed = 0
      while true {
        var state = StreamDecoder.State.needsInput
        var failure: DeflateError?
        piece.input.withBytes(from: consumed) { input in
          decoding.buffer.withOutput { (output: inout OutputRawSpan) in
            do throws(DeflateError) {
              let progress = try decoding.decoder.decompressBody(input, into: &output)
              consumed += progress.consumed
              state = progress.state
            } catch let error {
              failure = error
            }
          }
        }
        if isWanted {
          try delivery.take(&decoding.buffer, Delivery.Note(counts: counts))
        } else {
          decoding.buffer.removeAll()
        }
        // Where it must not decode, it still is the judge of bad data.
        if let failure { throw .decoding(failure) }
        if state == .outputFull { continue }
        guard isWanted else {
          if let failure = piece.failure { throw failure }
          try decoding.coders.noteSerialWork()
          return consumed
        }
        return consumed
      }
    }
  }

  /// When to stop decoding, beside at the stream's end.
  private enum End {
    /// When so much has been decoded.
    case beyond(UInt64)
    /// When so much has been decoded, and more joints met in a body than so many.
    case behindJoint(beyond: UInt64, jointCount: Int)
    /// There, too, and where a body begins.
    case atBody(beyond: UInt64, jointCount: Int = .max)
  }

  private func isReached(_ end: End) -> Bool {
    switch end {
    case .beyond(let count): decoder.outputCount >= count
    case .behindJoint(let count, let jointCount):
      decoder.outputCount >= count && decoder.jointCount > jointCount && decoder.isInBody
    case .atBody(let count, let jointCount):
      decoder.isAtBodyStart || isReached(.behindJoint(beyond: count, jointCount: jointCount))
    }
  }

  /// Decodes until the stream or what is wanted ends.
  private func decode(until end: End, to outlet: Delivery.Outlet) throws(GzipError) {
    while true {
      let trailers = decoder.takeTrailers()
      if buffer.count > 0, failure == nil || !coders.isStrict { try coders.noteSerialWork() }
      if buffer.count > 0 || !trailers.isEmpty {
        try outlet(&buffer, Delivery.Note(counts: counts, trailers: trailers))
      }
      if let failure { throw .decoding(failure) }
      if isFinished || isReached(end) { return }
      try step()
    }
  }

  /// The same, on this thread.
  private func decode(until end: End, deliveringTo delivery: inout Delivery) throws(GzipError) {
    try decode(until: end) {
      (bytes: inout OwnedBytes, note: Delivery.Note) throws(GzipError) in
      try delivery.take(&bytes, note)
    }
  }

  /// Decodes a little.
  private func decodeStep(_ delivery: inout Delivery) throws(GzipError) {
    guard !isFinished else { return }
    try step()
    // What has been decoded is delivered before anything else is asked.
    try decode(until: .beyond(0), deliveringTo: &delivery)
  }

  /// Decodes the rest for its faults alone: where the decoder must not decode, it still is the judge of bad data.
  func judgeRest(refusing reason: String? = nil) throws(GzipError) {
    while !isFinished {
      try step()
      buffer.removeAll()
      if let failure { throw .decoding(failure) }
    }
    if let reason { throw .refused(reason) }
    try coders.noteSerialWork()
  }

  /// Deals with what follows the stream.
  private func finish(to sink: Sink) throws(GzipError) {
    switch decoder.format {
    case .gzip, .bgzf:
      guard !copiesTrailingData || decoder.trailingData == .none else {
        return try copyTrailingData(to: sink)
      }
      trailingData = decoder.trailingData
      // One byte that is not zero may be the beginning of a member cut off: gzip takes it so.
      if trailingData == .garbage, source.totalCount - decoder.inputCount == 1 {
        throw .decoding(
          DeflateError(.truncatedInput, bitPosition: Int(clamping: source.totalCount) * 8))
      }
    case .zlib, .raw: trailingData = try source.classifyRest()
    }
  }

  /// Decodes one piece into the empty buffer.
  private func step() throws(GzipError) {
    // What is decoded already comes before anything that reading meets.
    if source.count == 0, !hasMore { try source.fill() }
    hasMore = false
    let isAtEnd = source.isAtEnd && source.count == 0
    var consumed = 0
    source.withBytes { input in
      buffer.withOutput { (output: inout OutputRawSpan) in
        do throws(DeflateError) {
          if takesWholeBodies, !decoder.isInBody, !isAtEnd {
            // A coder wants bodies from their first byte.
            consumed = try decoder.decompressToBody(input)
            // Behind a stream's only body there is none to come to: the decoder says that it has ended.
            if consumed > 0 || decoder.isInBody { return }
          }
          let progress = try decoder.decompress(input, endOfInput: isAtEnd, into: &output)
          consumed = progress.consumed
          isFinished = progress.state == .finished
          hasMore = progress.state == .outputFull
        } catch {
          failure = error
        }
      }
    }
    if copiesTrailingData, decoder.trailingData == .garbage, !isFinished {
      // Leave the garbage, or what of it has not been read over, to be copied.
      isFinished = true
      let begin = source.consumedCount
      consumed = decoder.inputCount > begin ? Int(decoder.inputCount - begin) : 0
    }
    source.consume(consumed)
  }

  /// Copies what follows the last member, beginning with what the decoder read over before it knew:
  /// zeros, or the first byte of a magic.
  private func copyTrailingData(
    to sink: Sink
  ) throws(GzipError) {
    var passed = source.consumedCount - decoder.inputCount
    let isZeros = source.lastConsumed == 0
    let zeros = [UInt8](repeating: 0, count: 4096)
    while passed > 0 {
      let count = Int(min(passed, UInt64(zeros.count)))
      let bytes = isZeros ? zeros : [GzipHeader.magic[0]]
      try lend(bytes, 0..<min(count, bytes.count)) { (bytes: RawSpan) throws(GzipError) in
        try sink.take(bytes, counts)
      }
      passed -= UInt64(count)
    }
    try source.copyAll { (bytes: RawSpan) throws(GzipError) in
      try sink.take(bytes, counts)
    }
  }
}
