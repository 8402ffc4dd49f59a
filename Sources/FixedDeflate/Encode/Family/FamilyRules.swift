// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// A profile in the form of FamilyLoop.c's loop: made once, when an encoder is. What the loop does not know has the
// rule-by-rule path.

import CDeflateKernels

extension dk_family_rules {
  /// The rules of a profile; nil where the loop does not know one of them.
  init?(_ profile: MatchProfile) {
    let standard = MatchProfile.iaaV1
    let hidden = profile.visibility.hiddenFromLaneZero
    guard profile.laneCount == 2, profile.hashedByteCount == 3, profile.hash == standard.hash,
      profile.compareWindow == standard.compareWindow, profile.compareWindowStart == .fromBase,
      profile.minimumMatchLength == 3, profile.minimumDistance == 1,
      profile.historySize <= standard.historySize, profile.pointerBits == standard.pointerBits,
      profile.zeroPointer == .onlyWhileNewest, profile.bucketDepth <= 4, profile.banks == nil,
      profile.meta == .ignored, profile.candidates == .longestThenNewest,
      profile.lanes == .laneZeroFirst, profile.visibility.hiddenFromLaterLanes == hidden,
      hidden <= 2, profile.hiddenMatchTail <= 2,
      profile.groupAlignment != .running, profile.incompleteGroups != .powersOfTwo,
      profile.refresh != .moveMatchedToFront,
      // What is hidden is inserted late, and then nothing can be overwritten in time.
      profile.duplicates == .insert || hidden == 0 && profile.hiddenMatchTail == 0
    else { return nil }
    self.init()
    reach = UInt32(profile.historySize + 1)
    slots0 = 1 << profile.bucketDepth - 1
    slots1 = 1 << min(profile.laterLaneSlots ?? 4, profile.bucketDepth) - 1
    // A bucket takes 16 bytes of the table.
    lookup = UInt32(profile.lookupConflictMask) << 4
    enough = UInt32(profile.sufficientLength ?? .init(UInt16.max))
    self.hidden = UInt32(hidden)
    tail = UInt32(profile.hiddenMatchTail)
    setInsertion(profile.insertion)
    refresh = profile.refresh == .overwriteMatched ? 1 : 0
    near = UInt32(profile.duplicateReach + 1)
    switch profile.duplicates {
    case .insert: duplicates = 0
    case .skipIfNewestHolds: duplicates = 1
    case .overwriteNewest: duplicates = 2
    case .skipIfAnyHolds, .replaceAny, .skipIfNewestIsNear: return nil
    }
    guard let literal = dk_family_group(profile, hasMatch: false),
      let match = dk_family_group(profile, hasMatch: true)
    else { return nil }
    self.literal = literal
    self.match = match
  }

  private mutating func setInsertion(_ insertion: MatchProfile.InsertionRule) {
    period = 1
    func number(_ rule: Int) -> UInt32 { UInt32(rule) }
    switch insertion {
    case .everyPosition: rule = number(DK_F_ALL)
    case .tokenStarts: rule = number(DK_F_STARTS)
    case .allButLast: rule = number(DK_F_NOT_LAST)
    case .first(let count): (rule, first) = (number(DK_F_FIRST), UInt32(count))
    case .last(let count): (rule, last) = (number(DK_F_LAST), UInt32(count))
    case .firstAndLast(let first, let last):
      (rule, self.first, self.last) = (number(DK_F_ENDS), UInt32(first), UInt32(last))
    case .periodic(let count, let period, let origin):
      switch origin {
      case .base: rule = number(DK_F_PERIOD_BASE)
      case .match: rule = number(DK_F_PERIOD_MATCH)
      case .chunk: rule = number(DK_F_PERIOD_CHUNK)
      }
      self.period = UInt32(period)
      // Eight at a time the loop inserts, and from a step's base on where nothing is late.
      let isFirstFive = (0..<64).allSatisfy { $0 % 8 < 5 || $0 % period >= count }
      five = isFirstFive && origin == .base && hidden == 0 && tail == 0 ? 1 : 0
      // SAFETY: 64 numbers, each written at its own place.
      unsafe withUnsafeMutableBytes(of: &periods) { bytes in
        for place in 0..<period {
          let mask = (0..<64).reduce(0 as UInt64) { mask, position in
            (place + position) % period < count ? mask | 1 << UInt64(position) : mask
          }
          unsafe bytes.storeBytes(of: mask, toByteOffset: 8 * place, as: UInt64.self)
        }
      }
    }
  }
}

extension dk_family_group {
  /// What a kind of step loses; nil where a group is no power of two.
  init?(_ profile: MatchProfile, hasMatch: Bool) {
    self.init()
    let size = hasMatch ? profile.matchGroupSize ?? profile.groupSize : profile.groupSize
    guard size & (size - 1) == 0 else { return nil }
    self.size = UInt32(size)
    phase = profile.groupAlignment == .absolute ? UInt32(size - 1) : 0
    drops = profile.incompleteGroups == .dropped && size > 1 ? 1 : 0
    let isInScope =
      switch profile.equalHashScope {
      case .everywhere: true
      case .literalSteps: !hasMatch
      case .matchSteps: hasMatch
      }
    switch profile.equalHashes {
    case .insertAll: equal = 0
    case .keepFirst: equal = isInScope ? 1 : 0
    case .keepLast: equal = isInScope ? 2 : 0
    case .insertAllFirstNewest:
      guard !isInScope else { return nil }
      equal = 0
    }
    if let rule = profile.bankConflict {
      conflict = rule.winner == .first ? 1 : 2
      bank = UInt32(rule.mask) << 4
    }
    // The common groups have a short way.
    guard phase == 0, drops == 0 else { return }
    func ones(_ isSo: Bool) -> UInt64 { isSo ? .max : 0 }
    pairs = size == 2 ? 1 : 0
    fours = size == 4 && conflict == 0 ? 1 : 0
    (equal_second, equal_first) = (ones(equal == 1), ones(equal == 2))
    (bank_second, bank_first) = (ones(conflict == 1), ones(conflict == 2))
  }
}
