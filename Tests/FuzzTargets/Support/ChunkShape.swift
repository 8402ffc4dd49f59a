// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Chunks from an input: most bytes of it are the chunk's, but the rules that go wrong only after pages without a
// match, or at a page's end, want more bytes than a fuzzer makes.

import TestSupport

/// The chunk that an input stands for.
enum ChunkShape {
  static let maximumCount = 40_000

  /// The first byte says how; 0 and most others: the bytes themselves.
  static func chunk(_ choices: inout Choices, maximumCount: Int = maximumCount) -> [UInt8] {
    let shape = choices.number(0...15)
    guard shape >= 11 else { return Array(choices.data.prefix(maximumCount)) }
    let count = choices.number(0...65535) % maximumCount
    let data = choices.data
    switch shape {
    case 11: return filled(count, with: data)
    case 12: return data + Inputs.nothingRepeats(max(0, count - data.count))
    case 13: return Inputs.nothingRepeats(max(0, count - data.count)) + data
    // Around a page's end.
    case 14: return Inputs.nothingRepeats(max(0, 4096 * (1 + count % 8) - data.count / 2)) + data
    default: return counted(count, Array(data.prefix(64)))
    }
  }

  private static func filled(_ count: Int, with data: [UInt8]) -> [UInt8] {
    guard !data.isEmpty else { return [UInt8](repeating: 0, count: count) }
    return (0..<count).map { data[$0 % data.count] }
  }

  /// A word over and over, a counter after each.
  static func counted(_ count: Int, _ word: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var number = 0
    while bytes.count < count {
      bytes += word
      bytes += [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
      number += 1
    }
    return bytes
  }
}
