// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Going on behind pieces of the body that were decoded elsewhere: a parallel reader hands over those
// that begin where this decoder stands, and leaves all else, and every verdict on bad data, to it.

extension StreamDecoder {
  /// Joints met so far, where pieces may begin.
  package var jointCount: Int { inflater.jointCount }

  /// Whether the next byte begins a block of the body, and all data before it is handed over.
  package var isAtBlockStart: Bool {
    guard case .body = stage else { return false }
    return bodyFailure == nil && isHandedOver && inflater.isAtBlockStart
  }

  /// Goes on behind whole blocks that stand next and were decoded elsewhere. Traps where no block
  /// begins.
  ///
  /// - Parameters:
  ///   - extent: What they are.
  ///   - data: Their data.
  ///   - checksum: zlib's check of it; gzip's has to be left to the caller, see ``leaveChecks()``.
  package mutating func pass(
    _ extent: PieceDecoder.Extent, data: RawSpan, checksum: ContentChecksum
  ) {
    precondition(isAtBlockStart, "no block begins here")
    precondition(!format.hasMembers || leavesChecks, "the member's check would miss data")
    inputCount += UInt64(extent.byteCount)
    outputCount += UInt64(data.byteCount)
    memberOutputCount += UInt64(data.byteCount)
    if let passed = checksum.adler32 {
      adler = adler.combined(with: passed, count: data.byteCount)
    }
    let kept = min(data.byteCount, Self.historyCount)
    window.keepLast(min(window.count, Self.historyCount - kept))
    let newest = data.extracting(droppingFirst: data.byteCount - kept)
    window.withOutput { (window: inout OutputRawSpan) in window.append(contentsOf: newest) }
    handedOver = window.count
    if extent.isStreamEnd { endBody() }
  }

  /// Goes on behind a stream in canned tables that was decoded elsewhere. Traps within a stream.
  ///
  /// - Parameters:
  ///   - byteCount: Its bytes.
  ///   - dataCount: The bytes of its data.
  package mutating func passCanned(byteCount: Int, dataCount: Int) {
    if case .betweenStreams = stage { beginBody() }
    precondition(
      isCanned && bodyFailure == nil && memberOutputCount == 0 && window.count == 0,
      "no stream begins here")
    inputCount += UInt64(byteCount)
    outputCount += UInt64(dataCount)
    endBody()
  }

  /// Decodes as ``decompress(_:endOfInput:into:)`` does, but not beyond the body: the state is
  /// ``State/finished`` where that ends, with the trailer still to come. Traps outside a body.
  package mutating func decompressBody(
    _ input: RawSpan, into output: inout OutputRawSpan
  ) throws(DeflateError) -> Progress {
    guard isInBody else { preconditionFailure("not in a body") }
    var offset = 0
    while true {
      handOver(into: &output)
      guard isHandedOver else { return progress(offset, .outputFull) }
      guard isInBody else { return progress(offset, .finished) }
      if let state = try step(input, &offset, false) { return progress(offset, state) }
    }
  }

  /// Takes what stands before the next body, and stops at its first byte.
  ///
  /// - Returns: The bytes of `input` taken.
  package mutating func decompressToBody(_ input: RawSpan) throws(DeflateError) -> Int {
    if let failure { throw failure }
    do throws(DeflateError) {
      var offset = 0
      while offset < input.byteCount {
        switch stage {
        case .body, .finished: return offset
        default: try take(input, &offset)
        }
      }
      return offset
    } catch {
      failure = error
      throw error
    }
  }

  /// Whether the next byte is the first of a body.
  package var isAtBodyStart: Bool { isAtBlockStart && memberOutputCount == 0 }

  /// Whether the body of a stream or member is what comes next.
  package var isInBody: Bool {
    if case .body = stage { true } else { false }
  }
}
