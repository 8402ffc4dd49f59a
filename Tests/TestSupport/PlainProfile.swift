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

/// The profile's rules, each a value; the defaults are version 1.
public struct PlainProfile: Sendable {
  /// Farthest match, in bytes: rule 13.
  public var history = 4096
  /// Newest positions a bucket shows: rule 11.
  public var slots = 4
  /// The polynomial that the three bytes are reduced by, x^10 + x^3 + 1: rule 2.
  public var polynomial = 1 << 10 | 1 << 3 | 1
  /// A position that is a multiple of this is stored as 0; 0 turns rule 12 off.
  public var pointerModulus = 4096
  /// Shortest match, in bytes: rule 15.
  public var shortest = 3
  /// The compare window from the step's base, in bytes: rule 7.
  public var window = 32
  /// On equally long runs the newest entry wins, rule 16; otherwise the oldest.
  public var newestWinsTies = true

  /// Version 1 of the profile.
  public init() {}

  /// Bits of the hash: the polynomial's degree.
  private var hashBits: Int { (Int.bitWidth - 1) - polynomial.leadingZeroBitCount }

  /// Rule 2: the remainder of the three bytes at `position` (little-endian, bit i is the
  /// coefficient of x^i) divided by the polynomial over GF(2).
  func hash(_ input: [UInt8], _ position: Int) -> Int {
    var value =
      Int(input[position]) | Int(input[position + 1]) << 8 | Int(input[position + 2]) << 16
    var bit = 23
    while bit >= hashBits {
      if value >> bit & 1 == 1 { value ^= polynomial << (bit - hashBits) }
      bit -= 1
    }
    return value
  }

  /// The matches of one chunk, in order: rules 1 to 10.
  ///
  /// - Parameter input: one chunk.
  /// - Returns: every match; the bytes they leave out are literals.
  public func tokens(_ input: [UInt8]) -> [MatchToken] {
    var result: [MatchToken] = []
    // Rule 3: only positions with three bytes have one.
    let hashes = (0..<max(0, input.count - 2)).map { hash(input, $0) }
    // All positions seen so far by hash, oldest first; nothing is ever removed.
    var seen = [[Int]](repeating: [], count: 1 << hashBits)
    var inserted = 0
    // Rules 1 and 4.
    var base = 0
    while base < input.count {
      // Rules 5 and 6: both lanes see exactly the positions below the base, each inserted.
      while inserted < base {
        if inserted < hashes.count { seen[hashes[inserted]].append(inserted) }
        inserted += 1
      }
      // Rule 7; behind it rules 8, 9 and 10, a branch each.
      let windowEnd = min(base + window, input.count)
      if base < hashes.count,
        let match = best(at: base, windowEnd: windowEnd, input, seen[hashes[base]])
      {
        result.append(match)
        base += match.length
      } else if base + 1 < hashes.count,
        let match = best(at: base + 1, windowEnd: windowEnd, input, seen[hashes[base + 1]])
      {
        result.append(match)
        base += 1 + match.length
      } else {
        base += 2
      }
    }
    return result
  }

  /// The match a lane takes at `position` from the positions with the same hash, if any:
  /// rules 11 to 17, of which the last needs no code.
  private func best(
    at position: Int, windowEnd: Int, _ input: [UInt8], _ bucket: [Int]
  ) -> MatchToken? {
    var chosen: MatchToken?
    for age in 0..<min(slots, bucket.count) {
      let entry = bucket[bucket.count - 1 - age]
      // Rule 12: pointer 0 counts only while it is the newest of its bucket.
      if pointerModulus != 0, entry % pointerModulus == 0, age > 0 { continue }
      // Rule 13.
      let distance = position - entry
      if distance > history { continue }
      // Rule 14, then 15 and 16.
      var length = 0
      while position + length < windowEnd, input[position + length] == input[entry + length] {
        length += 1
      }
      if length < shortest { continue }
      let bestSoFar = chosen?.length ?? 0
      if length > bestSoFar || (length == bestSoFar && !newestWinsTies) {
        chosen = MatchToken(position, length, distance)
      }
    }
    return chosen
  }

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
