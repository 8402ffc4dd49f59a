// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A profile as a file: JSON, with a version of its own, so that what one machine has found out another can
// use. Members beside the rules are for people and for what made the file.

public import FixedDeflate

/// Why a text is no profile.
public struct ProfileFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, with the line where the text is not JSON.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// A profile and what a file says about it.
///
///     {
///       "format": "deflate-iaa profile",
///       "formatVersion": 1,
///       "name": "iaa-pair-first",
///       "rules": { "equalHashes": "keepFirst" }
///     }
///
/// `rules` has ``/FixedDeflate/MatchProfile``'s fields by their names, and needs those only that differ from
/// `iaaV1`'s. A member `evidence` may hold anything; other members are refused, since a rule that
/// is not known would change streams unnoticed.
public struct ProfileFile: Sendable, Hashable {
  /// The version of the form that this library reads and writes.
  public static let formatVersion = 1
  /// Bytes that a file may have, more than any profile needs.
  public static let maximumByteCount = 1 << 20

  /// The profile's name, for people.
  public var name: String
  /// The rules.
  public var profile: MatchProfile
  /// What made the file has to say: devices, driver, microcode, probes. An object, or nothing.
  package var evidence: JSON?

  private static let format = "deflate-iaa profile"

  /// A file of a profile.
  public init(name: String, profile: MatchProfile) {
    self.name = name
    self.profile = profile
  }

  /// Reads a file's text.
  ///
  /// - Throws: ``ProfileFileError``.
  public init(parsing text: String) throws(ProfileFileError) {
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: text)
    } catch {
      throw ProfileFileError("\(error)")
    }
    guard case .object(let members) = json, json["format"] == .string(Self.format) else {
      throw ProfileFileError("no profile: \"format\" is not \"\(Self.format)\"")
    }
    guard json["formatVersion"] == .integer(Self.formatVersion) else {
      throw ProfileFileError("\"formatVersion\" is not \(Self.formatVersion)")
    }
    let known = ["format", "formatVersion", "name", "rules", "evidence"]
    if let other = members.first(where: { !known.contains($0.key) }) {
      throw ProfileFileError("a profile has no \"\(other.key)\"")
    }
    guard case .string(let name) = json["name"], !name.isEmpty else {
      throw ProfileFileError("\"name\" is not a text")
    }
    guard let rules = json["rules"] else { throw ProfileFileError("\"rules\" is missing") }
    self.name = name
    profile = try MatchProfile(rulesJSON: rules)
    evidence = json["evidence"]
  }

  /// The file's text.
  public var text: String {
    JSON.members([
      "format": .string(Self.format), "formatVersion": .integer(Self.formatVersion),
      "name": .string(name), "rules": profile.rulesJSON, "evidence": evidence,
    ]).pretty()
  }
}
