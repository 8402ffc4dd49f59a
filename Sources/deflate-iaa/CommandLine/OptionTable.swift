// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The one table of options. ArgumentParser's declarations take their names from it, and the
// normalising pass takes from it which letters cluster, which options have a value and what an
// abbreviation may stand for, and what each option does to `OptionValues`.

import ArgumentParser
import FixedDeflate
import IAAOffload

/// One option: its names and what it does.
struct CommandOption: Sendable {
  /// What an option does.
  enum Effect: Sendable {
    /// Changes the values.
    case set(@Sendable (inout OptionValues) -> Void)
    /// Changes the values by its own value; false when it cannot have that one.
    case take(@Sendable (inout OptionValues, String) -> Bool)
    /// Ends the reading of the command line.
    case end(Ending)
    /// Is taken for gzip's sake.
    case ignored
  }

  /// What is done instead, where the reading ends.
  enum Ending: Sendable {
    case help, version, license
  }

  /// Whose option it is. Where an abbreviation could mean one of each, gzip's wins: a script
  /// written for gzip must not break because we have more options.
  enum Origin: Sendable {
    case gzip, own
  }

  let letter: Character?
  let words: [String]
  var origin = Origin.gzip
  /// Whether the GZIP variable may hold it.
  var isAllowedInVariable = false
  let effect: Effect

  /// Whether a value belongs to it.
  var takesValue: Bool {
    if case .take = effect { true } else { false }
  }

  /// The names as ArgumentParser takes them.
  var name: NameSpecification {
    let letters = letter.map { [NameSpecification.Element.customShort($0)] } ?? []
    return NameSpecification(letters + words.map { .customLong($0) })
  }

  /// The form in which ArgumentParser gets it: every option has a word. A value is joined, since as
  /// a word of its own "--" would end the options; an empty one is not, since it would be none.
  func words(value: String?) -> [String] {
    guard let value else { return ["--\(words[0])"] }
    return value.isEmpty ? ["--\(words[0])", value] : ["--\(words[0])=\(value)"]
  }
}

/// Every option of the command.
enum OptionTable {
  static let ascii = CommandOption(letter: "a", words: ["ascii"], effect: .ignored)
  static let stdout = CommandOption(
    letter: "c", words: ["stdout", "to-stdout"], effect: .set { $0.stdout = true })
  static let decompress = CommandOption(
    letter: "d", words: ["decompress", "uncompress"], effect: .set { $0.decompress = true })
  static let force = CommandOption(
    letter: "f", words: ["force"], effect: .set { $0.force = true })
  static let help = CommandOption(letter: "h", words: ["help"], effect: .end(.help))
  static let keep = CommandOption(letter: "k", words: ["keep"], effect: .set { $0.keep = true })
  static let list = CommandOption(letter: "l", words: ["list"], effect: .set { $0.list = true })
  static let license = CommandOption(letter: "L", words: ["license"], effect: .end(.license))
  static let noName = CommandOption(
    letter: "n", words: ["no-name"], isAllowedInVariable: true,
    effect: .set { $0.nameRule = .omit })
  static let name = CommandOption(
    letter: "N", words: ["name"], isAllowedInVariable: true, effect: .set { $0.nameRule = .keep })
  static let quiet = CommandOption(
    letter: "q", words: ["quiet", "silent"], isAllowedInVariable: true,
    effect: .set { $0.verbosity = .quiet })
  static let recursive = CommandOption(
    letter: "r", words: ["recursive"], effect: .set { $0.recursive = true })
  static let suffix = CommandOption(
    letter: "S", words: ["suffix"], effect: .take { assign($1, to: &$0.suffix) })
  static let test = CommandOption(letter: "t", words: ["test"], effect: .set { $0.test = true })
  static let verbose = CommandOption(
    letter: "v", words: ["verbose"], isAllowedInVariable: true,
    effect: .set { $0.verbosity = .verbose })
  static let version = CommandOption(letter: "V", words: ["version"], effect: .end(.version))
  static let fast = CommandOption(
    letter: "1", words: ["fast"], isAllowedInVariable: true, effect: .ignored)
  static let best = CommandOption(
    letter: "9", words: ["best"], isAllowedInVariable: true, effect: .ignored)
  static let rsyncable = CommandOption(
    letter: nil, words: ["rsyncable"], isAllowedInVariable: true,
    effect: .set { $0.rsyncable = true })
  static let synchronous = CommandOption(
    letter: nil, words: ["synchronous"], isAllowedInVariable: true,
    effect: .set { $0.synchronous = true })
  static let format = CommandOption(
    letter: nil, words: ["format"], origin: .own,
    effect: .take { assign(ContainerFormat(argument: $1), to: &$0.format) })
  static let blocksize = CommandOption(
    letter: "b", words: ["blocksize"], origin: .own,
    effect: .take { assign(Int($1), to: &$0.blocksize) })
  static let index = CommandOption(
    letter: "i", words: ["index"], origin: .own, effect: .set { $0.index = true })
  static let offset = CommandOption(
    letter: nil, words: ["offset"], origin: .own,
    effect: .take { assign(UInt64($1), to: &$0.offset) })
  static let size = CommandOption(
    letter: nil, words: ["size"], origin: .own,
    effect: .take { assign(UInt64($1), to: &$0.size) })
  static let processes = CommandOption(
    letter: "p", words: ["processes"], origin: .own,
    effect: .take { assign(Int($1), to: &$0.processes) })
  static let noVerify = CommandOption(
    letter: nil, words: ["no-verify"], origin: .own, effect: .set { $0.noVerify = true })
  static let path = CommandOption(
    letter: nil, words: ["path"], origin: .own,
    effect: .take { assign(Configuration.Path(rawValue: $1), to: &$0.path) })
  static let syncMode = CommandOption(
    letter: nil, words: ["sync-mode"], origin: .own,
    effect: .take { assign(Configuration.SyncMode(rawValue: $1), to: &$0.syncMode) })
  static let verifyCompress = CommandOption(
    letter: nil, words: ["verify-compress"], origin: .own,
    effect: .take { assign(VerifyCompress(rawValue: $1), to: &$0.verifyCompress) })
  static let debug = CommandOption(
    letter: nil, words: ["debug"], origin: .own, effect: .set { $0.debug = true })
  static let stats = CommandOption(
    letter: nil, words: ["stats"], origin: .own, effect: .set { $0.stats = true })
  static let root = CommandOption(
    letter: nil, words: ["root"], origin: .own, effect: .take { assign($1, to: &$0.root) })

  static let all = [
    ascii, stdout, decompress, force, help, keep, list, license, noName, name, quiet, recursive,
    suffix, test, verbose, version, fast, best, rsyncable, synchronous, format, blocksize, index,
    offset, size, processes, noVerify, path, syncMode, verifyCompress, debug, stats, root,
  ]

  /// Compression levels between -1 and -9: taken, and without an effect of their own.
  static let middleLevels: ClosedRange<Character> = "2"..."8"
}
