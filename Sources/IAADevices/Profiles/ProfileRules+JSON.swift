// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A profile's fields as JSON: one table says them all, by the fields' own names. What is not written has its
// value of iaaV1.

import FixedDeflate

/// One field of a profile as a member of an object.
struct ProfileField: Sendable {
  let key: String
  /// The field's value; nil where it has none.
  let read: @Sendable (MatchProfile) -> JSON?
  /// Sets the field; false for a value that no such field has.
  let write: @Sendable (inout MatchProfile, JSON) -> Bool

  /// Every field, in the order in which the profile declares them.
  static let all: [ProfileField] = [
    number("laneCount", \.laneCount), number("hashedByteCount", \.hashedByteCount),
    ProfileField(
      key: "polynomial", read: { .integer(Int($0.hash.polynomial)) },
      write: { profile, value in
        guard let value = value.wholeNumber, (2..<0x2_0000).contains(value) else { return false }
        profile.hash = PolynomialHash(polynomial: UInt32(value))
        return true
      }),
    number("lookupConflictMask", \.lookupConflictMask),
    number("hiddenFromLaneZero", \.visibility.hiddenFromLaneZero),
    number("hiddenFromLaterLanes", \.visibility.hiddenFromLaterLanes),
    number("hiddenMatchTail", \.hiddenMatchTail), number("bucketDepth", \.bucketDepth),
    ProfileField(key: "banks", read: { $0.banks?.json }, write: setBanks),
    optional("laterLaneSlots", \.laterLaneSlots), number("pointerBits", \.pointerBits),
    word("zeroPointer", \.zeroPointer), number("historySize", \.historySize),
    number("minimumDistance", \.minimumDistance), word("meta", \.meta),
    word("candidates", \.candidates), optional("sufficientLength", \.sufficientLength),
    number("minimumMatchLength", \.minimumMatchLength), number("compareWindow", \.compareWindow),
    word("compareWindowStart", \.compareWindowStart), word("lanes", \.lanes),
    ProfileField(key: "insertion", read: { $0.insertion.json }, write: setInsertion),
    number("groupSize", \.groupSize), optional("matchGroupSize", \.matchGroupSize),
    word("groupAlignment", \.groupAlignment), word("incompleteGroups", \.incompleteGroups),
    word("equalHashes", \.equalHashes), word("equalHashScope", \.equalHashScope),
    ProfileField(key: "bankConflict", read: { $0.bankConflict?.json }, write: setBankConflict),
    word("duplicates", \.duplicates), number("duplicateReach", \.duplicateReach),
    word("refresh", \.refresh),
  ]

  private static func number(
    _ key: String, _ path: WritableKeyPath<MatchProfile, Int> & Sendable
  ) -> ProfileField {
    ProfileField(
      key: key, read: { .integer($0[keyPath: path]) },
      write: { profile, value in
        guard let value = value.wholeNumber else { return false }
        profile[keyPath: path] = value
        return true
      })
  }

  private static func optional(
    _ key: String, _ path: WritableKeyPath<MatchProfile, Int?> & Sendable
  ) -> ProfileField {
    ProfileField(
      key: key, read: { $0[keyPath: path].map { .integer($0) } },
      write: { profile, value in
        guard value != .null else { return true }
        guard let value = value.wholeNumber else { return false }
        profile[keyPath: path] = value
        return true
      })
  }

  private static func word<Rule: RawRepresentable & SendableMetatype>(
    _ key: String, _ path: WritableKeyPath<MatchProfile, Rule> & Sendable
  ) -> ProfileField where Rule.RawValue == String {
    ProfileField(
      key: key, read: { .string($0[keyPath: path].rawValue) },
      write: { profile, value in
        guard let rule = value.word(of: Rule.self) else { return false }
        profile[keyPath: path] = rule
        return true
      })
  }
}

extension MatchProfile {
  /// The fields that differ from those of ``iaaV1``, as an object.
  package var rulesJSON: JSON {
    .object(
      ProfileField.all.compactMap { field in
        guard let value = field.read(self), value != field.read(.iaaV1) else { return nil }
        return JSON.Member(key: field.key, value: value)
      })
  }

  /// Reads what ``rulesJSON`` writes.
  ///
  /// - Throws: ``ProfileFileError`` for a member that is no field, or whose value the field cannot have.
  init(rulesJSON rules: JSON) throws(ProfileFileError) {
    self = .iaaV1
    guard case .object(let members) = rules else {
      throw ProfileFileError("\"rules\" is not an object")
    }
    for member in members {
      guard let field = ProfileField.all.first(where: { $0.key == member.key }) else {
        throw ProfileFileError("\"rules\" has no \"\(member.key)\"")
      }
      guard field.write(&self, member.value) else {
        throw ProfileFileError("\"\(member.key)\" cannot have this value")
      }
    }
    do throws(MatchProfileError) {
      try validate()
    } catch {
      throw ProfileFileError("\(error)")
    }
  }
}

extension MatchProfile.Banks {
  fileprivate var json: JSON {
    .members([
      "selector": .string(selector.rawValue), "count": .integer(count), "shift": .integer(shift),
      "order": .string(order.rawValue), "reading": .string(reading.rawValue),
    ])
  }
}

extension MatchProfile.BankConflict {
  fileprivate var json: JSON {
    .members(["winner": .string(winner.rawValue), "mask": .integer(mask)])
  }
}

extension MatchProfile.InsertionRule {
  fileprivate var json: JSON {
    switch self {
    case .everyPosition: .members(["positions": "every"])
    case .tokenStarts: .members(["positions": "tokenStarts"])
    case .allButLast: .members(["positions": "allButLast"])
    case .first(let count): .members(["positions": "first", "first": .integer(count)])
    case .last(let count): .members(["positions": "last", "last": .integer(count)])
    case .firstAndLast(let first, let last):
      .members([
        "positions": "firstAndLast", "first": .integer(first), "last": .integer(last),
      ])
    case .periodic(let count, let period, let origin):
      .members([
        "positions": "periodic", "count": .integer(count), "period": .integer(period),
        "origin": .string(origin.rawValue),
      ])
    }
  }
}

@Sendable private func setBanks(_ profile: inout MatchProfile, _ value: JSON) -> Bool {
  guard value != .null else { return true }
  guard value.hasOnly(["selector", "count", "shift", "order", "reading"]),
    let selector = value["selector"]?.word(of: MatchProfile.Banks.Selector.self),
    let count = (value["count"] ?? .integer(2)).wholeNumber,
    let shift = (value["shift"] ?? .integer(0)).wholeNumber,
    let order = (value["order"] ?? "age").word(of: MatchProfile.Banks.Order.self),
    let reading = (value["reading"] ?? "all").word(of: MatchProfile.Banks.Reading.self)
  else { return false }
  profile.banks = .init(by: selector, count: count, shift: shift, order: order, reading: reading)
  return true
}

@Sendable private func setBankConflict(_ profile: inout MatchProfile, _ value: JSON) -> Bool {
  guard value != .null else { return true }
  guard value.hasOnly(["winner", "mask"]),
    let winner = value["winner"]?.word(of: MatchProfile.BankConflict.Winner.self),
    let mask = value["mask"]?.wholeNumber
  else { return false }
  profile.bankConflict = .init(winner: winner, mask: mask)
  return true
}

@Sendable private func setInsertion(_ profile: inout MatchProfile, _ value: JSON) -> Bool {
  let first = value["first"]?.wholeNumber, last = value["last"]?.wholeNumber
  let rule: MatchProfile.InsertionRule? =
    switch value["positions"] {
    case "every": .everyPosition
    case "tokenStarts": .tokenStarts
    case "allButLast": .allButLast
    case "first": first.map { .first($0) }
    case "last": last.map { .last($0) }
    case "firstAndLast":
      first.flatMap { first in last.map { .firstAndLast(first: first, last: $0) } }
    case "periodic":
      if let count = value["count"]?.wholeNumber, let period = value["period"]?.wholeNumber,
        let origin = value["origin"]?.word(of: MatchProfile.Origin.self)
      {
        .periodic(count, of: period, from: origin)
      } else {
        nil
      }
    default: nil
    }
  guard let rule else { return false }
  profile.insertion = rule
  // No member that the rule has no use for.
  return value.hasOnly(Set(rule.json.keys))
}

extension JSON: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self = .string(value) }

  /// The number, if it is a whole one.
  fileprivate var wholeNumber: Int? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  /// One of a rule's words.
  fileprivate func word<Rule: RawRepresentable & SendableMetatype>(of: Rule.Type) -> Rule?
  where Rule.RawValue == String {
    guard case .string(let word) = self else { return nil }
    return Rule(rawValue: word)
  }

  fileprivate var keys: [String] {
    guard case .object(let members) = self else { return [] }
    return members.map(\.key)
  }

  fileprivate func hasOnly(_ known: Set<String>) -> Bool {
    guard case .object = self else { return false }
    return keys.allSatisfy(known.contains)
  }
}
