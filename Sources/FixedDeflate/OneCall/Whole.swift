// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the one-call doors share: chunks one after the other, and the streaming decoder fed at once.

enum Whole {
  /// Compresses in fixed mode, which fits every container.
  static func compress(
    _ data: RawSpan, as format: ContainerFormat, header: GzipHeader = GzipHeader(), chunkSize: Int
  ) -> [UInt8] {
    do throws(DeflateError) {
      return try compress(data, as: format, header: header, chunkSize: chunkSize, mode: .fixed)
    } catch {
      preconditionFailure("a chunk's bound is too small: \(error)")
    }
  }

  static func compress(
    _ data: RawSpan, as format: ContainerFormat, header: GzipHeader = GzipHeader(), chunkSize: Int,
    mode: CompressionMode
  ) throws(DeflateError) -> [UInt8] {
    guard mode.isRFC1951 || format == .raw else {
      throw DeflateError(.tableNotInFormat, bitPosition: 0)
    }
    let layout = ChunkLayout(format: format, chunkSize: chunkSize, header: header, mode: mode)
    var pieces = PieceWriter(layout: layout, profile: .iaaV1)
    var result: [UInt8] = []
    var start = 0
    repeat {
      let end = start + min(chunkSize, data.byteCount - start)
      do throws(DeflateError) {
        try pieces.encode(data.extracting(start..<end), isLast: end == data.byteCount)
      } catch {
        throw DeflateError(error.kind, bitPosition: start * 8 + error.bitPosition)
      }
      pieces.handOver { result.append(contentsOf: $0) }
      start = end
    } while start < data.byteCount
    pieces.encodeEnd()
    pieces.handOver { result.append(contentsOf: $0) }
    return result
  }

  static func decompress(
    _ data: RawSpan, as format: ContainerFormat, maximumCount: Int
  ) throws(DeflateError) -> [UInt8] {
    precondition(maximumCount >= 0, "negative maximumCount")
    var result: [UInt8] = []
    var decoder = StreamDecoder(format: format)
    var offset = 0
    var state: StreamDecoder.State?
    while true {
      let room = maximumCount - result.count
      decoder.handOver(room) { result.append(contentsOf: $0, maximumCount: maximumCount) }
      guard decoder.isHandedOver else {
        throw DeflateError(.outputFull, bitPosition: decoder.inputBitPosition)
      }
      if state != nil { break }
      state = try decoder.step(data, &offset, true)
    }
    // gzip's decoder takes what it calls garbage, the others leave it.
    guard offset == data.byteCount, decoder.trailingData != .garbage else {
      throw DeflateError(.notInFormat, bitPosition: decoder.inputBitPosition)
    }
    return result
  }
}

extension [UInt8] {
  /// Appends bytes, growing to twice the size but never beyond a maximum.
  fileprivate mutating func append(contentsOf bytes: RawSpan, maximumCount: Int) {
    let needed = count + bytes.byteCount
    if needed > capacity { reserveCapacity(Swift.min(maximumCount, Swift.max(needed, 2 * count))) }
    append(contentsOf: bytes)
  }
}
