// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Options are read by their table's effects; ArgumentParser's declarations of them are the second
// opinion. Whatever the command line, both must find the same values or both refuse.

import TestSupport
import Testing

@testable import deflate_iaa

@Suite("The table of options and ArgumentParser's declarations")
struct OptionAgreementTests {
  /// Values some option can have, and some that none or few can.
  private static let values = [
    "gzip", "zlib", "raw", "GZIP", "", " ", ".x", "-", "--", "--keep", "-k", "0", "1", "64", "+7",
    "-3", "007", "0x10", "1_000", " 5", "5 ", "1.5", "1e3", "٣", "é", "9223372036854775807",
    "9223372036854775808", "18446744073709551615", "18446744073709551616", "=", "a=b",
  ]

  /// What both say of a command line, nil for a refusal.
  private func readings(_ words: [String]) throws -> (table: OptionValues?, parser: OptionValues?) {
    let line = try ArgumentNormalizer().normalize(words.map { FileName($0) })
    return (OptionValues(line.options), try? CommandArguments.values(of: line.options))
  }

  @Test("agree on each option alone, with each value", arguments: OptionTable.all.indices)
  func alone(_ index: Int) throws {
    let option = OptionTable.all[index]
    for word in option.words {
      for value in option.takesValue ? Self.values : [""] {
        let words = ["--\(word)"] + (option.takesValue ? [value] : [])
        let (table, parser) = try readings(words)
        #expect(table == parser, "\(words)")
      }
    }
  }

  @Test("agree on random command lines")
  func random() throws {
    var generator = SeededGenerator(test: "options agree")
    var refusals = 0
    let rounds = 300 * SeededGenerator.scale
    for _ in 0..<rounds {
      var words: [String] = []
      for _ in 0..<Int.random(in: 0...8, using: &generator) {
        guard let option = OptionTable.all.randomElement(using: &generator),
          let word = option.words.randomElement(using: &generator),
          let value = Self.values.randomElement(using: &generator)
        else { continue }
        if case .end = option.effect { continue }
        let joined = Bool.random(using: &generator)
        if let letter = option.letter, Bool.random(using: &generator) {
          // A letter's value can be joined only when there is one to be seen.
          let isJoined = option.takesValue && joined && !value.isEmpty
          words += isJoined ? ["-\(letter)\(value)"] : ["-\(letter)"]
          if option.takesValue, !isJoined { words.append(value) }
        } else {
          words += option.takesValue && joined ? ["--\(word)=\(value)"] : ["--\(word)"]
          if option.takesValue, !joined { words.append(value) }
        }
      }
      let (table, parser) = try readings(words)
      #expect(table == parser, "\(words)")
      if table == nil { refusals += 1 }
    }
    #expect((1..<rounds).contains(refusals), "the lines should be good ones and bad ones")
  }
}
