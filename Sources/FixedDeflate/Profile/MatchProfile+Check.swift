// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What makes a profile one. The rule-by-rule path trusts these ranges and no others.

/// Why a profile makes no encoder.
public struct MatchProfileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The field at fault and its range, or the two that do not go together.
  public let description: String
}

extension MatchProfile {
  /// Checks that every field is within its range and that they go together.
  ///
  /// - Throws: ``MatchProfileError`` for the first that is not.
  public func validate() throws(MatchProfileError) {
    try check("laneCount", laneCount, in: 1...4)
    try check("hashedByteCount", hashedByteCount, in: 3...8)
    try check("lookupConflictMask", lookupConflictMask, in: 0...hash.bucketCount - 1)
    try check("visibility.hiddenFromLaneZero", visibility.hiddenFromLaneZero, in: 0...3)
    try check("visibility.hiddenFromLaterLanes", visibility.hiddenFromLaterLanes, in: -1...3)
    try check("hiddenMatchTail", hiddenMatchTail, in: 0...3)
    try check("bucketDepth", bucketDepth, in: 1...16)
    try check("laterLaneSlots", laterLaneSlots ?? 1, in: 1...bucketDepth)
    try check("pointerBits", pointerBits, in: 1...16)
    try check("historySize", historySize, in: DistanceAlphabet.distances)
    try check("minimumDistance", minimumDistance, in: 1...historySize)
    try check("compareWindow", compareWindow, in: LengthAlphabet.lengths)
    try check("minimumMatchLength", minimumMatchLength, in: 3...compareWindow)
    try check("sufficientLength", sufficientLength ?? 3, in: LengthAlphabet.lengths)
    try check("groupSize", groupSize, in: 1...16)
    try check("matchGroupSize", matchGroupSize ?? 1, in: 1...16)
    try check("bankConflict.mask", bankConflict?.mask ?? 0, in: 0...hash.bucketCount - 1)
    try check("duplicateReach", duplicateReach, in: DistanceAlphabet.distances)
    try validateInsertion()
    try validateBanks()
  }

  private func validateInsertion() throws(MatchProfileError) {
    switch insertion {
    case .everyPosition, .tokenStarts, .allButLast: break
    case .first(let count), .last(let count):
      try check("insertion", count, in: 1...258)
    case .firstAndLast(let first, let last):
      try check("insertion.first", first, in: 1...258)
      try check("insertion.last", last, in: 1...258)
    case .periodic(let count, let period, _):
      try check("insertion.period", period, in: 1...64)
      try check("insertion.count", count, in: 1...period)
    }
  }

  private func validateBanks() throws(MatchProfileError) {
    guard let banks else { return }
    guard [2, 4, 8, 16].contains(banks.count) else {
      throw MatchProfileError(description: "banks.count is \(banks.count), not 2, 4, 8 or 16")
    }
    try check("banks.shift", banks.shift, in: 0...11)
    guard bucketDepth % banks.count == 0 else {
      throw MatchProfileError(
        description: "bucketDepth is \(bucketDepth), no multiple of the \(banks.count) banks")
    }
    guard duplicates == .insert, refresh == .none else {
      throw MatchProfileError(description: "banks go with neither duplicates nor refresh")
    }
  }

  private func check(
    _ name: String, _ value: Int, in range: ClosedRange<Int>
  ) throws(MatchProfileError) {
    guard range.contains(value) else {
      throw MatchProfileError(
        description: "\(name) is \(value), outside \(range.lowerBound)...\(range.upperBound)")
    }
  }

  /// Stops on what ``validate()`` refuses.
  func checkRanges() {
    do throws(MatchProfileError) { try validate() } catch { preconditionFailure("\(error)") }
  }
}
