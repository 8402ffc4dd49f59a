// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which first words are taken for a subcommand written wrongly. A word taken for one by mistake keeps
// a file from being compressed; one missed lets a slip pass.

import Testing

@testable import DeviceCommands

@Suite("A word that is near a subcommand's name")
struct SubcommandGuessTests {
  @Test(
    "is one that few edits make of it",
    arguments: [
      // Neighbours that change places are one edit, as is a letter more, less or other.
      ("dcotor", "doctor"), ("docto", "doctor"), ("doctorr", "doctor"), ("dpctor", "doctor"),
      ("dpctur", "doctor"), ("dctr", "doctor"), ("devcie", "devices"), ("Devices", "devices"),
      ("ZSWAP", "zswap"),
      ("zswpa", "zswap"), ("stat", "stats"), ("status", "stats"), ("atributes", "attributes"),
      ("config", ""), ("confgure", "configure"), ("conifgrue", "configure"), ("hlep", "help"),
      ("enalbe", "enable"), ("dissable", "disable"),
    ])
  func near(_ word: String, _ name: String) {
    #expect(SubcommandGuess(word)?.lines == (name.isEmpty ? nil : [name]))
  }

  @Test(
    "is not one that takes more than two, or more than a third of the name's letters",
    arguments: [
      "dtr1", "doktorrr", "dctorxx", "swp", "zsap1", "sttas1", "enabled-files", "conifgruu", "hel",
      "hxxp", "dev", "", "a", String(repeating: "doctor", count: 10_000),
    ])
  func far(_ word: String) {
    #expect(SubcommandGuess(word) == nil)
  }

  @Test(
    "has nothing that only a file's name has",
    arguments: ["./dcotor", "/doctor", "dcotor.", "doctor.1", "doctör", "doc tor", "~doctor"])
  func files(_ word: String) {
    #expect(SubcommandGuess(word) == nil)
  }

  @Test("is no option", arguments: ["-doctor", "-stats", "--help", "--stats", "-dtest", "--list"])
  func options(_ word: String) {
    #expect(SubcommandGuess(word) == nil)
  }

  @Test(
    "or is accel-config's word, as it stands",
    arguments: [
      ("load-config", "configure --load FILE"), ("save-config", "configure --save FILE"),
      ("list", "devices"), ("info", "devices -v"), ("test", "doctor"),
      ("config-wq", "configure TARGET"), ("config-device", "configure TARGET"),
      ("config-group", "configure TARGET"), ("config-engine", "configure TARGET"),
      ("config-user-default", "configure --user 1"), ("enable-device", "enable TARGET"),
      ("enable-wq", "enable TARGET"), ("disable-device", "disable TARGET"),
      ("disable-wq", "disable TARGET"),
    ])
  func accelConfig(_ word: String, _ line: String) {
    #expect(SubcommandGuess(word)?.lines == [line])
    #expect(SubcommandGuess(word)?.isAccelConfig == true)
    #expect(SubcommandGuess(word + "xx") == nil)
  }

  @Test("counts edits as optimal string alignment does")
  func distances() {
    for (a, b, edits) in [
      ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("ca", "abc", 3),
      ("kitten", "sitting", 3), ("abcd", "badc", 2), ("flaw", "lawn", 2),
    ] {
      #expect(editDistance(Array(a), Array(b)) == edits, "\(a) \(b)")
      #expect(editDistance(Array(b), Array(a)) == edits, "\(b) \(a)")
    }
  }

  @Test("takes no exact name for a slip of another")
  func exact() {
    for name in DeviceCommands.firstWords {
      #expect(SubcommandGuess(name)?.lines == [name])
    }
  }
}
