// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The match stage of any profile, every rule in the open: what a step chooses. For the profiles that the fast
// encoders know they make the same choices faster; tests hold them together.

/// Buckets of the newest positions by hash, and the search in them.
struct MatchFinder {
  let profile: MatchProfile
  var table: BucketTable
  /// Where the match ended that the step before emitted, if it emitted one.
  private var matchEnd = -1
  /// The entries that a lane tries, kept to spare its memory.
  private var tried: [Candidate] = []

  init(profile: MatchProfile) {
    profile.checkRanges()
    self.profile = profile
    table = BucketTable(profile: profile)
  }

  /// Forgets everything: history never crosses a chunk.
  mutating func reset() {
    table.reset()
    matchEnd = -1
  }
}

/// What a step turns into: literals from its base on, then a match if there is one.
struct StepTokens {
  let literals: Int
  let match: Match?
  let next: Int
}

extension MatchFinder {
  /// Chooses the tokens of the step at `base` and inserts the positions they cover.
  mutating func parseStep(at base: Int, of input: RawSpan) -> StepTokens {
    let chosen = chooseLane(base, input)
    let literals = chosen?.lane ?? min(profile.laneCount, input.byteCount - base)
    let next = base + literals + (chosen?.match.length ?? 0)
    let step = Step(
      base: base, matchStart: base + literals, next: next, hasMatch: chosen != nil,
      source: chosen.map { base + literals - $0.match.distance })
    table.insert(step, in: input)
    matchEnd = chosen == nil ? -1 : next
    return StepTokens(literals: literals, match: chosen?.match, next: next)
  }

  /// The lane whose match is taken, if any has one.
  private mutating func chooseLane(_ base: Int, _ input: RawSpan) -> (lane: Int, match: Match)? {
    for lane in 0..<profile.laneCount {
      guard let match = match(lane: lane, base: base, in: input) else { continue }
      let advantage: Int
      switch profile.lanes {
      case .laneZeroFirst: return (lane, match)
      case .longest: advantage = 1
      case .longerByTwo: advantage = 2
      }
      if lane == 0, profile.laneCount > 1, let next = self.match(lane: 1, base: base, in: input),
        next.length >= match.length + advantage
      {
        return (1, next)
      }
      return (lane, match)
    }
    return nil
  }

  /// The best match of a lane, if it has one.
  private mutating func match(lane: Int, base: Int, in input: RawSpan) -> Match? {
    let position = base + lane
    guard let index = table.bucket(at: position, in: input) else { return nil }
    let mask = profile.lookupConflictMask
    if lane > 0, mask != 0, let first = table.bucket(at: base, in: input),
      (first ^ index) & mask == 0
    {
      return nil
    }
    gather(lane: lane, base: base, bucket: index, in: input)
    let windowStart = profile.compareWindowStart == .fromBase ? base : position
    let limit = min(windowStart + profile.compareWindow, input.byteCount) - position
    var best: Match?
    for (turn, candidate) in tried.enumerated() {
      if profile.candidates == .longestOfFirstTwo, turn == 2 { break }
      let length = commonRun(candidate.position, position, limit: limit, in: input)
      guard length >= profile.minimumMatchLength else { continue }
      let wins =
        profile.candidates == .longestThenOldest
        ? length >= best?.length ?? 0
        : length > best?.length ?? 0
      if wins { best = Match(length: length, distance: position - candidate.position) }
      if profile.candidates == .newest || length >= profile.sufficientLength ?? .max { break }
    }
    return best
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

/// An entry as a lane sees it.
private struct Candidate {
  let position: Int
  let bank: Int
}

extension MatchFinder {
  /// Puts into `tried` what a lane tries, in that order: first what it sees, then without what is passed over.
  private mutating func gather(lane: Int, base: Int, bucket: Int, in input: RawSpan) {
    tried.removeAll(keepingCapacity: true)
    gatherVisible(lane: lane, base: base, bucket: bucket, in: input)
    // Before any reordering, since age is what the rule speaks of.
    let newest = tried.first?.position
    let isAlone = tried.count == 1
    let position = base + lane
    if let banks = profile.banks {
      let own = banks.bank(of: banks.selector == .lane ? lane : position)
      order(banks, own: own)
    }
    if lane > 0, let slots = profile.laterLaneSlots, tried.count > slots {
      tried.removeSubrange(slots...)
    }
    let profile = profile
    tried.removeAll {
      let distance = position - $0.position
      return !(profile.minimumDistance...profile.historySize).contains(distance)
        || profile.isVoid($0.position, isNewest: $0.position == newest, isAlone: isAlone)
    }
    guard profile.meta != .ignored else { return }
    let own = MatchProfile.metaBits(at: position, in: input)
    let agreeing = tried.filter { MatchProfile.metaBits(at: $0.position, in: input) == own }
    if profile.meta == .filters {
      if !agreeing.isEmpty { tried = agreeing }
    } else {
      tried = agreeing + tried.filter { MatchProfile.metaBits(at: $0.position, in: input) != own }
    }
  }

  /// The bucket's slots as the lane sees them, newest first.
  private mutating func gatherVisible(lane: Int, base: Int, bucket: Int, in input: RawSpan) {
    let rule = profile.visibility
    let hidden = lane == 0 ? rule.hiddenFromLaneZero : max(rule.hiddenFromLaterLanes, 0)
    let end = base - (base == matchEnd ? max(hidden, profile.hiddenMatchTail) : hidden)
    let seesBase = lane > 0 && rule.hiddenFromLaterLanes < 0
    let bankCount = profile.banks?.count ?? 1
    let slotsOfBank = profile.bucketDepth / bankCount
    var used = InlineArray<16, Int>(repeating: 0)
    if seesBase, table.bucket(at: base, in: input) == bucket {
      let bank = profile.banks.map { $0.bank(of: $0.selector == .lane ? 0 : base) } ?? 0
      tried.append(Candidate(position: base, bank: bank))
      used[bank] = 1
    }
    for entry in table.entries(of: bucket) where entry.position < end {
      guard used[entry.bank] < slotsOfBank else { continue }
      used[entry.bank] += 1
      tried.append(Candidate(position: entry.position, bank: entry.bank))
    }
  }

  private mutating func order(_ banks: MatchProfile.Banks, own: Int) {
    switch banks.reading {
    case .all: break
    case .own: tried.removeAll { $0.bank != own }
    case .others: tried.removeAll { $0.bank == own }
    }
    func turn(_ bank: Int) -> Int {
      switch banks.order {
      case .age: 0
      case .ascending: bank
      case .descending: -bank
      case .ownFirst: bank == own ? 0 : 1
      case .ownLast: bank == own ? 1 : 0
      }
    }
    // Sorting keeps the order of equals.
    tried.sort { turn($0.bank) < turn($1.bank) }
  }
}

extension MatchProfile {
  /// Whether an entry's pointer is 0 and does not count.
  fileprivate func isVoid(_ position: Int, isNewest: Bool, isAlone: Bool) -> Bool {
    guard position % (1 << pointerBits) == 0 else { return false }
    return switch zeroPointer {
    case .onlyWhileNewest: !isNewest
    case .onlyWhileAlone: !isAlone
    case .never: true
    case .always: false
    }
  }

  /// The four parity bits of a position, of the two bytes behind its three.
  fileprivate static func metaBits(at position: Int, in input: RawSpan) -> Int {
    guard position + 4 < input.byteCount else { return 0 }
    func parities(_ byte: UInt8) -> Int {
      (byte & 0x55).nonzeroBitCount & 1 | ((byte & 0xaa).nonzeroBitCount & 1) << 1
    }
    return parities(input.byte(at: position + 3)) | parities(input.byte(at: position + 4)) << 2
  }
}
