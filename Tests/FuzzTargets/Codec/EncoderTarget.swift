// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A chunk by every build: the plain implementation's bits, and back again, within its bound and within the room there
// is. What is long is compared with the rule-by-rule path, since the plain implementation forgets nothing and takes the
// square of the length.

import FixedDeflate
import TestSupport

final class EncoderTarget: FuzzTarget {
  private let source = GuardedMemory(capacity: 1 << 18)
  private let room = GuardedMemory(capacity: 1 << 18)
  private static let plainCount = 4500
  private let reference = Box(Encoder(profile: .iaaV1, path: .reference))
  private let encoders = DecoderTarget.builds.map {
    Box(Encoder(profile: .iaaV1, path: .fast($0)))
  }
  private let decoder = Box(Decoder(limit: .iaa))

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    let position: BlockPosition = choices.bool() ? .notLast : .last
    let missing = choices.number(1...65535)
    let chunk = ChunkShape.chunk(&choices)
    let expected =
      chunk.count <= Self.plainCount
      ? PlainProfile().stream(chunk, last: position == .last)
      : encode(chunk, position, Encoder.bound(chunk.count, position: position), reference) ?? []
    try demand(
      expected.count <= Encoder.bound(chunk.count, position: position), "longer than the bound")
    for (encoder, build) in zip(encoders, DecoderTarget.builds) {
      // More room than any stream takes, the very room, and too little.
      for capacity in [expected.count + 5000, expected.count] {
        let stream = encode(chunk, position, capacity, encoder)
        try demand(stream == expected, "the build \(build) has other bits")
      }
      let less = expected.count - 1 - missing % expected.count
      try demand(
        encode(chunk, position, less, encoder) == nil, "too little room was not told by \(build)")
    }
    guard position == .last else { return }
    guard let contents = try? FixedStreamReader.read(expected) else {
      throw FuzzFinding("not a fixed stream")
    }
    try demand(contents.bytes == chunk && contents.consumed == expected.count, "other data")
    let back = decoder.decode(expected, maximumCount: chunk.count)
    try demand(back?.bytes == chunk && back?.consumed.bits == contents.bits, "our decoder differs")
  }

  /// The stream; nil when it did not fit, and then nothing was appended.
  private func encode(
    _ chunk: [UInt8], _ position: BlockPosition, _ capacity: Int, _ encoder: Box<Encoder>
  ) -> [UInt8]? {
    let (outcome, bytes) = room.collect(capacity) {
      (output: inout OutputRawSpan) throws(DeflateError) in
      try source.lend(chunk) { (input: RawSpan) throws(DeflateError) in
        try encoder.value.compress(input, position: position, into: &output)
      }
    }
    switch outcome {
    case .success: return bytes
    case .failure(let error): return error.kind == .outputFull && bytes.isEmpty ? nil : bytes
    }
  }
}
