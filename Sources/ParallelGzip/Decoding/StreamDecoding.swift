// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Decoding from a source to a sink in pieces, for decompression, test, list and verification alike.
// The caller can stop behind the first header, because -N takes the output's name from it.

import FixedDeflate

/// One compressed stream being decoded.
final class Decoding {
  private let source: ByteSource
  private var decoder: StreamDecoder
  private let copiesTrailingData: Bool
  private let computesChecksum: Bool
  private let processors: Processors
  private let offload: Offload
  /// Decoded bytes that the sink has not had.
  private var buffer = OwnedBytes(capacity: ByteSource.capacity)
  /// A failure that waits until the data before it has been handed over.
  private var failure: DeflateError?
  private var isFinished = false

  /// CRC-32 of everything decoded, if asked for.
  private(set) var checksum = CRC32()
  /// What follows the stream and was read over; valid after `run`.
  private(set) var trailingData = StreamDecoder.TrailingData.none

  /// Where the stream was decoded, by members or pieces; what the codec did in order counts once.
  private(set) var tally = BlockTally()

  /// The first member's header, when it was only looked at.
  private var headerAhead: GzipHeader?

  /// Prepares to decode with up to so many processors. With `copiesTrailingData` what
  /// follows the last gzip member goes to the sink as it is; `computesChecksum` asks for `checksum`,
  /// beside the container's own check.
  init(
    _ source: ByteSource, format: ContainerFormat, processors: Processors, offload: Offload = .none,
    copiesTrailingData: Bool = false, computesChecksum: Bool = false
  ) {
    self.source = source
    self.processors = processors
    self.offload = offload
    self.computesChecksum = computesChecksum
    self.copiesTrailingData = copiesTrailingData && format.hasMembers
    decoder = StreamDecoder(format: format)
  }

  /// gzip: the first member's header, once read.
  var header: GzipHeader? { decoder.header ?? headerAhead }
  /// Whether it is a BGZF file without its end; valid after `run`.
  var isMissingEndOfFile: Bool { decoder.isMissingEndOfFile }
  /// Bytes decoded.
  var outputCount: UInt64 { decoder.outputCount }
  /// CRC-32 as a listing shows it: the last gzip member's, else that of the data.
  var shownChecksum: UInt32 {
    guard decoder.format.hasMembers, let stored = decoder.storedChecksum else {
      return checksum.value
    }
    return stored
  }

  /// Bytes that are a container's and not compressed data, which gzip leaves out of its ratios.
  var overhead: Int { containerOverhead(decoder.format, header: header) }

  /// gzip: decodes as far as the first header. A failure in the data behind it waits for `run`.
  func readHeader() throws(TransferError) {
    if canRunInParallel, let member = try ParallelDecoding.nextMember(in: source) {
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
    decoder.format.hasMembers && (processors.mayBeSeveral || offload.engine != nil)
      && decoder.inputCount == 0
  }

  /// How far things are, in bytes.
  struct Counts: Sendable {
    let input: UInt64
    let output: UInt64
  }

  /// Takes decoded bytes, and how far things are. Called by one thread at a time, in order.
  typealias Sink = @Sendable (RawSpan, Counts) throws(TransferError) -> Void

  private var counts: Counts { Counts(input: source.consumedCount, output: outputCount) }

  /// Why a stream is left to the codec.
  static let notForDevices = "not in pieces that a device can decompress alone"

  /// Less than this is decoded without other threads.
  private static let overlapThreshold: UInt64 = 1 << 20

  /// Decodes the rest.
  func run(to sink: @escaping Sink) throws(TransferError) {
    var delivery = Delivery(sink: sink, checksum: computesChecksum ? CRC32() : nil)
    var hasFaultyMember = false
    if canRunInParallel, try ParallelDecoding.nextMember(in: source) != nil {
      let members = ParallelDecoding(source, offload, to: sink)
      try members.run(processors: processors)
      tally = members.tally
      decoder = StreamDecoder(after: members.done)
      if computesChecksum { delivery.checksum = members.done.checksum }
      delivery.count = decoder.outputCount
      hasFaultyMember = try ParallelDecoding.nextMember(in: source) != nil
    }
    let start = decoder.outputCount
    // A member that was left is bad, or not for devices: what it is the codec says.
    let end: End =
      offload.engine != nil && !hasFaultyMember
      ? .atBody(beyond: .max)
      : .beyond(processors.mayBeSeveral && !hasFaultyMember ? start + Self.overlapThreshold : .max)
    try decode(until: end, deliveringTo: &delivery)
    if !isFinished { try decodeRest(&delivery) }
    try finish(to: sink)
    if let checksum = delivery.checksum { self.checksum = checksum }
  }

  /// Bytes that reading ahead and writing behind take, each with a thread and four buffers.
  private static let helpersMemory = 2 * (WorkerThread.stackSize + 4 * ByteSource.capacity)

  private func decodeRest(_ delivery: inout Delivery) throws(TransferError) {
    let hasHelpers = processors.count > 1 && MemoryLimit.hasRoom(for: Self.helpersMemory)
    guard hasHelpers || offload.engine != nil else {
      return try decode(until: .beyond(.max), deliveringTo: &delivery)
    }
    delivery.memberChecksum = decoder.leaveChecks()
    try decodeInPieces(&delivery, hasHelpers: hasHelpers)
  }

  /// Decodes the rest with the help of devices or other threads: pieces beside each other where that
  /// pays, and else reading, decoding and writing.
  private func decodeInPieces(
    _ delivery: inout Delivery, hasHelpers: Bool
  ) throws(TransferError) {
    var jointCount = 0
    var wait = Self.firstWait
    while !isFinished {
      let isDevices = offload.engine != nil && decoder.isAtBodyStart
      if isDevices || decoder.isInBody && decoder.jointCount > jointCount {
        let passed = try decodePieces(&delivery)
        wait =
          passed >= Self.overlapThreshold ? Self.overlapThreshold : min(Self.longestWait, 2 * wait)
        jointCount = decoder.jointCount
      }
      // Not the same body's start again.
      try decodeStep(&delivery)
      let beyond = jointCount == 0 ? 0 : decoder.outputCount + wait
      let end: End =
        offload.engine != nil
        ? .atBody(beyond: beyond, jointCount: jointCount)
        : .behindJoint(beyond: beyond, jointCount: jointCount)
      guard hasHelpers else {
        try decode(until: end, deliveringTo: &delivery)
        continue
      }
      try source.readingAhead { () throws(TransferError) in
        try WriteBehind.run(&delivery) { (outlet: Delivery.Outlet) throws(TransferError) in
          try decode(until: end, to: outlet)
        }
      }
    }
  }

  /// Bytes of data until pieces are tried again where they did not pay.
  private static let firstWait: UInt64 = 32 << 20
  private static let longestWait: UInt64 = 1 << 30

  /// Decodes pieces beside each other; returns how many bytes of data that gave.
  private func decodePieces(_ delivery: inout Delivery) throws(TransferError) -> UInt64 {
    let workers = MemoryLimit.workers(
      processors.count, each: WorkerThread.stackSize + PieceDecoding.memory)
    // One alone has nothing beside it but devices.
    guard workers > 1 || offload.engine != nil else { return 0 }
    let judge = StreamJudge(self, delivery)
    let ratio = Double(decoder.outputCount) / Double(max(1, decoder.inputCount))
    let pieces = PieceDecoding(
      source, decoder.format, offload, ratio: ratio, computesChecksum: computesChecksum,
      judge: judge)
    defer {
      delivery = judge.delivery
      tally.add(pieces.tally)
    }
    try pieces.run(processors: workers)
    return pieces.passedCount
  }

  /// The stream's decoder as pieces need it.
  private final class StreamJudge: PieceJudge {
    private let decoding: Decoding
    var delivery: Delivery

    init(_ decoding: Decoding, _ delivery: Delivery) {
      self.decoding = decoding
      self.delivery = delivery
    }

    private var counts: Counts {
      Counts(input: decoding.decoder.inputCount, output: decoding.decoder.outputCount)
    }

    var isAtBlockStart: Bool { decoding.decoder.isAtBlockStart }

    func pass(_ piece: DecodedPiece, _ extent: PieceDecoder.Extent) throws(TransferError) {
      piece.output.withBytes { data in
        decoding.decoder.pass(extent, data: data, checksum: piece.checksum)
      }
      try delivery.take(piece, counts)
    }

    func decode(_ piece: DecodedPiece) throws(TransferError) -> Int {
      let isWanted = !decoding.offload.isStrict
      if isWanted { try decoding.noteSoftware() }
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
        // Where only a device may decode, the codec still is the judge of bad data.
        if let failure { throw .decoding(failure) }
        if state == .outputFull { continue }
        guard isWanted else { throw piece.failure ?? .offload(Decoding.notForDevices) }
        return consumed
      }
    }
  }

  /// Counts what is left to the codec, once.
  private func noteSoftware() throws(TransferError) {
    if offload.isStrict { throw .offload(Self.notForDevices) }
    if tally.software[Self.notForDevices] == nil { tally.addSoftware(Self.notForDevices) }
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
  private func decode(until end: End, to outlet: Delivery.Outlet) throws(TransferError) {
    while true {
      let trailers = decoder.takeTrailers()
      if buffer.count > 0, failure == nil || !offload.isStrict { try noteSoftware() }
      if buffer.count > 0 || !trailers.isEmpty {
        try outlet(&buffer, Delivery.Note(counts: counts, trailers: trailers))
      }
      if let failure { throw .decoding(failure) }
      if isFinished || isReached(end) { return }
      try step()
    }
  }

  /// The same, on this thread.
  private func decode(until end: End, deliveringTo delivery: inout Delivery) throws(TransferError) {
    try decode(until: end) {
      (bytes: inout OwnedBytes, note: Delivery.Note) throws(TransferError) in
      try delivery.take(&bytes, note)
    }
  }

  /// Decodes a little.
  private func decodeStep(_ delivery: inout Delivery) throws(TransferError) {
    guard !isFinished else { return }
    try step()
    // What has been decoded is delivered before anything else is asked.
    try decode(until: .beyond(0), deliveringTo: &delivery)
  }

  /// Deals with what follows the stream.
  private func finish(to sink: Sink) throws(TransferError) {
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
  private func step() throws(TransferError) {
    if source.count == 0 { try source.fill() }
    let isAtEnd = source.isAtEnd && source.count == 0
    var consumed = 0
    source.withBytes { input in
      buffer.withOutput { (output: inout OutputRawSpan) in
        do throws(DeflateError) {
          if offload.engine != nil, !decoder.isInBody, !isAtEnd {
            // A device wants bodies from their first byte.
            consumed = try decoder.decompressToBody(input)
            return
          }
          let progress = try decoder.decompress(input, endOfInput: isAtEnd, into: &output)
          consumed = progress.consumed
          isFinished = progress.state == .finished
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
  ) throws(TransferError) {
    var passed = source.consumedCount - decoder.inputCount
    let isZeros = source.lastConsumed == 0
    let zeros = [UInt8](repeating: 0, count: 4096)
    while passed > 0 {
      let count = Int(min(passed, UInt64(zeros.count)))
      let bytes = isZeros ? zeros : [GzipHeader.magic[0]]
      try lend(bytes, 0..<min(count, bytes.count)) { (bytes: RawSpan) throws(TransferError) in
        try sink(bytes, counts)
      }
      passed -= UInt64(count)
    }
    try source.copyAll { (bytes: RawSpan) throws(TransferError) in
      try sink(bytes, counts)
    }
  }
}

/// Bytes that a container adds to compressed data: the first header and a trailer.
func containerOverhead(_ format: ContainerFormat, header: GzipHeader?) -> Int {
  switch format {
  case .gzip, .bgzf: (header?.encodedCount ?? 10) + 8
  case .zlib: 6
  case .raw: 0
  }
}

extension GzipHeader {
  /// The two bytes every gzip member begins with.
  static let magic: [UInt8] = [0x1F, 0x8B]

  /// The header's length in bytes (RFC 1952 §2.3).
  var encodedCount: Int {
    10 + (extraField.map { $0.count + 2 } ?? 0) + (name.map { $0.count + 1 } ?? 0)
      + (comment.map { $0.count + 1 } ?? 0) + (hasHeaderChecksum ? 2 : 0)
  }
}
