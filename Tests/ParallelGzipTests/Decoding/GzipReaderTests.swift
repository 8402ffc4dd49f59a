// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Whole files, read in every way: zlib or the plain data is the judge.

import FixedDeflate
import SystemPackage
import TestSupport
import Testing
import Threading

@testable import ParallelGzip

@Suite("Readers")
struct GzipReaderTests {
  private static func data(_ random: inout SeededGenerator) -> [UInt8] {
    let sizes = [0, 1, 65_280, 65_281, 1 << 20, random.number(0...100_000), 2_500_000]
    let family = random.element(Inputs.Family.allCases)
    return Inputs.make(family, count: sizes[random.number(0...6)], using: &random)
  }

  @Test(
    "give the same data and summary copied, pulled, from a closure or file, by any workers",
    arguments: CompressedFile.Kind.allCases)
  func sameData(_ kind: CompressedFile.Kind) throws {
    var random = SeededGenerator(test: "readers \(kind)")
    let folder = try Folder()
    for _ in 0..<2 * SeededGenerator.scale {
      let file = try CompressedFile(kind, of: Self.data(&random), using: &random)
      var configuration = GzipReader.Configuration(file.format, workers: 1)
      configuration.computesChecksum = true
      let alone = copied(Given(file.bytes).input, configuration)
      let isPlain = alone.data == file.data && alone.error == nil
      #expect(isPlain, "\(alone.brief)")
      let summary = try #require(alone.summary)
      #expect(summary.checksum?.value == Zlib.crc32(file.data))
      #expect(summary.inputCount == file.bytes.count && summary.outputCount == file.data.count)
      #expect(summary.trailingData == .none && !summary.isMissingEndOfFile)
      if file.format.hasMembers {
        #expect(summary.memberCount == Zlib.gunzip(file.bytes).memberCount)
      } else {
        #expect(summary.memberCount == 1 && summary.header == nil)
      }
      let descriptor = try folder.file(file.bytes)
      defer { try? descriptor.close() }
      for workers in [1, 2, 5, nil] {
        configuration.workers = workers
        let seed = random.next()
        try descriptor.seek(offset: 0, from: .start)
        var outcomes = [
          copied(Given(file.bytes, seed: seed).input, configuration),
          copied(GzipInput(descriptor), configuration),
          pulled(Given(file.bytes, seed: seed).input, configuration),
        ]
        try descriptor.seek(offset: 0, from: .start)
        outcomes.append(pulled(GzipInput(descriptor), configuration, room: 3_000_000))
        if file.data.count <= 100_000 {
          outcomes.append(pulled(Given(file.bytes, seed: seed).input, configuration, room: 3))
        }
        for (way, outcome) in outcomes.enumerated() {
          let isSame = outcome == alone
          #expect(isSame, "way \(way), \(configuration): \(outcome.brief), not \(alone.brief)")
        }
      }
    }
  }

  @Test("tell gzip, BGZF and zlib by their first bytes, and nothing else")
  func formats() throws {
    var random = SeededGenerator(test: "formats")
    let data = Inputs.make(.text, count: 100_000, using: &random)
    for kind in CompressedFile.Kind.allCases {
      let file = try CompressedFile(kind, of: data, using: &random)
      // A stream of our own begins with a final or other block of the fixed code or a stored one.
      if file.format == .raw { continue }
      let outcome = copied(Given(file.bytes).input, .init(nil, workers: 2))
      #expect(outcome.data == data && outcome.error == nil)
      #expect(outcome.summary?.format == (file.format == .bgzf ? .gzip : file.format))
    }
    // All second bytes with all windows: FCHECK makes one in 31 a zlib header.
    for first in [0x08, 0x78, 0x88, 0x79, 0x1F] {
      for second in 0...255 {
        let told = ContainerFormat(beginning: [UInt8(first), UInt8(second)])
        let isZlib = (first == 0x08 || first == 0x78) && (first << 8 | second) % 31 == 0
        #expect(told == (first == 0x1F && second == 0x8B ? .gzip : isZlib ? .zlib : nil))
      }
    }
    let none = "\(GzipError.decoding(DeflateError(.notInFormat, bitPosition: 0)))"
    for bytes: [UInt8] in [[], [0x1F], [0x78], [3, 0], Array("plain".utf8)] {
      #expect(copied(Given(bytes).input, .init(nil)) == ReaderOutcome(data: [], error: none))
    }
    #expect(copied(Given([3, 0]).input, .init(.raw)).error == nil)
    // gzip and BGZF read each other's files.
    for (kind, format) in [(CompressedFile.Kind.blocks, ContainerFormat.gzip), (.members, .bgzf)] {
      let file = try CompressedFile(kind, of: data, using: &random)
      #expect(copied(Given(file.bytes).input, .init(format, workers: 3)).data == data)
    }
  }

  @Test("give the first member's header before the data, whatever the workers")
  func header() throws {
    var random = SeededGenerator(test: "reader's header")
    let data = Inputs.make(.text, count: 1_500_000, using: &random)
    for format in ContainerFormat.allCases {
      var settings = GzipWriter.Configuration(format, chunkSize: 20_000, workers: 1)
      settings.header.modificationTime = 1_234_567_890
      if format == .gzip { settings.header.name = Array("näme".utf8) }
      // A second member's header is nobody's.
      let more = format.hasMembers ? Zlib.deflate([1], .init(wrapper: .gzip)) : []
      let file = try compressed(data, settings) + more
      for workers in [1, 2, 5] {
        for pulls in [false, true] {
          let reader = try GzipReader(
            Given(file).input, configuration: .init(format, workers: workers))
          let header = try reader.readHeader()
          #expect(try reader.readHeader() == header)
          #expect(header?.modificationTime == (format.hasMembers ? 1_234_567_890 : nil))
          #expect(header?.name == settings.header.name)
          let collected = Collected()
          let bytes: [UInt8]
          let summary: GzipReader.Summary?
          if pulls {
            bytes = try pulled(reader)
            summary = reader.summary
          } else {
            summary = try reader.copy(to: collected.output)
            bytes = collected.bytes
          }
          let isSame = bytes == data + (format.hasMembers ? [1] : [])
          #expect(isSame, "\(format) \(workers) \(pulls)")
          #expect(summary?.header == header)
        }
      }
    }
  }

  @Test("say what follows the container, and refuse one byte that may begin a member")
  func trailingData() throws {
    var random = SeededGenerator(test: "trailing data")
    let data = Inputs.make(.mixture, count: 1_300_000, using: &random)
    let tails: [([UInt8], StreamDecoder.TrailingData)] = [
      ([], .none), ([0], .zeros), ([UInt8](repeating: 0, count: 700_000), .zeros),
      ([0, 0, 7], .garbage), (Array("garbage".utf8), .garbage), ([0x1F, 0x8C], .garbage),
      ([UInt8](repeating: 0, count: 300_000) + [1, 2], .garbage),
    ]
    for kind in [CompressedFile.Kind.members, .chunks, .blocks, .zlib, .rawWithJoints] {
      let file = try CompressedFile(kind, of: data, using: &random)
      for workers in [1, 2, 5] {
        let configuration = GzipReader.Configuration(file.format, workers: workers)
        for (tail, verdict) in tails {
          let outcome = copied(Given(file.bytes + tail).input, configuration)
          let isSame = outcome.data == data && outcome.error == nil
          #expect(isSame, "\(kind) \(workers) \(tail.count): \(outcome.brief)")
          #expect(outcome.summary?.trailingData == verdict)
          #expect(outcome.summary?.inputCount == UInt64(file.bytes.count + tail.count))
        }
        let outcome = copied(Given(file.bytes + [0x1F]).input, configuration)
        let error = DeflateError(.truncatedInput, bitPosition: 8 * (file.bytes.count + 1))
        #expect(
          outcome.error == (file.format.hasMembers ? "\(GzipError.decoding(error))" : nil))
        #expect(outcome.data == data)
      }
    }
  }

  @Test("notice that a BGZF file's end is missing")
  func missingEnd() throws {
    var random = SeededGenerator(test: "missing end")
    for count in [1000, 1_500_000] {
      let data = Inputs.make(.text, count: count, using: &random)
      let file = try CompressedFile(.blocks, of: data, using: &random)
      let ends = memberEnds(file.bytes)
      #expect(ends.last == file.bytes.count)
      for workers in [1, 2, 5] {
        let configuration = GzipReader.Configuration(nil, workers: workers)
        let cut = Array(file.bytes[..<ends[ends.count - 2]])
        let outcome = copied(Given(cut).input, configuration)
        #expect(outcome.data == data && outcome.summary?.isMissingEndOfFile == true)
        // Joined files have one within, and need one at the end.
        let joined = copied(Given(file.bytes + cut).input, configuration)
        #expect(joined.data == data + data && joined.summary?.isMissingEndOfFile == true)
        let whole = copied(Given(cut + file.bytes).input, configuration)
        #expect(whole.data == data + data && whole.summary?.isMissingEndOfFile == false)
        // With a member of another kind it is no BGZF file.
        let other = copied(
          Given(cut + Zlib.deflate([], .init(wrapper: .gzip))).input, configuration)
        #expect(other.data == data && other.summary?.isMissingEndOfFile == false)
      }
    }
  }

  @Test("tell how far they are, in order, up to the end")
  func progress() throws {
    var random = SeededGenerator(test: "reader's progress")
    let data = Inputs.make(.text, count: 3_000_000, using: &random)
    for kind in CompressedFile.Kind.allCases {
      let file = try CompressedFile(kind, of: data, using: &random)
      for workers in [1, 3] {
        let told = Monitor<[GzipProgress]>([])
        let reader = try GzipReader(
          Given(file.bytes).input, configuration: .init(file.format, workers: workers))
        _ = try reader.copy(to: .nowhere) { counts in told.update { $0.append(counts) } }
        let counts = told.update { $0 }
        #expect(counts.last?.outputCount == UInt64(data.count), "\(kind)")
        #expect((counts.last?.inputCount ?? .max) <= UInt64(file.bytes.count), "\(kind)")
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $0.inputCount <= $1.inputCount })
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $0.outputCount <= $1.outputCount })
      }
    }
  }
}
