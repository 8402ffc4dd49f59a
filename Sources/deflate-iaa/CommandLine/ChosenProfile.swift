// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// --profile NAME|FILE: a member of the family by its name, or a profile's file.

import FixedDeflate
import IAADevices
import SystemPackage

/// The rules that the user chose, and what to call them. Not a value within the options, since these are
/// handed from folder to folder, where each level of a deep tree would hold them.
final class ChosenProfile: Sendable, Equatable {
  let name: String
  let rules: MatchProfile

  /// Takes a name, or reads a file.
  ///
  /// - Throws: `UsageError` that names `place` and says what is wrong with the file.
  init(_ text: String, of place: String) throws(UsageError) {
    if let member = MatchProfile(named: text) {
      (name, rules) = (text, member)
      return
    }
    let contents: String
    do throws(Errno) {
      contents = String(
        decoding: try HostFiles.read(file: text, limit: ProfileFile.maximumByteCount), as: UTF8.self
      )
    } catch {
      let names = MatchProfile.named.map(\.name).joined(separator: ", ")
      throw UsageError(
        message: "\(place): \(text): \(error); and it is no profile's name, which are \(names)")
    }
    do throws(ProfileFileError) {
      let file = try ProfileFile(parsing: contents)
      (name, rules) = (file.name, file.profile)
    } catch {
      throw UsageError(message: "\(place): \(text): \(error)")
    }
  }

  static func == (left: ChosenProfile, right: ChosenProfile) -> Bool {
    left.name == right.name && left.rules == right.rules
  }
}
