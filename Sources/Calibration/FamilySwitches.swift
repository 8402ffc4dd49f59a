// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The switches and those of their settings that leave the published streams as they are, at least alone or with
// some other. Bounds come from there: fewer than the last 13 positions of a match inserted, for one, would
// change T2.

import FixedDeflate

extension Family {
  private typealias Field<Value> = WritableKeyPath<MatchProfile, Value> & Sendable

  /// Settings that give one field a value.
  private static func settings<Value: Sendable>(
    _ field: Field<Value>, _ values: [Value]
  ) -> [RuleChange] {
    values.map { (value: Value) -> RuleChange in
      { $0[keyPath: field] = value }
    }
  }

  private static func conflict(
    _ rule: MatchProfile.ConflictRule, _ scope: MatchProfile.ConflictScope
  ) -> RuleChange {
    {
      $0.equalHashes = rule
      $0.equalHashScope = scope
    }
  }

  /// Equal hashes, the rule for all steps; the likeliest first.
  static let conflictRules: [RuleChange] = [
    conflict(.keepFirst, .everywhere), conflict(.insertAll, .everywhere),
    conflict(.insertAllFirstNewest, .everywhere), conflict(.keepLast, .everywhere),
  ]

  /// Equal hashes, rules for some steps.
  static let limitedConflictRules: [RuleChange] = [
    conflict(.keepFirst, .literalSteps), conflict(.insertAllFirstNewest, .literalSteps),
    conflict(.keepLast, .literalSteps), conflict(.keepFirst, .matchSteps),
    conflict(.insertAllFirstNewest, .matchSteps), conflict(.keepLast, .matchSteps),
  ]

  /// All other switches.
  static let otherSwitches: [[RuleChange]] = [
    visibilities, settings(\.hiddenMatchTail, [1, 2]), groups,
    settings(\.groupAlignment, [.absolute, .running]),
    settings(\.incompleteGroups, [.powersOfTwo, .dropped]),
    settings(\.insertion, insertions), slots,
    settings(\.laterLaneSlots, [1, 2, 3]), settings(\.zeroPointer, [.onlyWhileAlone]),
    settings(\.historySize, [4095]), settings(\.meta, [.filters, .sorts]),
    settings(\.sufficientLength, [6, 7, 8, 12, 16, 24]),
    settings(\.lanes, [.longest, .longerByTwo]),
    settings(\.lookupConflictMask, [1023] + masks), bankConflicts,
    settings(\.refresh, [.overwriteMatched, .moveMatchedToFront]), duplicates,
  ]

  private static let visibilities: [RuleChange] = {
    var rules: [MatchProfile.VisibilityRule] = []
    for (first, later) in [(1, -1), (1, 1), (1, 0), (0, 1), (0, -1)] {
      rules.append(.init(hiddenFromLaneZero: first, hiddenFromLaterLanes: later))
    }
    return settings(\.visibility, rules)
  }()

  private static let groups: [RuleChange] = {
    let sizes = [(2, 4), (4, 4), (1, 1), (2, 8), (2, 1), (1, 2), (4, 2), (2, 16)]
    return sizes.map { (literals: Int, match: Int) -> RuleChange in
      {
        $0.groupSize = literals
        $0.matchGroupSize = match == literals ? nil : match
      }
    }
  }()

  private static let insertions: [MatchProfile.InsertionRule] = {
    var rules = [16, 13, 14, 15, 20, 24, 28].map { MatchProfile.InsertionRule.last($0) }
    for (count, period) in [(5, 8), (6, 8), (7, 8), (13, 16), (14, 16), (15, 16)] {
      for origin in MatchProfile.Origin.allCases {
        rules.append(.periodic(count, of: period, from: origin))
      }
    }
    rules += [.first(30), .first(31)]
    for (first, last) in [(2, 13), (4, 13), (8, 16)] {
      rules.append(.firstAndLast(first: first, last: last))
    }
    return rules
  }()

  private static func slots(_ depth: Int, _ banks: MatchProfile.Banks?) -> RuleChange {
    {
      $0.bucketDepth = depth
      $0.banks = banks
    }
  }

  private static let slots: [RuleChange] = [
    slots(3, nil), slots(2, nil), slots(5, nil), slots(8, nil),
    slots(2, .init(by: .position)), slots(4, .init(by: .position)), slots(8, .init(by: .position)),
    slots(4, .init(by: .position, count: 4)), slots(4, .init(by: .position, shift: 2)),
    slots(4, .init(by: .position, shift: 4)), slots(4, .init(by: .lane)),
    slots(8, .init(by: .lane)),
  ]

  /// Bits of the hash that may name a bank of its table: the upper four, three and two, and others.
  private static let masks = [960, 896, 768, 992, 384, 24, 31, 7, 1]

  private static let bankConflicts: [RuleChange] = {
    var conflicts: [MatchProfile.BankConflict?] = []
    for winner in [MatchProfile.BankConflict.Winner.last, .first] {
      for mask in masks { conflicts.append(.init(winner: winner, mask: mask)) }
    }
    return settings(\.bankConflict, conflicts)
  }()

  private static let duplicates: [RuleChange] = {
    let reaches: [(MatchProfile.DuplicateRule, [Int])] = [
      (.overwriteNewest, [32, 16, 8, 4, 1]), (.replaceAny, [32, 8, 1]),
      (.skipIfNewestHolds, [1, 2, 3, 7]), (.skipIfAnyHolds, [1, 2, 3, 7]),
    ]
    var changes: [RuleChange] = []
    for (rule, reaches) in reaches {
      for reach in reaches {
        changes.append {
          $0.duplicates = rule
          $0.duplicateReach = reach
        }
      }
    }
    return changes
  }()
}
