// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The switches of a profile, each with settings other than version 1's, said twice: in the library's words and in
// the plain implementation's.

import FixedDeflate
import TestSupport
import Testing

/// A changed rule, on both sides.
struct Variant: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let change: @Sendable (inout MatchProfile) -> Void
  let plainChange: @Sendable (inout PlainProfile) -> Void

  init(
    _ name: String, _ change: @escaping @Sendable (inout MatchProfile) -> Void,
    _ plainChange: @escaping @Sendable (inout PlainProfile) -> Void
  ) {
    testDescription = name
    self.change = change
    self.plainChange = plainChange
  }

  /// Version 1, changed.
  var profile: MatchProfile {
    var profile = MatchProfile.iaaV1
    change(&profile)
    return profile
  }

  /// The same of the plain implementation.
  var plain: PlainProfile {
    var plain = PlainProfile()
    plainChange(&plain)
    return plain
  }

  /// Several changes, one after the other.
  static func joined(_ variants: [Variant]) -> Variant {
    Variant(
      variants.map(\.testDescription).joined(separator: " + "),
      { profile in for variant in variants { variant.change(&profile) } },
      { plain in for variant in variants { variant.plainChange(&plain) } })
  }
}

/// Settings of one switch, of which a profile has one at most.
typealias Switch = [Variant]

extension Variant {
  /// Every switch. Of one switch's settings each sets all that the others do, so that they can be tried in turn.
  static let switches: [Switch] = [
    [
      Variant("history 4095", { $0.historySize = 4095 }, { $0.history = 4095 }),
      Variant("history 100", { $0.historySize = 100 }, { $0.history = 100 }),
    ],
    [
      Variant("1 slot", { $0.bucketDepth = 1 }, { $0.slots = 1 }),
      Variant("2 slots", { $0.bucketDepth = 2 }, { $0.slots = 2 }),
      Variant("3 slots", { $0.bucketDepth = 3 }, { $0.slots = 3 }),
      Variant("8 slots", { $0.bucketDepth = 8 }, { $0.slots = 8 }),
    ],
    [
      Variant(
        "pointer 0 like any other", { $0.zeroPointer = .always }, { $0.pointerZero = "always" }),
      // Longer pointers make the difference rare.
      Variant(
        "pointer 0 only alone",
        {
          $0.zeroPointer = .onlyWhileAlone
          $0.pointerBits = 7
        },
        {
          $0.pointerZero = "alone"
          $0.pointerModulus = 128
        }),
      Variant("pointer 0 never", { $0.zeroPointer = .never }, { $0.pointerZero = "never" }),
    ],
    [Variant("pointers of 8 bits", { $0.pointerBits = 8 }, { $0.pointerModulus = 256 })],
    [
      Variant("window 16", { $0.compareWindow = 16 }, { $0.window = 16 }),
      Variant("window 31", { $0.compareWindow = 31 }, { $0.window = 31 }),
      Variant("window 33", { $0.compareWindow = 33 }, { $0.window = 33 }),
      Variant("window 34", { $0.compareWindow = 34 }, { $0.window = 34 }),
      Variant("window 258", { $0.compareWindow = 258 }, { $0.window = 258 }),
    ],
    [
      Variant(
        "window from the lane", { $0.compareWindowStart = .fromLane }, { $0.windowFromLane = true })
    ],
    [Variant("shortest match 4", { $0.minimumMatchLength = 4 }, { $0.shortest = 4 })],
    [
      Variant(
        "another polynomial, x^8 + x^4 + x^3 + x + 1",
        { $0.hash = PolynomialHash(polynomial: 0x11B) }, { $0.polynomial = 0x11B })
    ],
    [
      Variant("1 lane", { $0.laneCount = 1 }, { $0.lanes = 1 }),
      Variant("3 lanes", { $0.laneCount = 3 }, { $0.lanes = 3 }),
      Variant("4 lanes", { $0.laneCount = 4 }, { $0.lanes = 4 }),
    ],
    [
      Variant("4 bytes needed", { $0.hashedByteCount = 4 }, { $0.needs = 4 }),
      Variant("5 bytes needed", { $0.hashedByteCount = 5 }, { $0.needs = 5 }),
    ],
    [
      Variant("lookup mask 1", { $0.lookupConflictMask = 1 }, { $0.lookupMask = 1 }),
      Variant("lookup mask 15", { $0.lookupConflictMask = 15 }, { $0.lookupMask = 15 }),
      Variant("lookup mask 960", { $0.lookupConflictMask = 960 }, { $0.lookupMask = 960 }),
    ],
    [(1, 0), (1, 1), (1, -1), (0, -1), (0, 1), (2, 2), (3, 3)].map { first, later in
      Variant(
        "hidden \(first), \(later)",
        {
          $0.visibility = .init(hiddenFromLaneZero: first, hiddenFromLaterLanes: later)
        }, { $0.hides = (first, later) })
    },
    (1...3).map { count in
      Variant("late tail \(count)", { $0.hiddenMatchTail = count }, { $0.lateTail = count })
    },
    [
      Variant("later lanes try 1", { $0.laterLaneSlots = 1 }, { $0.laterSlots = 1 }),
      Variant("later lanes try 2", { $0.laterLaneSlots = 2 }, { $0.laterSlots = 2 }),
    ],
    [Variant("smallest distance 2", { $0.minimumDistance = 2 }, { $0.nearest = 2 })],
    [
      Variant("parities filter", { $0.meta = .filters }, { $0.parities = "filter" }),
      Variant("parities sort", { $0.meta = .sorts }, { $0.parities = "sort" }),
    ],
    [
      Variant("the oldest of equals", { $0.candidates = .longestThenOldest }) {
        $0.choice = "longest, last"
      },
      Variant("the first candidate", { $0.candidates = .newest }, { $0.choice = "first" }),
      Variant("the longest of two", { $0.candidates = .longestOfFirstTwo }) {
        $0.choice = "of two"
      },
    ],
    (4...8).map { length in
      Variant("enough \(length)", { $0.sufficientLength = length }, { $0.enough = length })
    },
    [
      Variant("lane 1 when longer", { $0.lanes = .longest }, { $0.lazyBy = 1 }),
      Variant("lane 1 when longer by 2", { $0.lanes = .longerByTwo }, { $0.lazyBy = 2 }),
    ],
    insertions, groups,
    [
      // Groups show only where something happens in them.
      Variant(
        "groups at multiples",
        {
          $0.groupAlignment = .absolute
          $0.equalHashes = .keepFirst
        },
        {
          $0.groupsBegin = "multiples"
          $0.equal = "first"
        }),
      Variant(
        "groups run on",
        {
          $0.groupAlignment = .running
          $0.equalHashes = .keepFirst
        },
        {
          $0.groupsBegin = "run on"
          $0.equal = "first"
        }),
    ],
    [
      Variant("incomplete groups lost", { $0.incompleteGroups = .dropped }) {
        $0.incomplete = "lost"
      },
      Variant(
        "incomplete groups split",
        {
          $0.incompleteGroups = .powersOfTwo
          $0.groupSize = 4
          $0.matchGroupSize = nil
          $0.equalHashes = .keepFirst
        },
        {
          $0.incomplete = "split"
          $0.group = (4, 4)
          $0.equal = "first"
        }),
    ],
    [
      Variant("first of equals", { $0.equalHashes = .keepFirst }, { $0.equal = "first" }),
      Variant("last of equals", { $0.equalHashes = .keepLast }, { $0.equal = "last" }),
      Variant("first of equals newest", { $0.equalHashes = .insertAllFirstNewest }) {
        $0.equal = "all, first newest"
      },
    ],
    [
      Variant(
        "equals in literal steps, first",
        {
          $0.equalHashes = .keepFirst
          $0.equalHashScope = .literalSteps
        },
        {
          $0.equal = "first"
          $0.equalHolds = (true, false)
        }),
      Variant(
        "equals in match steps, first",
        {
          $0.equalHashes = .keepFirst
          $0.equalHashScope = .matchSteps
        },
        {
          $0.equal = "first"
          $0.equalHolds = (false, true)
        }),
    ],
    [1, 7, 24, 31, 384, 768, 896, 960, 992].flatMap { mask in
      [
        Variant(
          "bank conflict \(mask), first", { $0.bankConflict = .init(winner: .first, mask: mask) }
        ) {
          $0.bankConflict = ("first", mask)
        },
        Variant(
          "bank conflict \(mask), last", { $0.bankConflict = .init(winner: .last, mask: mask) }
        ) {
          $0.bankConflict = ("last", mask)
        },
      ]
    },
    banks, entries,
  ]

  private static let insertions: Switch =
    [
      Variant("token starts", { $0.insertion = .tokenStarts }, { $0.inserts = ("start", 0, 0) }),
      Variant(
        "all but last", { $0.insertion = .allButLast }, { $0.inserts = ("all but last", 0, 0) }),
    ]
    + [2, 8, 16, 28, 29, 30].map { count in
      Variant(
        "first \(count)", { $0.insertion = .first(count) }, { $0.inserts = ("first", count, 0) })
    }
    + [8, 12, 13, 16].map { count in
      Variant("last \(count)", { $0.insertion = .last(count) }, { $0.inserts = ("last", 0, count) })
    }
    + [(2, 8), (4, 12), (3, 13)].map { first, last in
      Variant(
        "first \(first), last \(last)", { $0.insertion = .firstAndLast(first: first, last: last) }
      ) {
        $0.inserts = ("ends", first, last)
      }
    }
    + [(1, 2), (4, 8), (5, 8), (6, 8), (12, 16), (13, 16)].flatMap { count, period in
      MatchProfile.Origin.allCases.map { origin in
        Variant(
          "\(count) of \(period) from \(origin)",
          { $0.insertion = .periodic(count, of: period, from: origin) },
          { $0.inserts = ("from \(origin)", count, period) })
      }
    }

  private static let groups: Switch =
    [(1, 2), (2, 4), (4, 4), (8, 8), (2, 1), (2, 8), (4, 2), (3, 5)].map { literals, match in
      Variant(
        "groups of \(literals), \(match), first of equals",
        {
          $0.groupSize = literals
          $0.matchGroupSize = match == literals ? nil : match
          $0.equalHashes = .keepFirst
        },
        {
          $0.group = (literals, match)
          $0.equal = "first"
        })
    }

  private static let banks: Switch = {
    var result: Switch = []
    for selector in MatchProfile.Banks.Selector.allCases {
      for (count, shift, depth) in [(2, 0, 4), (2, 0, 2), (4, 0, 4), (2, 1, 4), (2, 2, 4)] {
        result.append(
          Variant(
            "\(count) banks by \(selector), shift \(shift), \(depth) slots",
            {
              $0.bucketDepth = depth
              $0.banks = .init(by: selector, count: count, shift: shift)
            },
            {
              $0.slots = depth
              $0.banks = (selector.rawValue, count, shift)
            }))
      }
      let words = ["age", "up", "down", "own first", "own last"]
      for (order, word) in zip(MatchProfile.Banks.Order.allCases, words) {
        for reading in MatchProfile.Banks.Reading.allCases {
          result.append(
            Variant(
              "2 banks by \(selector), \(word), read \(reading)",
              {
                $0.banks = .init(by: selector, order: order, reading: reading)
              }
            ) {
              $0.banks = (selector.rawValue, 2, 0)
              $0.bankUse = (word, reading.rawValue)
            })
        }
      }
    }
    return result
  }()

  private static let entries: Switch = {
    let words = ["skip newest", "skip any", "overwrite newest", "replace any", "skip near"]
    var result: Switch = []
    for (rule, word) in zip(MatchProfile.DuplicateRule.allCases.dropFirst(), words) {
      for reach in [1, 2, 3, 7, 8, 32, 64, 4096] {
        result.append(
          Variant(
            "duplicates: \(word), \(reach)",
            {
              $0.duplicates = rule
              $0.duplicateReach = reach
            }, { $0.duplicates = (word, reach) }))
      }
    }
    for (rule, word) in [
      (MatchProfile.RefreshRule.overwriteMatched, "overwritten"), (.moveMatchedToFront, "front"),
    ] {
      result.append(Variant("matched: \(word)", { $0.refresh = rule }, { $0.matched = word }))
    }
    return result
  }()

  /// The named members, in the plain implementation's words.
  static let members: [Variant] = [
    Variant("iaa-v1", { $0 = .iaaV1 }, { _ in }),
    Variant("iaa-pair-first", { $0 = .iaaPairFirst }, { $0.equal = "first" }),
    Variant("iaa-hash-banks", { $0 = .iaaHashBanks }) {
      $0.equal = "first"
      $0.bankConflict = ("last", 960)
    },
    Variant("iaa-hash-banks-5-of-8", { $0 = .iaaHashBanksFiveOfEight }) {
      $0.equal = "first"
      $0.bankConflict = ("last", 960)
      $0.inserts = ("from base", 5, 8)
    },
    Variant("iaa-tail-in-fours", { $0 = .iaaTailInFours }) {
      $0.equal = "first"
      $0.inserts = ("last", 0, 16)
      $0.group.match = 4
      $0.enough = 6
    },
    Variant("iaa-refreshed", { $0 = .iaaRefreshed }) {
      $0.equal = "first"
      $0.lateTail = 2
      $0.matched = "overwritten"
      $0.enough = 6
    },
    Variant("iaa-overwriting", { $0 = .iaaOverwriting }) {
      $0.equal = "first"
      $0.inserts = ("from base", 5, 8)
      $0.duplicates = ("overwrite newest", 32)
      $0.enough = 6
    },
  ]
}
