// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the one-call doors share: the streaming types, fed everything at once.

enum Whole {
  static func compress(
    _ data: RawSpan, as format: ContainerFormat, header: GzipHeader = GzipHeader(), chunkSize: Int
  ) -> [UInt8] {
    var result: [UInt8] = []
    var encoder = StreamEncoder(format: format, chunkSize: chunkSize, header: header)
    encoder.write(data) { result.append(contentsOf: $0) }
    encoder.finish { result.append(contentsOf: $0) }
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
