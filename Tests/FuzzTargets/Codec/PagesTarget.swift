// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Pages that are decoded several in a call: data, the first fault and its place are those of one page a call. The
// streams are made here and then damaged as the input says, since random bytes are no eight good streams.

import FixedDeflate
import TestSupport

final class PagesTarget: FuzzTarget {
  private let source = GuardedMemory(capacity: 1 << 18)
  private let room = GuardedMemory(capacity: 1 << 17)
  private let encoder = Box(Encoder())
  private let batches = DecoderTarget.builds.map { Box(Decoder(limit: .iaa, cpu: $0)) }
  private let single = Box(Decoder(limit: .iaa, cpu: .plain))

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    let pageSize = choices.element([4096, 4096, 1024, 64, 3000])
    let count = choices.number(1...20)
    var faults: [(page: Int, byte: Int, kind: Int)] = []
    for _ in 0..<choices.number(0...3) {
      faults.append(
        (choices.number(0...count - 1), choices.number(0...4095), choices.number(0...11)))
    }
    var streams = pages(count, pageSize, &choices).map { encoder.value.compress($0) }
    for fault in faults { Self.damage(&streams[fault.page], fault.byte, fault.kind) }

    let counts = streams.map(\.count)
    let expected = oneByOne(streams, pageSize)
    for (batch, build) in zip(batches, DecoderTarget.builds) {
      let (outcome, bytes) = room.collect(count * pageSize) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        try source.lend(streams.flatMap { $0 }) { (input: RawSpan) throws(DeflateError) in
          try batch.value.decompressPages(
            input, byteCounts: counts.span, pageSize: pageSize, into: &output)
        }
      }
      var error: DeflateError?
      if case .failure(let failure) = outcome { error = failure }
      try demand(bytes == expected.bytes, "the build \(build) gives other pages")
      try demand(
        error == expected.error,
        "the build \(build) says \(String(describing: error)), not \(String(describing: expected.error))"
      )
    }
  }

  /// Pages that share their words but differ in length and kind.
  private func pages(_ count: Int, _ pageSize: Int, _ choices: inout Choices) -> [[UInt8]] {
    let data = choices.data
    var generator = SeededGenerator(seed: UInt64(Zlib.crc32(data)))
    return (0..<count).map { index in
      let size = index == count - 1 ? generator.number(1...pageSize) : pageSize
      guard !data.isEmpty, generator.number(0...3) > 0 else {
        let families = Inputs.Family.allCases
        return Inputs.make(
          generator.element(families), count: size, using: &generator)
      }
      var page: [UInt8] = []
      while page.count < size {
        let start = generator.number(0...data.count - 1)
        page += data[start...].prefix(generator.number(1...80))
      }
      return Array(page.prefix(size))
    }
  }

  private static func damage(_ stream: inout [UInt8], _ byte: Int, _ kind: Int) {
    guard !stream.isEmpty else { return }
    let place = byte % stream.count
    switch kind {
    case 0...7: stream[place] ^= 1 << UInt8(kind)
    case 8: stream.removeLast(min(stream.count, 1 + byte % 9))
    case 9: stream = Array(stream[..<place])
    // An empty stored block in front, so that the fixed block is not the first.
    case 10: stream = [0, 0, 0, 0xFF, 0xFF] + stream
    default: stream.append(UInt8(truncatingIfNeeded: byte))
    }
  }

  private func oneByOne(
    _ streams: [[UInt8]], _ pageSize: Int
  ) -> (bytes: [UInt8], error: DeflateError?) {
    var (bytes, start) = ([UInt8](), 0)
    for (index, stream) in streams.enumerated() {
      do throws(DeflateError) {
        let (page, consumed) = try withRawSpan(stream) { (input: RawSpan) throws(DeflateError) in
          try single.value.decompress(input, maximumCount: pageSize)
        }
        guard page.count == pageSize || index == streams.count - 1 else {
          throw DeflateError(.lengthMismatch, bitPosition: consumed.bits)
        }
        bytes += page
      } catch {
        return (bytes, DeflateError(error.kind, bitPosition: start * 8 + error.bitPosition))
      }
      start += stream.count
    }
    return (bytes, nil)
  }
}
