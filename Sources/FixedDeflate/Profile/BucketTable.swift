// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The match stage of any profile, every rule in the open: what a step inserts. A step's positions are cut into
// groups; of each group some positions are lost, to the insertion rule or to conflicts, the others enter their
// buckets.

/// An entry of a bucket.
struct BucketEntry {
  var position: Int
  var bank: Int
}

/// What one step covers.
struct Step {
  let base: Int
  /// Where its match starts; without one where the step ends.
  let matchStart: Int
  let next: Int
  let hasMatch: Bool
  /// The entry that the match was found by.
  let source: Int?
}

/// The buckets, each with its entries newest first.
struct BucketTable {
  let profile: MatchProfile
  private var buckets: [[BucketEntry]]
  /// Positions that wait for their group to be full, and whether the insertion rule lets them in.
  private var waiting: [(position: Int, enters: Bool)] = []

  init(profile: MatchProfile) {
    self.profile = profile
    buckets = Array(repeating: [], count: profile.hash.bucketCount)
  }

  mutating func reset() {
    for index in buckets.indices { buckets[index].removeAll(keepingCapacity: true) }
    waiting.removeAll(keepingCapacity: true)
  }

  /// A bucket's entries, newest first.
  func entries(of bucket: Int) -> [BucketEntry] { buckets[bucket] }

  /// The bucket of a position, if it has the bytes for one.
  func bucket(at position: Int, in input: borrowing RawSpan) -> Int? {
    guard position + profile.hashedByteCount <= input.byteCount else { return nil }
    return profile.hash.bucket(
      input.byte(at: position), input.byte(at: position + 1), input.byte(at: position + 2))
  }
}

extension BucketTable {
  /// Inserts what a step covers.
  mutating func insert(_ step: Step, in input: RawSpan) {
    if profile.refresh == .moveMatchedToFront, let source = step.source,
      let index = bucket(at: step.matchStart, in: input),
      let slot = buckets[index].firstIndex(where: { $0.position == source })
    {
      buckets[index].insert(buckets[index].remove(at: slot), at: 0)
    }
    let size = (step.hasMatch ? profile.matchGroupSize : nil) ?? profile.groupSize
    for position in step.base..<step.next {
      if profile.groupAlignment == .absolute, position % size == 0 {
        insertWaiting(size, step, input)
      }
      waiting.append((position, enters(position, step)))
      if profile.groupAlignment == .running {
        // More than a group may wait where groups become smaller inside a match, or larger outside.
        while waiting.count >= size {
          insertGroup(Array(waiting.prefix(size)), step, input)
          waiting.removeFirst(size)
        }
      } else if waiting.count == size {
        insertWaiting(size, step, input)
      }
    }
    if profile.groupAlignment != .running { insertWaiting(size, step, input) }
  }

  /// Whether the insertion rule lets a position in.
  private func enters(_ position: Int, _ step: Step) -> Bool {
    guard step.hasMatch, position >= step.matchStart else { return true }
    func isAmongLast(_ count: Int) -> Bool { position >= step.next - count }
    switch profile.insertion {
    case .everyPosition: return true
    case .tokenStarts: return position == step.matchStart
    case .allButLast: return position != step.next - 1
    case .first(let count): return position - step.base < count
    case .last(let count): return isAmongLast(count)
    case .firstAndLast(let first, let last):
      return position - step.matchStart < first || isAmongLast(last)
    case .periodic(let count, let period, let origin):
      let start =
        switch origin {
        case .base: step.base
        case .match: step.matchStart
        case .chunk: 0
        }
      return (position - start) % period < count
    }
  }

  /// Inserts the group that waits, which may have fewer positions than its size.
  private mutating func insertWaiting(_ size: Int, _ step: Step, _ input: RawSpan) {
    defer { waiting.removeAll(keepingCapacity: true) }
    guard waiting.count < size, profile.incompleteGroups != .inserted else {
      return insertGroup(waiting, step, input)
    }
    guard profile.incompleteGroups == .powersOfTwo else { return }
    var rest = waiting[...]
    while !rest.isEmpty {
      let part = 1 << rest.count.floorLog2
      insertGroup(Array(rest.prefix(part)), step, input)
      rest = rest.dropFirst(part)
    }
  }

  /// Inserts positions together.
  private mutating func insertGroup(
    _ group: [(position: Int, enters: Bool)], _ step: Step, _ input: RawSpan
  ) {
    typealias Member = (position: Int, lane: Int, bucket: Int)
    var members: [Member] = []
    for (lane, (position, enters)) in group.enumerated() where enters {
      guard let bucket = bucket(at: position, in: input) else { continue }
      members.append((position, lane, bucket))
    }
    if let conflict = profile.bankConflict {
      members = members.filter { member in
        !members.contains { other in
          let isBefore = other.position < member.position
          return other.bucket != member.bucket
            && (other.bucket ^ member.bucket) & conflict.mask == 0
            && isBefore == (conflict.winner == .first)
        }
      }
    }
    let rule =
      switch profile.equalHashScope {
      case .everywhere: profile.equalHashes
      case .literalSteps: step.hasMatch ? .insertAll : profile.equalHashes
      case .matchSteps: step.hasMatch ? profile.equalHashes : .insertAll
      }
    var latest = Set<Int>()
    switch rule {
    case .insertAll: break
    case .keepFirst: members = members.filter { latest.insert($0.bucket).inserted }
    case .keepLast: members = members.reversed().filter { latest.insert($0.bucket).inserted }
    case .insertAllFirstNewest: members.reverse()
    }
    for member in members { insert(member.position, lane: member.lane, member.bucket, step, input) }
  }

  /// Puts one position into its bucket.
  private mutating func insert(
    _ position: Int, lane: Int, _ index: Int, _ step: Step, _ input: RawSpan
  ) {
    if position == step.matchStart, profile.refresh == .overwriteMatched, let source = step.source,
      let slot = buckets[index].firstIndex(where: { $0.position == source })
    {
      buckets[index].remove(at: slot)
    }
    func holds(_ entry: BucketEntry) -> Bool {
      (0..<3).allSatisfy { input.byte(at: entry.position + $0) == input.byte(at: position + $0) }
    }
    func isNear(_ entry: BucketEntry) -> Bool {
      position - entry.position <= profile.duplicateReach
    }
    let slots = buckets[index].prefix(profile.bucketDepth)
    let newest = slots.first.flatMap { isNear($0) ? $0 : nil }
    switch profile.duplicates {
    case .insert: break
    case .skipIfNewestHolds: if let newest, holds(newest) { return }
    case .skipIfAnyHolds: if slots.contains(where: { isNear($0) && holds($0) }) { return }
    case .overwriteNewest:
      if let newest, holds(newest) {
        buckets[index][0].position = position
        return
      }
    case .replaceAny:
      if let slot = slots.firstIndex(where: { isNear($0) && holds($0) }) {
        buckets[index].remove(at: slot)
      }
    case .skipIfNewestIsNear: if newest != nil { return }
    }
    let bank = profile.banks.map { $0.bank(of: $0.selector == .lane ? lane : position) } ?? 0
    buckets[index].insert(BucketEntry(position: position, bank: bank), at: 0)
    drop(bank, index)
  }

  /// Forgets a bank's entry that no lane can see any more.
  private mutating func drop(_ bank: Int, _ index: Int) {
    // More than a lane can see: beside the slots those entries that may be hidden from it.
    let most = profile.bucketDepth / (profile.banks?.count ?? 1) + 8
    guard buckets[index].count > most else { return }
    if buckets[index].count(where: { $0.bank == bank }) > most,
      let last = buckets[index].lastIndex(where: { $0.bank == bank })
    {
      buckets[index].remove(at: last)
    }
  }
}
