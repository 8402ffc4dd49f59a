// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Hot loops read and write whole vectors, some of them by instructions that no sanitizer sees. Here input
// and output end where memory ends: one byte too far is a crash.

import Foundation
import TestSupport
import Testing

@testable import FixedDeflate

@Suite struct GuardPageTests {
  static let builds = CPUKind.allCases.filter { $0 <= .current }

  /// Decodes with input and output at the end of memory.
  private func decode(
    _ stream: [UInt8], room: Int, _ build: CPUKind, limit: DistanceLimit = .iaa,
    from source: GuardedMemory, into target: GuardedMemory
  ) -> [UInt8] {
    var decoder = Decoder(limit: limit, cpu: build)
    return target.collect(room) { (output: inout OutputRawSpan) throws(DeflateError) in
      try source.lend(stream) { (input: RawSpan) throws(DeflateError) in
        _ = try decoder.decompress(input, into: &output)
      }
    }.bytes
  }

  @Test(arguments: builds, Inputs.Family.allCases)
  func noByteBeyondInputAndOutputIsTouched(build: CPUKind, family: Inputs.Family) {
    let source = GuardedMemory(capacity: 8 * 4096)
    let target = GuardedMemory(capacity: 8 * 4096)
    var generator = SeededGenerator(test: "guard \(build) \(family)")
    var encoder = Encoder(profile: .iaaV1, path: .fast(build))
    for size in Array(1...140) + [1000, 4095, 4096, 4097, 20_000] {
      let data = Inputs.make(family, count: size, using: &generator)
      // SAFETY: bytes have no padding.
      let stream = unsafe encoder.compress(data.span.bytes)
      for missing in [0, 1, min(size, generator.number(2...100))] {
        let result = decode(stream, room: size - missing, build, from: source, into: target)
        #expect(result.elementsEqual(data.dropLast(missing)))
      }
      let part = Array(stream.dropLast(min(stream.count, generator.number(1...100))))
      let cut = decode(part, room: size, build, from: source, into: target)
      #expect(data.starts(with: cut))
      // The encoder's whole and too small room.
      for missing in [0, 1] {
        let made = target.collect(stream.count - missing) {
          (output: inout OutputRawSpan) throws(DeflateError) in
          try source.lend(data) { (input: RawSpan) throws(DeflateError) in
            try encoder.compress(input, into: &output)
          }
        }
        #expect(made.bytes == (missing == 0 ? stream : []))
      }
    }
  }

  /// The same of dynamic blocks, long enough for every loop.
  @Test(arguments: builds, Inputs.Family.allCases)
  func noByteBeyondADynamicBlocksInputAndOutputIsTouched(build: CPUKind, family: Inputs.Family) {
    let source = GuardedMemory(capacity: 16 * 4096)
    let target = GuardedMemory(capacity: 16 * 4096)
    var generator = SeededGenerator(test: "guard dynamic \(build) \(family)")
    for size in Array(1...40) + [1000, 2048, 2500, 4096, 20_000, 40_000] {
      let data = Inputs.make(family, count: size, using: &generator)
      let stream = Zlib.deflate(data)
      for missing in [
        0, 1, min(size, generator.number(2...100)), min(size, generator.number(2...400)),
      ] {
        let result = decode(
          stream, room: size - missing, build, limit: .rfc1951, from: source, into: target)
        #expect(result.elementsEqual(data.dropLast(missing)))
      }
      for _ in 0..<4 {
        let part = Array(stream.dropLast(min(stream.count, generator.number(1...100))))
        let cut = decode(
          part, room: size, build, limit: .rfc1951, from: source, into: target)
        #expect(data.starts(with: cut))
      }
    }
  }

  /// Pages of one call that fill the memory for them from its first byte to its last.
  @Test(arguments: builds)
  func noByteBeyondABatchIsTouched(build: CPUKind) {
    let (count, pageSize) = (12, 4096)
    let source = GuardedMemory(capacity: 2 * count * pageSize)
    let target = GuardedMemory(capacity: count * pageSize)
    var generator = SeededGenerator(test: "guard batch \(build)")
    var encoder = Encoder()
    for family in Inputs.Family.allCases {
      let pages = (0..<count).map { _ in Inputs.make(family, count: pageSize, using: &generator) }
      // SAFETY: bytes have no padding.
      var streams = pages.map { unsafe encoder.compress($0.span.bytes) }
      for missing in 0..<20 {
        if missing > 0 { streams[count - 1].removeLast() }
        let counts = streams.map(\.count)
        var decoder = Decoder(limit: .iaa, cpu: build)
        let decoded = target.collect(count * pageSize) {
          (output: inout OutputRawSpan) throws(DeflateError) in
          try source.lend(streams.flatMap { $0 }) { (input: RawSpan) throws(DeflateError) in
            try decoder.decompressPages(
              input, byteCounts: counts.span, pageSize: pageSize, into: &output)
          }
        }
        let expected = missing == 0 ? pages : pages.dropLast()
        #expect(decoded.bytes.elementsEqual(expected.joined()))
        if streams[count - 1].count < 2 { break }
      }
    }
  }

  /// Room for nothing may be anywhere, even where 64 bytes before it are behind all addresses.
  @Test(arguments: builds)
  func emptyRoomAtTheFirstAddressIsNotWrittenTo(build: CPUKind) {
    var encoder = Encoder()
    let data = [UInt8](repeating: 7, count: 4096)
    // SAFETY: bytes have no padding.
    let stream = unsafe encoder.compress(data.span.bytes)
    let room = unsafe UnsafeMutableRawBufferPointer(
      start: UnsafeMutableRawPointer(bitPattern: 1), count: 0)
    var output = unsafe OutputRawSpan(buffer: room, initializedCount: 0)
    var decoder = Decoder(limit: .iaa, cpu: build)
    var thrown: DeflateError?
    do throws(DeflateError) {
      _ = try unsafe decoder.decompress(stream.span.bytes, into: &output)
    } catch {
      thrown = error
    }
    #expect(unsafe output.finalize(for: room) == 0)
    #expect(thrown == DeflateError(.outputFull, bitPosition: 3))
  }
}
