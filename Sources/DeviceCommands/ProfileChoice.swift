// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// --profile NAME|FILE, for the command and its subcommands alike.

package import FixedDeflate
import IAADevices
import SystemPackage

/// Rules that the user chose, and what to call them.
package struct ProfileChoice: Sendable, Equatable {
  package let name: String
  package let rules: MatchProfile
  /// Whether they are from a file, as `calibrate` writes it.
  package let isFile: Bool

  /// Why a text names no profile.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Takes a member's name, or reads a file.
  package init(_ text: String) throws(Failure) {
    if let member = MatchProfile(named: text) {
      (name, rules, isFile) = (text, member, false)
      return
    }
    let contents: String
    do throws(Errno) {
      contents = String(
        decoding: try HostFiles.read(file: text, limit: ProfileFile.maximumByteCount), as: UTF8.self
      )
    } catch {
      let names = MatchProfile.named.map(\.name).joined(separator: ", ")
      throw Failure(
        description: "\(text): \(error); and it is no profile's name, which are \(names)")
    }
    do throws(ProfileFileError) {
      let file = try ProfileFile(parsing: contents)
      (name, rules, isFile) = (file.name, file.profile, true)
    } catch {
      throw Failure(description: "\(text): \(error)")
    }
  }
}
