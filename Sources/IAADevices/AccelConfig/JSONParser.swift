// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Reads accel-config's configuration files, which people edit by hand and whose own examples have
// commas before closing brackets. Depth is bounded, so a hostile file cannot exhaust the stack.

/// Where and why a text is not JSON.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
  /// From 1.
  package let line: Int
  package let reason: String

  package var description: String { "line \(line): \(reason)" }
}

/// A recursive-descent parser over the bytes of a text.
struct JSONParser {
  /// accel-config's files nest four deep.
  static let maximumDepth = 64

  let bytes: [UInt8]
  var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func parseDocument() throws(JSONError) -> JSON {
    let value = try parseValue(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("more text after the end") }
    return value
  }

  mutating func parseValue(depth: Int) throws(JSONError) -> JSON {
    skipSpace()
    guard depth < Self.maximumDepth else { throw error("nested too deeply") }
    guard let byte = peek else { throw error("the text ends too early") }
    switch byte {
    case UInt8(ascii: "{"): return try parseObject(depth: depth)
    case UInt8(ascii: "["): return try parseArray(depth: depth)
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: return try parseWord()
    }
  }

  mutating func parseObject(depth: Int) throws(JSONError) -> JSON {
    position += 1
    var members: [JSON.Member] = []
    var keys: Set<String> = []
    while true {
      skipSpace()
      if take("}") { return .object(members) }
      let key = try parseString()
      // json-c would keep the last; whoever wrote both meant one of them.
      guard keys.insert(key).inserted else { throw error("\"\(key)\" is there twice") }
      skipSpace()
      guard take(":") else { throw error("a colon is missing after \"\(key)\"") }
      members.append(JSON.Member(key: key, value: try parseValue(depth: depth + 1)))
      skipSpace()
      if take(",") { continue }
      guard take("}") else { throw error("a comma or } is missing") }
      return .object(members)
    }
  }

  mutating func parseArray(depth: Int) throws(JSONError) -> JSON {
    position += 1
    var values: [JSON] = []
    while true {
      skipSpace()
      if take("]") { return .array(values) }
      values.append(try parseValue(depth: depth + 1))
      skipSpace()
      if take(",") { continue }
      guard take("]") else { throw error("a comma or ] is missing") }
      return .array(values)
    }
  }

  mutating func parseString() throws(JSONError) -> String {
    guard take("\"") else { throw error("a quoted text is missing") }
    var text: [UInt8] = []
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += Array(try parseEscape().utf8)
      case UInt8(ascii: "\n"): throw error("a line ends inside a quoted text")
      default: text.append(byte)
      }
    }
    throw error("a quoted text does not end")
  }

  mutating func parseEscape() throws(JSONError) -> String {
    guard let byte = peek else { throw error("a quoted text does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return String(UnicodeScalar(byte))
    case UInt8(ascii: "u"):
      let unit = try parseCodeUnit()
      guard UTF16.isLeadSurrogate(unit) else { return String(decoding: [unit], as: UTF16.self) }
      // A scalar beyond 16 bits is two escapes (RFC 8259 §7).
      guard bytes[position...].starts(with: "\\u".utf8) else {
        throw error("half a surrogate pair")
      }
      position += 2
      return String(decoding: [unit, try parseCodeUnit()], as: UTF16.self)
    default: throw error("unknown escape")
    }
  }

  /// Four hexadecimal digits.
  private mutating func parseCodeUnit() throws(JSONError) -> UInt16 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ UnicodeScalar($0).properties.isASCIIHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("\\u needs four hexadecimal digits") }
    position += 4
    return unit
  }

  mutating func parseNumber() throws(JSONError) -> JSON {
    let start = position
    while let byte = peek, byte.isNumberByte { position += 1 }
    let digits = String(decoding: bytes[start..<position], as: UTF8.self)
    if let value = Int(digits) { return .integer(value) }
    guard Double(digits) != nil else { throw error("\(digits) is not a number") }
    return .number(digits)
  }

  mutating func parseWord() throws(JSONError) -> JSON {
    for (word, value) in [("null", JSON.null), ("true", .bool(true)), ("false", .bool(false))]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw error("unexpected character")
  }

  var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func take(_ character: UnicodeScalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func skipSpace() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  func error(_ reason: String) -> JSONError {
    let line = bytes[..<min(position, bytes.count)].count { $0 == 0x0A } + 1
    return JSONError(line: line, reason: reason)
  }
}

extension UInt8 {
  fileprivate var isNumberByte: Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
      || [
        UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"),
        UInt8(ascii: "E"),
      ].contains(self)
  }
}

extension JSON {
  /// Parses a text, allowing a comma before a closing bracket.
  ///
  /// - Throws: the line and reason of the first thing that is not JSON.
  package init(parsing text: String) throws(JSONError) {
    var parser = JSONParser(text)
    self = try parser.parseDocument()
  }
}
