// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import SystemPackage
import TestSupport
import Testing

@testable import ParallelGzip

@Suite("Callers with arrays and spans")
struct SpansTests {
  private let data = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 / 700) }

  @Test(
    "write and read without a raw span, with any number of workers",
    arguments: [ContainerFormat.gzip, .bgzf], [1, 2, 1 << 40, .max])
  func bothWays(format: ContainerFormat, workers: Int) throws {
    let collected = Collected()
    let configuration = GzipWriter.Configuration(format, workers: workers)
    var writer = try GzipWriter(to: collected.output, configuration: configuration)
    try writer.write(data)
    try writer.write(data.span)
    let summary = try writer.finish()
    #expect(summary.inputCount == UInt64(2 * data.count))
    #expect(try judged(collected.bytes, as: format) == data + data)

    let folder = try Folder()
    let file = try folder.file(collected.bytes)
    defer { try? file.close() }
    if format == .bgzf {
      let blocks = try BGZFReader(file, workers: workers)
      blocks.seek(to: UInt64(data.count))
      var count = 0
      let first = try [UInt8](capacity: 1000) {
        (room: inout OutputSpan<UInt8>) throws(GzipError) in
        count = try blocks.read(into: &room)
      }
      #expect(count == first.count && count > 0)
      #expect(first == Array(data[..<count]))
    }
    try file.seek(offset: 0, from: .start)
    let reader = try GzipReader(.init(file), configuration: .init(nil, workers: workers))
    var back: [UInt8] = []
    while true {
      let piece = try [UInt8](capacity: 300_000) {
        (room: inout OutputSpan<UInt8>) throws(GzipError) in
        _ = try reader.read(into: &room)
      }
      if piece.isEmpty { break }
      back += piece
    }
    #expect(back == data + data)
  }
}
