// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import AsyncGzip
import FixedDeflate
import TestSupport
import Testing

@Suite struct RoundTripTests {
  @Test(
    "However the bytes are cut, the pieces are one container whose pieces are the data",
    arguments: ContainerFormat.allCases)
  func roundTrips(format: ContainerFormat) async throws {
    var generator = SeededGenerator(test: "async round trips \(format)")
    for round in 0..<7 * SeededGenerator.scale {
      let family = Inputs.Family.allCases[round % Inputs.Family.allCases.count]
      let data = Inputs.make(family, count: generator.number(0...300_000), using: &generator)
      let elements = split(data, using: &generator)
      let file = try await CountingSource(elements).compressed(as: format).collected()
      #expect(file == container(format, data), "as the encoder makes it: \(family)")
      let read = try await CountingSource(split(file, using: &generator))
        .decompressed(from: format, pieceSize: generator.number(1...100_000)).collected()
      #expect(read == data, "\(family), \(data.count) bytes")
    }
  }

  @Test(
    "a mode codes the pieces as the encoder does",
    arguments: [CompressionMode.dynamic, .dynamic.best])
  func modes(_ mode: CompressionMode) async throws {
    let data = [UInt8]((0..<150_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 700) })
    let file = try await CountingSource([data]).compressed(as: .gzip, mode: mode).collected()
    #expect(try file == Gzip.compress(data, mode: mode))
    #expect(file.count < container(.gzip, data).count)
    #expect(try await CountingSource([file]).decompressed(from: .gzip).collected() == data)
  }

  @Test("gzip is read to its last member's end, and zeros may follow")
  func members() async throws {
    let (first, second) = ([UInt8]("first ".utf8), [UInt8]("second".utf8))
    let file = container(.gzip, first) + container(.gzip, second)
    for padding in [0, 1, 1000] {
      let bytes = file + [UInt8](repeating: 0, count: padding)
      for elements in [[bytes], bytes.map { [$0] }] {
        #expect(
          try await CountingSource(elements).decompressed(from: .gzip).collected()
            == first + second)
      }
    }
  }

  @Test("Slices, strings' bytes and collections without storage are elements, too")
  func elementsOfOtherKinds() async throws {
    let data = [UInt8]((0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
    let file = container(.gzip, data)
    #expect(
      try await CountingSource([data[..<1000], data[1000...]]).compressed(as: .gzip).collected()
        == file)
    let scattered = CountingSource([repeatElement(UInt8(7), count: 200_000)])
    #expect(
      try await scattered.compressed(as: .gzip).collected()
        == container(.gzip, [UInt8](repeating: 7, count: 200_000)))
    #expect(
      try await CountingSource(["a text".utf8]).compressed(as: .gzip).collected()
        == container(.gzip, [UInt8]("a text".utf8)))
    #expect(
      try await CountingSource([file[...]]).decompressed(from: .gzip).collected() == data)
  }

  @Test("No elements and empty ones make the empty container, and no bytes are not a container")
  func nothing() async throws {
    for elements in [[], [[]], [[], []]] as [[[UInt8]]] {
      let source = CountingSource(elements)
      #expect(
        try await source.compressed(as: .gzip, flushesEachElement: true).collected()
          == container(.gzip, []))
      await #expect(throws: DeflateError(.truncatedInput, bitPosition: 0)) {
        try await CountingSource(elements).decompressed(from: .gzip).collected()
      }
    }
  }
}
