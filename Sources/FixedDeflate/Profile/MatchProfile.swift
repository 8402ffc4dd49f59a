// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The rules of the match stage, as data. Intel does not publish them; each field names its rule in
// Documentation/iaa-fixed-profile.md, where its evidence and state stand: known, inferred, likely,
// open or refuted. A differing device becomes a new profile, and old ones stay selectable.

/// The rules by which an IAA compressor turns bytes into literals and matches.
///
/// The device looks at neighbouring positions a step, its *lanes*: two, a *pair* with base *p* and lanes *p*
/// and *p* + 1. Positions with the same hash share a bucket that keeps the newest few. What a step covers is
/// inserted afterwards, in *groups*.
///
/// ``iaaV1`` reproduces every published device stream. Devices are known to differ in runs; sizes
/// agree within about 1 %. Which member of the family a device is, is open.
///
/// A profile whose fields are out of their ranges, or do not go together, makes no encoder: ``validate()``
/// says why.
public struct MatchProfile: Sendable, Hashable {
  /// The profile's version; rises when evidence changes a rule. It names a set of rules and is none itself:
  /// profiles that differ in nothing else are equal, and encode alike.
  public var version: Int {
    get { label.value }
    set { label.value = newValue }
  }

  private var label = Label(value: 1)

  /// A number that takes no part in comparing what holds it.
  private struct Label: Hashable {
    var value: Int
    static func == (left: Label, right: Label) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
  }

  // What a step looks up.

  /// Positions looked up together, 1…4. Rule 4, inferred: 1, 3 and 4 fail.
  public var laneCount = 2
  /// Bytes that must follow for a position to be looked up and inserted, its own included, 3…8. Rule 3,
  /// inferred: 4 and 5 fail.
  public var hashedByteCount = 3
  /// The hash. Rule 2, known: Intel QPL builds preset dictionaries' tables with it.
  public var hash = PolynomialHash(polynomial: 0x409)
  /// A later lane whose hash agrees with lane 0's in all these bits is not looked up; 0 turns that off. Rule
  /// 26, open.
  public var lookupConflictMask = 0
  /// What a lane sees. Rule 6, open: hiding one position passes, two fail.
  public var visibility = VisibilityRule.beforeBase
  /// How many of a match's last positions the step right behind it does not see, 0…3. Rule 27, open.
  public var hiddenMatchTail = 0

  // Which candidates are tried.

  /// Entries a bucket keeps, 1…16. Rule 11: devices have 2 or 4 by level; which one here is open.
  public var bucketDepth = 4
  /// The slots' banks, if they have any. Rule 28, open: by position passes, reading one bank alone fails.
  public var banks: Banks?
  /// Slots that later lanes try, 1…``bucketDepth``; nil is all. Rule 29, open.
  public var laterLaneSlots: Int?
  /// Bits of a stored position, 1…16. Rule 12; that there are 12 is known.
  public var pointerBits = 12
  /// Worth of a stored position 0. Rule 12: inferred that there is such a rule, open which.
  public var zeroPointer = ZeroPointerRule.onlyWhileNewest
  /// The largest distance, 1…32768. Rule 13: 4 KiB is known, 4096 or 4095 is open.
  public var historySize = 4096
  /// The smallest distance, 1…``historySize``. Rule 30, inferred: 2 fails.
  public var minimumDistance = 1
  /// Use of the parity bits. Rule 17, open.
  public var meta = MetaRule.ignored

  // Which match is taken.

  /// Which candidate wins. Rule 16, inferred.
  public var candidates = CandidateRule.longestThenNewest
  /// A candidate of so many bytes ends the search, 3…258; nil is none. Rule 31, open from 6 on: 4 and 5 fail.
  public var sufficientLength: Int?
  /// The shortest match, 3…``compareWindow``. Rule 15, known: DEFLATE's.
  public var minimumMatchLength = 3
  /// Bytes compared, 3…258. Rule 7, inferred.
  public var compareWindow = 32
  /// Where the compare window starts. Rule 7, inferred.
  public var compareWindowStart = WindowRule.fromBase
  /// Which lane's match is taken. Rules 8 and 9, inferred; that lane 0 comes first even before a longer match of
  /// lane 1 is open.
  public var lanes = LaneRule.laneZeroFirst

  // What is inserted.

  /// What enters the buckets. Rule 5: refuted for runs of one byte, doubtful in long matches.
  public var insertion = InsertionRule.everyPosition
  /// Positions inserted together by a step of literals, 1…16. Rule 32, open.
  public var groupSize = 2
  /// Positions inserted together by a step with a match, 1…16; nil is ``groupSize``. Rule 32, open: 4 is
  /// possible.
  public var matchGroupSize: Int?
  /// Where groups begin. Rule 32, open.
  public var groupAlignment = GroupAlignment.fromBase
  /// What becomes of incomplete groups. Rule 33, open; dropping them is unlikely.
  public var incompleteGroups = IncompleteGroupRule.inserted
  /// Equal hashes in one group. Rule 34: inserting all is refuted for runs unless something else is at work;
  /// keeping the first is likely.
  public var equalHashes = ConflictRule.insertAll
  /// Where rule 34 holds. Open.
  public var equalHashScope = ConflictScope.everywhere
  /// Unequal hashes of one bank in one group, if they conflict. Rule 35, open.
  public var bankConflict: BankConflict?
  /// Insertions of what is there already. Rule 36, open; skipping is refuted beyond distances 1, 2, 3 and 7.
  public var duplicates = DuplicateRule.insert
  /// How far back rule 36 looks, 1…32768.
  public var duplicateReach = 4096
  /// What a match does to the entry it was found by. Rule 37, open.
  public var refresh = RefreshRule.none

  /// Creates ``iaaV1``; change its fields to make another.
  public init() {}
}
