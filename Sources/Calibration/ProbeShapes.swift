// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Inputs by the number: the same in every run, so that a number and a size are enough to ask for one again.

import FixedDeflate
import IAADevices
import SplitMix

/// Synthetic inputs, each shape aiming at some of the open rules.
enum ProbeShape: CaseIterable {
  /// Runs of few values and lengths: equal hashes in a group, what a lane sees.
  case runs
  /// Few symbols: many candidates a bucket, ties.
  case noise
  /// Copies of long pieces, cut anywhere: positions lost inside matches.
  case copies
  /// Strings of one bucket or of neighbouring banks: conflicts of unequal hashes.
  case collisions
  /// Short strings among bytes that never repeat: slots, refresh, duplicates.
  case strings
  /// Words.
  case text
  /// Records of binary numbers.
  case records
  /// Short periods with errors.
  case periods
  /// Pieces of the others.
  case mixture

  /// The input of a number.
  ///
  /// - Parameters:
  ///   - number: Which; the shape follows from it.
  ///   - count: Its bytes.
  /// - Returns: The bytes.
  static func input(_ number: Int, count: Int) -> [UInt8] {
    var generator = SplitMix64(
      state: (UInt64(truncatingIfNeeded: number) &+ 1) &* 0xD129_8A5B_3C71_E64F)
    let shape = allCases[number % allCases.count]
    return shape.bytes(count, &generator)
  }

  private func bytes(_ count: Int, _ generator: inout SplitMix64) -> [UInt8] {
    var bytes: [UInt8] = []
    let variant = generator.number(0...7)
    while bytes.count < count { append(to: &bytes, variant, &generator) }
    return Array(bytes.prefix(count))
  }

  private func append(
    to bytes: inout [UInt8], _ variant: Int, _ generator: inout SplitMix64
  ) {
    switch self {
    case .runs:
      let value = UInt8(0x61 + generator.number(0...(variant % 4)))
      bytes += [UInt8](repeating: value, count: generator.number(1...(variant < 4 ? 9 : 70)))
    case .noise:
      bytes.append(UInt8(0x61 + generator.number(0...(1 + variant % 4))))
    case .copies:
      let size = generator.number(3...60)
      if bytes.count > 40, generator.number(0...3) > 0 {
        let start = generator.number(0...(bytes.count - 4))
        bytes += bytes[start..<min(bytes.count, start + size)]
      } else {
        for _ in 0..<size { bytes.append(UInt8(generator.number(0...255))) }
      }
    case .collisions: appendCollision(to: &bytes, variant, &generator)
    case .strings:
      bytes += Self.shortStrings[generator.number(0...(Self.shortStrings.count - 1))].utf8
      for _ in 0..<generator.number(0...3) { bytes.append(UInt8(generator.number(0x80...0xFF))) }
    case .text: bytes += Self.words[generator.number(0...(Self.words.count - 1))].utf8
    case .records:
      let number = bytes.count / 8 + generator.number(0...2)
      bytes += [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8), 0, 0]
      bytes += [UInt8(generator.number(0...3)), 0, 0x10, 0x7F].prefix(2 + variant % 3)
    case .periods:
      let word = (0..<generator.number(1...12)).map { _ in UInt8(generator.number(0x61...0x66)) }
      for _ in 0..<generator.number(2...12) { bytes += word }
      if variant < 4 { bytes.append(UInt8(generator.number(0...255))) }
    case .mixture:
      let shapes = Self.allCases.dropLast()
      let shape = shapes[generator.number(0...(shapes.count - 1))]
      for _ in 0..<generator.number(1...12) { shape.append(to: &bytes, variant, &generator) }
    }
  }

  /// Three bytes out of a few, some changed by a multiple of the hash's polynomial, which leaves the bucket as it
  /// is, some by a few upper or lower bits of it, which leaves the bank.
  private func appendCollision(
    to bytes: inout [UInt8], _ variant: Int, _ generator: inout SplitMix64
  ) {
    var triple = [0x61_62_63, 0x64_65_66, 0x67_68_69][generator.number(0...(variant % 3))]
    switch generator.number(0...3) {
    case 0: triple ^= Int(MatchProfile.iaaV1.hash.polynomial) << generator.number(0...13)
    case 1: triple ^= 1 << generator.number(0...9)
    default: break
    }
    for shift in [0, 8, 16] { bytes.append(UInt8(truncatingIfNeeded: triple >> shift)) }
    if generator.number(0...3) == 0 { bytes.append(UInt8(generator.number(0...255))) }
  }

  private static let shortStrings = [
    "pqr", "pqr1", "pqr12", "qrst", "xyz", "xyzpqr", "012", "12>", "012>", "43|/", "C43|", "abcabc",
  ]

  private static let words = [
    "the ", "of ", "and ", "a ", "deflate ", "window ", "history ", "match", "literal, ", "in ",
    "software ", "share ", "device\n", "queue. ", "block ", "0x2A", "  ", "stream", "page ", "byte",
  ]
}
