// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Inputs by family. Each family aims at one rule: runs at overlapping copies, periods at the window
// of 32 and the history of 4096, two-symbol noise at ties and bucket order, text and binary at
// everything at once.

/// Generators of test inputs.
public enum Inputs {
  /// The families that take nothing but a size.
  public enum Family: String, CaseIterable, Sendable {
    case allEqual, zeros, runs, twoSymbols, fourSymbols, text, binary, random, mixture
    case shortPeriod, windowPeriod, historyPeriod, counter, collisions
  }

  /// `count` bytes of a family.
  public static func make(
    _ family: Family, count: Int, using generator: inout SeededGenerator
  ) -> [UInt8] {
    switch family {
    case .allEqual: [UInt8](repeating: generator.byte(), count: count)
    case .zeros: [UInt8](repeating: 0, count: count)
    case .runs: runs(count, using: &generator)
    case .twoSymbols: noise(count, symbols: 2, using: &generator)
    case .fourSymbols: noise(count, symbols: 4, using: &generator)
    case .text: text(count, using: &generator)
    case .binary: binary(count, using: &generator)
    case .random: noise(count, symbols: 256, using: &generator)
    case .mixture: mixture(count, using: &generator)
    case .shortPeriod: period(generator.number(1...40), count: count, using: &generator)
    case .windowPeriod: period(generator.number(28...36), count: count, using: &generator)
    case .historyPeriod: period(generator.number(4090...4102), count: count, using: &generator)
    case .counter: (0..<count).map { UInt8(truncatingIfNeeded: $0 % 3 == 0 ? $0 / 768 : $0 / 3) }
    case .collisions: collisions(count, using: &generator)
    }
  }

  /// Words of three bytes, each byte of an alphabet of its own, counted up: no three bytes come twice within 21,675.
  public static func nothingRepeats(_ count: Int) -> [UInt8] {
    (0..<count).map { at in
      let word = at / 3
      return switch at % 3 {
      case 0: UInt8(word % 85)
      case 1: UInt8(85 + word / 85 % 85)
      default: UInt8(170 + word / 7225 % 85)
      }
    }
  }

  /// Uniform noise over the first `symbols` byte values, starting at 'a' for small alphabets.
  public static func noise(
    _ count: Int, symbols: Int, using generator: inout SeededGenerator
  ) -> [UInt8] {
    let first: UInt8 = symbols <= 26 ? 0x61 : 0
    return (0..<count).map { _ in first &+ UInt8(generator.number(0...(symbols - 1))) }
  }

  /// A random word of `period` bytes over a few symbols, repeated.
  public static func period(
    _ period: Int, count: Int, using generator: inout SeededGenerator
  ) -> [UInt8] {
    let word = noise(period, symbols: 256, using: &generator)
    return (0..<count).map { word[$0 % period] }
  }

  /// Runs of random length and value, some zero.
  public static func runs(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let longest = generator.number(0...3) == 0 ? 300 : 12
      let value: UInt8 = generator.number(0...2) == 0 ? 0 : generator.byte()
      bytes += [UInt8](repeating: value, count: generator.number(1...longest))
    }
    return Array(bytes.prefix(count))
  }

  private static let words = [
    "the ", "of ", "and ", "a ", "deflate ", "window ", "history ", "match", "literal, ", "in ",
    "software ", "share", "device\n", "queue. ", "block ", "0x2A", "  ", "stream", "page ", "byte",
  ]

  /// Words drawn from a short list, with a made-up one now and then.
  public static func text(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      if generator.number(0...7) == 0 {
        bytes += noise(generator.number(1...9), symbols: 26, using: &generator)
      } else {
        bytes += Array(words[generator.number(0...(words.count - 1))].utf8)
      }
    }
    return Array(bytes.prefix(count))
  }

  /// Records of 16 bytes: small little-endian numbers, pointers that share high bytes, zeros.
  public static func binary(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    var address: UInt64 = 0x7FFF_1234_0000
    while bytes.count < count {
      address &+= UInt64(generator.number(0...5) * 16)
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: address >> shift))
      }
      bytes += [UInt8(generator.number(0...3)), 0, 0, 0]
      bytes +=
        generator.number(0...3) == 0 ? noise(4, symbols: 256, using: &generator) : [0, 0, 0, 0]
    }
    return Array(bytes.prefix(count))
  }

  /// Pieces of the other families one after the other, with copies of what came before.
  public static func mixture(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
    let parts: [Family] = [.allEqual, .runs, .twoSymbols, .text, .binary, .random, .windowPeriod]
    var bytes: [UInt8] = []
    while bytes.count < count {
      let size = generator.number(1...200)
      if !bytes.isEmpty, generator.number(0...2) == 0 {
        // A copy at a distance that may lie on either side of the history's end.
        let start = max(0, bytes.count - generator.number(1...4200))
        bytes += bytes[start..<min(bytes.count, start + size)]
      } else {
        bytes += make(
          parts[generator.number(0...(parts.count - 1))], count: size, using: &generator)
      }
    }
    return Array(bytes.prefix(count))
  }

  /// Triples whose hashes all fall into two buckets, so that slots fill with false candidates.
  public static func collisions(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
    // x^10 + x^3 + 1 and its shifts: adding them to a triple leaves its hash as it was.
    let kernel = 1 << 10 | 1 << 3 | 1
    var bytes: [UInt8] = []
    while bytes.count < count {
      var triple = generator.number(0...1) == 0 ? 0x61_62_63 : 0x64_65_66
      if generator.number(0...1) == 0 { triple ^= kernel << generator.number(0...13) }
      for shift in [0, 8, 16] { bytes.append(UInt8(truncatingIfNeeded: triple >> shift)) }
    }
    return Array(bytes.prefix(count))
  }

  /// Sizes at which something changes: nothing, the shortest match, the compare window, a page.
  public static let edgeSizes = [
    0, 1, 2, 3, 4, 5, 31, 32, 33, 34, 63, 64, 65, 70, 255, 256, 257, 258, 259, 511, 512, 1000,
    4093, 4094, 4095, 4096, 4097, 4098, 4099, 4127, 4128, 4129, 5000, 8191, 8192, 8193,
  ]

  /// All strings over `alphabet` of exactly `length` bytes, in order, one call each.
  public static func forEachString(
    over alphabet: [UInt8], length: Int, _ body: ([UInt8]) throws -> Void
  ) rethrows {
    var digits = [Int](repeating: 0, count: length)
    while true {
      try body(digits.map { alphabet[$0] })
      var place = 0
      while place < length {
        digits[place] += 1
        if digits[place] < alphabet.count { break }
        digits[place] = 0
        place += 1
      }
      if place == length { return }
    }
  }
}
