// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A profile from an input's bytes, and the same in the plain implementation's words.

import FixedDeflate
import TestSupport

enum RandomProfile {
  /// A named member with up to six rules changed, so that most of them are as in a device.
  static func profile(_ choices: inout Choices) -> MatchProfile {
    var profile = choices.element(MatchProfile.named).profile
    for _ in 0..<choices.number(0...6) { change(&profile, &choices) }
    return profile
  }

  private static func change(_ p: inout MatchProfile, _ c: inout Choices) {
    switch c.number(0...29) {
    case 0: p.laneCount = c.number(1...4)
    case 1: p.hashedByteCount = c.number(3...8)
    case 2: p.hash = PolynomialHash(polynomial: UInt32(c.element([0x409, 0x11B, 0x83, 0x805])))
    case 3: p.lookupConflictMask = c.number(0...1023)
    case 4:
      p.visibility = .init(
        hiddenFromLaneZero: c.number(0...3), hiddenFromLaterLanes: c.number(-1...3))
    case 5:
      let hidden = c.number(0...2)
      p.visibility = .init(hiddenFromLaneZero: hidden, hiddenFromLaterLanes: hidden)
    case 6: p.hiddenMatchTail = c.number(0...3)
    case 7: p.bucketDepth = c.number(1...8)
    case 8: p.laterLaneSlots = c.number(1...4)
    case 9: p.pointerBits = c.number(7...16)
    case 10: p.zeroPointer = c.element(MatchProfile.ZeroPointerRule.allCases)
    case 11: p.historySize = c.number(1...4096)
    case 12: p.minimumDistance = c.number(1...4)
    case 13: p.meta = c.element(MatchProfile.MetaRule.allCases)
    case 14: p.candidates = c.element(MatchProfile.CandidateRule.allCases)
    case 15: p.sufficientLength = c.number(3...258)
    case 16: p.minimumMatchLength = c.number(3...6)
    case 17: p.compareWindow = c.number(8...258)
    case 18: p.compareWindowStart = c.element(MatchProfile.WindowRule.allCases)
    case 19: p.lanes = c.element(MatchProfile.LaneRule.allCases)
    case 20, 21: p.insertion = insertion(&c)
    case 22: p.groupSize = c.element([1, 2, 4, 8, 16, c.number(1...16)])
    case 23: p.matchGroupSize = c.element([1, 2, 4, 8, 16, c.number(1...16)])
    case 24: p.groupAlignment = c.element(MatchProfile.GroupAlignment.allCases)
    case 25: p.incompleteGroups = c.element(MatchProfile.IncompleteGroupRule.allCases)
    case 26:
      p.equalHashes = c.element(MatchProfile.ConflictRule.allCases)
      p.equalHashScope = c.element(MatchProfile.ConflictScope.allCases)
    case 27:
      p.bankConflict = .init(
        winner: c.element(MatchProfile.BankConflict.Winner.allCases), mask: c.number(0...1023))
    case 28:
      p.duplicates = c.element(MatchProfile.DuplicateRule.allCases)
      p.duplicateReach = c.number(1...4096)
    default: p.refresh = c.element(MatchProfile.RefreshRule.allCases)
    }
  }

  private static func insertion(_ c: inout Choices) -> MatchProfile.InsertionRule {
    switch c.number(0...6) {
    case 0: return .everyPosition
    case 1: return .tokenStarts
    case 2: return .allButLast
    case 3: return .first(c.number(1...258))
    case 4: return .last(c.number(1...258))
    case 5: return .firstAndLast(first: c.number(1...40), last: c.number(1...40))
    default:
      let period = c.number(1...64)
      return .periodic(
        c.number(1...period), of: period, from: c.element(MatchProfile.Origin.allCases))
    }
  }
}

extension PlainProfile {
  /// The rules of a profile without banks, in the words of its page.
  init(_ profile: MatchProfile) {
    self.init()
    polynomial = Int(profile.hash.polynomial)
    needs = profile.hashedByteCount
    lanes = profile.laneCount
    inserts = Self.inserts(profile.insertion)
    hides = (profile.visibility.hiddenFromLaneZero, profile.visibility.hiddenFromLaterLanes)
    window = profile.compareWindow
    windowFromLane = profile.compareWindowStart == .fromLane
    lazyBy =
      switch profile.lanes {
      case .laneZeroFirst: 0
      case .longest: 1
      case .longerByTwo: 2
      }
    slots = profile.bucketDepth
    pointerModulus = 1 << profile.pointerBits
    pointerZero =
      switch profile.zeroPointer {
      case .onlyWhileNewest: "newest"
      case .onlyWhileAlone: "alone"
      case .never: "never"
      case .always: "always"
      }
    history = profile.historySize
    nearest = profile.minimumDistance
    shortest = profile.minimumMatchLength
    choice =
      switch profile.candidates {
      case .longestThenNewest: "longest"
      case .longestThenOldest: "longest, last"
      case .newest: "first"
      case .longestOfFirstTwo: "of two"
      }
    parities =
      switch profile.meta {
      case .ignored: "ignored"
      case .filters: "filter"
      case .sorts: "sort"
      }
    lookupMask = profile.lookupConflictMask
    lateTail = profile.hiddenMatchTail
    laterSlots = profile.laterLaneSlots ?? 16
    enough = profile.sufficientLength ?? .max
    takeInsertionRules(of: profile)
  }

  private mutating func takeInsertionRules(of profile: MatchProfile) {
    group = (profile.groupSize, profile.matchGroupSize ?? profile.groupSize)
    groupsBegin =
      switch profile.groupAlignment {
      case .fromBase: "base"
      case .absolute: "multiples"
      case .running: "run on"
      }
    incomplete =
      switch profile.incompleteGroups {
      case .inserted: "kept"
      case .dropped: "lost"
      case .powersOfTwo: "split"
      }
    equal =
      switch profile.equalHashes {
      case .insertAll: "all"
      case .keepFirst: "first"
      case .keepLast: "last"
      case .insertAllFirstNewest: "all, first newest"
      }
    equalHolds = (profile.equalHashScope != .matchSteps, profile.equalHashScope != .literalSteps)
    if let conflict = profile.bankConflict {
      bankConflict = (conflict.winner.rawValue, conflict.mask)
    }
    let words = [
      "insert", "skip newest", "skip any", "overwrite newest", "replace any", "skip near",
    ]
    for (rule, word) in zip(MatchProfile.DuplicateRule.allCases, words)
    where rule == profile.duplicates {
      duplicates = (word, profile.duplicateReach)
    }
    matched =
      switch profile.refresh {
      case .none: "stays"
      case .overwriteMatched: "overwritten"
      case .moveMatchedToFront: "front"
      }
  }

  private static func inserts(_ rule: MatchProfile.InsertionRule) -> (what: String, a: Int, b: Int)
  {
    switch rule {
    case .everyPosition: ("all", 0, 0)
    case .tokenStarts: ("start", 0, 0)
    case .allButLast: ("all but last", 0, 0)
    case .first(let count): ("first", count, 0)
    case .last(let count): ("last", 0, count)
    case .firstAndLast(let first, let last): ("ends", first, last)
    case .periodic(let count, let period, let origin): ("from \(origin)", count, period)
    }
  }
}
