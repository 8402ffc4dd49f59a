// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What there is to say of an option. The command line is read by it, and the help, the completions and
// the messages about values are made of it.

/// One option: its names, what it does, and what the help says of it.
struct CommandOption: Sendable {
  /// What an option does.
  enum Effect: Sendable {
    /// Changes the values.
    case set(@Sendable (inout OptionValues) -> Void)
    /// Changes the values by one of this kind; false for what cannot be read as one.
    case take(ValueKind, @Sendable (inout OptionValues, String) -> Bool)
    /// Ends the reading of the command line.
    case end(Ending)
    /// Is taken for gzip's sake.
    case ignored
  }

  /// What is done instead, where the reading ends.
  enum Ending: Sendable {
    case help, version, license
  }

  /// Where the help lists it, and whose option it is. Where an abbreviation could mean one of gzip's
  /// and another, gzip's wins: a script written for gzip must not break because we have more options.
  enum Group: CaseIterable, Sendable {
    case gzip, own, device
  }

  let letter: Character?
  let words: [String]
  var group = Group.gzip
  /// Whether the GZIP variable may hold it.
  var isAllowedInVariable = false
  let effect: Effect
  /// What it does, in a sentence or two for the help.
  let help: String

  /// The kind of the value that belongs to it; nil when none does.
  var value: ValueKind? {
    if case .take(let kind, _) = effect { kind } else { nil }
  }

  /// Whether a value belongs to it.
  var takesValue: Bool {
    if case .take = effect { true } else { false }
  }

  /// All its names with their dashes, the letter first.
  var names: [String] {
    (letter.map { ["-\($0)"] } ?? []) + words.map { "--\($0)" }
  }

  /// Its names and its value as the help shows them: "-b, --blocksize=KIB".
  var usage: String {
    names.joined(separator: ", ") + (value.map { "=\($0.name)" } ?? "")
  }
}

/// What an option's value may be.
struct ValueKind: Sendable {
  /// The values there are.
  enum Domain: Sendable {
    /// One of these words.
    case words(@Sendable () -> [String])
    /// A whole number in this range.
    case number(ClosedRange<UInt64>)
    /// The name of a directory.
    case directory
    /// A name, or a file's.
    case file
    /// The end of a file's name, of so many bytes.
    case suffix(ClosedRange<Int>)
  }

  /// What stands for it in the help: "KIB".
  let name: String
  let domain: Domain

  init(_ name: String, _ domain: Domain) {
    self.name = name
    self.domain = domain
  }

  /// The words it is one of; empty when it is something else.
  var words: [String] {
    if case .words(let words) = domain { words() } else { [] }
  }

  /// Whether a text is in the domain, as far as that is not for its conversion to say.
  func allows(_ text: String) -> Bool {
    switch domain {
    case .words, .suffix: true
    case .number(let range): UInt64(text).map(range.contains) ?? false
    case .directory, .file: !text.isEmpty
    }
  }

  /// What it has to be, for the message about one that is not.
  var requirement: String {
    switch domain {
    case .words(let words):
      let words = words()
      return words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
    case .number(let range): return "a number from \(range.lowerBound) to \(range.upperBound)"
    case .directory: return "a directory"
    case .file: return "a name or a file"
    case .suffix(let range): return "a suffix of \(range.lowerBound) to \(range.upperBound) bytes"
    }
  }
}

extension UsageError {
  /// What is said of every value that its option cannot have.
  init(invalid value: String, for option: CommandOption) {
    // An option without a value cannot have a wrong one.
    let requirement = option.value?.requirement ?? "no value"
    message =
      "invalid value '\(value)' for option '\(option.names.last ?? "")': not \(requirement)"
  }
}
