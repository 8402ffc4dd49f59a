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
    arguments: ["devices --json", "doctor", "calibrate -n", "devices -h"])
  func lostOutput(_ line: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "\"$GZ\" \(line) --root . > /dev/full; echo $?; \"$GZ\" \(line) --root . >&-; echo $?")
    #expect(outcome.text == "1\n1\n", "\(outcome)")
    #expect(outcome.messages.contains("deflate-iaa: stdout: No space left on device\n"))
    #expect(outcome.messages.contains("deflate-iaa: stdout: Bad file descriptor\n"))
  }

  @Test("with DEFLATE_IAA_MODEL the models are shown, said to be such, and not changed")
  func models() throws {
    let outcome = try Folder().run(
      """
      export DEFLATE_IAA_MODEL=devices=2,queues=2
      "$GZ" devices; echo $?; "$GZ" doctor -q; echo $?; "$GZ" configure --save - | grep -c wq
      "$GZ" configure --default; echo $?; mkdir r; "$GZ" devices --root r; echo $?
      DEFLATE_IAA_MODEL=queues=9 "$GZ" devices; echo $?; ls
      """)
    let text = outcome.text
    for name in ["iax1  enabled", "iax3  enabled", "wq3.1", "from here: device model"] {
      #expect(text.contains(name), "\(outcome)")
    }
    #expect(text.contains("usable from here: wq1.0, wq1.1, wq3.0, wq3.1"), "\(outcome)")
    #expect(text.contains("\n0\n4\n1\nNo IAA device"), "\(outcome)")
    #expect(text.hasSuffix("\n2\n1\nr\n"), "\(outcome)")
    let said = "deflate-iaa: these are device models, as DEFLATE_IAA_MODEL says\n"
    #expect(outcome.messages.components(separatedBy: said).count == 5, "\(outcome)")
    #expect(outcome.messages.contains("device models cannot be set up"), "\(outcome)")
    #expect(outcome.messages.contains("'queues=9' is none of"), "\(outcome)")
  }

  @Test("configure --save keeps the old file when the new one does not fit, and follows no link")
  func saving() throws {
    let outcome = try Folder().run(
      """
      export DEFLATE_IAA_MODEL=devices=8,queues=8
      echo old > file; chmod 600 file; trap '' XFSZ
      (ulimit -f 1; "$GZ" configure --save file 2>&1 | grep -o 'file: .*'); cat file; ls -A
      "$GZ" configure --save file 2>/dev/null; grep -c '"iax' file; stat -c %a file; ls -A
      echo other > other; ln -s other link; "$GZ" configure --save link 2>&1 | grep -o 'link is a .*'
      cat other; rm file other link; "$GZ" configure --save /dev/stdout 2>/dev/null; echo $?
      "$GZ" configure --save new 2>/dev/null; mkfifo pipe; cat pipe | grep -c '"iax' &
      "$GZ" configure --save pipe 2>/dev/null; wait; ls -A
      """)
    #expect(
      outcome.text == """
        file: File too large
        old
        file
        8
        600
        file
        link is a symbolic link; --save takes the name of an ordinary file, new or old, or - to print
        other
        1
        8
        new
        pipe

        """, "\(outcome)")
  }
}
