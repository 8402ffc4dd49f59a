// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Listings
import NIOCore
import Testing

@Suite struct ListingsTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private let page = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 11) })

  /// What gzip reads in a file.
  private func gunzip(_ file: Data) throws -> Data {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appending(path: "file.gz")
    try file.write(to: url)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", url.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return data
  }

  @Test("Data goes there and back, and gzip reads what is between")
  func data() throws {
    for page in [page, page[100..<5000], Data()] {
      let (file, text) = try dataListing(page: page)
      #expect(text == page)
      #expect(try gunzip(file) == page)
    }
  }

  @Test("ByteBuffer goes there and back, and gzip reads what is between")
  func byteBuffer() throws {
    var buffer = ByteBuffer(bytes: [1, 2, 3] + page)
    buffer.moveReaderIndex(forwardBy: 3)
    let (body, text) = try byteBufferListing(page: buffer)
    #expect(text == buffer)
    #expect(try gunzip(Data(body.readableBytesView)) == page)
  }

  @Test("A sequence of ByteBuffers becomes one of gzip's, one for each that is given")
  func sequence() async throws {
    let parts = (0..<5).map { ByteBuffer(bytes: page[($0 * 1000)..<($0 * 1000 + 1000)]) }
    let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
    for part in parts { continuation.yield(part) }
    continuation.finish()
    var file = Data()
    var count = 0
    for try await piece in sequenceListing(body: stream) {
      file.append(contentsOf: piece.readableBytesView)
      count += 1
    }
    // Behind the last element comes the container's end.
    #expect(count == parts.count + 1)
    #expect(try gunzip(file) == page[..<5000])
  }

  @Test("A file becomes one that gzip reads")
  func descriptors() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (source, target) = (folder.appending(path: "page"), folder.appending(path: "page.gz"))
    try page.write(to: source)
    let (read, written) = try await descriptorListing(source.path, to: target.path)
    let file = try Data(contentsOf: target)
    #expect(read == UInt64(page.count) && written == UInt64(file.count))
    #expect(try gunzip(file) == page)
  }

  @Test(
    "The documentation shows the listings that run",
    arguments: ["DataListing", "ByteBufferListing", "SequenceListing", "DescriptorListing"])
  func theDocumentationShowsTheListings(name: String) throws {
    let source = Self.root.appending(
      path: "Examples/foundation-nio/Sources/Listings/\(name).swift")
    let lines = try String(contentsOf: source, encoding: .utf8).components(separatedBy: "\n")
    let begin = try #require(lines.firstIndex { $0.hasSuffix("// listing: begin") })
    let end = try #require(lines.firstIndex { $0.hasSuffix("// listing: end") })
    let listing = lines[(begin + 1)..<end].map { String($0.dropFirst(2)) }.joined(separator: "\n")
    let catalogs = ["Sources/FixedDeflate/FixedDeflate.docc", "Sources/AsyncGzip/AsyncGzip.docc"]
    let pages = try catalogs.flatMap {
      try FileManager.default.contentsOfDirectory(
        at: Self.root.appending(path: $0), includingPropertiesForKeys: nil)
    }
    let showing = try pages.filter { $0.pathExtension == "md" }.filter {
      try String(contentsOf: $0, encoding: .utf8).contains(listing)
    }
    #expect(!showing.isEmpty)
  }
}
