// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// An input's first bytes choose what is done with the others, so that a fuzzer finds out what they mean.

/// Reads choices off the front of an input.
struct Choices {
  private var rest: ArraySlice<UInt8>

  init(_ input: [UInt8]) { rest = input[...] }

  /// What is left.
  var data: [UInt8] { Array(rest) }

  /// The next byte; 0 behind the end.
  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// A number of a range of at most 65,536, of one byte or two.
  mutating func number(_ range: ClosedRange<Int>) -> Int {
    let value = range.count <= 256 ? Int(byte()) : Int(byte()) | Int(byte()) << 8
    return range.lowerBound + value % range.count
  }

  mutating func bool() -> Bool { byte() & 1 != 0 }

  mutating func element<Element>(_ elements: [Element]) -> Element {
    elements[number(0...elements.count - 1)]
  }

  /// The next bytes, fewer at the end.
  mutating func bytes(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// As many of the next 8 as there are, least significant first.
  mutating func word() -> UInt64 {
    bytes(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
