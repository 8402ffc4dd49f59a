// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which command lines are a subcommand's and which are gzip's.

import Foundation
import Testing

@Suite("Subcommands are recognised by the first word alone")
struct SubcommandTests {
  @Test("a file of a subcommand's name is compressed when it is named as a file")
  func files() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      for f in devices doctor stats; do echo $f > $f; done
      "$GZ" ./devices && "$GZ" -- doctor && "$GZ" -k stats && ls
      """)
    #expect(outcome.text == "devices.gz\ndoctor.gz\nstats\nstats.gz\n", "\(outcome)")
  }

  @Test("the first word is a subcommand, whatever lies in the folder")
  func subcommands() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "echo a > devices; mkdir root; \"$GZ\" devices --root root; echo $?; ls")
    #expect(outcome.text.hasPrefix("No IAA device"), "\(outcome)")
    #expect(outcome.text.hasSuffix("2\ndevices\nroot\n"), "\(outcome)")
  }

  @Test("under gzip's names every word is a file")
  func otherNames() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      ln -s "$GZ" gzip; ln -s "$GZ" gunzip; echo a > devices
      ./gzip devices && ls && ./gunzip devices && ls
      """)
    #expect(outcome.text == "devices.gz\ngunzip\ngzip\ndevices\ngunzip\ngzip\n", "\(outcome)")
  }

  @Test(
    "standard output that takes nothing is an error",
    arguments: ["devices --json", "doctor", "zswap enable -n", "devices -h"])
  func lostOutput(_ line: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "\"$GZ\" \(line) --root . > /dev/full; echo $?; \"$GZ\" \(line) --root . >&-; echo $?")
    #expect(outcome.text == "1\n1\n", "\(outcome)")
    #expect(outcome.messages.contains("deflate-iaa: stdout: No space left on device\n"))
    #expect(outcome.messages.contains("deflate-iaa: stdout: Bad file descriptor\n"))
  }

  @Test("doctor ends within 200 milliseconds on this machine")
  func doctorIsQuick() throws {
    let folder = try Folder()
    let clock = ContinuousClock()
    let best = try (0..<5).map { _ in
      try clock.measure { _ = try folder.run("\"$GZ\" doctor > /dev/null") }
    }.min()
    #expect(best.map { $0 < .milliseconds(200) } == true, "\(String(describing: best))")
  }
}
