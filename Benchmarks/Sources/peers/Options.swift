// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The few options that working on the codec needs: one section, one kind, fewer rounds.

import Foundation
import Rig

struct Options {
  var corpus = "corpus"
  var json: String?
  var sections: Set<Section> = Set(Section.allCases)
  var shapes: Set<Shape> = Set(Shape.allCases)
  var kinds = Corpus.averaged + Corpus.extremes
  var rounds = 25
  var seconds = 1.5

  static let usage = """
    usage: peers [--corpus DIR] [--json FILE] [--rounds N] [--seconds N] \
    [--kinds a,b] [--sections encode,decode,gzip,crc] \
    [--shapes page,bgzf,large,file,member]
    At most N rounds, and no new one after N seconds, for each kind, section and shape.
    """

  /// Reads the command line; a word it does not know ends the program.
  init(_ words: [String]) {
    var words = words[...]
    while let option = words.popFirst() {
      guard let value = words.popFirst() else { Self.refuse("\(option) needs a value") }
      let parts = value.split(separator: ",").map(String.init)
      switch option {
      case "--corpus": corpus = value
      case "--json": json = value
      case "--rounds": rounds = Self.known(Int(value).flatMap { $0 > 0 ? $0 : nil }, value)
      case "--seconds": seconds = Self.known(Double(value), value)
      case "--kinds": kinds = parts
      case "--sections": sections = Set(parts.map { Self.known(Section(rawValue: $0), $0) })
      case "--shapes": shapes = Set(parts.map { Self.known(Shape(rawValue: $0), $0) })
      default: Self.refuse("unknown option \(option)")
      }
    }
  }

  private static func known<Value>(_ value: Value?, _ word: String) -> Value {
    guard let value else { refuse("'\(word)' is not among the choices") }
    return value
  }

  private static func refuse(_ reason: String) -> Never { fail("\(reason)\n\(usage)") }
}
