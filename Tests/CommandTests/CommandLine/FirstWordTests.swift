// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A first word that is no file and looks like a subcommand: what stands behind it must not be touched.

import DeviceCommands
import Foundation
import Testing

@testable import deflate_iaa

@Suite("A first word that is almost a subcommand")
struct FirstWordTests {
  @Test(
    "is an error that names the nearest, and nothing is done",
    arguments: [
      ("dcotor", "did you mean 'deflate-iaa doctor'?"),
      ("Devices", "did you mean 'deflate-iaa devices'?"),
      ("hlep", "did you mean 'deflate-iaa help'?"),
      ("load-config", "use 'deflate-iaa configure --load FILE'"),
      ("list", "use 'deflate-iaa devices'"),
      ("enable-device", "use 'deflate-iaa enable TARGET'"),
    ])
  func untouched(_ word: String, _ message: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      echo a > file; mkdir -p tree; echo b > tree/b
      "$GZ" \(word) file -r tree; echo $?; "$GZ" \(word) --json; echo $?; find . -type f | sort
      """)
    #expect(outcome.text == "1\n1\n./file\n./tree/b\n", "\(outcome)")
    #expect(outcome.messages.contains("deflate-iaa: \(word): no such file"), "\(outcome)")
    #expect(outcome.messages.contains(message), "\(outcome)")
  }

  @Test("is a file when there is one of that name, or one that -d would take for it")
  func existing() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      echo a > dcotor; echo b > list; ln -s nowhere devcies
      "$GZ" dcotor && "$GZ" list -k && "$GZ" dcotor -d && ls
      "$GZ" devcies
      """)
    #expect(outcome.text == "dcotor\ndevcies\nlist\nlist.gz\n", "\(outcome)")
    #expect(!outcome.messages.contains("did you mean"), "\(outcome)")
  }

  @Test("is a file when it is written as one, or is not the first word")
  func written() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      echo a > file
      "$GZ" ./dcotor; "$GZ" -- dcotor; "$GZ" -k dcotor; "$GZ" -k file dcotor; ls
      """)
    #expect(outcome.text == "file\nfile.gz\n", "\(outcome)")
    #expect(!outcome.messages.contains("did you mean"), "\(outcome)")
  }

  @Test("is a file under gzip's names", arguments: ["gzip", "gunzip", "zcat", "my-gzip"])
  func otherNames(_ name: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      ln -s "$GZ" \(name); echo a | "$GZ" > file.gz
      ./\(name) -kf dcotor file.gz; ./\(name) help; ./\(name) --generate-completion-script bash
      """)
    // gunzip and zcat have tried the suffix, too.
    for word in ["dcotor", "help"] {
      let ending = name.hasSuffix("zip") && !name.hasPrefix("gun") ? "" : ".gz"
      let message = "deflate-iaa: \(word)\(ending): No such file or directory\n"
      #expect(outcome.messages.contains(message), "\(outcome)")
    }
    #expect(outcome.messages.contains("unknown option '--generate-completion-script'"))
  }
}

@Suite("The help")
struct HelpTests {
  @Test("names every subcommand in a line of its own, within 80 columns, and the man pages")
  func subcommands() throws {
    let lines = CommandHelp.text.split(separator: "\n")
    for name in DeviceCommands.names {
      #expect(lines.filter { $0.hasPrefix("  \(name) ") }.count == 1, "\(name)")
    }
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(CommandHelp.text.contains("deflate-iaa(1)"))
    #expect(CommandHelp.text.contains("deflate-iaa-devices(1)"))
  }

  @Test("is the same as --help and as help")
  func same() throws {
    let folder = try Folder()
    let outcome = try folder.run("\"$GZ\" --help > a; \"$GZ\" help > b; cmp a b; cat b")
    #expect(outcome.status == 0 && outcome.text == CommandHelp.text, "\(outcome)")
  }

  @Test("of a subcommand is what its own --help says", arguments: Array(DeviceCommands.names))
  func ofSubcommand(_ name: String) throws {
    let folder = try Folder()
    let outcome = try folder.run("\"$GZ\" help \(name) > a; \"$GZ\" \(name) --help > b; cat a")
    let (long, short) = (try text("a", in: folder), try text("b", in: folder))
    // The parser lists -h in one of the two.
    #expect(short.hasPrefix(long.prefix { $0 != "[" }), "\(outcome)")
    #expect(long.contains("USAGE: deflate-iaa \(name)"))
  }

  @Test("of a word that is no subcommand is an error that names the nearest")
  func unknown() throws {
    let folder = try Folder()
    let outcome = try folder.run("\"$GZ\" help dcotor; echo $?; \"$GZ\" help file; echo $?")
    #expect(outcome.text == "1\n1\n", "\(outcome)")
    #expect(
      outcome.messages == """
        deflate-iaa: no subcommand 'dcotor'; try 'deflate-iaa doctor'
        deflate-iaa: try 'deflate-iaa --help'
        deflate-iaa: no subcommand 'file'
        deflate-iaa: try 'deflate-iaa --help'

        """, "\(outcome)")
  }

  @Test("reaches the subcommands' own")
  func nested() throws {
    let folder = try Folder()
    let outcome = try folder.run("\"$GZ\" help zswap enable")
    #expect(outcome.status == 0 && outcome.text.contains("USAGE: deflate-iaa zswap enable"))
  }

  private func text(_ name: String, in folder: Folder) throws -> String {
    try String(contentsOf: folder.url.appending(path: name), encoding: .utf8)
  }
}
