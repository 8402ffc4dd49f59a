// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The body: decoded into the window, checked, handed over.

extension StreamDecoder {
  /// Decodes and hands over data; nil when the body is complete and all of it handed over.
  mutating func decodeBody(
    _ input: RawSpan, _ offset: inout Int, _ endOfInput: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) -> State? {
    while true {
      let status = fillWindow(input, &offset)
      handOver(into: &output)
      guard handedOver == window.count else { return .outputFull }
      if let bodyFailure { throw bodyFailure }
      switch status {
      case .finished:
        endBody()
        return nil
      case .needsInput:
        guard endOfInput else { return .needsInput }
        throw DeflateError(.truncatedInput, bitPosition: inputBitPosition)
      case .outputFull:
        // All of the window is handed over: keep what matches may still reach back to.
        window.keepLast(Self.historyCount)
        handedOver = window.count
      }
    }
  }

  /// Goes on to what stands behind the body.
  mutating func endBody() {
    stage = format == .raw ? .finished : .trailer(value: 0, count: 0)
  }

  /// Decodes as much as the window takes. An error waits in `bodyFailure`, because the data before
  /// it comes first; there is nothing to decode behind it.
  private mutating func fillWindow(_ input: RawSpan, _ offset: inout Int) -> Inflater.Status {
    guard bodyFailure == nil else { return .finished }
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

  private mutating func handOver(into output: inout OutputRawSpan) {
    let count = min(window.count - handedOver, output.freeCapacity)
    guard count > 0 else { return }
    let (format, leavesChecks) = (format, leavesChecks)
    window.withBytes(from: handedOver) { (bytes: RawSpan) in
      let piece = bytes.extracting(first: count)
      output.append(contentsOf: piece)
      switch format {
      case .gzip where leavesChecks, .bgzf where leavesChecks: break
      case .gzip, .bgzf: crc.update(piece)
      case .zlib: adler.update(piece)
      case .raw: break
      }
    }
    handedOver += count
    memberOutputCount += UInt64(count)
    outputCount += UInt64(count)
  }
}
