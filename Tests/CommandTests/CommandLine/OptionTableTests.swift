// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The table of options against what else lists them, and against the values it takes.

import Foundation
import TestSupport
import Testing

@testable import deflate_iaa

@Suite("The table of options")
struct OptionTableTests {
  /// What the options say, in-process; nil when they are refused.
  private func values(_ words: [String]) -> OptionValues? {
    do {
      return try OptionValues(ArgumentReader().read(words.map { FileName($0) }).options)
    } catch {
      return nil
    }
  }

  @Test("has each name once")
  func names() {
    let names = OptionTable.all.flatMap(\.names)
    #expect(names.count == Set(names).count)
    #expect(names.allSatisfy { $0.hasPrefix("--") || $0.count == 2 })
  }

  @Test("is the help, option for option, with each word that a value may be")
  func help() {
    let lines = CommandHelp.text.split(separator: "\n").map(String.init)
    for option in OptionTable.all {
      #expect(
        lines.contains { $0 == "  \(option.usage)" || $0.hasPrefix("  \(option.usage) ") },
        "\(option.usage)")
      for word in option.value?.words ?? [] {
        #expect(option.help.contains(word), "\(option.usage): \(word)")
      }
    }
    let listed = lines.filter { $0.hasPrefix("  -") }
    #expect(listed.count == OptionTable.all.count, "\(listed)")
  }

  /// The heads of the entries below OPTIONS in the manual's page, markup removed.
  private func manual() throws -> [String] {
    let page = try String(
      contentsOf: Repository.root.appending(path: "Documentation/deflate-iaa.1"), encoding: .utf8)
    let lines = page.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex(of: ".SH OPTIONS"))
    let end = try #require(lines[(start + 1)...].firstIndex { $0.hasPrefix(".SH") })
    return lines[start..<end].indices.filter { lines[$0] == ".TP" }.map { index in
      var head = lines[index + 1].replacing("\\-", with: "-")
      head.replace(/\\f./, with: "")
      head.replace(/^\.[A-Z]+\s/, with: "")
      // What stands between quotation marks is one argument; arguments are put together without space.
      let parts = head.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      return parts.map { $0 % 2 == 1 ? String($1) : String($1).replacing(" ", with: "") }.joined()
    }
  }

  @Test("has the options of the manual's page and no others, with the same values")
  func manualPage() throws {
    let heads = try manual()
    let named = heads.flatMap { head in
      head.matches(of: /(?:^|[, ])(--?[A-Za-z0-9][a-z-]*)/).map { String($0.output.1) }
    }
    #expect(Set(named) == Set(OptionTable.all.flatMap(\.names)))
    #expect(named.count == Set(named).count)
    for option in OptionTable.all {
      let head = try #require(heads.first { $0.contains("--\(option.words[0])") })
      let shown = head.firstMatch(of: /--[a-z-]+[ =]([A-Z0-9|]+)$/).map { String($0.output.1) }
      #expect(shown == option.value?.name, "\(head)")
    }
  }

  @Test("takes the numbers in an option's range and no others, as numbers are written")
  func numbers() throws {
    for option in OptionTable.all {
      guard case .number(let range) = option.value?.domain else { continue }
      var good = ["\(range.lowerBound)", "\(range.upperBound)", "+7", "007"]
      var bad = ["", " ", "-1", "x", "1.5", "1e3", "0x10", "1_000", " 5", "5 ", "٣", "="]
      if range.lowerBound > 0 { bad += ["0", "\(range.lowerBound - 1)"] }
      bad.append(range.upperBound < .max ? "\(range.upperBound + 1)" : "18446744073709551616")
      good.append("\(range.lowerBound + 1)")
      for name in option.names {
        for value in good { #expect(values([name, value]) != nil, "\(name) \(value)") }
        for value in bad { #expect(values([name, value]) == nil, "\(name) \(value)") }
      }
    }
  }

  @Test("takes exactly the words that an option lists, and tells each from the others")
  func words() throws {
    let none = try OptionValues([])
    for option in OptionTable.all {
      guard let words = option.value?.words, !words.isEmpty else { continue }
      var found: [OptionValues] = []
      for word in words {
        let value = try #require(values([option.names[0], word]), "\(option.usage): \(word)")
        #expect(!found.contains(value) && value != none)
        found.append(value)
      }
      for word in ["", words[0].uppercased() + "x", words[0] + " ", "2", "--"] {
        #expect(values(["--\(option.words[0])=\(word)"]) == nil, "\(option.usage): \(word)")
      }
    }
  }

  @Test("gives every option an effect of its own, under each of its names")
  func effects() throws {
    let none = try OptionValues([])
    var found: [OptionValues] = []
    for option in OptionTable.all {
      switch option.effect {
      case .end, .ignored: continue
      case .set, .take: break
      }
      let value = option.value.map { $0.words.last ?? "11" }
      let seen = try option.names.map { name in
        try #require(values([name] + (value.map { [$0] } ?? [])), "\(name)")
      }
      #expect(seen.allSatisfy { $0 == seen[0] } && seen[0] != none, "\(option.usage)")
      #expect(!found.contains(seen[0]), "\(option.usage)")
      found.append(seen[0])
    }
  }
}
