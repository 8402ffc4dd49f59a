// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The one table of options. ArgumentParser's declarations take their names from it, and the
// normalising pass takes from it which letters cluster, which options have a value and what an
// abbreviation may stand for. An option added here and declared once is known everywhere.

import ArgumentParser

/// The names of one option.
struct CommandOption: Sendable {
  /// Whose option it is. Where an abbreviation could mean one of each, gzip's wins: a script
  /// written for gzip must not break because we have more options.
  enum Origin: Sendable {
    case gzip, own
  }

  let letter: Character?
  let words: [String]
  var takesValue = false
  var origin = Origin.gzip
  /// Whether the GZIP variable may hold it.
  var isAllowedInVariable = false

  /// The names as ArgumentParser takes them.
  var name: NameSpecification {
    let letters = letter.map { [NameSpecification.Element.customShort($0)] } ?? []
    return NameSpecification(letters + words.map { .customLong($0) })
  }

  /// The form the normalising pass writes: every option has a word.
  var canonical: String { "--\(words[0])" }
}

/// Every option of the command.
enum OptionTable {
  static let stdout = CommandOption(letter: "c", words: ["stdout", "to-stdout"])
  static let decompress = CommandOption(letter: "d", words: ["decompress", "uncompress"])
  static let force = CommandOption(letter: "f", words: ["force"])
  static let help = CommandOption(letter: "h", words: ["help"])
  static let keep = CommandOption(letter: "k", words: ["keep"])
  static let list = CommandOption(letter: "l", words: ["list"])
  static let noName = CommandOption(letter: "n", words: ["no-name"], isAllowedInVariable: true)
  static let name = CommandOption(letter: "N", words: ["name"], isAllowedInVariable: true)
  static let quiet = CommandOption(
    letter: "q", words: ["quiet", "silent"], isAllowedInVariable: true)
  static let recursive = CommandOption(letter: "r", words: ["recursive"])
  static let suffix = CommandOption(letter: "S", words: ["suffix"], takesValue: true)
  static let test = CommandOption(letter: "t", words: ["test"])
  static let verbose = CommandOption(letter: "v", words: ["verbose"], isAllowedInVariable: true)
  static let version = CommandOption(letter: "V", words: ["version"])
  static let fast = CommandOption(letter: "1", words: ["fast"], isAllowedInVariable: true)
  static let best = CommandOption(letter: "9", words: ["best"], isAllowedInVariable: true)
  static let format = CommandOption(letter: nil, words: ["format"], takesValue: true, origin: .own)
  static let blocksize = CommandOption(
    letter: "b", words: ["blocksize"], takesValue: true, origin: .own)
  static let index = CommandOption(letter: "i", words: ["index"], origin: .own)
  static let offset = CommandOption(letter: nil, words: ["offset"], takesValue: true, origin: .own)
  static let size = CommandOption(letter: nil, words: ["size"], takesValue: true, origin: .own)
  static let processes = CommandOption(
    letter: "p", words: ["processes"], takesValue: true, origin: .own)
  static let noVerify = CommandOption(letter: nil, words: ["no-verify"], origin: .own)

  static let path = CommandOption(letter: nil, words: ["path"], takesValue: true, origin: .own)
  static let syncMode = CommandOption(
    letter: nil, words: ["sync-mode"], takesValue: true, origin: .own)
  static let verifyCompress = CommandOption(
    letter: nil, words: ["verify-compress"], takesValue: true, origin: .own)
  static let debug = CommandOption(letter: nil, words: ["debug"], origin: .own)
  static let stats = CommandOption(letter: nil, words: ["stats"], origin: .own)
  static let root = CommandOption(letter: nil, words: ["root"], takesValue: true, origin: .own)

  static let all = [
    stdout, decompress, force, help, keep, list, noName, name, quiet, recursive, suffix, test,
    verbose, version, fast, best, format, blocksize, index,
    offset, size, processes,
    noVerify, path, syncMode, verifyCompress, debug, stats, root,
  ]

  /// Compression levels between -1 and -9: taken, and without an effect of their own.
  static let middleLevels: ClosedRange<Character> = "2"..."8"
}
