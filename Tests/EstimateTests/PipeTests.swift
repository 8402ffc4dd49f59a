// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryEstimate
import SystemPackage
import TestSupport
import Testing

@testable import DeviceCommands

@Suite("A pipe's pages are drawn by lot as they pass by", .serialized)
struct PipeTests {
  /// A pipe that another thread writes these bytes to, and its name.
  private static func pipe(of bytes: [UInt8]) -> (pipe: Pipe, path: String) {
    let pipe = Pipe()
    let writer = pipe.fileHandleForWriting
    Thread.detachNewThread {
      // In pieces that are no whole pages.
      for start in stride(from: 0, to: bytes.count, by: 3000) {
        try? writer.write(contentsOf: bytes[start..<min(start + 3000, bytes.count)])
      }
      try? writer.close()
    }
    return (pipe, "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)")
  }

  private static func pages(
    of bytes: [UInt8], limit: Int, keepsAll: Bool = false, seed: UInt64 = 1
  ) throws -> PipePages {
    let (pipe, path) = pipe(of: bytes)
    defer { try? pipe.fileHandleForReading.close() }
    var random = SeededGenerator(seed: seed)
    return try PipePages(
      PageReader(path), name: "pipe", pageSize: 4096, limit: limit, keepsAll: keepsAll,
      using: &random, goesOn: { true })
  }

  @Test("all of them where there is room, the last filled up with zeros")
  func whole() throws {
    let bytes = (0..<4096 * 3 + 5).map { UInt8(truncatingIfNeeded: $0 / 4096 + 1) }
    let pages = try Self.pages(of: bytes, limit: 4, keepsAll: true)
    #expect(pages.strata[0].count == 4 && pages.strata[0].passed == 0)
    var page = [UInt64](repeating: 9, count: 512)
    for number in 0..<4 {
      #expect(pages.read(position: UInt64(number), into: &page))
      let word = UInt64(number + 1) &* 0x0101_0101_0101_0101
      #expect(page[0] == (number < 3 ? word : word & 0xff_ffff_ffff))
      #expect(page[511] == (number < 3 ? word : 0))
    }
    #expect(!pages.read(position: 4, into: &page))
    #expect(try Self.pages(of: [], limit: 4).strata[0].count == 0)
    #expect(throws: Errno.fileTooLarge) { try Self.pages(of: bytes, limit: 3, keepsAll: true) }
  }

  @Test("of a long one each page is kept as often as the others")
  func reservoir() throws {
    let bytes = (0..<4096 * 12).map { UInt8($0 / 4096) }
    var hits = [Int](repeating: 0, count: 12)
    for seed in 0..<300 {
      let pages = try Self.pages(of: bytes, limit: 4, seed: UInt64(seed))
      #expect(pages.strata[0].count == 12 && pages.strata[0].runs.count == 4)
      var page = [UInt64](repeating: 0, count: 512)
      for position in 0..<4 {
        #expect(pages.read(position: UInt64(position), into: &page))
        hits[Int(page[0] & 0xff)] += 1
      }
    }
    // 100 each are expected with a standard deviation of 8.2.
    #expect(hits.allSatisfy { abs($0 - 100) < 45 }, "\(hits)")
  }

  @Test("figures are for all that came, with an interval where not all was kept")
  func command() throws {
    var random = SeededGenerator(test: "estimate.pipe")
    let bytes = (0..<4096 * 40).map { index in
      index / 4096 % 2 == 0 ? UInt8(truncatingIfNeeded: index % 50) : random.byte()
    }
    let (pipe, path) = Self.pipe(of: bytes)
    defer { try? pipe.fileHandleForReading.close() }
    let run = EstimateTestRun([path, "--sample", "10", "--json", "--seed", "5"])
    #expect(run.code == 0, "\(run.err)")
    let total = try #require(try run.json()["total"] as? [String: Any])
    #expect(total["pages"] as? Int == 40 && total["sampled"] as? Int == 10)
    let fixed = try #require((total["algorithms"] as? [String: [String: Any]])?["iaa-fixed"])
    #expect(try #require(fixed["stored_bytes_margin"] as? Int) > 0)
    let again = EstimateTestRun([path, "--every", "1s", "--count", "1"])
    #expect(again.code == 1 && again.err.contains("cannot be read again and again"))
  }

  @Test("an interruption ends the reading, and what came until then is the result")
  func interrupted() throws {
    let pipe = Pipe()
    defer { try? pipe.fileHandleForReading.close() }
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      // Two pages and a half, and no end.
      try? pipe.fileHandleForWriting.write(contentsOf: [UInt8](repeating: 7, count: 4096 * 5 / 2))
      while done.wait(timeout: .now() + 0.3) == .timedOut {
        // Only once all was read, and so by this run and with its handler: SIGINT would else end the tests, or
        // another's run.
        var waiting: Int32 = 0
        // SAFETY: the call fills a value of this scope.
        let told = unsafe ioctl(
          pipe.fileHandleForReading.fileDescriptor, UInt(FIONREAD), &waiting)
        guard told == 0, waiting == 0 else { continue }
        kill(getpid(), SIGINT)
        break
      }
    }
    let run = EstimateTestRun([
      "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)", "--json", "--sample", "100",
    ])
    done.signal()
    #expect(run.code == 130)
    let json = try run.json()
    // All that came was looked at, and is not all that there was.
    #expect(json["partial"] as? Bool == true)
    let total = try #require(json["total"] as? [String: Any])
    #expect(total["pages"] as? Int == 2)
    try? pipe.fileHandleForWriting.close()
  }
}
