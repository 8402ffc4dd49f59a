// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the formats promise beside the data: BGZF's end, and blocks that follow the data.

import FixedDeflate
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import deflate_iaa

@Suite("Formats")
struct FormatTests {
  @Test("a BGZF file without its end is decompressed, told of and kept", arguments: [1, 2])
  func missingEnd(_ processors: Int) throws {
    let outcome = try Folder().run(
      #"""
      seq 90000 > a; cp a copy; "$GZ" -p \#(processors) --format bgzf a; truncate -s -28 a.gz
      export p=\#(processors)
      "$GZ" -p $p -t a.gz; echo $?; "$GZ" -p $p -d a.gz; echo $?; cmp a copy; ls
      "$GZ" -p $p -dc < a.gz | cmp - a; gzip -t a.gz; echo $?
      # With its end, or with another kind of member in it, there is nothing to tell.
      "$GZ" --format bgzf -c a > b.gz; "$GZ" -p $p -t b.gz; echo $?
      (cat a.gz; gzip -c a) > c.gz; "$GZ" -p $p -t c.gz; echo $?
      (gzip -c a; cat a.gz) > d.gz; "$GZ" -p $p -t d.gz; echo $?
      (cat b.gz a.gz) > e.gz; "$GZ" -p $p -tq e.gz; echo $?
      """#)
    #expect(outcome.text == "2\n2\na\na.gz\ncopy\n0\n0\n0\n0\n2\n", "\(outcome)")
    let warning = ": the BGZF end-of-file marker is missing; the file may be cut off\n"
    #expect(
      outcome.messages
        == ["a.gz", "a.gz", "stdin"].map { "deflate-iaa: \($0)\(warning)" }.joined(),
      "\(outcome)")
  }

  /// Encodes a file and calls `body` with all that is written after each write.
  private func encode(
    _ data: [UInt8], _ layout: ChunkLayout, cutsByContent: Bool = false, processors: Int = 2,
    _ body: @escaping @Sendable ([UInt8]) -> Void = { _ in }
  ) throws -> [UInt8] {
    let folder = try Folder()
    try Data(data).write(to: folder.url.appendingPathComponent("a"))
    let input = try FileDescriptor.open(FilePath(folder.path + "/a"), .readOnly)
    defer { try? input.close() }
    final class Written: @unchecked Sendable { var bytes: [UInt8] = [] }
    // SAFETY: the sink is called by one thread at a time.
    let written = Written()
    let encoding = ParallelEncoding(
      input, layout, cutsByContent: cutsByContent, .none, computesChecksum: false
    ) { (bytes: RawSpan, _: UInt64) in
      written.bytes += bytes.copied
      body(written.bytes)
    }
    try encoding.run(processors: Processors(count: processors))
    return written.bytes
  }

  @Test("what a killed run leaves of a BGZF file never ends with a whole member")
  func killedRun() throws {
    var generator = SeededGenerator(test: "killed run")
    let data = Inputs.make(.mixture, count: 1_500_000, using: &generator)
    let layout = ChunkLayout(format: .bgzf, chunkSize: 4096)
    let file = try encode(data, layout)
    let ends = Set(memberEnds(file))
    #expect(ends.count == (data.count + 4095) / 4096 + 1 && ends.contains(file.count))
    _ = try encode(data, layout) { written in
      #expect(written.count == file.count || !ends.contains(written.count), "\(written.count)")
    }
    #expect(Zlib.gunzip(file).bytes == data)
  }

  /// Where the members of a BGZF file end, by their BSIZE.
  private func memberEnds(_ file: [UInt8]) -> [Int] {
    var ends: [Int] = []
    var start = 0
    while start + 18 <= file.count {
      start += (Int(file[start + 16]) | Int(file[start + 17]) << 8) + 1
      ends.append(start)
    }
    return ends
  }

  @Test("blocks that follow the data do not depend on batches or threads, and are bounded")
  func contentCuts() throws {
    var generator = SeededGenerator(test: "content cuts")
    let data = Inputs.make(.text, count: 1_200_000, using: &generator)
    let cutter = ContentCutter(maximum: ChunkLayout.defaultChunkSize)
    let ends = withRawSpan(data) { cutter.ends(of: $0, isAll: true) }
    #expect(ends.last == data.count)
    let sizes = zip([0] + ends, ends).map { $1 - $0 }
    #expect(
      sizes.dropLast().allSatisfy {
        (ContentCutter.minimum...ChunkLayout.defaultChunkSize).contains($0)
      })
    #expect((16_384...65_536).contains(data.count / sizes.count), "\(data.count / sizes.count)")
    // Each block is a member of BGZF, whose data counts tell where batches cut.
    let layout = ChunkLayout(format: .bgzf)
    for processors in [1, 3] {
      let file = try encode(data, layout, cutsByContent: true, processors: processors)
      let members = memberEnds(file).map { end in
        (0..<4).reduce(0) { $0 | Int(file[end - 4 + $1]) << (8 * $1) }
      }
      #expect(members.dropLast().elementsEqual(sizes), "\(processors)")
    }
    for format in ContainerFormat.allCases {
      for size in [4096, ChunkLayout.defaultChunkSize] {
        let layout = ChunkLayout(format: format, chunkSize: size)
        let file = try encode(data, layout, cutsByContent: true)
        let bytes =
          switch format {
          case .gzip, .bgzf: Zlib.gunzip(file).bytes
          case .zlib: Zlib.inflate(file, wrapper: .zlib, maximumCount: data.count).bytes
          case .raw: Zlib.inflate(file, wrapper: .raw, maximumCount: data.count).bytes
          }
        let isSame = bytes == data
        #expect(isSame, "\(format) \(size)")
      }
    }
  }

  @Test("an insertion moves the blocks around it and no others")
  func insertion() throws {
    var generator = SeededGenerator(test: "insertion")
    let data = Inputs.make(.text, count: 2_000_000, using: &generator)
    let changed = Array(data[..<100_000]) + Array("inserted".utf8) + data[100_000...]
    let cutter = ContentCutter(maximum: ChunkLayout.defaultChunkSize)
    func blocks(_ data: [UInt8]) -> Set<[UInt8]> {
      let ends = withRawSpan(data) { cutter.ends(of: $0, isAll: true) }
      return Set(zip([0] + ends, ends).map { Array(data[$0..<$1]) })
    }
    let (before, after) = (blocks(data), blocks(changed))
    #expect(before.subtracting(after).count <= 3 && after.subtracting(before).count <= 3)
    #expect(before.count > 30)
  }

  @Test(
    "rsync sends few bytes more than for gzip's --rsyncable",
    .needs(tool: "rsync"),
    .needs("gzip --rsyncable", isFound: machineCan("gzip --rsyncable </dev/null")))
  func rsync() throws {
    let outcome = try Folder().run(
      #"""
      seq 1100000 | awk '{ print $1, $1 * 7919 % 10007, "some text", $1 % 13 }' | head -c 8000000 > a
      (head -c 100000 a; printf inserted; tail -c +100001 a) > b
      literal() { # bytes that rsync sends for the change, not counting matches
        "$@" -c a > old; "$@" -c b > new
        rsync --no-whole-file --checksum --stats new old | sed -n 's/,//g; s/^Literal data: \([0-9]*\).*/\1/p'
      }
      theirs=$(literal gzip --rsyncable); ours=$(literal "$GZ" --rsyncable)
      plain=$(literal "$GZ")
      echo "gzip --rsyncable $theirs, ours $ours, without it $plain" >&2
      [ $ours -le $((3 * theirs)) ] && [ $plain -gt $((10 * ours)) ] && echo few
      """#)
    #expect(outcome.text == "few\n", "\(outcome)")
  }
}
