// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import IAAOffload
import Synchronization

/// Inputs of the kinds that matter to a codec: runs, text, tables, noise.
enum Sample {
  static func bytes(_ kind: Int, count: Int, seed: UInt64) -> [UInt8] {
    var generator = Generator(state: seed &+ UInt64(kind) &* 77)
    let words = ["page ", "queue ", "device ", "of ", "the ", "history ", "a ", "match\n"].map {
      Array($0.utf8)
    }
    var bytes: [UInt8] = []
    while bytes.count < count {
      switch kind % 5 {
      case 0: bytes += [UInt8](repeating: 0x2A, count: 1 + Int(generator.next() % 300))
      case 1: bytes += words[Int(generator.next() % UInt64(words.count))]
      case 2: bytes.append(UInt8(truncatingIfNeeded: generator.next()))
      case 3:
        bytes += [UInt8(truncatingIfNeeded: generator.next() % 16), 0, 0, UInt8(bytes.count & 63)]
      default:
        bytes +=
          generator.next() % 3 == 0
          ? [UInt8](repeating: 0, count: Int(generator.next() % 64))
          : words[Int(generator.next() % 8)]
      }
    }
    return Array(bytes[..<count])
  }

  /// Not the model's: that one flips bits of what this one makes.
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state ^ state >> 29) &* 0xBF58_476D_1CE4_E5B9 >> 1
    }
  }

  static func software(
    _ bytes: [UInt8], _ position: BlockPosition = .last, mode: CompressionMode = .fixed
  ) -> [UInt8] {
    var encoder = Encoder(mode: mode)
    // SAFETY (here and below): bytes have no padding.
    return unsafe encoder.compress(bytes.span.bytes, position: position)
  }
}

extension Dispatcher {
  /// Compresses into new bytes, with room for `room` of them or all.
  func compress(
    _ bytes: [UInt8], position: BlockPosition = .last, room: Int? = nil
  ) throws(OffloadError) -> (bytes: [UInt8], report: JobReport) {
    var report: JobReport?
    let result = try makeBytes(
      capacity: room
        ?? Encoder.bound(bytes.count, position: position, mode: configuration.mode)
    ) { (output: inout OutputRawSpan) throws(OffloadError) in
      report = unsafe try compress(bytes.span.bytes, position: position, into: &output)
    }
    guard let report else { preconditionFailure("no report") }
    return (result, report)
  }

  /// Decompresses into new bytes.
  func decompress(
    _ bytes: [UInt8], room: Int
  ) throws(OffloadError) -> (bytes: [UInt8], report: JobReport) {
    var report: JobReport?
    let result = try makeBytes(capacity: room) {
      (output: inout OutputRawSpan) throws(OffloadError) in
      report = unsafe try decompress(bytes.span.bytes, into: &output)
    }
    guard let report else { preconditionFailure("no report") }
    return (result, report)
  }
}

extension Dispatcher.Configuration {
  /// Waits as long as it takes: tests run side by side, in debug, on few processors.
  static var patient: Dispatcher.Configuration {
    var configuration = Dispatcher.Configuration()
    configuration.waitLimit = WaitLimit(polls: .max, time: .seconds(60))
    return configuration
  }
}
