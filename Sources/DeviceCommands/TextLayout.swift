// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Lines for a terminal of eighty columns.

/// The width that every report keeps to.
let terminalWidth = 80

/// Breaks a text between words so that no line is longer than the terminal, except where one
/// word is.
package func wrapped(_ text: String, indent: String = "", hanging: String? = nil) -> [String] {
  var lines: [String] = []
  var line = indent
  var isEmpty = true
  for word in text.split(separator: " ", omittingEmptySubsequences: true) {
    if !isEmpty, line.count + 1 + word.count > terminalWidth {
      lines.append(line)
      line = hanging ?? indent
      isEmpty = true
    }
    line += (isEmpty ? "" : " ") + word
    isEmpty = false
  }
  return lines + [line]
}

/// Pads to a width; a negative one puts the text to the right.
package func pad(_ text: String, _ width: Int) -> String {
  let space = String(repeating: " ", count: max(0, abs(width) - text.count))
  return width < 0 ? space + text : text + space
}

/// Rows of a name and a value; the values begin in the same column, after `width` or later.
func table(_ rows: [(name: String, value: String)], width: Int) -> String {
  let width = max(width, rows.map(\.name.count).max() ?? 0)
  return rows.map { pad($0.name, width) + " " + $0.value + "\n" }.joined()
}

/// Cuts what does not fit; --json has all of it.
func clipped(_ line: String) -> String {
  line.count <= terminalWidth ? line : line.prefix(terminalWidth - 1) + "…"
}

/// Numbers with runs drawn together: "0-3, 7".
func ranges(_ numbers: [Int]) -> String {
  var parts: [(Int, Int)] = []
  for number in numbers.sorted() {
    if let last = parts.last, last.1 + 1 == number {
      parts[parts.count - 1].1 = number
    } else {
      parts.append((number, number))
    }
  }
  return parts.map { $0 == $1 ? "\($0)" : "\($0)-\($1)" }.joined(separator: ", ")
}

/// A shell command as lines that fit, all but the last with a backslash at the end. Broken between
/// words only, and never within quotes, where a shell would keep the backslash.
func shellWrapped(_ command: String, indent: String) -> [String] {
  var words: [String] = [""]
  var quote: Character?
  for character in command {
    if character == " ", quote == nil {
      words.append("")
    } else {
      if character == quote {
        quote = nil
      } else if quote == nil, character == "'" || character == "\"" {
        quote = character
      }
      words[words.count - 1].append(character)
    }
  }
  var lines: [String] = []
  var line = indent + words[0]
  for word in words.dropFirst() {
    // Two columns for the backslash of a line that goes on.
    if line.count + 1 + word.count + 2 > terminalWidth {
      lines.append(line + " \\")
      line = indent + "  " + word
    } else {
      line += " " + word
    }
  }
  return lines + [line]
}

extension String {
  /// As a sentence begins.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

  /// Without what a terminal or a table would obey, a character in the place of each.
  func replacingControls(with replacement: Unicode.Scalar) -> String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { $0.properties.generalCategory == .control ? replacement : $0 }))
  }

  /// Without spaces at the start.
  func trimmedStart() -> String { String(drop { $0 == " " }) }

  /// Without spaces at the end.
  func trimmedEnd() -> String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
