// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What kind of run a command line asks for. Only the first word says so, and only under the command's
// own name: under gzip's names every word is gzip's, as a script written for gzip has it.

import DeviceCommands
import FixedDeflate
import SystemPackage

/// What the first word of a command line stands for.
enum FirstWord: Sendable {
  /// An option or a file of gzip's command line.
  case ordinary
  /// A subcommand; the words are the command line without the program's name.
  case subcommand([String])
  /// `help` alone.
  case help
  /// The completions for a shell.
  case completion(Completion)
  /// No file, and close to a subcommand's name.
  case mistaken(FileName, SubcommandGuess)

  /// - Parameter arguments: the command line, whose first word is the program's name.
  init(of arguments: [FileName]) {
    self = .ordinary
    guard arguments.count > 1, ProgramName(arguments[0]) == .deflateIAA else { return }
    let words = arguments.dropFirst().map { String(escaping: $0.bytes) }
    if words == [DeviceCommands.help] {
      self = .help
    } else if DeviceCommands.firstWords.contains(words[0]) {
      self = .subcommand(words)
    } else if words.count == 2, words[0] == Completion.option,
      let completion = Completion(shell: words[1])
    {
      self = .completion(completion)
    } else if let guess = SubcommandGuess(words[0]), Self.isMissing(arguments[1]) {
      self = .mistaken(arguments[1], guess)
    }
  }

  /// Whether there is no file of this name, nor one that is meant by it with -d.
  private static func isMissing(_ name: FileName) -> Bool {
    let suffixes = Suffixes(own: Suffixes.standard(for: .gzip), allFormats: true)
    return ([name] + suffixes.alternatives(to: name)).allSatisfy { name in
      do throws(Errno) {
        _ = try SystemCalls.status(
          of: name, at: SystemCalls.workingDirectory, followingLinks: false)
        return false
      } catch {
        return error == .noSuchFileOrDirectory
      }
    }
  }
}
