// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The calls whose cost is counted, over inputs that never change.

@_spi(Builds) import FixedDeflate
import TestSupport

/// One call, which can be made again and again.
final class Call {
  let name: String
  /// Bytes of data that it goes through.
  let byteCount: Int
  /// Whether its instructions are counted.
  let isHot: Bool
  let body: () -> Void

  init(_ name: String, bytes: Int, isHot: Bool = false, _ body: @escaping () -> Void) {
    (self.name, byteCount, self.isHot, self.body) = (name, bytes, isHot, body)
  }

  static let chunkSize = 65_536
  static let pageSize = 4096
  static let pages = 32

  /// Text, and records of a program's kind: 64 KiB each.
  static func chunks() -> [(name: String, bytes: [UInt8])] {
    [Inputs.Family.text, .binary].map { family in
      var generator = SeededGenerator(seed: 15)
      return (family.rawValue, Inputs.make(family, count: chunkSize, using: &generator))
    }
  }

  /// Pages of all kinds, one behind the other.
  static func memory() -> [UInt8] {
    var generator = SeededGenerator(seed: 4096)
    let families = Inputs.Family.allCases
    return (0..<pages).flatMap { index in
      Inputs.make(families[index % families.count], count: pageSize, using: &generator)
    }
  }

  /// Room for whatever a call puts out, made once.
  @safe final class Room {
    // SAFETY: owned by one call at a time, which gets it as a span.
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ count: Int) {
      unsafe buffer = .allocate(byteCount: count, alignment: 64)
      // What is touched first by one call would be that call's cost.
      unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { unsafe buffer.deallocate() }

    /// Hands the empty room out; traps on an error, for the inputs are good.
    func fill(_ body: (inout OutputRawSpan) throws -> Void) {
      // SAFETY: the buffer lives as long as `self`, and nothing else uses it meanwhile.
      var span = unsafe OutputRawSpan(buffer: buffer, initializedCount: 0)
      do { try body(&span) } catch { preconditionFailure("\(error)") }
      _ = unsafe span.finalize(for: buffer)
    }
  }

  /// The codec's own calls, of each build that callgrind knows, unless others are asked for.
  static func codec(
    _ builds: [CodecBuild] = CodecBuild.available.filter { $0 != .avx512 }
  ) -> [Call] {
    let room = Room(4 * chunkSize)
    var calls: [Call] = []
    for build in builds {
      calls += chunkCalls(build, room) + pageCalls(build, room)
    }
    return calls + otherCalls(room)
  }

  private static func chunkCalls(_ build: CodecBuild, _ room: Room) -> [Call] {
    chunks().flatMap { name, bytes in
      var encoder = Encoder(build: build)
      var calls = [
        Call("encode-\(name) \(build)", bytes: bytes.count, isHot: true) {
          // SAFETY (here and below): bytes have no padding.
          room.fill { try encoder.compress(unsafe bytes.span.bytes, into: &$0) }
        }
      ]
      for (mode, kind) in [(CompressionMode.fixed, "fixed"), (.dynamic, "dynamic")] {
        var coder = Encoder(mode: mode)
        let stream = coder.compress(bytes)
        var decoder = Decoder(build: build)
        calls.append(
          Call("decode-\(kind)-\(name) \(build)", bytes: bytes.count, isHot: true) {
            room.fill { _ = try decoder.decompress(unsafe stream.span.bytes, into: &$0) }
          })
      }
      return calls
    }
  }

  private static func pageCalls(_ build: CodecBuild, _ room: Room) -> [Call] {
    let bytes = memory()
    var encoder = Encoder(build: build)
    var calls = [
      Call("encode-pages \(build)", bytes: bytes.count, isHot: true) {
        room.fill { output in
          _ = try [Int](capacity: pages) { (counts: inout OutputSpan<Int>) in
            try encoder.compressPages(
              unsafe bytes.span.bytes, pageSize: pageSize, into: &output, byteCounts: &counts)
          }
        }
      }
    ]
    for (mode, kind) in [(CompressionMode.fixed, "fixed"), (.dynamic, "dynamic")] {
      var coder = Encoder(mode: mode)
      let streams = (0..<pages).map { page in
        coder.compress(Array(bytes[page * pageSize..<(page + 1) * pageSize]))
      }
      let (all, counts) = (streams.flatMap { $0 }, streams.map(\.count))
      var decoder = Decoder(build: build)
      calls.append(
        Call("decode-\(kind)-pages \(build)", bytes: bytes.count, isHot: true) {
          room.fill {
            try decoder.decompressPages(
              unsafe all.span.bytes, byteCounts: counts.span, pageSize: pageSize, into: &$0)
          }
        })
    }
    return calls
  }

  /// What has one build, or takes the best one.
  private static func otherCalls(_ room: Room) -> [Call] {
    let bytes = chunks()[0].bytes
    var calls: [Call] = []
    for (mode, kind) in [
      (CompressionMode.dynamic, "dynamic"), (.dynamic.longMatches, "long"), (.canned(), "canned"),
    ] {
      var encoder = Encoder(mode: mode)
      calls.append(
        Call("encode-\(kind)-text best", bytes: bytes.count, isHot: true) {
          room.fill { try encoder.compress(unsafe bytes.span.bytes, into: &$0) }
        })
    }
    var coder = TableEncoder()
    let stream = good { try coder.compress(bytes) }
    var decoder = TableDecoder()
    calls.append(
      Call("decode-canned-text best", bytes: bytes.count, isHot: true) {
        room.fill { _ = try decoder.decompress(unsafe stream.span.bytes, into: &$0) }
      })
    calls.append(
      Call("crc32 best", bytes: bytes.count, isHot: true) {
        var checksum = CRC32()
        checksum.update(unsafe bytes.span.bytes)
      })
    calls.append(
      Call("adler32 best", bytes: bytes.count, isHot: true) {
        var checksum = Adler32()
        checksum.update(unsafe bytes.span.bytes)
      })
    let file = Gzip.compress(bytes)
    calls.append(
      Call("stream-decode-text best", bytes: bytes.count, isHot: true) {
        var decoder = StreamDecoder(format: .gzip)
        room.fill {
          _ = try decoder.decompress(unsafe file.span.bytes, endOfInput: true, into: &$0)
        }
      })
    calls.append(
      Call("stream-encode-text best", bytes: bytes.count, isHot: true) {
        var encoder = StreamEncoder(format: .gzip)
        encoder.write(unsafe bytes.span.bytes) { (_: RawSpan) in }
        _ = encoder.finish { (_: RawSpan) in }
      })
    return calls
  }
}
