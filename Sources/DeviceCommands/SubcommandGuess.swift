// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A word that looks like a subcommand and is none. The command takes words for files, and inputs go
// when they are compressed, so a slip in the first word must not be passed over with a line about a
// missing file while the rest is done.

/// What a word that names no subcommand was probably meant to be.
package struct SubcommandGuess: Sendable, Hashable {
  /// What to write instead, behind the program's name.
  package let lines: [String]
  /// accel-config's word, not a slip.
  package let isAccelConfig: Bool

  /// accel-config's commands, as its manual has them, and what they are here.
  private static let accelConfig = [
    "list": "devices", "info": "devices -v", "test": "doctor",
    "load-config": "configure --load FILE", "save-config": "configure --save FILE",
    "config-device": "configure TARGET", "config-group": "configure TARGET",
    "config-wq": "configure TARGET", "config-engine": "configure TARGET",
    "config-user-default": "configure --user 1", "enable-device": "enable TARGET",
    "disable-device": "disable TARGET", "enable-wq": "enable TARGET",
    "disable-wq": "disable TARGET",
  ]

  /// A guess for words of letters, digits, "-" and "_" only, in upper or lower case, that are no
  /// options; `nil` where none is close.
  ///
  /// Close are the names that the fewest edits make of the word, at most two and at most one for
  /// each three letters of the name, and words of more than three letters alone: shorter ones are
  /// close to too much.
  package init?(_ word: String, among names: some Collection<String> = DeviceCommands.firstWords) {
    guard word.utf8.count <= Self.longestWord, !word.hasPrefix("-"),
      word.allSatisfy(Self.isNameCharacter)
    else { return nil }
    let word = word.lowercased()
    if let line = Self.accelConfig[word] {
      lines = [line]
      isAccelConfig = true
      return
    }
    guard word.count > 3 else { return nil }
    let distances = names.map { (name: $0, edits: editDistance(Array(word), Array($0))) }
      .filter { $0.edits <= 2 && $0.edits * 3 <= $0.name.count }
    guard let fewest = distances.map(\.edits).min() else { return nil }
    lines = distances.filter { $0.edits == fewest }.map(\.name).sorted()
    isAccelConfig = false
  }

  /// What to write instead, quoted.
  package var suggestion: String {
    lines.map { "'deflate-iaa \($0)'" }.joined(separator: " or ")
  }

  /// No name is near a word as long as this; a file's may have 255 bytes.
  private static let longestWord = 32

  private static func isNameCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_".contains(character))
  }
}

/// The edits that make one word of another: a letter put in, left out or replaced, or two neighbours
/// that change places, no part edited twice (optimal string alignment).
func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  // rows[i][j]: from the first i letters of one to the first j of the other.
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var edits = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        edits = min(edits, rows[i - 1][j - 1] + 1)
      }
      row.append(edits)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
