// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// BGZF as a reader of the SAM specification (§4.1) sees it: sizes chain through the file, offsets
// lead to members that decode alone, and the end is marked.

import FixedDeflate
import TestSupport
import Testing

@Suite("BGZF") struct BGZFTests {
  private static let endOfFile = [UInt8](
    hex: "1f8b08040000000000ff0600424302001b0003000000000000000000")

  /// Start and size of each member, by BSIZE alone; nil when the chain breaks.
  private func chain(_ file: [UInt8]) -> [Range<Int>]? {
    var members: [Range<Int>] = []
    var start = 0
    while start < file.count {
      guard file.count - start >= 18,
        Array(file[start..<(start + 4)]) == [0x1F, 0x8B, 8, 4],
        Array(file[(start + 10)..<(start + 16)]) == [6, 0, 0x42, 0x43, 2, 0]
      else { return nil }
      let size = Int(file[start + 16]) | Int(file[start + 17]) << 8
      guard start + size + 1 <= file.count else { return nil }
      members.append(start..<(start + size + 1))
      start += size + 1
    }
    return members
  }

  @Test(
    "sizes chain, members decode alone at their offsets, the end is marked",
    arguments: [0, 1, 4096, 65_279, 65_280, 65_281], [4096, 65_280])
  func structure(_ count: Int, _ chunkSize: Int) throws {
    var generator = SeededGenerator(test: "bgzf \(count) \(chunkSize)")
    let input = Inputs.make(.mixture, count: count, using: &generator)
    var header = GzipHeader()
    header.modificationTime = 0x0102_0304
    let file = Engine.contain(input, .bgzf, chunkSize: chunkSize, header: header)
    let members = try #require(chain(file))
    #expect(members.count == (count + chunkSize - 1) / chunkSize + 1)
    #expect(members.last.map { Array(file[$0]) } == Self.endOfFile)

    var offset = 0
    for member in members.dropLast() {
      let chunk = Array(input[offset..<min(count, offset + chunkSize)])
      let bytes = Array(file[member])
      let inflated = Zlib.inflate(bytes, wrapper: .gzip, maximumCount: chunkSize)
      #expect(inflated.bytes == chunk && inflated.consumed == member.count)
      #expect(Array(bytes[4..<8]) == [4, 3, 2, 1])
      // The body is the profile's stream of that chunk and nothing else.
      let body = Array(bytes[18..<(bytes.count - 8)])
      if body[0] & 6 != 0 { #expect(body == PlainProfile().stream(chunk)) }
      offset += chunk.count
    }
    #expect(offset == count)
    let decoded = StreamOutcome(file, .gzip)
    #expect(decoded.bytes == input && decoded.memberCount == members.count)
    #expect(decoded.header?.bgzfBlockSize == members[0].count)
  }

  @Test("a chunk that does not compress still fits into 64 KiB")
  func incompressible() throws {
    var generator = SeededGenerator(test: "bgzf random")
    let input = Inputs.make(.random, count: 65_280 * 2, using: &generator)
    let file = Engine.contain(input, .bgzf)
    let members = try #require(chain(file))
    #expect(members.map(\.count) == [65_280 + 31, 65_280 + 31, 28])
    #expect(StreamOutcome(file, .gzip).bytes == input)
  }

  @Test("a file of whole members without the one that ends it is told of, and no other file")
  func missingEnd() throws {
    let data = Array("some data, some data".utf8)
    let file = Engine.contain(data, .bgzf)
    let cut = Array(file.dropLast(Self.endOfFile.count))
    let plain = Engine.contain(data, .gzip)
    let files: [([UInt8], Bool)] = [
      (file, false), (cut, true), (file + cut, true), (cut + file, false), (cut + plain, false),
      (plain + cut, false), (plain, false), (cut + [0, 0], true), (Self.endOfFile, false),
    ]
    for (bytes, isMissing) in files {
      for size in [1, 1000] {
        let decoded = StreamOutcome(bytes, .gzip) { (size, 100) }
        #expect(decoded.error == nil && decoded.isMissingEndOfFile == isMissing)
      }
    }
  }

  @Test("the end is missed as well where a parallel reader has passed the first members")
  func missingEndBehindPassedMembers() throws {
    var generator = SeededGenerator(test: "passed members")
    let input = Inputs.make(.text, count: 20_000, using: &generator)
    let file = Engine.contain(input, .bgzf, chunkSize: 4096)
    let members = try #require(chain(file))
    for hasEnd in [true, false] {
      let kept = hasEnd ? members : members.dropLast()
      for count in 0...kept.count {
        var passed = StreamDecoder.PassedMembers()
        for (index, member) in kept.prefix(count).enumerated() {
          let start = index * 4096
          let data = Array(input[min(start, input.count)..<min(start + 4096, input.count)])
          var crc = CRC32()
          withRawSpan(data) { crc.update($0) }
          passed.append(
            inputCount: member.count, outputCount: data.count, checksum: crc, isBGZF: true)
        }
        var decoder = StreamDecoder(after: passed)
        let rest = Array(
          file[(count == 0 ? 0 : kept[count - 1].upperBound)..<kept[kept.count - 1].upperBound])
        let (result, _) = collectingOutputAlways(capacity: input.count + 1) {
          (output: inout OutputRawSpan) throws(DeflateError) in
          try withRawSpan(rest) { (rest: RawSpan) throws(DeflateError) in
            try decoder.decompress(rest, endOfInput: true, into: &output)
          }
        }
        let progress = try result.get()
        #expect(progress.state == .finished && progress.isMissingEndOfFile == !hasEnd, "\(count)")
        #expect(decoder.isMissingEndOfFile == !hasEnd)
      }
    }
  }

  @Test("what BGZF readers do not expect is refused")
  func refusals() async {
    await #expect(processExitsWith: .failure) {
      _ = ChunkLayout(format: .bgzf, chunkSize: ChunkLayout.defaultChunkSize + 1)
    }
    await #expect(processExitsWith: .failure) {
      var header = GzipHeader()
      header.name = [0x61]
      _ = ChunkLayout(format: .bgzf, header: header)
    }
  }

  @Test("files of other BGZF writers tell their sizes, beside other subfields too")
  func otherSubfields() {
    var header = GzipHeader()
    header.extraField = [0x41, 0x50, 4, 0, 0, 0, 0, 0, 0x42, 0x43, 2, 0, 0x34, 0x12]
    #expect(header.bgzfBlockSize == 0x1235)
    let withoutSize: [[UInt8]] = [
      [0x42, 0x43, 2, 0, 0x34], [0x42, 0x43, 3, 0, 1, 2, 3], [0x42], [0x41, 0x50, 9, 0],
    ]
    for broken in withoutSize {
      header.extraField = broken
      #expect(header.bgzfBlockSize == nil, "\(broken)")
    }
  }
}
