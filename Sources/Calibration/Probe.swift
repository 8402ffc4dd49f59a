// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The inputs that a device is asked about. They are synthetic, so that answers can be shown to anybody.

import FixedDeflate
import IAADevices

/// An input whose stream tells members of the family apart.
package struct Probe: Sendable, Hashable {
  /// What it is, in a few words.
  package let name: String
  /// Its bytes.
  package let input: [UInt8]

  init(_ name: String, _ input: [UInt8]) {
    self.name = name
    self.input = input
  }

  init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }
}

extension Probe {
  /// Asked of every device and in this order: the probe that splits the family best, then the inputs whose
  /// streams, or whose size, are published.
  static let opening = [tenLetters] + PublishedStream.all.map(\.probe)

  static let tenLetters = Probe(
    "ten letters, each before eight a", "ABCDEFGHIJ".map { "\($0)aaaaaaaa" }.joined())

  /// Forty letters, and no three of them twice.
  private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"

  /// The letters twice, then some of them again: the last match's distance says which of the places before
  /// were inserted.
  private static func again(_ start: Int, count: Int = 6) -> Probe {
    Probe(
      "forty letters twice, then \(count) from \(start)",
      letters + letters + letters.dropFirst(start).prefix(count))
  }

  /// Asked if they tell what is left apart. Where they come from: the profile's page, "What would settle it".
  static let standard: [Probe] =
    [
      Probe("a hundred a", String(repeating: "a", count: 100)),
      Probe("x and 41 a", "x" + String(repeating: "a", count: 41)),
      Probe("three candidates in a bucket", "__pqr?mgpqr1Popqr]ul)pqr?mg"),
      Probe("three candidates, the older one longer", "__pqr?mgpqr1Popqr]ulypqr1Po"),
      Probe(
        "nine candidates", "__pqr?mgpqr1Po]pqrul)pqry\"xpqrBh>9pqrt|}jpqrS4vpqreRsKpqrb%+UpqrS4v"),
      Probe(
        "nine candidates, an old one",
        "__pqr?mgpqr1Po]pqrul)pqry\"xpqrBh>9pqrt|}jpqrS4vpqreRsKpqrb%+Fpqr1Po]"),
      Probe("neighbours alike in nine bits of the hash", "#<43|/1h$:JC,43|/@_m=\\3|/?"),
      Probe("strings alike in the hash's upper bits", "__012>!-012~;"),
      Probe("refreshed slots", "__pqr1A]pqr2B)pqr3C(pqr1Azpqr4Dypqr2Bw"),
    ]
    + (0...34).map { again($0) }
    + [historyEnd(Page.size), historyEnd(Page.size - 1)]
    + (2...9).map { period in
      Probe(
        "period \(period)",
        String(repeating: String(letters.prefix(period)), count: 12 + 60 / period))
    }

  /// Three letters that come back so far behind themselves, and no other three twice.
  private static func historyEnd(_ distance: Int) -> Probe {
    // A counter of two digits in separate alphabets, and a third digit for the upper part: any three
    // neighbours name their place.
    var filler: [UInt8] = []
    var number = 0
    while filler.count < distance - 3 {
      filler += [UInt8(0x80 + number % 64), UInt8(0xC0 + number / 64 % 64)]
      number += 1
    }
    let word = Array("pqr".utf8)
    return Probe("a distance of \(distance)", word + filler.prefix(distance - 3) + word)
  }
}

/// An input that a device's stream, or its size, is published for.
struct PublishedStream: Sendable {
  let probe: Probe
  /// Whether a stream is the published one, as far as it is published.
  let isMet: @Sendable ([UInt8]) -> Bool

  /// The kernel's two test vectors, whose tokens are published, and the page that its documentation
  /// compresses, whose size is: see the profile's page, "The published vectors".
  static let all = [
    PublishedStream("T1 of the kernel's tests", Array(repeating: t1, count: 2).joined()),
    PublishedStream("T2 of the kernel's tests", t2),
    PublishedStream(probe: Probe("4096 stars", [UInt8](repeating: 0x2A, count: Page.size))) {
      $0.count == 228
    },
  ]

  private static let t1 = "Join us now and share the software "
  private static let t2 =
    "This document describes a compression method based on the DEFLATEcompression algorithm.  This "
    + "document defines the application of the DEFLATE algorithm to the IP Payload Compression Protocol."

  private init(probe: Probe, isMet: @escaping @Sendable ([UInt8]) -> Bool) {
    self.probe = probe
    self.isMet = isMet
  }

  /// One whose tokens are version 1's, which the conformance tests hold it to.
  private init(_ name: String, _ text: String) {
    let probe = Probe(name, text)
    self.init(probe: probe) { stream in
      var encoder = Encoder()
      return stream == encoder.compress(probe.input)
    }
  }
}
