// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The members of the family that have names. All of them reproduce the published streams; the first is the
// default, the others are the ones that fit the indirect evidence best, see the profile's page.

extension MatchProfile {
  /// The profile that reproduces every published device stream by the simplest rules; the default.
  public static let iaaV1 = MatchProfile()

  /// Version 1, but of two equal hashes in a pair only the first is inserted: the most probable single change,
  /// by which runs get distance 2.
  public static let iaaPairFirst = member { $0.equalHashes = .keepFirst }

  /// ``iaaPairFirst`` on 16 banks by the hash's four upper bits: in a pair of one bank the later write wins.
  public static let iaaHashBanks = member {
    $0.equalHashes = .keepFirst
    $0.bankConflict = BankConflict(winner: .last, mask: 0b11_1100_0000)
  }

  /// ``iaaHashBanks`` that inserts the first five of each eight bytes of a match.
  public static let iaaHashBanksFiveOfEight = member {
    $0.equalHashes = .keepFirst
    $0.bankConflict = BankConflict(winner: .last, mask: 0b11_1100_0000)
    $0.insertion = .periodic(5, of: 8, from: .base)
  }

  /// ``iaaPairFirst`` that inserts a match's last 16 positions, in fours, and ends its search at six bytes.
  public static let iaaTailInFours = member {
    $0.equalHashes = .keepFirst
    $0.insertion = .last(16)
    $0.matchGroupSize = 4
    $0.sufficientLength = 6
  }

  /// ``iaaPairFirst`` that sees a match's last two positions a step later, refreshes the slot it matched, and
  /// ends its search at six bytes.
  public static let iaaRefreshed = member {
    $0.equalHashes = .keepFirst
    $0.hiddenMatchTail = 2
    $0.refresh = .overwriteMatched
    $0.sufficientLength = 6
  }

  /// ``iaaPairFirst`` that overwrites a near duplicate, inserts the first five of each eight bytes of a match,
  /// and ends its search at six bytes.
  public static let iaaOverwriting = member {
    $0.equalHashes = .keepFirst
    $0.insertion = .periodic(5, of: 8, from: .base)
    $0.duplicates = .overwriteNewest
    $0.duplicateReach = 32
    $0.sufficientLength = 6
  }

  /// The name of ``iaaV1``, whose rules hold where nobody asks for others.
  package static let defaultName = "iaa-v1"

  /// The members by the names that the command and profile files know them by.
  public static let named: [(name: String, profile: MatchProfile)] = [
    (defaultName, .iaaV1), ("iaa-pair-first", .iaaPairFirst), ("iaa-hash-banks", .iaaHashBanks),
    ("iaa-hash-banks-5-of-8", .iaaHashBanksFiveOfEight), ("iaa-tail-in-fours", .iaaTailInFours),
    ("iaa-refreshed", .iaaRefreshed), ("iaa-overwriting", .iaaOverwriting),
  ]

  /// The member of a name, if there is one.
  public init?(named name: String) {
    guard let member = Self.named.first(where: { $0.name == name }) else { return nil }
    self = member.profile
  }

  /// The name of a member with these rules, if it has one.
  public var name: String? { Self.named.first { $0.profile == self }?.name }

  private static func member(_ change: (inout MatchProfile) -> Void) -> MatchProfile {
    var profile = MatchProfile()
    change(&profile)
    return profile
  }
}
