// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Damage as transmission and malice make it. Damage near the front reaches headers and code
// descriptions, so half of it goes there.

/// Ways to damage a stream.
public enum Mutations {
  /// A copy of `stream` with one to four changes; `donor` lends bytes for splices.
  public static func damage(
    _ stream: [UInt8], donor: [UInt8], using generator: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = stream
    for _ in 0..<generator.number(1...4) where !bytes.isEmpty {
      let last = bytes.count - 1
      let place = generator.number(0...(generator.number(0...1) == 0 ? last : min(last, 24)))
      switch generator.number(0...7) {
      case 0, 1, 2: bytes[place] ^= 1 << UInt8(generator.number(0...7))
      case 3: bytes[place] = generator.byte()
      case 4: bytes.insert(generator.byte(), at: place)
      case 5: bytes.remove(at: place)
      case 6: bytes.removeLast(generator.number(0...min(last, 9)))
      default:
        guard !donor.isEmpty else { continue }
        bytes.replaceSubrange(place..., with: donor[generator.number(0...(donor.count - 1))...])
      }
    }
    return bytes
  }
}
