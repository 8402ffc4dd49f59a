// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The body: decoded into the window, handed over from there, and checked on the way.

extension StreamDecoder {
  /// Whether all that was decoded is handed over.
  var isHandedOver: Bool { handedOver == window.count }

  /// Decodes as much as the window takes; nil when that is to be handed over first, or the body is
  /// complete. Only for when all before is handed over.
  mutating func decodeBody(
    _ input: RawSpan, _ offset: inout Int, _ endOfInput: Bool
  ) throws(DeflateError) -> State? {
    if let bodyFailure { throw bodyFailure }
    if window.count == window.capacity {
      // Keep what matches may still reach back to.
      window.keepLast(Self.historyCount)
      handedOver = window.count
    }
    let status = fillWindow(input, &offset)
    guard isHandedOver else { return nil }
    if let bodyFailure { throw bodyFailure }
    switch status {
    case .outputFull: return nil
    case .finished:
      endBody()
      return nil
    case .needsInput:
      guard endOfInput else { return .needsInput }
      throw DeflateError(.truncatedInput, bitPosition: inputBitPosition)
    }
  }

  /// Goes on to what stands behind the body.
  mutating func endBody() {
    stage = isCanned ? .betweenStreams : format == .raw ? .finished : .trailer(value: 0, count: 0)
  }

  /// Decodes as much as the window takes. An error waits in `bodyFailure`, because the data before
  /// it comes first; there is nothing to decode behind it.
  private mutating func fillWindow(_ input: RawSpan, _ offset: inout Int) -> Inflater.Status {
    inflater.bits.nextByte = offset
    let bodyStart = inputBitPosition
    defer {
      inputCount += UInt64(inflater.bits.nextByte - offset)
      offset = inflater.bits.nextByte
    }
    let bitsBefore = inflater.bits.position + inflater.bits.bitCount
    do throws(DeflateError) {
      return try window.withOutput { (window: inout OutputRawSpan) throws(DeflateError) in
        try inflater.run(input, into: &window, origin: 0)
      }
    } catch {
      // The inflater counts from the body's start; the error is told from the input's.
      bodyFailure = DeflateError(
        error.kind, bitPosition: bodyStart - bitsBefore + error.bitPosition)
      return .finished
    }
  }

  /// Copies what waits to a caller's bytes, as far as there is room.
  mutating func handOver(into output: inout OutputRawSpan) {
    handOver(output.freeCapacity) { output.append(contentsOf: $0) }
  }

  /// Lends what waits, up to a maximum.
  mutating func handOver<Failure: Error>(
    _ maximum: Int = .max, to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    let count = min(window.count - handedOver, maximum)
    guard count > 0 else { return }
    let (format, leavesChecks, start) = (format, leavesChecks, handedOver)
    handedOver += count
    memberOutputCount += UInt64(count)
    outputCount += UInt64(count)
    try window.withBytes(from: start) { (bytes: RawSpan) throws(Failure) in
      let piece = bytes.extracting(first: count)
      switch format {
      case .gzip where leavesChecks, .bgzf where leavesChecks: break
      case .gzip, .bgzf: crc.update(piece)
      case .zlib: adler.update(piece)
      case .raw: break
      }
      try sink(piece)
    }
  }
}
