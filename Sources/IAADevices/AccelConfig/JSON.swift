// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A JSON value whose objects keep their order: accel-config reads "dev" first in each object, and
// its output has to be equalled to the byte. Foundation's JSONEncoder cannot keep the order, hence
// these few lines (RFC 8259).

/// A JSON value; objects keep the order of their members.
package enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A number with a fraction or exponent, as it was written.
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])

  /// One member of an object.
  package struct Member: Sendable, Hashable {
    package let key: String
    package var value: JSON

    /// A member of these two.
    package init(key: String, value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// The first member with this key.
  package subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// An object with these members.
  package static func members(_ members: KeyValuePairs<String, JSON?>) -> JSON {
    .object(members.compactMap { key, value in value.map { Member(key: key, value: $0) } })
  }

  /// The text as json-c's pretty form writes it: two spaces a level, no space after the colon.
  package func pretty() -> String {
    var text = ""
    write(to: &text, indent: 0)
    return text + "\n"
  }

  /// The text on one line, without spaces.
  package func compact() -> String {
    switch self {
    case .null, .bool, .integer, .number, .string:
      var text = ""
      write(to: &text, indent: 0)
      return text
    case .array(let values): return "[" + values.map { $0.compact() }.joined(separator: ",") + "]"
    case .object(let members):
      let texts = members.map { Self.quoted($0.key) + ":" + $0.value.compact() }
      return "{" + texts.joined(separator: ",") + "}"
    }
  }

  func write(to text: inout String, indent: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let digits): text += digits
    case .string(let value): text += Self.quoted(value)
    case .array(let values):
      Self.writeList(values, "[", "]", to: &text, indent: indent) { value, text in
        value.write(to: &text, indent: indent + 1)
      }
    case .object(let members):
      Self.writeList(members, "{", "}", to: &text, indent: indent) { member, text in
        text += Self.quoted(member.key) + ":"
        member.value.write(to: &text, indent: indent + 1)
      }
    }
  }

  static func writeList<Element>(
    _ elements: [Element], _ open: String, _ close: String, to text: inout String, indent: Int,
    _ write: (Element, inout String) -> Void
  ) {
    text += open + "\n"
    for (index, element) in elements.enumerated() {
      text += String(repeating: "  ", count: indent + 1)
      write(element, &text)
      text += index == elements.count - 1 ? "\n" : ",\n"
    }
    text += String(repeating: "  ", count: indent) + close
  }

  /// json-c escapes the slash too.
  static func quoted(_ value: String) -> String {
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "/": text += "\\/"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{C}": text += "\\f"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
