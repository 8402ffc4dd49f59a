// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The rules of the match stage, as data. Intel does not publish them; each field names its rule in
// Documentation/iaa-fixed-profile.md, where its evidence and state stand: known, inferred, likely,
// open or refuted. A differing device becomes a new profile, and old ones stay selectable.

/// The rules by which an IAA compressor turns bytes into literals and matches.
///
/// The device looks at two neighbouring positions a step: a *pair* with base *p* and lanes *p* and
/// *p* + 1. Positions with the same hash share a bucket that keeps the newest few.
///
/// The device also stores four parity bits beside each pointer. No rule here uses them (rule 17). An
/// entry beyond the history is passed over (rule 13); that it holds its slot needs no code, since a
/// bucket is ordered by age and all behind it are farther still.
///
/// ``iaaV1`` reproduces every published device stream. Devices are known to differ in runs; sizes
/// agree within about 1 %.
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

  /// The largest distance, 1…32768. Rule 13: 4 KiB is known, 4096 or 4095 is open.
  public var historySize = 4096
  /// The hash. Rule 2, known: Intel QPL builds preset dictionaries' tables with it.
  public var hash = PolynomialHash(polynomial: 0x409)
  /// Entries a bucket keeps, 1…16. Rule 11: devices have 2 or 4 by level; which one here is open.
  public var bucketDepth = 4
  /// Bits of a stored position, 1…16. Rule 12; that there are 12 is known.
  public var pointerBits = 12
  /// Worth of a stored position 0. Rule 12: inferred that there is such a rule, open which.
  public var zeroPointer = ZeroPointerRule.onlyWhileNewest
  /// What enters the buckets. Rule 5: refuted for runs of one byte, doubtful in long matches.
  public var insertion = InsertionRule.everyPosition
  /// What a lane sees. Rule 6, open.
  public var visibility = VisibilityRule.beforeBase
  /// Which candidate wins. Rule 16, inferred.
  public var candidates = CandidateRule.longestThenNewest
  /// The shortest match, 3…``compareWindow``. Rule 15, known: DEFLATE's.
  public var minimumMatchLength = 3
  /// Bytes compared, 3…258. Rule 7, inferred.
  public var compareWindow = 32
  /// Where the compare window starts. Rule 7, inferred.
  public var compareWindowStart = WindowRule.fromBase
  /// Which lane's match is taken. Rules 8 and 9, inferred.
  public var lanes = LaneRule.laneZeroFirst

  /// The profile that reproduces every published device stream.
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
