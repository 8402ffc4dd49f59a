// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Foundation
import Testing

@Suite("The catalog's articles") struct ArticleTests {
  private let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private func article(_ name: String) throws -> String {
    try text("Sources/FixedDeflate/FixedDeflate.docc/\(name).md")
  }

  /// What stands between lines, each time.
  private func parts(_ text: String, from begin: (Substring) -> Bool, to end: String) -> [String] {
    var parts: [String] = []
    var open: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let lines = open, line == end {
        parts.append(lines.joined(separator: "\n"))
        open = nil
      } else if open != nil {
        open?.append(line)
      } else if begin(line) {
        open = []
      }
    }
    return parts
  }

  @Test(
    "show the listings that are compiled, all of them and no others",
    arguments: [
      ("ServerGzip", "Tests/ReadmeTests/ServerListings.swift", 4),
      ("StorageEngines", "Tests/FixedDeflateTests/Containers/StorageListings.swift", 2),
    ])
  func listings(name: String, source: String, count: Int) throws {
    let compiled = parts(
      try text(source), from: { $0.hasPrefix("// Listing: ") }, to: "// Listing: end")
    let shown = parts(try article(name), from: { $0 == "```swift" }, to: "```")
    #expect(compiled.count == count)
    #expect(Set(shown) == Set(compiled))
  }

  @Test("count the stream's bits as the encoder writes them", arguments: [0, 1])
  func bits(table: Int) throws {
    let tables = try article("BitByBit").components(separatedBy: "| bits |").dropFirst()
    try #require(tables.count == 2)
    let rows = tables[tables.startIndex + table].components(separatedBy: "\n| `").dropFirst()
    let bits = rows.map { $0.prefix { $0 != "`" } }.joined()
    var encoder = Encoder()
    let stream = encoder.compress(
      Array("no, no, no".utf8), position: table == 0 ? .last : .notLast)
    let expected = stream.map { byte in
      (0..<8).map { byte >> $0 & 1 == 1 ? "1" : "0" }.joined()
    }.joined()
    #expect(bits == expected)
    if table == 0 {
      let hex = stream.map { String(format: "%02x", $0) }.joined(separator: " ")
      #expect(try article("BitByBit").contains("the stream `\(hex)`"))
    } else {
      #expect(stream.suffix(4) == [0, 0, 0xFF, 0xFF])
    }
  }

  @Test("server: Data goes in and comes back, and a bomb does not")
  func data() throws {
    let data = Data("Join us now and share the software".utf8)
    #expect(try unpacked(packed(data)) == Array(data))
    #expect(throws: DeflateError.self) { try unpacked(packed(Data(count: 64 << 20 + 1))) }
  }

  @Test("server: a client has every event as soon as it is sent")
  func response() throws {
    var body = CompressedBody()
    var client: [UInt8] = []
    var request = RequestBody()
    var seen = 0
    for event in ["data: one\n\n", "data: two\n\n", "data: three\n\n"] {
      body.send(event, to: &client)
      let before = request.bytes.count
      try request.receive(Array(client[seen...]), isLast: false, maximumCount: 1000)
      seen = client.count
      #expect(request.bytes[before...] == Array(event.utf8)[...])
    }
    body.end(to: &client)
    try request.receive(Array(client[seen...]), isLast: true, maximumCount: 1000)
  }

  @Test("server: a body beyond the limit is refused, and not kept")
  func request() {
    let part = Gzip.compress([UInt8](repeating: 0, count: 1_000_000))
    var request = RequestBody()
    #expect(throws: StreamDecoder.SinkError.sink(RequestError.tooLarge)) {
      try request.receive(part, isLast: true, maximumCount: 200_000)
    }
    #expect(request.bytes.count <= 200_000)
  }

  @Test("server: what is wrong with a body is told with its place, apart from what the sink throws")
  func badRequest() throws {
    var part = Gzip.compress([UInt8](repeating: 7, count: 1000))
    part[part.count - 8] ^= 1  // the checksum
    var request = RequestBody()
    let error = try #require(throws: StreamDecoder.SinkError<RequestError>.self) {
      try request.receive(part, isLast: true, maximumCount: 1000)
    }
    guard case .stream(let told) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(told.kind == .checksumMismatch)
    #expect(request.bytes.count == 1000)
  }

  @Test("server: a file is compressed in pieces")
  func file() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (source, target) = (folder.appending(path: "a"), folder.appending(path: "a.gz"))
    let data = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 300) })
    try data.write(to: source)
    try Data().write(to: target)
    let (input, output) = (
      try FileHandle(forReadingFrom: source), try FileHandle(forWritingTo: target)
    )
    try compress(input, to: output)
    try output.close()
    #expect(try unpacked(Data(contentsOf: target)) == Array(data))
  }
}
