// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The values that a profile's switches can have. Words are those of Documentation/iaa-fixed-profile.md; the raw
// values are the words of a profile's file.

extension MatchProfile {
  /// What a stored position of value 0, one that is a multiple of 2^``pointerBits``, is worth.
  public enum ZeroPointerRule: String, Sendable, Hashable, CaseIterable {
    /// It counts only while it is the newest entry that the lane sees; in an older slot it is passed over.
    case onlyWhileNewest
    /// It counts only while it is the one entry that the lane sees.
    case onlyWhileAlone
    /// It never counts.
    case never
    /// It counts like any other position.
    case always
  }

  /// Which positions enter the buckets. A literal before a match always does; the cases speak of the positions
  /// inside a match.
  public enum InsertionRule: Sendable, Hashable {
    /// Every position that has its bytes.
    case everyPosition
    /// Only positions where a literal or a match starts.
    case tokenStarts
    /// All but a match's last.
    case allButLast
    /// Those less than so many behind the step's base, 1…258.
    case first(Int)
    /// A match's last so many, 1…258.
    case last(Int)
    /// A match's first and its last so many, 1…258 each.
    case firstAndLast(first: Int, last: Int)
    /// The first so many of every so many, 1…64, counted from an origin.
    case periodic(Int, of: Int, from: Origin)
  }

  /// What offsets of positions are counted from.
  public enum Origin: String, Sendable, Hashable, CaseIterable {
    /// The step's base.
    case base
    /// The match's first byte.
    case match
    /// The chunk's first byte.
    case chunk
  }

  /// Which positions a lane can see.
  public struct VisibilityRule: Sendable, Hashable {
    /// How many of the positions right before the base lane 0 does not see, 0…3.
    public var hiddenFromLaneZero: Int
    /// How many of them the other lanes do not see, 0…3; with -1 they see the base as well, as the newest
    /// entry of its bucket, whatever its own insertion will come to.
    public var hiddenFromLaterLanes: Int

    /// A rule of two numbers; ``MatchProfile/validate()`` checks them.
    public init(hiddenFromLaneZero: Int, hiddenFromLaterLanes: Int) {
      self.hiddenFromLaneZero = hiddenFromLaneZero
      self.hiddenFromLaterLanes = hiddenFromLaterLanes
    }

    /// All lanes of a step see exactly the positions before the base.
    public static let beforeBase = VisibilityRule(hiddenFromLaneZero: 0, hiddenFromLaterLanes: 0)
    /// Later lanes see the base, too.
    public static let beforeLane = VisibilityRule(hiddenFromLaneZero: 0, hiddenFromLaterLanes: -1)
  }

  /// Which of several candidates wins. Candidates that are passed over are none.
  public enum CandidateRule: String, Sendable, Hashable, CaseIterable {
    /// The longest run within the compare window; of equals the first tried, the newest as a rule.
    case longestThenNewest
    /// The longest run; of equals the last tried.
    case longestThenOldest
    /// The first tried that is long enough.
    case newest
    /// The longest of the first two tried.
    case longestOfFirstTwo
  }

  /// Where the compare window starts.
  public enum WindowRule: String, Sendable, Hashable, CaseIterable {
    /// At the base: lane 1 may match one byte fewer than lane 0.
    case fromBase
    /// At each lane.
    case fromLane
  }

  /// Which lane's match is taken when several have one.
  public enum LaneRule: String, Sendable, Hashable, CaseIterable {
    /// The first lane's, always: no lazy evaluation.
    case laneZeroFirst
    /// Lane 1's behind a literal when it is longer: one step of lazy evaluation.
    case longest
    /// Lane 1's when it is longer by two or more.
    case longerByTwo
  }

  /// How a step's positions are cut into groups, which are inserted together.
  public enum GroupAlignment: String, Sendable, Hashable, CaseIterable {
    /// From the step's base on.
    case fromBase
    /// At the multiples of the group's size in the chunk, and where the step begins and ends.
    case absolute
    /// From where the group before ended; a group that the step does not fill waits for the next step.
    case running
  }

  /// What happens to a group that has fewer positions than its size.
  public enum IncompleteGroupRule: String, Sendable, Hashable, CaseIterable {
    /// It is inserted like others.
    case inserted
    /// It is not inserted.
    case dropped
    /// It is cut into groups of powers of two, the largest first.
    case powersOfTwo
  }

  /// What happens to positions of one group with the same hash.
  public enum ConflictRule: String, Sendable, Hashable, CaseIterable {
    /// All are inserted, the last ends up newest.
    case insertAll
    /// Only the first is inserted.
    case keepFirst
    /// Only the last is inserted.
    case keepLast
    /// All are inserted, the first ends up newest.
    case insertAllFirstNewest
  }

  /// In which steps ``ConflictRule`` holds; in others all are inserted.
  public enum ConflictScope: String, Sendable, Hashable, CaseIterable {
    /// In all steps.
    case everywhere
    /// In steps of literals only.
    case literalSteps
    /// In steps with a match.
    case matchSteps
  }

  /// What happens to positions of one group whose hashes differ but name the same bank of the table.
  public struct BankConflict: Sendable, Hashable {
    /// Which of two positions is inserted.
    public enum Winner: String, Sendable, Hashable, CaseIterable {
      /// The earlier one.
      case first
      /// The later one.
      case last
    }

    /// Which of two positions is inserted.
    public var winner: Winner
    /// The bits of the hash that name a bank; two positions conflict when all of them agree.
    public var mask: Int

    /// A conflict rule; ``MatchProfile/validate()`` checks the mask.
    public init(winner: Winner, mask: Int) {
      self.winner = winner
      self.mask = mask
    }
  }

  /// A bucket's slots in banks: a position can only take a slot of its own bank.
  public struct Banks: Sendable, Hashable {
    /// What names a position's bank.
    public enum Selector: String, Sendable, Hashable, CaseIterable {
      /// Its offset in its group; of a position that is looked up, its lane.
      case lane
      /// The position in the chunk.
      case position
    }

    /// The order in which a lane tries the banks.
    public enum Order: String, Sendable, Hashable, CaseIterable {
      /// Slots of all banks by age, newest first.
      case age
      /// Bank after bank, from bank 0 on.
      case ascending
      /// Bank after bank, to bank 0.
      case descending
      /// The lane's own bank first, the others by age.
      case ownFirst
      /// The lane's own bank last, the others by age.
      case ownLast
    }

    /// Which banks a lane reads.
    public enum Reading: String, Sendable, Hashable, CaseIterable {
      /// All of them.
      case all
      /// Its own.
      case own
      /// All but its own.
      case others
    }

    /// What names a position's bank.
    public var selector: Selector
    /// Banks, 2, 4, 8 or 16; ``MatchProfile/bucketDepth`` is a multiple.
    public var count: Int
    /// The bank is the number that the selector names, shifted right so far, modulo ``count``; 0…11.
    public var shift: Int
    /// The order of trying.
    public var order: Order
    /// What is read.
    public var reading: Reading

    /// Banks; ``MatchProfile/validate()`` checks the numbers.
    public init(
      by selector: Selector, count: Int = 2, shift: Int = 0, order: Order = .age,
      reading: Reading = .all
    ) {
      self.selector = selector
      self.count = count
      self.shift = shift
      self.order = order
      self.reading = reading
    }

    /// The bank of a lane or position.
    func bank(of number: Int) -> Int { number >> shift & (count - 1) }
  }

  /// What an insertion does when the bucket already holds something like it. Only entries at most
  /// ``duplicateReach`` back are looked at.
  public enum DuplicateRule: String, Sendable, Hashable, CaseIterable {
    /// The position is inserted in any case.
    case insert
    /// It is left out if the newest entry has the same three bytes.
    case skipIfNewestHolds
    /// It is left out if any entry has.
    case skipIfAnyHolds
    /// It takes the newest entry's place if that has the same three bytes.
    case overwriteNewest
    /// It replaces the newest of the entries that have the same three bytes, and stands first.
    case replaceAny
    /// It is left out if there is a newest entry within reach, whatever its bytes.
    case skipIfNewestIsNear
  }

  /// What a match does to the entry it was found by.
  public enum RefreshRule: String, Sendable, Hashable, CaseIterable {
    /// Nothing.
    case none
    /// Where the match's first position is inserted, the entry goes.
    case overwriteMatched
    /// The entry becomes its bucket's newest, before the step's positions are inserted.
    case moveMatchedToFront
  }

  /// What the four parity bits beside each entry do: of the bytes 3 and 4 behind a position, the parities of
  /// the even and of the odd bits; all 0 where the chunk ends before.
  public enum MetaRule: String, Sendable, Hashable, CaseIterable {
    /// Nothing.
    case ignored
    /// Entries whose bits differ are passed over when some entry's agree.
    case filters
    /// Entries whose bits differ are tried last.
    case sorts
  }
}
