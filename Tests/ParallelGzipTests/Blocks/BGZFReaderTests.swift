// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Parts of BGZF files beside the same parts of the plain data.

import FixedDeflate
import Foundation
import SystemPackage
import TestSupport
import Testing
import Threading

@testable import ParallelGzip

@Suite("Readers of blocks")
struct BGZFReaderTests {
  /// A file with empty blocks within, its data, and its index.
  private static func joined(
    _ random: inout SeededGenerator, count: Int
  ) throws -> (file: [UInt8], data: [UInt8]) {
    var (file, data) = ([UInt8](), [UInt8]())
    while data.count < count {
      let part = Inputs.make(
        .mixture, count: random.number(0...min(700_000, count - data.count)), using: &random)
      // Each with the empty block that ends it.
      file += try compressed(part, .init(.bgzf, chunkSize: random.number(4096...65_280)))
      data += part
      if random.number(0...9) == 0 { break }
    }
    return (file, data)
  }

  /// Ways to know, or not to know, where blocks are.
  private enum Knowledge: CaseIterable {
    case none, given, loaded, scanned
  }

  private func reader(
    _ descriptor: FileDescriptor, from start: UInt64, _ knowledge: Knowledge, _ folder: Folder,
    workers: Int
  ) throws -> BGZFReader {
    let scanned = try BGZFReader(descriptor, from: start).scanIndex()
    let index: BGZFIndex?
    switch knowledge {
    case .none: index = nil
    case .scanned: index = scanned
    case .given:
      // As bgzip makes it, which leaves blocks without data out.
      var given = BGZFIndex()
      for (number, block) in scanned.blocks.enumerated() {
        let next = scanned.blocks.dropFirst(number + 1).first
        if number == 0 || next?.dataOffset != block.dataOffset { given.append(block) }
      }
      index = given
    case .loaded:
      let file = try folder.file(scanned.encoded)
      defer { try? file.close() }
      index = try BGZFReader.readIndex(from: file, ofFileOf: UInt64(descriptor.content().count))
      #expect(index == scanned)
    }
    return try BGZFReader(descriptor, from: start, index: index, workers: workers)
  }

  @Test("any range is the plain data's, with an index given, loaded, scanned or none")
  func ranges() throws {
    var random = SeededGenerator(test: "ranges")
    let folder = try Folder()
    for round in 0..<2 * SeededGenerator.scale {
      let (file, data) = try Self.joined(&random, count: 1_800_000)
      let prefix = round % 2 == 0 ? [] : Inputs.make(.random, count: 999, using: &random)
      let descriptor = try folder.file(prefix + file)
      defer { try? descriptor.close() }
      for knowledge in Knowledge.allCases {
        for workers in [1, 3] {
          let reader = try reader(
            descriptor, from: UInt64(prefix.count), knowledge, folder, workers: workers)
          try descriptor.seek(offset: 3, from: .start)
          for _ in 0..<4 {
            let first = random.number(0...data.count + 10)
            let lengths = [0, 1, random.number(0...70_000), random.number(0...1_800_000)]
            let length = lengths[random.number(0...3)]
            let wanted = Array(data.dropFirst(first).prefix(length))
            let collected = Collected()
            let found = try reader.copy(
              UInt64(first)..<UInt64(first + length), to: collected.output)
            let isCopied = collected.bytes == wanted
            #expect(isCopied, "\(knowledge) \(workers) \(first) \(length)")
            #expect(found.count == UInt64(wanted.count) && found.trailingData == .none)
            reader.seek(to: UInt64(first))
            let isRead =
              try read(min(length, 200_000), of: reader, &random) == Array(wanted.prefix(200_000))
            #expect(isRead, "\(knowledge) \(first) \(length)")
            #expect(reader.position == UInt64(first + min(wanted.count, 200_000)))
          }
          let collected = Collected()
          let all = try reader.copy(0..., to: collected.output)
          let isAll = collected.bytes == data
          #expect(isAll && all.count == UInt64(data.count))
          // Nobody's position moves.
          #expect(try descriptor.seek(offset: 0, from: .current) == 3)
        }
      }
    }
  }

  /// Reads so many bytes, or all there are, in pieces of any size.
  private func read(
    _ count: Int, of reader: BGZFReader, _ random: inout SeededGenerator
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let most = random.number(0...2) == 0 ? 500 : 100_000
      let room = min(count - bytes.count, random.number(1...most))
      let piece = try collectingOutput(capacity: room) {
        (output: inout OutputRawSpan) throws(GzipError) in
        try reader.read(into: &output)
      }
      #expect(piece.result == piece.bytes.count)
      if piece.result == 0 { break }
      bytes += piece.bytes
    }
    return bytes
  }

  @Test("a scan finds every block, those without data too, and a writer's index is the same")
  func scan() throws {
    var random = SeededGenerator(test: "scan")
    let folder = try Folder()
    let data = Inputs.make(.text, count: 500_000, using: &random)
    var configuration = GzipWriter.Configuration(.bgzf, chunkSize: 30_000)
    configuration.recordsIndex = true
    let output = try folder.file()
    defer { try? output.close() }
    let summary = try GzipWriter.compress(
      from: Given(data).input, to: GzipOutput(output), configuration: configuration)
    let file = try output.content()
    let reader = try BGZFReader(output)
    let scanned = try reader.scanIndex()
    #expect(scanned.blocks.map { Int($0.compressedOffset) } == [0] + memberEnds(file).dropLast())
    // The writer leaves the marker out, as bgzip does.
    #expect(summary.index?.blocks == scanned.blocks.dropLast())
    #expect(scanned.blocks.last?.dataOffset == UInt64(data.count))
    #expect(try reader.scanIndex() == scanned)
  }

  @Test("behind the end there is no data, wherever that is, and before it there still is")
  func behindTheEnd() throws {
    var random = SeededGenerator(test: "behind the end")
    let folder = try Folder()
    let data = Inputs.make(.text, count: 150_000, using: &random)
    let file = try compressed(data, .init(.bgzf))
    for (tail, verdict) in [
      ([], StreamDecoder.TrailingData.none), ([0, 0], .zeros), (Array("other".utf8), .garbage),
    ] {
      let descriptor = try folder.file(file + tail)
      defer { try? descriptor.close() }
      for index in [nil, try BGZFReader(descriptor).scanIndex()] {
        let reader = try BGZFReader(descriptor, index: index, workers: 2)
        for offset in [UInt64(data.count), UInt64(data.count) + 1, 1 << 40, .max] {
          reader.seek(to: offset)
          #expect(try read(1, of: reader, &random).isEmpty && reader.position == offset)
          let collected = Collected()
          let found = try reader.copy(offset..., to: collected.output)
          #expect(found.count == 0 && collected.calls == 0)
          #expect(offset == .max || found.trailingData == verdict)
          reader.seek(to: UInt64(data.count - 1))
          #expect(try read(9, of: reader, &random) == [data[data.count - 1]])
        }
      }
    }
  }

  @Test("readers on several threads share a descriptor")
  func threads() throws {
    var random = SeededGenerator(test: "readers on threads")
    let folder = try Folder()
    let (file, data) = try Self.joined(&random, count: 1_000_000)
    let descriptor = try folder.file(file)
    defer { try? descriptor.close() }
    let wrong = Monitor<[String]>([])
    var threads: [SystemThread] = []
    for number in 0..<4 {
      let seed = random.next()
      threads.append(
        SystemThread {
          var random = SeededGenerator(seed: seed)
          do {
            let reader = try BGZFReader(descriptor, workers: 2)
            for _ in 0..<8 {
              let first = random.number(0...data.count)
              let collected = Collected()
              _ = try reader.copy(UInt64(first)..<UInt64(first + 90_000), to: collected.output)
              if collected.bytes != Array(data.dropFirst(first).prefix(90_000)) {
                wrong.update { $0.append("\(number) copies \(first)") }
              }
              reader.seek(to: UInt64(first))
              if try self.read(90_000, of: reader, &random) != collected.bytes {
                wrong.update { $0.append("\(number) reads \(first)") }
              }
            }
          } catch {
            wrong.update { $0.append("\(number) throws \(error)") }
          }
        })
    }
    for thread in threads { thread.join() }
    #expect(wrong.update { $0 } == [])
  }
}
