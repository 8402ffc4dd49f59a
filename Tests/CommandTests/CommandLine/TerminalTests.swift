// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the command does only for somebody at a terminal. `script` gives it one; keys are sent after
// a pause so that they are read as typed.

import Foundation
import TestSupport
import Testing

private let hasScript = machineCan("command -v script && script -qec true /dev/null </dev/null")

@Suite("At a terminal", .needs("the program script", isFound: hasScript))
struct TerminalTests {
  /// Runs a command line at a terminal.
  private func type(
    _ keys: String, at command: String, in folder: Folder, _ program: Program = .ours
  ) throws -> Outcome {
    // The shell in between has no other work than to give $GZ to the terminal's shell.
    try folder.run(
      "{ sleep 0.4; printf '\(keys)'; sleep 0.3; } | script -qec '\(command)' /dev/null", program)
  }

  @Test(
    "an answer that begins with y overwrites, anything else does not",
    arguments: [
      ("y\\n", 0, ["a.gz"]), ("Yes\\n", 0, ["a.gz"]), ("n\\n", 2, ["a", "a.gz"]),
      ("\\n", 2, ["a", "a.gz"]), ("\\004", 2, ["a", "a.gz"]),
    ])
  func overwriting(_ keys: String, _ status: Int32, _ names: [String]) throws {
    for program in hasGzip112 ? [Program.gzip, .ours] : [.ours] {
      let folder = try Folder()
      try folder.run("echo new > a; echo old > a.gz")
      let outcome = try type(keys, at: "\"$GZ\" a", in: folder, program)
      #expect(outcome.status == status, "\(program): \(outcome.text)")
      #expect(folder.names == names, "\(program)")
      #expect(outcome.text.contains("do you wish to overwrite (y or n)?"))
      let kept = try folder.run("zcat -f a.gz").text
      #expect(kept == (status == 0 ? "new\n" : "old\n"), "\(program)")
    }
  }

  @Test(
    "compressed data from standard input is not written to it, nor read from it",
    arguments: [
      ("\"$GZ\"", 1), ("\"$GZ\" -c", 1), ("\"$GZ\" -d", 1), ("\"$GZ\" -t", 1), ("\"$GZ\" -", 1),
      ("\"$GZ\" -l", 1), ("\"$GZ\" -cdf", 0), ("\"$GZ\" -c a", 0),
    ])
  func refusal(_ command: String, _ status: Int32) throws {
    for program in hasGzip112 ? [Program.gzip, .ours] : [.ours] {
      let folder = try Folder()
      try folder.run("echo new > a")
      let outcome = try type("\\004", at: command, in: folder, program)
      #expect(outcome.status == status, "\(program): \(outcome.text)")
      let refuses = status == 1 && !command.hasSuffix("-l")
      #expect(outcome.text.contains("terminal") == refuses, "\(program): \(outcome.text)")
    }
  }

  /// Feeds the command for more than two seconds.
  private let slowly = "{ for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done; } | "

  @Test("a line of progress is shown after two seconds and taken away")
  func progress() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "\(slowly) script -qec '{ cat; sleep 2.2; cat /dev/zero | head -c 1000; } "
        + "| \"$GZ\" -c > out.gz' /dev/null </dev/null; zcat out.gz | wc -c")
    #expect(outcome.text.contains("compressed"), "\(outcome)")
    #expect(outcome.text.contains("/s\u{1B}[K"))
    #expect(outcome.text.contains("\r\u{1B}[K"))
  }

  @Test("there is no progress with -q, nor without a terminal", arguments: [true, false])
  func noProgress(_ atTerminal: Bool) throws {
    let folder = try Folder()
    let command = "{ sleep 2.2; echo a; } | \"$GZ\" \(atTerminal ? "-q" : "") -c > out.gz"
    let outcome = try folder.run(
      atTerminal ? "script -qec '\(command)' /dev/null </dev/null" : command)
    #expect(outcome.status == 0)
    #expect(outcome.text.isEmpty && outcome.messages.isEmpty, "\(outcome)")
  }
}
