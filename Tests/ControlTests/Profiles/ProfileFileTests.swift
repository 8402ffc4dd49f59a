// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What is written is read again, and what is no profile is refused with its reason.

import FixedDeflate
import Testing

@testable import IAADevices

@Suite("A profile's file") struct ProfileFileTests {
  /// Profiles that between them have a value of their own in every field.
  static let profiles: [MatchProfile] = {
    var all = MatchProfile.named.map(\.profile)
    let insertions: [MatchProfile.InsertionRule] = [
      .tokenStarts, .allButLast, .first(30), .last(13), .firstAndLast(first: 2, last: 14),
      .periodic(5, of: 8, from: .match), .periodic(1, of: 2, from: .chunk),
    ]
    for insertion in insertions {
      var profile = MatchProfile.iaaV1
      profile.insertion = insertion
      all.append(profile)
    }
    var other = MatchProfile.iaaV1
    other.laneCount = 3
    other.hashedByteCount = 4
    other.hash = PolynomialHash(polynomial: 0x805)
    other.lookupConflictMask = 7
    other.visibility = .init(hiddenFromLaneZero: 1, hiddenFromLaterLanes: -1)
    other.hiddenMatchTail = 2
    other.bucketDepth = 8
    other.banks = .init(by: .position, count: 4, shift: 1, order: .ownLast, reading: .others)
    other.laterLaneSlots = 1
    other.pointerBits = 11
    other.zeroPointer = .onlyWhileAlone
    other.historySize = 4095
    other.minimumDistance = 2
    other.meta = .sorts
    other.candidates = .longestOfFirstTwo
    other.sufficientLength = 8
    other.minimumMatchLength = 4
    other.compareWindow = 64
    other.compareWindowStart = .fromLane
    other.lanes = .longerByTwo
    other.groupSize = 4
    other.matchGroupSize = 8
    other.groupAlignment = .running
    other.incompleteGroups = .powersOfTwo
    other.equalHashes = .insertAllFirstNewest
    other.equalHashScope = .matchSteps
    other.bankConflict = .init(winner: .first, mask: 31)
    other.duplicateReach = 32
    all.append(other)
    other.banks = nil
    other.duplicates = .replaceAny
    other.refresh = .moveMatchedToFront
    all.append(other)
    return all
  }()

  @Test("what is written is read again, whatever the profile", arguments: profiles)
  func roundTrip(_ profile: MatchProfile) throws {
    let file = ProfileFile(name: "found \"here\"", profile: profile)
    #expect(try ProfileFile(parsing: file.text) == file)
  }

  @Test("every field is written where it differs from version 1's")
  func fields() {
    let written = Set(
      Self.profiles.flatMap { profile -> [String] in
        guard case .object(let members) = profile.rulesJSON else { return [] }
        return members.map(\.key)
      })
    #expect(written == Set(ProfileField.all.map(\.key)))
    // One member for each field but the version; the visibility has two.
    #expect(written.count == Mirror(reflecting: MatchProfile.iaaV1).children.count)
  }

  @Test("only what differs from version 1 is written, and evidence is kept")
  func text() throws {
    var file = ProfileFile(name: "iaa-pair-first", profile: .iaaPairFirst)
    file.evidence = .members(["device": "iax1"])
    #expect(
      file.text == """
        {
          "format":"deflate-iaa profile",
          "formatVersion":1,
          "name":"iaa-pair-first",
          "rules":{
            "equalHashes":"keepFirst"
          },
          "evidence":{
            "device":"iax1"
          }
        }

        """)
    #expect(try ProfileFile(parsing: file.text) == file)
  }

  @Test(
    "what is no profile is refused, and why is said",
    arguments: [
      ("", "line 1: the text ends too early"),
      ("[]", "no profile: \"format\" is not \"deflate-iaa profile\""),
      (#"{"format":"deflate-iaa profile","formatVersion":2}"#, "\"formatVersion\" is not 1"),
      (Self.file("", other: #","speed":1"#), "a profile has no \"speed\""),
      (Self.file(#""depth":4"#), "\"rules\" has no \"depth\""),
      (Self.file(#""bucketDepth":"4""#), "\"bucketDepth\" cannot have this value"),
      (Self.file(#""bucketDepth":17"#), "bucketDepth is 17, outside 1...16"),
      (Self.file(#""bucketDepth":1e30"#), "\"bucketDepth\" cannot have this value"),
      (Self.file(#""polynomial":1"#), "\"polynomial\" cannot have this value"),
      (Self.file(#""equalHashes":"keepBest""#), "\"equalHashes\" cannot have this value"),
      (
        Self.file(#""insertion":{"positions":"last","first":1}"#),
        "\"insertion\" cannot have this value"
      ),
      (
        Self.file(#""insertion":{"positions":"periodic","count":9,"period":8,"origin":"base"}"#),
        "insertion.count is 9, outside 1...8"
      ),
      (
        Self.file(#""banks":{"selector":"lane","count":4},"bucketDepth":2"#),
        "bucketDepth is 2, no multiple of the 4 banks"
      ),
      (
        Self.file(#""banks":{"selector":"lane"},"refresh":"overwriteMatched""#),
        "banks go with neither duplicates nor refresh"
      ),
    ])
  func refused(_ text: String, _ reason: String) {
    do throws(ProfileFileError) {
      let file = try ProfileFile(parsing: text)
      Issue.record("\(file) was taken")
    } catch {
      #expect(error.description == reason)
    }
  }

  private static func file(_ rules: String, other: String = "") -> String {
    #"{"format":"deflate-iaa profile","formatVersion":1,"name":"x","rules":{\#(rules)}\#(other)}"#
  }
}
