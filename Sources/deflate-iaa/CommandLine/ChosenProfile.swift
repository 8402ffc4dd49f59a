// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// --profile NAME|FILE: a member of the family by its name, or a profile's file.

import DeviceCommands
import FixedDeflate

/// The rules that the user chose, and what to call them. Not a value within the options, since these are
/// handed from folder to folder, where each level of a deep tree would hold them.
final class ChosenProfile: Sendable, Equatable {
  let name: String
  let rules: MatchProfile

  /// Takes a name, or reads a file.
  ///
  /// - Throws: `UsageError` that names `place` and says what is wrong with the file.
  init(_ text: String, of place: String) throws(UsageError) {
    do throws(ProfileChoice.Failure) {
      let choice = try ProfileChoice(text)
      (name, rules) = (choice.name, choice.rules)
    } catch {
      throw UsageError(message: "\(place): \(error)")
    }
  }

  static func == (left: ChosenProfile, right: ChosenProfile) -> Bool {
    left.name == right.name && left.rules == right.rules
  }
}
