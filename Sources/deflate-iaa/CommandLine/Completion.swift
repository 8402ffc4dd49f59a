// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Completions for shells: gzip's half from the table of options, the subcommands' from their parser,
// and what chooses between the two. A subcommand stands in the first word only; whatever else is no
// option is a file.

import DeviceCommands

/// The completions for one shell.
struct Completion: Sendable {
  /// The option that prints them, by the name that programs made with ArgumentParser have for it.
  static let option = "--generate-completion-script"

  private let shell: Shell

  /// - Parameter shell: "bash", "zsh" or "fish".
  init?(shell: String) {
    guard let shell = Shell(rawValue: shell) else { return nil }
    self.shell = shell
  }

  /// What the shell reads.
  var script: String {
    switch shell {
    case .bash: BashCompletion.script
    case .zsh: ZshCompletion.script
    case .fish: FishCompletion.script
    }
  }

  /// The words that are no file in the first place.
  static var firstWords: String { DeviceCommands.firstWords.sorted().joined(separator: " ") }
}

/// bash's completions.
private enum BashCompletion {
  static var script: String {
    let options = OptionTable.all.flatMap(\.names).joined(separator: " ")
    let valued = OptionTable.all.filter(\.takesValue)
    return """
      # bash completion for deflate-iaa

      # Options of gzip's half, their values, and files.
      _deflate-iaa-files() {
          local -r valued=' \(valued.flatMap(\.names).joined(separator: " ")) '
          local word="$2" option='' ended=''
          local -i at=0
          while ((++at < COMP_CWORD)); do
              if [[ "${COMP_WORDS[at]}" == -- ]]; then
                  ended=yes
                  break
              elif [[ "${valued}" == *" ${COMP_WORDS[at]} "* ]]; then
                  # Its value is the next word, or the one behind "=", which bash takes for a word.
                  option="${COMP_WORDS[at]}"
                  [[ "${COMP_WORDS[at + 1]}" == = ]] && at+=1
                  at+=1
                  ((at < COMP_CWORD)) && option=''
              fi
          done
          [[ "${word}" == = ]] && word=''
          local completions=''
          case "${option}" in
      \(valued.map(value).joined(separator: "\n"))
          *)
              if [[ -z "${ended}" && "${word}" == -* ]]; then
                  completions="$(compgen -W '\(options)' -- "${word}")"
              else
                  completions="$(compgen -f -- "${word}")"
              fi
              ;;
          esac
          local line
          while IFS='' read -r line; do
              [[ -n "${line}" ]] && COMPREPLY+=("${line}")
          done <<< "${completions}"
      }
      \(DeviceCommands.completions(for: .bash))
      _deflate-iaa() {
          local -r deflate_iaa_names='\(Completion.firstWords)'
          COMPREPLY=()
          if ((COMP_CWORD > 1)) && [[ " ${deflate_iaa_names} " == *" ${COMP_WORDS[1]} "* ]]; then
              \(DeviceCommands.completionFunction) "$@"
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

  /// What is offered for an option's value.
  private static func value(of option: CommandOption) -> String {
    let action =
      switch option.value?.domain {
      case .words: "-W '\(option.value?.words.joined(separator: " ") ?? "")'"
      case .directory: "-d"
      case .file: "-f"
      case .number, .suffix, nil: ""
      }
    let completions = action.isEmpty ? ":" : "completions=\"$(compgen \(action) -- \"${word}\")\""
    return "    \(option.names.joined(separator: " | "))) \(completions) ;;"
  }
}

/// zsh's completions.
private enum ZshCompletion {
  static var script: String {
    """
    #compdef deflate-iaa

    # Options of gzip's half, their values, and files.
    _deflate-iaa-files() {
        _arguments -s -S : \\
    \(OptionTable.all.map(option).joined(separator: " \\\n")) \\
            '*:file:_files'
    }
    \(DeviceCommands.completions(for: .zsh))
    _deflate-iaa() {
        local -r deflate_iaa_names='\(Completion.firstWords)'
        if ((CURRENT > 2)) && [[ " ${deflate_iaa_names} " == *" ${words[2]} "* ]]; then
            if ((CURRENT == 3)) && [[ "${words[2]}" == help ]]; then
                compadd -- ${=deflate_iaa_names}
            else
                \(DeviceCommands.completionFunction) "$@"
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

  /// An option as `_arguments` takes it: the names that it excludes, its own, what it does, its value.
  private static func option(_ option: CommandOption) -> String {
    // Behind a letter the value may follow at once, behind a word after "=".
    let names = option.names.map {
      !option.takesValue ? $0 : $0.hasPrefix("--") ? "\($0)=" : "\($0)+"
    }
    let ownNames = names.count == 1 ? "'\(names[0])" : "{\(names.joined(separator: ","))}'"
    let excluded = names.count == 1 ? "" : "'(\(option.names.joined(separator: " ")))'"
    var help = quoted(option.help)
    for special in ["[", "]", ":"] { help.escape(special) }
    return "        \(excluded)\(ownNames)[\(help)]\(value(of: option))'"
  }

  private static func value(of option: CommandOption) -> String {
    guard let value = option.value else { return "" }
    switch value.domain {
    case .words: return ":\(value.name):(\(value.words.joined(separator: " ")))"
    case .directory: return ":\(value.name):_directories"
    case .file: return ":\(value.name):_files"
    case .number, .suffix: return ":\(value.name):"
    }
  }

  /// Text between apostrophes.
  private static func quoted(_ text: String) -> String {
    text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
  }
}

/// fish's completions.
private enum FishCompletion {
  static var script: String {
    """
    # fish completion for deflate-iaa
    \(DeviceCommands.completions(for: .fish))
    function __deflate-iaa_first_word_is_open
        test (count (commandline -opc)) -eq 1
    end
    function __deflate-iaa_wants_help
        set -l words (commandline -opc)
        test (count $words) -eq 2 -a "$words[2]" = help
    end
    function __deflate-iaa_takes_files
        not contains -- (commandline -opc)[2] \(Completion.firstWords)
    end
    complete -c deflate-iaa -n __deflate-iaa_first_word_is_open -a '\(Completion.firstWords)' -d subcommand
    complete -c deflate-iaa -n __deflate-iaa_wants_help -fa '\(Completion.firstWords)'
    complete -c deflate-iaa -n __deflate-iaa_takes_files -F

    # Options of gzip's half and their values.
    \(OptionTable.all.map(option).joined(separator: "\n"))

    """
  }

  private static func option(_ option: CommandOption) -> String {
    var help = option.help
    for special in ["\\", "'"] { help.escape(special) }
    let letter = option.letter.map { ["-s \($0)"] } ?? []
    let names = letter + option.words.map { "-l \($0)" }
    return "complete -c deflate-iaa -n __deflate-iaa_takes_files "
      + "\(names.joined(separator: " "))\(value(of: option)) -d '\(help)'"
  }

  private static func value(of option: CommandOption) -> String {
    guard let value = option.value else { return "" }
    switch value.domain {
    case .words: return " -xka '\(value.words.joined(separator: " "))'"
    case .directory: return " -xa '(__fish_complete_directories)'"
    case .file: return " -r"
    case .number, .suffix: return " -x"
    }
  }
}

extension String {
  /// Puts a backslash before each `special`.
  fileprivate mutating func escape(_ special: String) {
    self = split(separator: special, omittingEmptySubsequences: false)
      .joined(separator: "\\\(special)")
  }
}
