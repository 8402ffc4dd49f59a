// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What members answer to probes, computed when asked for and kept: one probe splits thousands of members, and a
// member is asked about a probe again and again while the best probe is looked for.

package import FixedDeflate

/// The probes, the members, and the members' streams.
///
/// Streams of one probe are numbered as they come up, so that answers are compared as numbers.
package final class ProbeAnswers {
  /// Probes before those that are made by the number.
  static let standardCount = Probe.opening.count + Probe.standard.count
  /// The number of the first probe that is none of ours' making.
  private static let firstAdded = 1 << 20

  /// What is known of a probe.
  private struct Row {
    var numbers: [[UInt8]: Int32] = [:]
    /// What each member answers; -1 is not computed yet.
    var answers: [Int32] = []
  }

  /// Members in the order in which they came.
  package private(set) var members: [MatchProfile] = []
  private var memberNumbers: [MatchProfile: Int] = [:]
  private var probes = Probe.opening + Probe.standard
  private var added: [Probe] = []
  private var rows: [Int: Row] = [:]

  /// Where members come from.
  let family: Family
  /// The numbers of the family's members near version 1, and of those farther out, made when needed.
  private(set) lazy var near = family.nearMembers().map(number)
  private(set) lazy var pairs = family.pairMembers().map(number)

  /// Answers of a family's members.
  package init(of family: Family) { self.family = family }

  /// The number of a member, which is added if it is new.
  func number(of member: MatchProfile) -> Int {
    if let number = memberNumbers[member] { return number }
    memberNumbers[member] = members.count
    members.append(member)
    return members.count - 1
  }

  /// The probe of a number, of which there is no end.
  func probe(_ number: Int) -> Probe {
    if number >= Self.firstAdded { return added[number - Self.firstAdded] }
    while probes.count <= number {
      let index = probes.count
      let count = [48, 96, 160, 260][index / ProbeShape.allCases.count % 4]
      probes.append(
        Probe("input \(index), \(count) bytes", ProbeShape.input(index, count: count)))
    }
    return probes[number]
  }

  /// The number of a probe of the caller's.
  func number(of probe: Probe) -> Int {
    if let number = added.firstIndex(of: probe) { return Self.firstAdded + number }
    added.append(probe)
    return Self.firstAdded + added.count - 1
  }

  /// The number of a member's stream among those of a probe.
  func answer(_ probe: Int, by member: Int) -> Int32 {
    if let answers = rows[probe]?.answers, member < answers.count, answers[member] >= 0 {
      return answers[member]
    }
    let answer = number(stream(probe, by: member), of: probe)
    let missing = members.count - rows[probe, default: Row()].answers.count
    if missing > 0 {
      rows[probe, default: Row()].answers += [Int32](repeating: -1, count: missing)
    }
    rows[probe]?.answers[member] = answer
    return answer
  }

  /// A member's stream.
  func stream(_ probe: Int, by member: Int) -> [UInt8] {
    var encoder = Encoder(profile: members[member])
    return encoder.compress(self.probe(probe).input)
  }

  /// The number of a stream among those of a probe.
  func number(_ stream: [UInt8], of probe: Int) -> Int32 {
    let next = Int32(rows[probe, default: Row()].numbers.count)
    if let number = rows[probe]?.numbers[stream] { return number }
    rows[probe, default: Row()].numbers[stream] = next
    return next
  }
}
