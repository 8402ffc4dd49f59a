// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Files and indexes that are damaged, another's, or cut off.

import FixedDeflate
import SystemPackage
import TestSupport
import Testing

@testable import ParallelGzip

@Suite("Trouble with blocks")
struct BlockTroubleTests {
  private static let data: [UInt8] = {
    var random = SeededGenerator(test: "block trouble")
    return Inputs.make(.mixture, count: 1_300_000, using: &random)
  }()

  private func blocks(_ chunkSize: Int = 20_000) throws -> [UInt8] {
    try compressed(Self.data, .init(.bgzf, chunkSize: chunkSize))
  }

  /// Reads a byte by both ways, which must fail alike.
  private func failure(_ reader: BGZFReader, at offset: Int) throws -> GzipError {
    reader.seek(to: UInt64(offset))
    let read = #expect(throws: GzipError.self) {
      try collectingOutput(capacity: 10) { (output: inout OutputRawSpan) throws(GzipError) in
        try reader.read(into: &output)
      }
    }
    let copied = #expect(throws: GzipError.self) {
      try reader.copy(UInt64(offset)..., to: .nowhere)
    }
    let error = try #require(read)
    #expect(copied.map { "\($0)" } == "\(error)")
    return error
  }

  @Test(
    "a block that says it is longer than its member is an error, and nothing is passed over",
    arguments: [Gzip.compress(Array("second".utf8)), Array("twelve bytes".utf8)])
  func longerThanItsMember(extra: [UInt8]) throws {
    // The end-of-file marker takes 28 bytes (SAM specification §4.1.2).
    let member = try compressed(Array("first".utf8), .init(.bgzf)).dropLast(28)
    var block = Array(member) + extra
    // BSIZE, the block's size less 1 (SAM specification §4.1).
    (block[16], block[17]) = (UInt8((block.count - 1) & 0xFF), UInt8((block.count - 1) >> 8))
    let folder = try Folder()
    let descriptor = try folder.file(block + compressed(Array("third".utf8), .init(.bgzf)))
    defer { try? descriptor.close() }
    for offset in [0, 5] {
      let error = try failure(try BGZFReader(descriptor), at: offset)
      let expected = DeflateError(.notInFormat, bitPosition: member.count * 8)
      #expect("\(error)" == "\(GzipError.decoding(expected))")
    }
  }

  @Test("what does not begin with a block is not opened")
  func notBlocks() throws {
    let folder = try Folder()
    let file = try blocks()
    for bytes: [UInt8] in [
      [], Array("plain".utf8), Zlib.deflate(Self.data, .init(wrapper: .gzip)),
      Array(file[..<17]), Array(file[1...]),
    ] {
      let descriptor = try folder.file(bytes)
      defer { try? descriptor.close() }
      let error = #expect(throws: GzipError.self) { try BGZFReader(descriptor) }
      #expect("\(try #require(error))" == "\(GzipError.notBGZF)")
    }
    let pipe = try FileDescriptor.pipe()
    defer { for end in [pipe.readEnd, pipe.writeEnd] { try? end.close() } }
    let error = #expect(throws: GzipError.self) { try BGZFReader(pipe.readEnd) }
    #expect("\(try #require(error))" == "\(GzipError.reading(.illegalSeek))")
    let descriptor = try folder.file(file)
    defer { try? descriptor.close() }
    let far = #expect(throws: GzipError.self) { try BGZFReader(descriptor, from: .max) }
    #expect("\(try #require(far))" == "\(GzipError.reading(.invalidArgument))")
  }

  @Test("a damaged block is an error with its place in the file, and others can be read")
  func damagedBlock() throws {
    let folder = try Folder()
    let file = try blocks()
    let ends = [0] + memberEnds(file)
    for (place, kind) in [(-8, DeflateError.Kind.checksumMismatch), (-4, .lengthMismatch)] {
      // The last four bytes are the length, the four before them the CRC-32.
      for block in [1, 60] {
        var damaged = file
        damaged[ends[block + 1] + place] ^= 1
        let descriptor = try folder.file(damaged)
        defer { try? descriptor.close() }
        let whole = copied(Given(damaged).input, .init(.bgzf, workers: 1))
        for workers in [1, 3] {
          for index in [nil, try BGZFReader(try folder.file(file)).scanIndex()] {
            let reader = try BGZFReader(descriptor, index: index, workers: workers)
            reader.seek(to: 0)
            let collected = Collected()
            let error = #expect(throws: GzipError.self) {
              try reader.copy(0..., to: collected.output)
            }
            let isBefore = collected.bytes == Array(Self.data[..<(block * 20_000)])
            #expect(isBefore, "\(block) \(workers) \(collected.bytes.count)")
            #expect(error.decoding?.kind == kind && whole.error == error.map { "\($0)" })
            // An index cannot be confirmed across a length that is not true.
            if place == -4 { continue }
            #expect(try failure(reader, at: block * 20_000 + 5).trouble == nil)
            let behind = Collected()
            let from = UInt64(block + 1) * 20_000
            guard Int(from) < Self.data.count else { continue }
            _ = try reader.copy(from..., to: behind.output)
            let isBehind = behind.bytes == Array(Self.data[Int(from)...])
            #expect(isBehind)
          }
        }
      }
    }
  }

  @Test("a block that says it holds more than a block can is an error behind it, never other data")
  func impossibleLength() throws {
    let folder = try Folder()
    var file = try blocks()
    let ends = memberEnds(file)
    for byte in ends[3] - 2..<ends[3] { file[byte] = 0xFF }
    let descriptor = try folder.file(file)
    defer { try? descriptor.close() }
    let reader = try BGZFReader(descriptor)
    #expect(try reader.scanIndex().blocks.count == 4)
    for offset in [61_000, 100_000, 1 << 33] {
      let error = try failure(reader, at: offset)
      #expect(Optional(error).decoding?.kind == .lengthMismatch, "\(offset)")
    }
    let before = try collectingOutput(capacity: 10) {
      (output: inout OutputRawSpan) throws(GzipError) in
      reader.seek(to: 59_990)
      return try reader.read(into: &output)
    }
    #expect(before.bytes == Array(Self.data[59_990..<60_000]))
  }

  @Test("a file that is cut off at any place gives the data before it, and says so")
  func cutFile() throws {
    var random = SeededGenerator(test: "cut file")
    let folder = try Folder()
    let file = try blocks()
    let ends = memberEnds(file)
    for _ in 0..<6 * SeededGenerator.scale {
      let block = random.number(1...63)
      let cut = random.number(ends[block - 1] + 1...ends[block] - 1)
      let descriptor = try folder.file(Array(file[..<cut]))
      defer { try? descriptor.close() }
      for workers in [1, 5] {
        let reader = try BGZFReader(descriptor, workers: workers)
        let collected = Collected()
        let error = #expect(throws: GzipError.self) { try reader.copy(0..., to: collected.output) }
        #expect(error.decoding == DeflateError(.truncatedInput, bitPosition: cut * 8))
        let isBefore = collected.bytes == Array(Self.data[..<(block * 20_000)])
        #expect(isBefore)
        #expect(Optional(try failure(reader, at: block * 20_000 + 1)).decoding == error.decoding)
        #expect(Optional(try failure(reader, at: 1 << 40)).decoding == error.decoding)
      }
    }
  }

  @Test("where the file goes on in another form, it is an error behind the blocks")
  func otherForm() throws {
    let folder = try Folder()
    let descriptor = try folder.file(try blocks() + Zlib.deflate([1, 2], .init(wrapper: .gzip)))
    defer { try? descriptor.close() }
    for workers in [1, 5] {
      let reader = try BGZFReader(descriptor, workers: workers)
      let collected = Collected()
      let error = #expect(throws: GzipError.self) { try reader.copy(0..., to: collected.output) }
      #expect("\(try #require(error))" == "\(GzipError.notBGZF)")
      let isAll = collected.bytes == Self.data
      #expect(isAll)
      #expect("\(try failure(reader, at: Self.data.count))" == "\(GzipError.notBGZF)")
    }
  }

  @Test("an index of another file is an error where it is needed, never other data")
  func foreignIndex() throws {
    var random = SeededGenerator(test: "foreign index")
    let folder = try Folder()
    let descriptor = try folder.file(try blocks())
    let other = try folder.file(try blocks(30_000))
    defer { for file in [descriptor, other] { try? file.close() } }
    let foreign = try BGZFReader(other).scanIndex()
    let own = try BGZFReader(descriptor).scanIndex()
    var shifted = BGZFIndex()
    for block in own.blocks {
      let isLate = block.compressedOffset > own.blocks[40].compressedOffset
      shifted.append(
        BGZFIndex.Block(
          compressedOffset: block.compressedOffset, dataOffset: block.dataOffset + (isLate ? 1 : 0))
      )
    }
    for (index, kind, first) in [
      (foreign, DeflateError.Kind.notInFormat, 0), (shifted, .lengthMismatch, 800_000),
    ] {
      for workers in [1, 5] {
        let reader = try BGZFReader(descriptor, index: index, workers: workers)
        for _ in 0..<5 {
          let error = try failure(reader, at: random.number(first...1_299_999))
          #expect(Optional(error).index?.kind == kind, "\(error)")
        }
      }
    }
    // Of a longer file: what is there can be read, and behind it is not the end.
    let file = try blocks()
    let cut = try folder.file(Array(file[..<memberEnds(file)[49]]))
    defer { try? cut.close() }
    let reader = try BGZFReader(cut, index: own)
    let collected = Collected()
    _ = try reader.copy(900_000..<910_000, to: collected.output)
    #expect(collected.bytes == Array(Self.data[900_000..<910_000]))
    let error = try failure(reader, at: 1_200_000)
    #expect(Optional(error).index?.kind == .truncatedInput)
  }

  @Test("an index of offsets near the largest number is an error or the end, and no crash")
  func largeOffsets() throws {
    let folder = try Folder()
    let file = try blocks()
    let descriptor = try folder.file(file)
    defer { try? descriptor.close() }
    let real = try BGZFReader(descriptor).scanIndex().blocks
    for (compressed, data): (UInt64, UInt64) in [
      (real[1].compressedOffset, .max), (real[1].compressedOffset, .max - 10_000),
      (.max, 20_000), (.max, .max), (1 << 62, 20_000), (UInt64(Int64.max), 20_000),
      (UInt64(file.count), 20_000),
    ] {
      var index = BGZFIndex()
      index.append(.init(compressedOffset: 0, dataOffset: 0))
      index.append(.init(compressedOffset: compressed, dataOffset: data))
      let reader = try BGZFReader(descriptor, index: index)
      reader.seek(to: .max)
      let error = #expect(throws: GzipError.self) {
        try collectingOutput(capacity: 10) { (output: inout OutputRawSpan) throws(GzipError) in
          try reader.read(into: &output)
        }
      }
      #expect(error.index != nil, "\(compressed) \(data)")
    }
  }

  @Test("a damaged index is not read: cut off, too long, not ascending, too large for its file")
  func damagedIndex() throws {
    let folder = try Folder()
    let file = try blocks()
    let descriptor = try folder.file(file)
    defer { try? descriptor.close() }
    let good = try BGZFReader(descriptor).scanIndex().encoded
    func reading(_ bytes: [UInt8], of count: Int) throws -> Result<BGZFIndex, GzipError> {
      let file = try folder.file(bytes)
      defer { try? file.close() }
      return Result { () throws(GzipError) in
        try BGZFReader.readIndex(from: file, ofFileOf: UInt64(count))
      }
    }
    #expect(try reading(good, of: file.count).get().encoded == good)
    var falling = good
    falling.replaceSubrange(24..<32, with: good[8..<16])
    for (bytes, error) in [
      ([], DeflateError(.truncatedInput, bitPosition: 0)),
      (Array(good[..<7]), DeflateError(.truncatedInput, bitPosition: 56)),
      (Array(good[..<100]), DeflateError(.truncatedInput, bitPosition: 800)),
      (good + [0], DeflateError(.notInFormat, bitPosition: 0)),
      (falling, DeflateError(.notInFormat, bitPosition: 192)),
    ] {
      guard case .failure(let found) = try reading(bytes, of: file.count) else {
        Issue.record("\(bytes.count) bytes were read")
        continue
      }
      #expect(Optional(found).index == error)
    }
    guard case .failure(.indexTooLarge) = try reading(good, of: 28 * 10) else {
      Issue.record("an index of 67 blocks of a file of 10 was read")
      return
    }
    let error = #expect(throws: GzipError.self) {
      try BGZFReader.readIndex(from: FileDescriptor(rawValue: -1), ofFileOf: 100)
    }
    #expect("\(try #require(error))" == "\(GzipError.readingIndex(.badFileDescriptor))")
  }

  @Test("what the output's closure throws comes back, and a cancelled copy ends at its write")
  func failingOutput() throws {
    let folder = try Folder()
    let descriptor = try folder.file(try blocks())
    defer { try? descriptor.close() }
    for workers in [1, 2, 5] {
      let reader = try BGZFReader(descriptor, workers: workers)
      let whole = Collected()
      _ = try reader.copy(100..., to: whole.output)
      let isAll = whole.bytes == Array(Self.data[100...])
      #expect(isAll)
      for call in [1, 3, whole.calls] {
        let collected = Collected(failingAt: call)
        let error = #expect(throws: GzipError.self) {
          try reader.copy(100..., to: collected.output)
        }
        #expect(error.trouble == Trouble(call: call) && collected.calls == call)
        let isBeginning = whole.bytes.starts(with: collected.bytes)
        #expect(isBeginning)
        guard call < whole.calls else { continue }
        let cancellation = GzipCancellation()
        let cancelling = Collected { bytes in
          if bytes.count >= collected.bytes.count { cancellation.cancel() }
        }
        let cancelled = try BGZFReader(
          descriptor, workers: workers, cancellation: cancellation)
        let reason = #expect(throws: GzipError.self) {
          try cancelled.copy(100..., to: cancelling.output)
        }
        #expect(reason.isCancelled && cancelling.calls <= call)
        #expect(Optional(try failure(cancelled, at: 0)).isCancelled)
      }
    }
  }
}
