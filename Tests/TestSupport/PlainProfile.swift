// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The profile a second time: slow, with lists instead of tables, one rule of
// Documentation/iaa-fixed-profile.md after the other, by its number. It shares no line with the
// library, so that a mistake has to be made twice to pass. Speed is nobody's concern here; being
// checkable by eye against that page is.

/// A match of a token list: `length` bytes from `start` equal those `distance` bytes before.
/// Everything between matches is literals.
public struct MatchToken: Sendable, Hashable, CustomStringConvertible {
  /// Position of the first byte, from the chunk's start.
  public let start: Int
  /// Bytes copied.
  public let length: Int
  /// Bytes back.
  public let distance: Int

  /// A match from its three numbers, in the order that the profile's page writes them.
  public init(_ start: Int, _ length: Int, _ distance: Int) {
    self.start = start
    self.length = length
    self.distance = distance
  }

  /// The form that the page's tables have.
  public var description: String { "(\(start),\(length),\(distance))" }
}

/// The profile's rules, each a value; the defaults are version 1. Numbers and words that a rule chooses among
/// are explained by the rule on the page.
public struct PlainProfile: Sendable {
  /// The polynomial that the three bytes are reduced by, x^10 + x^3 + 1: rule 2.
  public var polynomial = 1 << 10 | 1 << 3 | 1
  /// Bytes that a position needs: rule 3.
  public var needs = 3
  /// Positions of a step: rule 4.
  public var lanes = 2
  /// Of a match, "all" positions are inserted, its "start", "all but last", the "first" a, the "last" b, the
  /// "ends", a at its start and b at its end, or the first a of every b "from base", "from match" or "from
  /// chunk": rule 5.
  public var inserts = (what: "all", a: 0, b: 0)
  /// Positions before the base that lane 0 and later lanes do not see; -1 for the latter, see the base: rule 6.
  public var hides = (first: 0, later: 0)
  /// The compare window, in bytes, from the step's base unless from the lane: rule 7.
  public var window = 32
  /// Rule 7.
  public var windowFromLane = false
  /// How much longer lane 1's match must be to be taken before lane 0's; 0 is never: rule 8.
  public var lazyBy = 0
  /// Newest positions a bucket shows: rule 11.
  public var slots = 4
  /// A position that is a multiple of this is stored as 0: rule 12.
  public var pointerModulus = 4096
  /// Where pointer 0 counts: "newest", "alone", "never" or "always": rule 12.
  public var pointerZero = "newest"
  /// Farthest match, in bytes: rule 13.
  public var history = 4096
  /// Shortest match, in bytes: rule 15.
  public var shortest = 3
  /// "longest" with the first tried of equals, "longest, last", "first", or "of two": rule 16.
  public var choice = "longest"
  /// "ignored", "filter" or "sort": rule 17.
  public var parities = "ignored"
  /// Hash bits that keep a later lane from being looked up: rule 26.
  public var lookupMask = 0
  /// Positions at a match's end that the next step does not see: rule 27.
  public var lateTail = 0
  /// Banks by "lane" or "position", their number and shift; none without a word: rule 28.
  public var banks = (by: "", count: 1, shift: 0)
  /// The order of banks, "age", "up", "down", "own first" or "own last", and which are read, "all", "own" or
  /// "others": rule 28.
  public var bankUse = (order: "age", read: "all")
  /// Slots that later lanes try: rule 29.
  public var laterSlots = 16
  /// Nearest match, in bytes: rule 30.
  public var nearest = 1
  /// A run so long ends the search: rule 31.
  public var enough = Int.max
  /// Positions inserted together by a step of literals and by one with a match: rule 32.
  public var group = (literals: 2, match: 2)
  /// Groups begin at the "base", at "multiples", or "run on": rule 32.
  public var groupsBegin = "base"
  /// An incomplete group is "kept", "lost" or "split": rule 33.
  public var incomplete = "kept"
  /// Of equal hashes in a group "all" are kept, the "first", the "last", or "all, first newest": rule 34.
  public var equal = "all"
  /// Rule 34 holds in steps of literals, in steps with a match.
  public var equalHolds = (literals: true, match: true)
  /// Of unequal hashes that agree in these bits the "first" or the "last" is kept, or all: rule 35.
  public var bankConflict = (keeps: "all", mask: 0)
  /// What an insertion does beside its like, and how far back it looks: rule 36.
  public var duplicates = (rule: "insert", reach: 4096)
  /// A match's entry stays, is "overwritten" by its start, or comes to the "front": rule 37.
  public var matched = "stays"

  /// Version 1 of the profile.
  public init() {}

  /// The matches of one chunk, in order: rules 1 to 17 and 26 to 37.
  ///
  /// - Parameter input: one chunk.
  /// - Returns: every match; the bytes they leave out are literals.
  public func tokens(_ input: [UInt8]) -> [MatchToken] { PlainMatcher(self, input).run() }

  /// One chunk as its stream: rules 18 to 24. (Rule 25, its size, is the caller's.)
  ///
  /// - Parameters:
  ///   - input: one chunk.
  ///   - last: whether the chunk is the last of its DEFLATE stream.
  /// - Returns: the stream, ending on a byte.
  public func stream(_ input: [UInt8], last: Bool = true) -> [UInt8] {
    var bits = PlainBits()
    // Rules 18 and 21.
    bits.number(last ? 1 : 0, width: 1)
    bits.number(1, width: 2)
    // Rule 19.
    var position = 0
    for token in tokens(input) {
      while position < token.start {
        bits.literalOrLength(Int(input[position]))
        position += 1
      }
      bits.match(length: token.length, distance: token.distance)
      position += token.length
    }
    while position < input.count {
      bits.literalOrLength(Int(input[position]))
      position += 1
    }
    // Rule 20.
    bits.literalOrLength(256)
    if !last {
      // Rule 21, an empty stored block: BFINAL = 0, BTYPE = 00, LEN and NLEN on a byte boundary.
      bits.number(0, width: 3)
      bits.padToByte()
      bits.number(0x0000, width: 16)
      bits.number(0xFFFF, width: 16)
    }
    // Rule 22.
    bits.padToByte()
    return bits.bytes
  }
}
