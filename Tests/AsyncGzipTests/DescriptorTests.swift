// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import AsyncGzip
import FixedDeflate
import SystemPackage
import TestSupport
import Testing

@Suite struct DescriptorTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func open(_ name: String, _ mode: FileDescriptor.AccessMode) throws -> FileDescriptor {
    try FileDescriptor.open(
      FilePath(folder.url.path + "/" + name), mode,
      options: mode == .readOnly ? [] : [.create, .truncate],
      permissions: mode == .readOnly ? nil : .ownerReadWrite)
  }

  /// Runs `body` on a file's descriptor and another's.
  private func transfer(
    _ input: String, _ output: String,
    _ body: (FileDescriptor, FileDescriptor) async throws -> TransferCounts
  ) async throws -> TransferCounts {
    let (source, sink) = (try open(input, .readOnly), try open(output, .writeOnly))
    defer {
      try? source.close()
      try? sink.close()
    }
    return try await body(source, sink)
  }

  @Test("A file becomes a container and a file again, and both are counted")
  func filesRoundTrip() async throws {
    var generator = SeededGenerator(test: "descriptors")
    let data = Inputs.make(.mixture, count: 3_000_000, using: &generator)
    try folder.write(data, to: "data")
    let written = try await transfer("data", "data.gz") { try await $0.compress(to: $1, as: .gzip) }
    #expect(try folder.read("data.gz") == container(.gzip, data))
    let size = try folder.read("data.gz").count
    #expect(written.inputCount == 3_000_000 && written.outputCount == UInt64(size))
    let read = try await transfer("data.gz", "again") {
      try await $0.decompress(to: $1, from: .gzip)
    }
    #expect(try folder.read("again") == data)
    #expect(read.inputCount == UInt64(size) && read.outputCount == 3_000_000)
  }

  @Test(
    "A mode codes a file as the encoder does",
    arguments: [CompressionMode.fixed, .fixed.best, .dynamic, .dynamic.best, .canned()])
  func modes(_ mode: CompressionMode) async throws {
    var generator = SeededGenerator(test: "descriptors")
    let data = Inputs.make(.mixture, count: 200_000, using: &generator)
    try folder.write(data, to: "data")
    let format: ContainerFormat = mode.isRFC1951 ? .gzip : .raw
    _ = try await transfer("data", "file") {
      try await $0.compress(to: $1, as: format, chunkSize: 16384, mode: mode)
    }
    let file = try folder.read("file")
    guard mode.isRFC1951 else {
      #expect(try file == Deflate.compress(data, mode: mode, chunkSize: 16384))
      return
    }
    #expect(try file == Gzip.compress(data, mode: mode, chunkSize: 16384))
    _ = try await transfer("file", "again") { try await $0.decompress(to: $1, from: format) }
    #expect(try folder.read("again") == data)
  }

  @Test("Pipes that wait do not hold Swift's own threads, however many")
  func manyWaitingPipes() async throws {
    let data = [UInt8]("from one to the other".utf8)
    let ends = try (0..<32).map { _ in
      (input: try FileDescriptor.pipe(), output: try FileDescriptor.pipe())
    }
    let files = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for (input, output) in ends {
        group.addTask {
          defer { try? input.readEnd.close() }
          try await input.readEnd.compress(to: output.writeEnd, as: .zlib)
          try output.writeEnd.close()
          defer { try? output.readEnd.close() }
          // SAFETY: the call initialises as many bytes as it returns, at most the buffer's.
          return try unsafe [UInt8](unsafeUninitializedCapacity: 1000) { buffer, count in
            count = try unsafe output.readEnd.read(into: UnsafeMutableRawBufferPointer(buffer))
          }
        }
      }
      // The writers come last: every reader waits for its own.
      group.addTask {
        for (input, _) in ends {
          try input.writeEnd.writeAll(data)
          try input.writeEnd.close()
        }
        return []
      }
      return try await group.reduce(into: [[UInt8]]()) { $0.append($1) }
    }
    #expect(files.filter { $0 == container(.zlib, data) }.count == ends.count)
  }

  @Test("What cannot be read, written or decoded is told apart")
  func errors() async throws {
    try folder.write([UInt8]("no container".utf8), to: "text")
    await #expect(throws: DeflateError(.notInFormat, bitPosition: 0)) {
      try await transfer("text", "out") { try await $0.decompress(to: $1, from: .gzip) }
    }
    await #expect(throws: DescriptorError.writing(.badFileDescriptor)) {
      try await transfer("text", "out") { input, _ in try await input.compress(to: input, as: .gzip)
      }
    }
    await #expect(throws: DescriptorError.reading(.badFileDescriptor)) {
      try await transfer("text", "out") { _, output in
        try await output.compress(to: output, as: .gzip)
      }
    }
  }

  @Test("A cancelled transfer stops")
  func cancellation() async throws {
    let zeros = try FileDescriptor.open(FilePath("/dev/zero"), .readOnly)
    let sink = try FileDescriptor.open(FilePath("/dev/null"), .writeOnly)
    defer {
      try? zeros.close()
      try? sink.close()
    }
    let task = Task { try await zeros.compress(to: sink, as: .gzip) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
