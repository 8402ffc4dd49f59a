// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What readers take and leave behind, each in a process of its own, where nobody else has threads.

import FixedDeflate
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import ParallelGzip

@Suite("What readers take")
struct ReaderLeftoverTests {
  @Test("no thread is left behind a run, a failure, a cancellation, or a reader that is dropped")
  func threads() async {
    await #expect(processExitsWith: .success) {
      var random = SeededGenerator(seed: 1)
      let data = Inputs.make(.text, count: 1_500_000, using: &random)
      for kind in [CompressedFile.Kind.blocks, .chunks, .zlib] {
        let file = try CompressedFile(kind, of: data, using: &random)
        let configuration = GzipReader.Configuration(file.format, workers: 3)
        var damaged = file.bytes
        for place in damaged.count / 2..<damaged.count / 2 + 40 { damaged[place] = 0xFF }
        let before = try threadCount()
        for way in 0..<8 {
          let bytes = way == 2 ? damaged : file.bytes
          let input =
            way == 3 ? GzipInput.failing(behind: Array(bytes[..<100_000])) : Given(bytes).input
          let cancellation = GzipCancellation()
          let reader = try GzipReader(
            input, configuration: configuration, cancellation: cancellation)
          switch way {
          case 0: _ = try reader.copy(to: .nowhere)
          case 1:
            #expect(throws: GzipError.self) {
              try reader.copy(to: Collected(failingAt: 2).output)
            }
          case 2, 3: #expect(throws: GzipError.self) { try reader.copy(to: .nowhere) }
          case 4:
            #expect(throws: GzipError.self) {
              try reader.copy(to: Collected { _ in cancellation.cancel() }.output)
            }
          default:
            // Dropped behind one byte, some, or all of the data.
            let count = [1, 700_000, data.count][way - 5]
            let piece = try collectingOutput(capacity: count) {
              (output: inout OutputRawSpan) throws(GzipError) in
              while output.freeCapacity > 0 { _ = try reader.read(into: &output) }
            }
            #expect(piece.bytes.count == count)
          }
        }
        // The kernel takes a while to forget a thread that was joined.
        for _ in 0..<200 where try threadCount() > before { usleep(10_000) }
        #expect(try threadCount() <= before, "\(kind)")
      }
    }
  }

  /// A file, workers, a way, and MiB that are said.
  struct Case: Sendable {
    let isBlocks: Bool
    let workers: Int
    let pulls: Bool
    let most: Int
  }

  @Test(
    "memory stays within what is said, however long the input is",
    .disabled(if: Sanitizer.isAddress),
    arguments: [
      Case(isBlocks: true, workers: 4, pulls: false, most: 14),
      Case(isBlocks: true, workers: 4, pulls: true, most: 15),
      Case(isBlocks: false, workers: 1, pulls: false, most: 1),
      Case(isBlocks: false, workers: 4, pulls: false, most: 4),
      Case(isBlocks: false, workers: 4, pulls: true, most: 5),
    ])
  func memory(_ one: Case) async throws {
    var random = SeededGenerator(seed: 1)
    let data = Inputs.make(.random, count: 1 << 20, using: &random)
    let part = try one.isBlocks ? compressed(data, .init(.bgzf)) : data
    let whole = Array(repeating: part, count: 32).flatMap { $0 }
    let file = one.isBlocks ? whole : Zlib.deflate(whole, .init(level: 0, wrapper: .zlib))
    let folder = try Folder()
    try Data(file).write(to: URL(fileURLWithPath: folder.path + "/file"))
    // The process that reads has not had, and freed, memory for anything else.
    await #expect(processExitsWith: .success) {
      [
        path = folder.path + "/file" as String, workers = one.workers as Int,
        pulls = one.pulls as Bool, most = one.most as Int
      ] in
      let descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
      let before = try statusKiB("VmHWM")
      let reader = try GzipReader(
        GzipInput(descriptor), configuration: .init(nil, workers: workers))
      var count: UInt64 = 0
      if pulls {
        var now = 1
        while now > 0 {
          now = try collectingOutput(capacity: 10_000) {
            (output: inout OutputRawSpan) throws(GzipError) in
            try reader.read(into: &output)
          }.result
          count += UInt64(now)
        }
      } else {
        count = try reader.copy(to: .nowhere).outputCount
      }
      let taken = try statusKiB("VmHWM") - before
      #expect(count == 32 << 20)
      // Three more for code that is paged in, as much of it as the kernel likes, and what the allocator
      // keeps for threads. The data is 32 MiB.
      #expect(taken > 100 && taken <= (most + 3) * 1024, "\(taken) KiB")
    }
  }
}

/// A line of the process's status, in KiB.
private func statusKiB(_ name: String) throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
  return try #require(line?.split(separator: " ").dropLast().last.flatMap { Int($0) })
}
