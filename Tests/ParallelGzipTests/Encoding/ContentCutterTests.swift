// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Chunks whose ends follow the data.

import FixedDeflate
import TestSupport
import Testing

@testable import ParallelGzip

@Suite("Chunks cut by content")
struct ContentCutterTests {
  @Test("chunks that follow the data do not depend on batches or threads, and are bounded")
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
    // Each chunk is a member of BGZF, whose data counts tell where batches cut.
    for workers in [1, 3] {
      var configuration = GzipWriter.Configuration(.bgzf, workers: workers)
      configuration.cutsByContent = true
      let file = try compressed(data, configuration)
      let members = memberEnds(file).map { end in
        (0..<4).reduce(0) { $0 | Int(file[end - 4 + $1]) << (8 * $1) }
      }
      #expect(members.dropLast().elementsEqual(sizes), "\(workers)")
    }
    for format in ContainerFormat.allCases {
      for size in [4096, ChunkLayout.defaultChunkSize] {
        var configuration = GzipWriter.Configuration(format, chunkSize: size, workers: 2)
        configuration.cutsByContent = true
        let file = try compressed(data, configuration)
        let isSame = try judged(file, as: format) == data
        #expect(isSame, "\(format) \(size)")
      }
    }
  }

  @Test("an insertion moves the chunks around it and no others")
  func insertion() throws {
    var generator = SeededGenerator(test: "insertion")
    let data = Inputs.make(.text, count: 2_000_000, using: &generator)
    let changed = Array(data[..<100_000]) + Array("inserted".utf8) + data[100_000...]
    let cutter = ContentCutter(maximum: ChunkLayout.defaultChunkSize)
    func chunks(_ data: [UInt8]) -> Set<[UInt8]> {
      let ends = withRawSpan(data) { cutter.ends(of: $0, isAll: true) }
      return Set(zip([0] + ends, ends).map { Array(data[$0..<$1]) })
    }
    let (before, after) = (chunks(data), chunks(changed))
    #expect(before.subtracting(after).count <= 3 && after.subtracting(before).count <= 3)
    #expect(before.count > 30)
  }
}
