// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The members whose published outputs are known to be right or wrong: the page's "forced", "not decided" and
// "refuted", one line each.

import FixedDeflate

extension Member {
  static let all = named + forced + open + conflicts + losses + banks + seconds

  private static let named = MatchProfile.named.map { member in
    Member(member.name) { $0 = member.profile }
  }

  private static let forced = [
    Member("1 lane", fails: "T1 228") { $0.laneCount = 1 },
    Member("3 lanes", fails: "228") { $0.laneCount = 3 },
    Member("4 lanes", fails: "228") { $0.laneCount = 4 },
    Member("window 31", fails: "T1 228") { $0.compareWindow = 31 },
    Member("window 33", fails: "T1 228") { $0.compareWindow = 33 },
    Member("window 34", fails: "T1 228") { $0.compareWindow = 34 },
    Member("window from the lane", fails: "T1") { $0.compareWindowStart = .fromLane },
    Member("the oldest of equals", fails: "T1 T2") { $0.candidates = .longestThenOldest },
    Member("the first candidate", fails: "T2") { $0.candidates = .newest },
    Member("1 slot", fails: "T2") { $0.bucketDepth = 1 },
    Member("4 bytes needed", fails: "T1") { $0.hashedByteCount = 4 },
    Member("5 bytes needed", fails: "T1") { $0.hashedByteCount = 5 },
    Member("pointer 0 like any other", fails: "T1") { $0.zeroPointer = .always },
    Member("pointer 0 never", fails: "T2") { $0.zeroPointer = .never },
    Member("hidden 2", fails: "228") {
      $0.visibility = .init(hiddenFromLaneZero: 2, hiddenFromLaterLanes: 2)
    },
  ]

  private static let open =
    [2, 3, 5, 6, 7, 8].map { depth in Member("\(depth) slots") { $0.bucketDepth = depth } }
    + [
      Member("pointer 0 only alone") { $0.zeroPointer = .onlyWhileAlone },
      Member("history 4095") { $0.historySize = 4095 },
      Member("hidden 1") {
        $0.visibility = .init(hiddenFromLaneZero: 1, hiddenFromLaterLanes: 1)
      },
      Member("hidden 1, lane 1 sees the base, groups of 1", fails: "228") {
        $0.visibility = .init(hiddenFromLaneZero: 1, hiddenFromLaterLanes: -1)
        $0.groupSize = 1
      },
      Member("lane 1 when longer") { $0.lanes = .longest },
      Member("parities filter") { $0.meta = .filters },
      Member("later lanes try 1 slot") { $0.laterLaneSlots = 1 },
      Member("smallest distance 2", fails: "228") { $0.minimumDistance = 2 },
    ]

  private static let conflicts =
    [
      (MatchProfile.ConflictRule.keepFirst, "first"), (.keepLast, "last"),
      (.insertAllFirstNewest, "first newest"),
    ].flatMap { rule, name in
      MatchProfile.GroupAlignment.allCases.map { alignment in
        Member("of equals the \(name), groups \(alignment)") {
          $0.equalHashes = rule
          $0.groupAlignment = alignment
        }
      }
    }
    + [1, 4, 8].map { size in
      Member("first of equals, groups of \(size) in matches", fails: size == 8 ? "228" : "") {
        $0.equalHashes = .keepFirst
        $0.matchGroupSize = size
      }
    }

  private static let losses = [
    Member("even offsets of a match only", fails: "T1 T2") {
      $0.insertion = .periodic(1, of: 2, from: .base)
    },
    Member("first pair of a match only", fails: "T1 T2 228") { $0.insertion = .first(2) },
    Member("token starts only", fails: "T1 T2 228") { $0.insertion = .tokenStarts },
    Member("all but a match's last", fails: "T2") { $0.insertion = .allButLast },
    Member("last 12 of a match", fails: "T1") { $0.insertion = .last(12) },
    Member("last 13 of a match") { $0.insertion = .last(13) },
    Member("first 28 of a match", fails: "228") { $0.insertion = .first(28) },
    Member("first 30 of a match") { $0.insertion = .first(30) },
    Member("first 4 of 8", fails: "T2 228") { $0.insertion = .periodic(4, of: 8, from: .base) },
    Member("first 5 of 8") { $0.insertion = .periodic(5, of: 8, from: .base) },
    Member("first 12 of 16", fails: "T2 228") { $0.insertion = .periodic(12, of: 16, from: .base) },
    Member("first 13 of 16") { $0.insertion = .periodic(13, of: 16, from: .base) },
  ]

  private static let banks: [Member] = {
    typealias Banks = MatchProfile.Banks
    func member(_ name: String, fails: String = "", depth: Int = 4, _ banks: Banks) -> Member {
      Member(name, fails: fails) {
        $0.bucketDepth = depth
        $0.banks = banks
      }
    }
    return [
      member("two slots by parity", .init(by: .position)),
      member("one slot by parity", depth: 2, .init(by: .position)),
      member("one slot by position mod 4", .init(by: .position, count: 4)),
      member("two slots by lane", .init(by: .lane)),
      member("one slot by lane", fails: "T2", depth: 2, .init(by: .lane)),
      member("by parity, own first", fails: "T1 T2", .init(by: .position, order: .ownFirst)),
      member("by parity, own last", fails: "T2", .init(by: .position, order: .ownLast)),
      member("by parity, own only", fails: "T1 T2 228", .init(by: .position, reading: .own)),
      member("by parity, others only", fails: "T2", .init(by: .position, reading: .others)),
    ]
  }()

  private static let seconds =
    (4...8).map { length in
      Member("search ends at \(length)", fails: length < 6 ? "T2" : "") {
        $0.sufficientLength = length
      }
    }
    + (1...3).map { count in
      Member("late tail \(count)") { $0.hiddenMatchTail = count }
    }
    + [
      Member("a matched slot is overwritten") { $0.refresh = .overwriteMatched },
      Member("a matched slot comes first") { $0.refresh = .moveMatchedToFront },
    ]
    + [1, 2, 3, 4, 5, 6, 7, 8].map { reach in
      Member(
        "known strings are skipped to distance \(reach)",
        fails: [1, 2, 3, 7].contains(reach) ? "" : "228"
      ) {
        $0.duplicates = .skipIfNewestHolds
        $0.duplicateReach = reach
      }
    }
    + [32, 64].map { reach in
      Member("known strings are overwritten to distance \(reach)", fails: reach == 64 ? "T2" : "") {
        $0.duplicates = .overwriteNewest
        $0.duplicateReach = reach
      }
    }
}
