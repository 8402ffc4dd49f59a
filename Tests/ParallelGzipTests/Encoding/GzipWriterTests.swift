// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Both ways to compress: zlib is the judge of what comes out, and one worker the measure of many.

import FixedDeflate
import SystemPackage
import TestSupport
import Testing
import Threading

@testable import ParallelGzip

@Suite("Writers")
struct GzipWriterTests {
  /// A configuration of any kind.
  private func configuration(
    _ random: inout SeededGenerator, workers: Int?
  ) -> GzipWriter.Configuration {
    let format = ContainerFormat.allCases[random.number(0...3)]
    let largest = format == .bgzf ? ChunkLayout.defaultChunkSize : 300_000
    var configuration = GzipWriter.Configuration(
      format, chunkSize: random.number(4096...largest), workers: workers)
    configuration.cutsByContent = random.number(0...3) == 0
    configuration.recordsIndex = true
    configuration.computesChecksum = true
    if format == .gzip { configuration.header.name = Array("name".utf8) }
    return configuration
  }

  private func data(_ random: inout SeededGenerator) -> [UInt8] {
    let sizes = [0, 1, 4095, 4096, 65_280, 65_281, 262_144, random.number(0...2_000_000)]
    let family = random.element(Inputs.Family.allCases)
    return Inputs.make(family, count: sizes[random.number(0...7)], using: &random)
  }

  @Test("give the same bytes pushed, pulled and by any number of workers, and zlib reads them")
  func sameBytes() throws {
    var random = SeededGenerator(test: "writers")
    for _ in 0..<12 * SeededGenerator.scale {
      let data = data(&random)
      var settings = configuration(&random, workers: 1)
      let alone = try compressed(data, settings)
      #expect(try judged(alone, as: settings.format) == data)
      for workers in [1, 2, 3, 8, nil] {
        settings.workers = workers
        let isSame = try compressed(data, settings) == alone
        #expect(isSame, "\(settings)")
        let collected = Collected()
        var writer = try GzipWriter(to: collected.output, configuration: settings)
        var start = 0
        while start < data.count {
          let most = random.number(0...1) == 0 ? 1000 : 700_000
          let count = min(data.count - start, random.number(0...most))
          try withRawSpan(data) { (bytes: RawSpan) throws(GzipError) in
            try writer.write(bytes.extracting(start..<(start + count)))
          }
          start += count
        }
        let summary = try writer.finish()
        let isPushedSame = collected.bytes == alone
        #expect(isPushedSame, "\(settings)")
        #expect(summary.inputCount == data.count && summary.outputCount == alone.count)
        #expect(summary.checksum?.value == Zlib.crc32(data))
      }
    }
  }

  @Test("write from a descriptor to another, and tell where BGZF's blocks are")
  func descriptors() throws {
    var random = SeededGenerator(test: "descriptors")
    let data = Inputs.make(.mixture, count: 1_000_000, using: &random)
    let folder = try Folder()
    let (input, output) = (try folder.file(data), try folder.file())
    defer { for file in [input, output] { try? file.close() } }
    var configuration = GzipWriter.Configuration(.bgzf, chunkSize: 10_000, workers: 2)
    configuration.recordsIndex = true
    let summary = try GzipWriter.compress(
      from: GzipInput(input), to: GzipOutput(output), configuration: configuration)
    let file = try output.content()
    #expect(try judged(file, as: .bgzf) == data)
    let starts = [0] + memberEnds(file).dropLast(2)
    #expect(summary.index?.blocks.map(\.compressedOffset) == starts.map { UInt64($0) })
    #expect(
      summary.index?.blocks.map(\.dataOffset) == starts.indices.map { UInt64($0 * 10_000) })
    // What is not asked for is not kept.
    let other = GzipWriter.Configuration(.zlib)
    let plain = try GzipWriter.compress(
      from: Given(data).input, to: .nowhere, configuration: other)
    #expect(plain.index == nil && plain.checksum == nil)
  }

  @Test(
    "a flush brings all that was pushed to the output, where it can be decoded",
    arguments: ContainerFormat.allCases)
  func flush(_ format: ContainerFormat) throws {
    var random = SeededGenerator(test: "flush \(format)")
    let data = Inputs.make(.text, count: 700_000, using: &random)
    for workers in [1, 3] {
      let collected = Collected()
      var writer = try GzipWriter(
        to: collected.output, configuration: .init(format, chunkSize: 4096, workers: workers))
      try writer.flush()
      #expect(collected.bytes.isEmpty)
      var start = 0
      while start < data.count {
        let end = min(data.count, start + random.number(1...150_000))
        try withRawSpan(data) { (bytes: RawSpan) throws(GzipError) in
          try writer.write(bytes.extracting(start..<end))
        }
        try writer.flush()
        try writer.flush()
        start = end
        let soFar = collected.bytes
        let decoded =
          switch format {
          case .bgzf: Zlib.gunzip(soFar).bytes
          // A member that does not end: zlib's raw decoder behind the header.
          case .gzip: Zlib.inflate(Array(soFar[10...]), wrapper: .raw, maximumCount: 1 << 20).bytes
          case .zlib: Zlib.inflate(soFar, wrapper: .zlib, maximumCount: 1 << 20).bytes
          case .raw: Zlib.inflate(soFar, wrapper: .raw, maximumCount: 1 << 20).bytes
          }
        let isAll = decoded == Array(data[..<end])
        #expect(isAll, "\(format) \(end)")
      }
      _ = try writer.finish()
      let isWhole = try judged(collected.bytes, as: format) == data
      #expect(isWhole, "\(format)")
    }
  }

  @Test("what is left of a BGZF file at any write never ends with a whole member")
  func killedRun() throws {
    var random = SeededGenerator(test: "killed run")
    let data = Inputs.make(.mixture, count: 1_500_000, using: &random)
    let configuration = GzipWriter.Configuration(.bgzf, chunkSize: 4096, workers: 2)
    let file = try compressed(data, configuration)
    let ends = Set(memberEnds(file))
    #expect(ends.count == (data.count + 4095) / 4096 + 1 && ends.contains(file.count))
    let collected = Collected { written in
      #expect(written.count == file.count || !ends.contains(written.count), "\(written.count)")
    }
    _ = try GzipWriter.compress(
      from: Given(data).input, to: collected.output, configuration: configuration)
    #expect(collected.bytes == file)
  }

  @Test("tell how far they are, in order, up to the end")
  func progress() throws {
    let told = Monitor<[GzipProgress]>([])
    let data = [UInt8](repeating: 7, count: 1_000_000)
    let summary = try GzipWriter.compress(
      from: Given(data).input, to: .nowhere, configuration: .init(.gzip, workers: 3),
      progress: { counts in told.update { $0.append(counts) } })
    let counts = told.update { $0 }
    #expect(counts.last == GzipProgress(inputCount: 1_000_000, outputCount: summary.outputCount))
    #expect(zip(counts, counts.dropFirst()).allSatisfy { $0.inputCount <= $1.inputCount })
    #expect(zip(counts, counts.dropFirst()).allSatisfy { $0.outputCount < $1.outputCount })
  }
}
