// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The rules of the match stage, as data. Intel does not publish them; each field says whether its
// value is known from public material, inferred from published device outputs, or assumed as the
// simplest rule that agrees with all of those. A differing device becomes a new profile, and old
// ones stay selectable.

/// The rules by which an IAA compressor turns bytes into literals and matches.
///
/// The device looks at two neighbouring positions a step: a *pair* with base *p* and lanes *p* and
/// *p* + 1. Positions with the same hash share a bucket that keeps the newest few.
///
/// The device also stores four parity bits beside each pointer. No rule here uses them: that they
/// play no part in the search is assumed. An entry beyond the history is passed over; that it holds
/// its slot needs no rule, since a bucket is ordered by age and all behind it are farther still.
public struct MatchProfile: Sendable, Hashable {
  /// What a stored position of value 0, one that is a multiple of 2^``pointerBits``, is worth.
  public enum ZeroPointerRule: Sendable, Hashable, CaseIterable {
    /// It counts only while it is the newest of its bucket; in an older slot it is passed over.
    case onlyWhileNewest
    /// It counts like any other position.
    case always
  }

  /// Which positions enter the buckets.
  public enum InsertionRule: Sendable, Hashable, CaseIterable {
    /// Every position that has three bytes.
    case everyPosition
    /// Only positions where a literal or a match starts.
    case tokenStarts
  }

  /// Which positions a lane can see.
  public enum VisibilityRule: Sendable, Hashable, CaseIterable {
    /// Both lanes of a pair see exactly the positions before the base.
    case beforeBase
    /// Each lane sees the positions before itself.
    case beforeLane
  }

  /// Which of several candidates wins.
  public enum CandidateRule: Sendable, Hashable, CaseIterable {
    /// The longest run within the compare window; of equals the newest.
    case longestThenNewest
    /// The newest that is long enough.
    case newest
  }

  /// Where the compare window starts.
  public enum WindowRule: Sendable, Hashable, CaseIterable {
    /// At the base: lane 1 may match one byte fewer than lane 0.
    case fromBase
    /// At each lane.
    case fromLane
  }

  /// Which lane's match is taken when both have one.
  public enum LaneRule: Sendable, Hashable, CaseIterable {
    /// Lane 0's, always: no lazy evaluation.
    case laneZeroFirst
    /// Lane 1's behind a literal when it is longer: one step of lazy evaluation.
    case longest
  }

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

  /// The largest distance, 1…32768. 4 KiB is known; 4096 rather than 4095 is assumed.
  public var historySize = 4096
  /// The hash. Known: the preset-dictionary table as Intel QPL builds it.
  public var hash = PolynomialHash(polynomial: 0x409)
  /// Entries a bucket keeps, 1…16. Known to be 2 or 4 by level; 4 for plain compression is assumed.
  public var bucketDepth = 4
  /// Bits of a stored position, 1…16. Known: 12.
  public var pointerBits = 12
  /// Worth of a stored position 0. Inferred from the profile's vectors T1 and T2.
  public var zeroPointer = ZeroPointerRule.onlyWhileNewest
  /// What enters the buckets. Inferred from T1 and T2.
  public var insertion = InsertionRule.everyPosition
  /// What a lane sees. Inferred from the page of '*' and T1.
  public var visibility = VisibilityRule.beforeBase
  /// Which candidate wins. Inferred from T2.
  public var candidates = CandidateRule.longestThenNewest
  /// The shortest match, 3…``compareWindow``. Known: DEFLATE's.
  public var minimumMatchLength = 3
  /// Bytes compared, 3…258. Inferred from the page of '*' and T1.
  public var compareWindow = 32
  /// Where the compare window starts. Inferred from T1.
  public var compareWindowStart = WindowRule.fromBase
  /// Which lane's match is taken. Inferred from T2.
  public var lanes = LaneRule.laneZeroFirst

  /// The profile that reproduces every published output of a real device known to this project.
  public static let iaaV1 = MatchProfile()

  /// Creates the current profile, ``iaaV1``; change its fields to make another.
  public init() {}

  /// Stops on fields outside their documented ranges.
  func checkRanges() {
    precondition(DistanceAlphabet.distances.contains(historySize), "historySize outside 1...32768")
    precondition((1...16).contains(bucketDepth), "bucketDepth outside 1...16")
    precondition((1...16).contains(pointerBits), "pointerBits outside 1...16")
    precondition(
      LengthAlphabet.lengths.contains(compareWindow), "compareWindow outside 3...258")
    precondition(
      (3...compareWindow).contains(minimumMatchLength),
      "minimumMatchLength outside 3...compareWindow")
  }
}
