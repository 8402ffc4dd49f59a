// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Completions for shells. ArgumentParser writes them from the declarations that the command parses by,
// so that they cannot name an option that is not there or miss one that is. It knows no command whose
// first word is either a file or a subcommand, so it writes the two apart, and what is here chooses.

import ArgumentParser
import DeviceCommands

/// The completions for one shell.
struct Completion: Sendable {
  /// ArgumentParser's own name for the option that prints them.
  static let option = "--generate-completion-script"

  private let shell: CompletionShell

  /// - Parameter shell: "bash", "zsh" or "fish".
  init?(shell: String) {
    guard let shell = CompletionShell(rawValue: shell) else { return nil }
    self.shell = shell
  }

  /// What the shell reads.
  var script: String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    default: fish
    }
  }

  private var names: String { DeviceCommands.firstWords.sorted().joined(separator: " ") }

  private var bash: String {
    """
    # bash completion for deflate-iaa
    \(functions(FileCommand.self))
    \(functions(SubcommandCommand.self))

    # A subcommand stands in the first word only; whatever else is no option is a file.
    _deflate-iaa() {
        local -r deflate_iaa_names='\(names)'
        if ((COMP_CWORD > 1)) && [[ " ${deflate_iaa_names} " == *" ${COMP_WORDS[1]} "* ]]; then
            _deflate-iaa-subcommands "$@"
            if ((COMP_CWORD == 2)) && [[ "${COMP_WORDS[1]}" == help ]]; then
                COMPREPLY=($(compgen -W "${deflate_iaa_names}" -- "$2"))
            fi
        else
            _deflate-iaa-files "$@"
            if ((COMP_CWORD == 1)); then
                COMPREPLY+=($(compgen -W "${deflate_iaa_names}" -- "$2"))
            fi
        fi
    }

    complete -o filenames -F _deflate-iaa deflate-iaa

    """
  }

  private var zsh: String {
    """
    #compdef deflate-iaa
    \(functions(FileCommand.self))
    \(functions(SubcommandCommand.self))

    # A subcommand stands in the first word only; whatever else is no option is a file.
    _deflate-iaa() {
        local -r deflate_iaa_names='\(names)'
        if ((CURRENT > 2)) && [[ " ${deflate_iaa_names} " == *" ${words[2]} "* ]]; then
            if ((CURRENT == 3)) && [[ "${words[2]}" == help ]]; then
                compadd -- ${=deflate_iaa_names}
            else
                _deflate-iaa-subcommands "$@"
            fi
        else
            ((CURRENT == 2)) && [[ "${words[2]}" != -* ]] && compadd -- ${=deflate_iaa_names}
            _deflate-iaa-files "$@"
        fi
    }

    if [[ "${funcstack[1]}" = _deflate-iaa ]]; then
        _deflate-iaa "${@}"
    else
        compdef _deflate-iaa deflate-iaa
    fi

    """
  }

  private var fish: String {
    let script = WholeCommand.completionScript(for: shell)
    // Those of the parser come behind options, too.
    let subcommands = "completions_for_positional \"\(Reporter.programName)\" "
    let whole = script.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains(subcommands) }
    return """
      # fish completion for deflate-iaa
      \(whole.joined(separator: "\n"))

      # A subcommand stands in the first word only; whatever else is no option is a file.
      function __deflate-iaa_first_word_is_open
          test (count (commandline -opc)) -eq 1
      end
      function __deflate-iaa_wants_help
          set -l words (commandline -opc)
          test (count $words) -eq 2 -a "$words[2]" = help
      end
      function __deflate-iaa_takes_files
          not contains -- (commandline -opc)[2] \(names)
      end
      complete -c deflate-iaa -n __deflate-iaa_first_word_is_open -a '\(names)' -d subcommand
      complete -c deflate-iaa -n __deflate-iaa_wants_help -fa '\(names)'
      complete -c deflate-iaa -n __deflate-iaa_takes_files -F

      """
  }

  /// ArgumentParser's functions for a command, without the lines that bind them to its name: those
  /// come last, all but zsh's first.
  private func functions(_ command: any ParsableCommand.Type) -> String {
    let lines = command.completionScript(for: shell).split(
      separator: "\n", omittingEmptySubsequences: false)
    let binding = shell == .zsh ? "if [[ " : "complete "
    let functions = lines.drop { $0.hasPrefix("#") }.prefix { !$0.hasPrefix(binding) }
    guard command is FileCommand.Type else { return functions.joined(separator: "\n") }
    // The parser gives `help` to every command, behind the files, where zsh refuses it.
    return functions.filter { !$0.contains(":->") }.joined(separator: "\n")
  }
}

/// gzip's half.
private struct FileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deflate-iaa-files", helpNames: [])

  @OptionGroup var arguments: CommandArguments
  @Argument(completion: .file()) var files: [String] = []
}

/// The subcommands' half.
private struct SubcommandCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deflate-iaa-subcommands", subcommands: DeviceCommands.all)
}

/// Both.
private struct WholeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Reporter.programName, subcommands: DeviceCommands.all, helpNames: [])

  @OptionGroup var arguments: CommandArguments
}
