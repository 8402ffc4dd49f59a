// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Hot loops read and write whole vectors, some of them by instructions that no sanitizer sees. Here input
// and output end where memory ends: one byte too far is a crash.

import Foundation
import TestSupport
import Testing

@testable import FixedDeflate

/// Memory that fills whole pages, with nothing before and behind it.
@unsafe private struct GuardedMemory: ~Copyable {
  private let base: UnsafeMutableRawPointer
  private let count: Int

  init(pages: Int) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    unsafe count = (pages + 2) * page
    let memory = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else { fatalError("mmap failed") }
    unsafe base = memory
    guard unsafe mprotect(base, page, PROT_NONE) == 0,
      unsafe mprotect(base + (pages + 1) * page, page, PROT_NONE) == 0
    else {
      fatalError("mprotect failed")
    }
  }

  deinit { unsafe munmap(base, count) }

  /// The last bytes before nothing.
  func last(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
    let end = unsafe base + (count - sysconf(Int32(_SC_PAGESIZE)))
    return unsafe UnsafeMutableRawBufferPointer(start: end - bytes, count: bytes)
  }
}

@Suite struct GuardPageTests {
  static let builds = CPUKind.allCases.filter { $0 <= .current }

  /// Decodes with input and output at the end of memory.
  private func decode(
    _ stream: [UInt8], room: Int, _ build: CPUKind, limit: DistanceLimit = .iaa,
    from source: borrowing GuardedMemory,
    into target: borrowing GuardedMemory
  ) -> [UInt8] {
    var decoder = Decoder(limit: limit, cpu: build)
    let input = unsafe source.last(stream.count)
    unsafe input.copyBytes(from: stream)
    let buffer = unsafe target.last(room)
    var output = unsafe OutputRawSpan(buffer: buffer, initializedCount: 0)
    _ = try? decoder.decompress(
      unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(input)), into: &output)
    let count = unsafe output.finalize(for: buffer)
    return unsafe Array(buffer.prefix(count))
  }

  @Test(arguments: builds, Inputs.Family.allCases)
  func noByteBeyondInputAndOutputIsTouched(build: CPUKind, family: Inputs.Family) {
    let source = unsafe GuardedMemory(pages: 8)
    let target = unsafe GuardedMemory(pages: 8)
    var generator = SeededGenerator(test: "guard \(build) \(family)")
    var encoder = Encoder(profile: .iaaV1, path: .fast(build))
    for size in Array(1...140) + [1000, 4095, 4096, 4097, 20_000] {
      let data = Inputs.make(family, count: size, using: &generator)
      // SAFETY: bytes have no padding.
      let stream = unsafe encoder.compress(data.span.bytes)
      for missing in [0, 1, min(size, generator.number(2...100))] {
        let result = unsafe decode(stream, room: size - missing, build, from: source, into: target)
        #expect(result.elementsEqual(data.dropLast(missing)))
      }
      let part = Array(stream.dropLast(min(stream.count, generator.number(1...100))))
      let cut = unsafe decode(part, room: size, build, from: source, into: target)
      #expect(data.starts(with: cut))
      // The encoder's whole and too small room.
      let input = unsafe source.last(size)
      unsafe input.copyBytes(from: data)
      for missing in [0, 1] {
        let buffer = unsafe target.last(stream.count - missing)
        var output = unsafe OutputRawSpan(buffer: buffer, initializedCount: 0)
        try? encoder.compress(
          unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(input)), into: &output)
        let count = unsafe output.finalize(for: buffer)
        #expect(unsafe Array(buffer.prefix(count)) == (missing == 0 ? stream : []))
      }
    }
  }

  /// The same of dynamic blocks, long enough for every loop.
  @Test(arguments: builds, Inputs.Family.allCases)
  func noByteBeyondADynamicBlocksInputAndOutputIsTouched(build: CPUKind, family: Inputs.Family) {
    let source = unsafe GuardedMemory(pages: 16)
    let target = unsafe GuardedMemory(pages: 16)
    var generator = SeededGenerator(test: "guard dynamic \(build) \(family)")
    for size in Array(1...40) + [1000, 2048, 2500, 4096, 20_000, 40_000] {
      let data = Inputs.make(family, count: size, using: &generator)
      let stream = Zlib.deflate(data)
      for missing in [
        0, 1, min(size, generator.number(2...100)), min(size, generator.number(2...400)),
      ] {
        let result = unsafe decode(
          stream, room: size - missing, build, limit: .rfc1951, from: source, into: target)
        #expect(result.elementsEqual(data.dropLast(missing)))
      }
      for _ in 0..<4 {
        let part = Array(stream.dropLast(min(stream.count, generator.number(1...100))))
        let cut = unsafe decode(
          part, room: size, build, limit: .rfc1951, from: source, into: target)
        #expect(data.starts(with: cut))
      }
    }
  }

  /// Pages of one call that fill the memory for them from its first byte to its last.
  @Test(arguments: builds)
  func noByteBeyondABatchIsTouched(build: CPUKind) {
    let (count, pageSize) = (12, 4096)
    let source = unsafe GuardedMemory(pages: 2 * count)
    let target = unsafe GuardedMemory(pages: count * pageSize / sysconf(Int32(_SC_PAGESIZE)))
    var generator = SeededGenerator(test: "guard batch \(build)")
    var encoder = Encoder()
    for family in Inputs.Family.allCases {
      let pages = (0..<count).map { _ in Inputs.make(family, count: pageSize, using: &generator) }
      // SAFETY: bytes have no padding.
      var streams = pages.map { unsafe encoder.compress($0.span.bytes) }
      for missing in 0..<20 {
        if missing > 0 { streams[count - 1].removeLast() }
        let counts = streams.map(\.count)
        let input = unsafe source.last(counts.reduce(0, +))
        unsafe input.copyBytes(from: streams.flatMap { $0 })
        let buffer = unsafe target.last(count * pageSize)
        var output = unsafe OutputRawSpan(buffer: buffer, initializedCount: 0)
        var decoder = Decoder(limit: .iaa, cpu: build)
        try? decoder.decompressPages(
          unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(input)), byteCounts: counts.span,
          pageSize: pageSize, into: &output)
        let decoded = unsafe output.finalize(for: buffer)
        let expected = missing == 0 ? pages : pages.dropLast()
        #expect(unsafe buffer.prefix(decoded).elementsEqual(expected.joined()))
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
