// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The match stage of any profile, every rule in the open. For the default profile FastEncoder makes the same
// choices faster; CodePathTests hold the two together.

/// Buckets of the newest positions by hash, and the search in them.
struct MatchFinder {
  let profile: MatchProfile
  /// Newest first, `bucketDepth` to a bucket at most.
  private var buckets: [[Int]]
  /// Positions before this one have been considered for insertion.
  private(set) var inserted = 0

  init(profile: MatchProfile) {
    profile.checkRanges()
    self.profile = profile
    buckets = Array(repeating: [], count: profile.hash.bucketCount)
  }

  /// Forgets everything: history never crosses a chunk.
  mutating func reset() {
    for index in buckets.indices { buckets[index].removeAll(keepingCapacity: true) }
    inserted = 0
  }

  /// Inserts the positions before `end`. Those from `innerStart` on lie inside a match, which
  /// matters to profiles that insert only where tokens start.
  mutating func insert(
    upTo end: Int, insideMatchFrom innerStart: Int, in input: borrowing RawSpan
  ) {
    let last = min(end, input.byteCount - 2)
    while inserted < last {
      defer { inserted += 1 }
      if profile.insertion == .tokenStarts && inserted >= innerStart { continue }
      let index = bucket(at: inserted, in: input)
      buckets[index].insert(inserted, at: 0)
      if buckets[index].count > profile.bucketDepth { buckets[index].removeLast() }
    }
  }

  /// The best match of a lane, if it has one.
  func match(lane: Int, base: Int, in input: borrowing RawSpan) -> Match? {
    let position = base + lane
    guard position + 3 <= input.byteCount else { return nil }
    let windowStart = profile.compareWindowStart == .fromBase ? base : position
    let limit = min(windowStart + profile.compareWindow, input.byteCount) - position
    var best: Match?
    for (slot, candidate) in buckets[bucket(at: position, in: input)].enumerated() {
      let distance = position - candidate
      guard distance <= profile.historySize, !isVoid(candidate, slot: slot) else { continue }
      let length = commonRun(candidate, position, limit: limit, in: input)
      guard length >= profile.minimumMatchLength, length > best?.length ?? 0 else { continue }
      best = Match(length: length, distance: distance)
      if profile.candidates == .newest { break }
    }
    return best
  }

  private func bucket(at position: Int, in input: borrowing RawSpan) -> Int {
    profile.hash.bucket(
      input.byte(at: position), input.byte(at: position + 1), input.byte(at: position + 2))
  }

  private func isVoid(_ candidate: Int, slot: Int) -> Bool {
    profile.zeroPointer == .onlyWhileNewest && slot > 0
      && candidate % (1 << profile.pointerBits) == 0
  }

  private func commonRun(
    _ earlier: Int, _ later: Int, limit: Int, in input: borrowing RawSpan
  ) -> Int {
    var length = 0
    while length < limit, input.byte(at: earlier + length) == input.byte(at: later + length) {
      length += 1
    }
    return length
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
