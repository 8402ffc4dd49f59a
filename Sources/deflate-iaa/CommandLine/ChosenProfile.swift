// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// --profile NAME|FILE: a member of the family by its name, or a profile's file.

import FixedDeflate
import IAAOffload
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
      contents = try Self.contents(of: FilePath(text))
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

  /// A file's text, as far as a profile's may go.
  private static func contents(of path: FilePath) throws(Errno) -> String {
    do {
      let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
      return try file.closeAfter {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= ProfileFile.maximumByteCount {
          // SAFETY: reads into the piece's own bytes.
          let count = try unsafe piece.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
          if count == 0 { return String(decoding: bytes, as: UTF8.self) }
          bytes += piece[..<count]
        }
        throw Errno.fileTooLarge
      }
    } catch {
      throw error as? Errno ?? .ioError
    }
  }
}
