// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `make install` and the completions it installs, asked as the shells ask them.

import DeviceCommands
import Foundation
import TestSupport
import Testing

@testable import deflate_iaa

/// The repository.
private let repository = Repository.root.path

@Suite("make", .needs(tool: "make"))
struct InstallTests {
  @Test("installs the command, two man pages and three completions, and uninstalls just these")
  func install() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      m() { make -s -C '\(repository)' "$1" PREFIX=/usr DESTDIR="$PWD" BINARY="$GZ" || exit; }
      mkdir -p usr/bin; echo a > usr/bin/other
      m install; find . -type f -printf '%m %P\\n' | sort -k 2; usr/bin/deflate-iaa --version
      m uninstall; find . -type f
      """)
    #expect(
      outcome.text == """
        755 usr/bin/deflate-iaa
        644 usr/bin/other
        644 usr/share/bash-completion/completions/deflate-iaa
        644 usr/share/fish/vendor_completions.d/deflate-iaa.fish
        644 usr/share/man/man1/deflate-iaa-devices.1
        644 usr/share/man/man1/deflate-iaa.1
        644 usr/share/zsh/site-functions/_deflate-iaa
        \(Version.line)./usr/bin/other

        """, "\(outcome)")
  }

  @Test("run without a file, or with one that is not there, says so before anything is built")
  func run() throws {
    let folder = try Folder()
    // Without a compiler nothing can be built.
    let outcome = try folder.run(
      """
      mkdir bin; for t in make swift; do ln -s "$(command -v $t)" bin/; done; rm bin/swift
      printf '#!/bin/sh\\necho BUILT' > bin/swift; chmod +x bin/swift; PATH=$PWD/bin:/usr/bin:/bin
      make -s -C '\(repository)' run; make -s -C '\(repository)' run FILE="$PWD/none"
      """)
    #expect(outcome.text == "", "\(outcome)")
    #expect(outcome.messages.contains("usage: make run FILE=path"), "\(outcome)")
    #expect(outcome.messages.contains("\(folder.path)/none: no such file"), "\(outcome)")
  }

  @Test("help lists every target")
  func help() throws {
    let folder = try Folder()
    let outcome = try folder.run("make -s -C '\(repository)' help")
    let targets = [
      "run", "test", "build", "static", "install", "uninstall", "lint", "check", "bench",
    ]
    for target in targets {
      #expect(outcome.text.contains("make \(target) "), "\(outcome)")
    }
  }
}

@Suite("The completions")
struct CompletionTests {
  /// What bash offers for a command line of which the last word is being written.
  private func bash(_ words: [String], in folder: Folder) throws -> Set<String> {
    let quoted = words.map { "'\($0)'" }.joined(separator: " ")
    let outcome = try folder.run(
      """
      eval "$("$GZ" --generate-completion-script bash)" || exit
      COMP_WORDS=(deflate-iaa \(quoted)); COMP_CWORD=\(words.count)
      COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
      _deflate-iaa deflate-iaa "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """)
    #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome)")
    return Set(outcome.text.split(separator: "\n").map(String.init))
  }

  @Test("offer every option of the table, and its values")
  func options() throws {
    let folder = try Folder()
    let offered = try bash(["-"], in: folder)
    for option in OptionTable.all {
      #expect(offered.isSuperset(of: option.words.map { "--\($0)" }), "\(option.words)")
      #expect(option.letter.map { offered.contains("-\($0)") } != false, "\(option.words)")
    }
    for option in OptionTable.all where option.takesValue {
      guard let words = option.value?.words, !words.isEmpty else { continue }
      for name in option.names {
        #expect(try bash([name, ""], in: folder) == Set(words))
        #expect(try bash(["-k", name, "=", words[0]], in: folder).contains(words[0]))
      }
    }
    #expect(try bash(["--path", "so"], in: folder) == ["software"])
    #expect(try bash(["--path", "="], in: folder) == ["auto", "hardware", "software"])
  }

  @Test("offer every subcommand as the first word alone, and files everywhere")
  func words() throws {
    let folder = try Folder()
    try folder.run("touch device-list; mkdir deep")
    let firsts = try bash([""], in: folder)
    #expect(firsts.isSuperset(of: DeviceCommands.firstWords.union(["device-list", "deep"])))
    #expect(try bash(["de"], in: folder) == ["devices", "device-list", "deep"])
    #expect(try bash(["-k", "de"], in: folder) == ["device-list", "deep"])
    #expect(try bash(["--path", "software", "de"], in: folder) == ["device-list", "deep"])
    #expect(try bash(["--root", "de"], in: folder) == ["deep"])
    #expect(try bash(["-b", "de"], in: folder) == [])
    // Behind two dashes there are no options, unless they are a value themselves.
    try folder.run("touch -- '-f f'")
    #expect(try bash(["--", "-f"], in: folder) == ["-f f"])
    #expect(try bash(["-S", "--", "--fo"], in: folder) == ["--force", "--format"])
    #expect(try bash(["zswap", "e"], in: folder) == ["enable", "exercise"])
    #expect(try bash(["help", "do"], in: folder) == ["doctor"])
  }

  @Test("offer every option that a subcommand's help names", arguments: Array(DeviceCommands.names))
  func subcommandOptions(_ name: String) throws {
    let folder = try Folder()
    var commands = [[name]]
    if name == "zswap" {
      commands += ["status", "enable", "restore", "exercise"].map { [name, $0] }
    }
    for command in commands {
      let help = try folder.run("\"$GZ\" \(command.joined(separator: " ")) --help").text
      let names = help.split(separator: "\n").filter { $0.hasPrefix("  -") }
        .map { $0.drop { $0 == " " }.split(separator: "  ")[0] }
      let options = Set(
        names.flatMap { $0.matches(of: /--[a-z][a-z-]*/).map { String($0.output) } })
      #expect(options.contains("--help"))
      let offered = try bash(command + ["--"], in: folder)
      #expect(offered.isSuperset(of: options), "\(command): \(options.subtracting(offered))")
    }
  }

  /// What fish and zsh offer for the same lines.
  private static let offered = """
    --force --format\u{20}
    device-list devices\u{20}
    device-list\u{20}
    enable exercise\u{20}
    doctor\u{20}
    software\u{20}

    """

  @Test("offer the same in fish", .needs(tool: "fish"))
  func fish() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      touch device-list; "$GZ" --generate-completion-script fish > c.fish && fish -n c.fish || exit
      for line in '--fo' 'de' '-k de' 'zswap e' 'help do' '--path so'; do
        fish -c "source c.fish; complete -C 'deflate-iaa $line'" | cut -f 1 | sort | tr '\\n' ' '; echo
      done
      """)
    #expect(
      outcome.text == Self.offered, "\(outcome)")
  }

  @Test("offer the same in zsh", .needs(tool: "zsh"))
  func zsh() throws {
    let folder = try Folder()
    // A zsh on a terminal of its own writes what its completions add.
    let outcome = try folder.run(
      #"""
      touch device-list; mkdir f; "$GZ" --generate-completion-script zsh > f/_deflate-iaa
      zsh -n f/_deflate-iaa || exit
      cat > ask <<'END'
      zmodload zsh/zpty
      zpty z 'zsh -f -i'
      zpty -w z 'fpath=($PWD/f $fpath); autoload -Uz compinit; compinit -u -D'
      zpty -w z 'compadd() { local -a hits; builtin compadd -A hits "$@"; print -rl -- $hits >> out; builtin compadd "$@" }'
      zpty -w z 'bindkey "^I" complete-word; touch ready'
      repeat 100 { [[ -e ready ]] && break; sleep 0.1 }
      zpty -n -w z "deflate-iaa $1"$'\t'
      zpty -n -w z $'\C-u'"touch done"$'\n'
      repeat 100 { [[ -e done ]] && break; sleep 0.1 }
      END
      for line in '--fo' 'de' '-k de' 'zswap e' 'help do' '--path so'; do
        : > out; rm -f ready done; zsh ask "$line"; grep . out | sort -u | tr '\n' ' '; echo
      done
      """#)
    #expect(
      outcome.text == Self.offered, "\(outcome)")
  }
}
