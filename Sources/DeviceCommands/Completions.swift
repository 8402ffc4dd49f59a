// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What shells complete of subcommands. ArgumentParser writes it from the declarations it parses by, so
// that it cannot name an option that is not there or miss one that is.

import ArgumentParser

/// The shells that completions are written for.
package enum Shell: String, Sendable, CaseIterable {
  case bash, zsh, fish
}

extension DeviceCommands {
  /// The function of bash and zsh that completes a command line whose first word is a subcommand.
  package static let completionFunction = "_\(SubcommandsAlone._commandName)"

  /// A shell's completions for everything behind a subcommand's name: functions of which nothing is
  /// bound to the command's name yet, but for fish, which binds each option by itself.
  package static func completions(for shell: Shell) -> String {
    switch shell {
    case .bash: functions(for: .bash, bindingStart: "complete ")
    case .zsh: functions(for: .zsh, bindingStart: "if [[ ")
    case .fish: withoutFirstWords(Root.completionScript(for: .fish))
    }
  }

  /// The parser's functions, without the comment they begin with and the lines that bind them.
  private static func functions(for shell: CompletionShell, bindingStart: String) -> String {
    SubcommandsAlone.completionScript(for: shell)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .drop { $0.hasPrefix("#") }
      .prefix { !$0.hasPrefix(bindingStart) }
      .joined(separator: "\n")
  }

  /// fish's script without the subcommands' own names, which the parser offers behind options, too.
  private static func withoutFirstWords(_ script: String) -> String {
    script.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains("completions_for_positional \"\(Root._commandName)\" ") }
      .joined(separator: "\n")
  }

  /// The subcommands under a name of their own, which the shells' functions take.
  private struct SubcommandsAlone: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "deflate-iaa-subcommands", subcommands: all)
  }
}
