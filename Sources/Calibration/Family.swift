// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The rules that a device may follow, as far as they could be named: settings of the switches of
// `MatchProfile` that leave the published streams as they are, alone or together. Documentation/iaa-fixed-profile.md
// says what is known of each. There are far too many members to list all, so they are made by the number
// of switches that are set, and the ones with many only near members that explain a lot.

package import FixedDeflate

/// A setting of one switch.
typealias RuleChange = @Sendable (_ profile: inout MatchProfile) -> Void

/// Members of the family of profiles.
package struct Family: Sendable {
  /// Equal hashes within a group: the switch that is most in doubt, combined with all others.
  let conflicts: [RuleChange]
  /// The other switches, each with its settings.
  let switches: [[RuleChange]]

  /// Everything that has a name.
  package static let whole = Family(
    conflicts: Self.conflictRules + Self.limitedConflictRules, switches: Self.otherSwitches)

  init(conflicts: [RuleChange], switches: [[RuleChange]]) {
    self.conflicts = conflicts
    self.switches = switches
  }

  /// A part of the family with at most so many settings a switch, for tests that have little time.
  package func reduced(to count: Int) -> Family {
    Family(conflicts: conflicts, switches: switches.map { Array($0.prefix(count)) })
  }

  /// The members whose conflict rule and at most one other switch may differ from version 1, and those that
  /// have names; the likeliest first, and none twice.
  package func nearMembers() -> [MatchProfile] {
    var members = MatchProfile.named.map(\.profile)
    for conflict in conflicts {
      members.append(Self.member([conflict]))
      for change in switches.joined() { members.append(Self.member([conflict, change])) }
    }
    return Self.distinct(members)
  }

  /// The members with exactly two switches set besides the conflict rule.
  package func pairMembers() -> [MatchProfile] {
    var members: [MatchProfile] = []
    // A conflict rule for some steps only is rarer than one for all.
    for conflict in conflicts.prefix(Self.conflictRules.count) {
      for (index, first) in switches.enumerated() {
        for second in switches[(index + 1)...].joined() {
          for first in first { members.append(Self.member([conflict, first, second])) }
        }
      }
    }
    return Self.distinct(members)
  }

  /// The members that differ from one in one switch, whose settings it loses.
  package func neighbours(of member: MatchProfile) -> [MatchProfile] {
    Self.distinct(
      (conflicts + switches.joined()).map { change in
        var other = member
        change(&other)
        return other
      })
  }

  private static func member(_ changes: [RuleChange]) -> MatchProfile {
    var member = MatchProfile.iaaV1
    for change in changes { change(&member) }
    return member
  }

  /// Those that make encoders, none of them twice.
  private static func distinct(_ members: [MatchProfile]) -> [MatchProfile] {
    var seen = Set<MatchProfile>()
    return members.filter { member in
      (try? member.validate()) != nil && seen.insert(member).inserted
    }
  }
}
