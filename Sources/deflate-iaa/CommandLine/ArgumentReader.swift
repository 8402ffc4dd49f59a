// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The command line by getopt_long's rules, as gzip reads it: options may follow file names, letters
// cluster, a value may be joined, a word may be cut short while that is unambiguous, "--" ends the
// options. ArgumentParser, which reads the subcommands, knows neither abbreviations nor digits as
// letters nor values that begin with a dash, and takes operands as text; here they stay bytes.

/// What is wrong with the command line.
struct UsageError: Error {
  let message: String
}

/// An option as it was given.
struct GivenOption: Sendable {
  /// How it was written, a word in full.
  let written: String
  /// What it is; nil for a compression level between the first and the last.
  let option: CommandOption?
  var value: String?
}

/// A command line taken apart.
struct GivenArguments {
  var options: [GivenOption] = []
  var operands: [FileName] = []
  /// -h or -V, acted on where it stands: what follows is not looked at.
  var ending: CommandOption.Ending?
}

/// Reads a command line by getopt_long's rules.
struct ArgumentReader {
  /// POSIXLY_CORRECT: the first operand ends the options.
  var stopsAtOperand = false

  /// - Throws: `UsageError` for an unknown or ambiguous option, a missing value, or a value given
  ///   to an option that has none.
  func read(_ arguments: [FileName]) throws(UsageError) -> GivenArguments {
    var result = GivenArguments()
    var rest = arguments[...]
    while let argument = rest.popFirst(), result.ending == nil {
      let dash = UInt8(ascii: "-")
      guard argument.bytes.first == dash, argument.bytes.count > 1 else {
        result.operands.append(argument)
        if stopsAtOperand { break }
        continue
      }
      if argument.bytes == [dash, dash] { break }
      if argument.bytes[1] == dash {
        try readWord(text(argument), &rest, into: &result)
      } else {
        try readCluster(text(argument), &rest, into: &result)
      }
    }
    result.operands += rest
    return result
  }

  /// `--word`, `--word=value`, `--word value`.
  private func readWord(
    _ argument: String, _ rest: inout ArraySlice<FileName>, into result: inout GivenArguments
  ) throws(UsageError) {
    let parts = argument.dropFirst(2).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let word = String(parts[0])
    let option = try option(abbreviated: word)
    let written = "--\(option.words.first { $0.hasPrefix(word) } ?? word)"
    if !option.takesValue {
      guard parts.count == 1 else {
        throw UsageError(message: "option '\(written)' takes no value")
      }
      result.append(option, written: written)
    } else if parts.count == 2 {
      result.append(option, written: written, value: String(parts[1]))
    } else if let next = rest.popFirst() {
      result.append(option, written: written, value: try text(next))
    } else {
      throw UsageError(message: "option '\(written)' needs a value")
    }
  }

  /// `-abc`, `-Svalue`, `-S value`.
  private func readCluster(
    _ argument: String, _ rest: inout ArraySlice<FileName>, into result: inout GivenArguments
  ) throws(UsageError) {
    var letters = argument.dropFirst()
    while let letter = letters.popFirst(), result.ending == nil {
      if OptionTable.middleLevels.contains(letter) {
        result.options.append(GivenOption(written: "-\(letter)", option: nil))
        continue
      }
      guard let option = OptionTable.all.first(where: { $0.letter == letter }) else {
        throw UsageError(message: "unknown option -- '\(letter)'")
      }
      guard option.takesValue else {
        result.append(option, written: "-\(letter)")
        continue
      }
      if !letters.isEmpty {
        result.append(option, written: "-\(letter)", value: String(letters))
        return
      }
      guard let next = rest.popFirst() else {
        throw UsageError(message: "option needs a value -- '\(letter)'")
      }
      result.append(option, written: "-\(letter)", value: try text(next))
    }
  }

  /// The option whose word is `prefix` or alone begins with it.
  private func option(abbreviated prefix: String) throws(UsageError) -> CommandOption {
    if let exact = OptionTable.all.first(where: { $0.words.contains(prefix) }) { return exact }
    let candidates = OptionTable.all.filter { $0.words.contains { $0.hasPrefix(prefix) } }
    let gzips = candidates.filter { $0.group == .gzip }
    let choice = gzips.isEmpty ? candidates : gzips
    switch choice.count {
    case 1: return choice[0]
    case 0: throw UsageError(message: "unknown option '--\(prefix)'")
    default:
      let words = candidates.flatMap { $0.words.filter { $0.hasPrefix(prefix) } }
      let list = words.map { "'--\($0)'" }.joined(separator: " ")
      throw UsageError(message: "option '--\(prefix)' is ambiguous: \(list)")
    }
  }

  /// Options and their values are text; only operands may be any bytes.
  private func text(_ argument: FileName) throws(UsageError) -> String {
    guard let text = String(validating: argument.bytes, as: UTF8.self) else {
      throw UsageError(message: "option or value is not UTF-8 text")
    }
    return text
  }
}

extension GivenArguments {
  fileprivate mutating func append(
    _ option: CommandOption, written: String, value: String? = nil
  ) {
    options.append(GivenOption(written: written, option: option, value: value))
    if case .end(let ending) = option.effect { self.ending = ending }
  }
}
