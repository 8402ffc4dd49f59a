// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Command lines that nobody would write, in-process: the program's own module cannot be linked with a fuzzer, so
// these are drawn from the words that mean something, cut, joined and damaged.

import Foundation
import TestSupport
import Testing

@testable import deflate_iaa

@Suite("Random command lines")
struct RandomArgumentsTests {
  private static let rounds = 5000 * SeededGenerator.scale
  private static let values = [
    "", "0", "1", "-1", "63", "64", "2048", "18446744073709551615", "18446744073709551616", "gzip",
    "bgzf", "raw", "canned", "dynamic", "fixed", "2023", "auto", ".gz", ".bgz", "iaa-v1", "٣",
    "\u{0}",
  ]

  private func word(_ generator: inout SeededGenerator) -> FileName {
    let option = generator.element(OptionTable.all)
    let name = generator.element(option.names)
    let value = generator.element(Self.values)
    var text =
      switch generator.number(0...7) {
      case 0: "\(name)=\(value)"
      case 1: "\(name)\(value)"
      case 2: value
      case 3: "--"
      case 4: "-"
      case 5: String(name.prefix(generator.number(0...name.count)))
      case 6: "-" + (0..<generator.number(1...5)).map { _ in letter(&generator) }.joined()
      default: name
      }
    if generator.number(0...9) == 0 { text += text }
    var bytes = Array(text.utf8)
    if generator.number(0...9) == 0 {
      bytes = Mutations.damage(bytes, donor: [0xFF, 0xC3, 0x3D], using: &generator)
    }
    // A word of a command line holds no NUL.
    return FileName(bytes.filter { $0 != 0 })
  }

  private func letter(_ generator: inout SeededGenerator) -> String {
    let letters = OptionTable.all.compactMap(\.letter) + ["2", "5", "x"]
    return String(generator.element(letters))
  }

  @Test("are read or refused with a message, and no operand is lost or made up")
  func readOrRefused() {
    var generator = SeededGenerator(test: "random arguments")
    var (read, refused) = (0, 0)
    for _ in 0..<Self.rounds {
      let words = (0..<generator.number(0...7)).map { _ in word(&generator) }
      for stopsAtOperand in [false, true] {
        let reader = ArgumentReader(stopsAtOperand: stopsAtOperand)
        do throws(UsageError) {
          let line = try reader.read(words)
          read += 1
          #expect(line.operands.count <= words.count)
          #expect(line.operands.allSatisfy { words.contains($0) })
          let values = try OptionValues(line.options)
          for program in [ProgramName.gzip, .gunzip, .zcat, .deflateIAA] {
            let options = try Options(values, program: program)
            #expect(options.leastMemory > 0)
          }
        } catch {
          refused += 1
          #expect(!error.message.isEmpty)
        }
      }
      _ = FirstWord(of: [FileName("deflate-iaa")] + words)
    }
    // Neither side is all of it, or the words are not worth trying.
    #expect(read > Self.rounds / 4 && refused > Self.rounds / 4, "\(read) read, \(refused) refused")
  }

  @Test("letters in one word are what they are one by one")
  func clusters() {
    var generator = SeededGenerator(test: "random clusters")
    let letters = OptionTable.all.filter { !$0.takesValue }.compactMap(\.letter)
    for _ in 0..<Self.rounds / 5 {
      let chosen = (0..<generator.number(1...5)).map { _ in
        generator.element(letters)
      }
      let joined = try? ArgumentReader().read([FileName("-" + chosen.map(String.init).joined())])
      let apart = try? ArgumentReader().read(chosen.map { FileName("-\($0)") })
      #expect(joined?.options.map(\.written) == apart?.options.map(\.written))
      #expect(joined != nil && joined?.ending == apart?.ending)
    }
  }

  @Test("words of the variables GZIP and DEFLATE_IAA_MODEL are read or refused with a message")
  func variables() {
    var generator = SeededGenerator(test: "random variables")
    let models = [
      "devices=2", "queues=3", "profile=iaa-v1", "faults=1", "devices=", "=", "engines=9",
    ]
    for _ in 0..<Self.rounds / 5 {
      let words = (0..<generator.number(0...4)).map { _ in word(&generator) }
      let gzip = FileName(Array(words.map(\.bytes).joined(separator: [0x20])))
      do throws(UsageError) {
        #expect(try GzipVariable.options(in: gzip).count <= gzip.bytes.count)
      } catch {
        #expect(!error.message.isEmpty)
      }
      let text = (0..<generator.number(0...3)).map { _ in
        generator.element(models)
          + (generator.number(0...3) == 0 ? Self.values[generator.number(0...9)] : "")
      }.joined(separator: generator.number(0...1) == 0 ? " " : ",")
      do throws(UsageError) {
        _ = try ModelSetup(parsing: text)
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }
}
