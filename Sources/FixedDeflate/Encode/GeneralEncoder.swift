// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The parse of any profile: pair by pair, every rule in the open.

/// Compresses by any profile.
struct GeneralEncoder {
  private var finder: MatchFinder

  init(profile: MatchProfile) { finder = MatchFinder(profile: profile) }

  /// Appends the stream of a chunk; on failure what was appended so far stays.
  mutating func compress(
    _ input: RawSpan, position: BlockPosition, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    var writer = TokenWriter()
    finder.reset()
    try writer.begin(position, to: &output)
    var base = 0
    while base < input.byteCount {
      base = try compressPair(at: base, of: input, writer: &writer, into: &output)
    }
    try writer.end(position, to: &output)
  }

  /// Emits the tokens of the pair at `base` and returns the next base.
  private mutating func compressPair(
    at base: Int, of input: RawSpan, writer: inout TokenWriter, into output: inout OutputRawSpan
  ) throws(DeflateError) -> Int {
    let pair = finder.parsePair(at: base, of: input)
    for offset in 0..<pair.literals {
      try writer.literal(input.byte(at: base + offset), to: &output)
    }
    if let match = pair.match { try writer.match(match, to: &output) }
    return pair.next
  }
}

/// What a pair turns into: literals from its base on, then a match if there is one.
struct PairTokens {
  let literals: Int
  let match: Match?
  let next: Int
}

extension MatchFinder {
  /// Chooses the tokens of the pair at `base` and inserts the positions they cover.
  mutating func parsePair(at base: Int, of input: RawSpan) -> PairTokens {
    let first = match(lane: 0, base: base, in: input)
    if profile.visibility == .beforeLane {
      insert(upTo: base + 1, insideMatchFrom: base + 1, in: input)
    }
    let second = match(lane: 1, base: base, in: input)
    let prefersSecond = profile.lanes == .longest && second?.length ?? 0 > first?.length ?? 0
    let literals: Int
    let match: Match?
    if let first, !prefersSecond {
      (literals, match) = (0, first)
    } else if let second {
      (literals, match) = (1, second)
    } else {
      (literals, match) = (min(2, input.byteCount - base), nil)
    }
    let next = base + literals + (match?.length ?? 0)
    insert(upTo: next, insideMatchFrom: base + literals + 1, in: input)
    return PairTokens(literals: literals, match: match, next: next)
  }
}
