// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Outputs that take no more: full disks, closed pipes, directories that may not be written. The
// input is whole afterwards, nothing else stays, and the exit code says what happened.

import Foundation
import TestSupport
import Testing

/// Whether a tmpfs can be mounted in a namespace of our own.
private let canMount = machineCan(
  "d=$(mktemp -d) && unshare -rm mount -t tmpfs -o size=64k none $d; s=$?; rmdir $d; exit $s")

@Suite("Outputs that cannot be written")
struct OutputFailureTests {
  @Test(
    "a full disk leaves the input whole and nothing else",
    .needs("the right to mount a tmpfs", isFound: canMount), arguments: ["", "-d "])
  func fullDisk(_ option: String) throws {
    let folder = try Folder()
    let input = option.isEmpty ? "head -c 100000 /dev/urandom" : "head -c 3000000 /dev/zero | gzip"
    let name = option.isEmpty ? "big" : "big.gz"
    let outcome = try folder.run(
      """
      mkdir disk; unshare -rm bash -c 'mount -t tmpfs -o size=128k none disk; cd disk
      \(input) > \(name); cp \(name) ../copy; "$GZ" \(option)\(name); echo $?; ls -A
      cmp \(name) ../copy && echo whole'
      """)
    #expect(outcome.text == "1\n\(name)\nwhole\n", "\(outcome)")
    #expect(outcome.messages.contains("No space left on device"))
  }

  @Test("a closed pipe ends the command by SIGPIPE without a word")
  func closedPipe() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "head -c 2000000 /dev/zero | gzip > z.gz; \"$GZ\" -dc z.gz | head -c 1 >/dev/null; "
        + "echo ${PIPESTATUS[0]}")
    #expect(outcome.text == "141\n")
    #expect(outcome.messages.isEmpty)
  }

  @Test("a closed pipe is an error where SIGPIPE is ignored")
  func ignoredPipe() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "head -c 2000000 /dev/zero | gzip > z.gz; "
        + "{ trap '' PIPE; \"$GZ\" -dc z.gz; echo $? > status; } | head -c 1 >/dev/null; cat status"
    )
    #expect(outcome.text == "1\n")
    #expect(outcome.messages.contains("stdout: Broken pipe"))
  }

  @Test(
    "/dev/full is an error that names standard output", arguments: ["-c a", "-dc a.gz", "-l a.gz"])
  func devFull(_ arguments: String) throws {
    let folder = try Folder()
    let outcome = try folder.run("echo a > a; gzip -k a; \"$GZ\" \(arguments) > /dev/full")
    #expect(outcome.status == 1)
    #expect(outcome.messages == "deflate-iaa: stdout: No space left on device\n")
    #expect(folder.names == ["a", "a.gz"])
  }

  @Test(
    "a directory without the right to write keeps its file",
    .enabled(if: !machineCan("test $(id -u) = 0"), "root may write everywhere"))
  func readOnlyDirectory() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "mkdir d; echo a > d/a; chmod 555 d; \"$GZ\" d/a; echo $?; ls -A d; chmod 755 d")
    #expect(outcome.text == "1\na\n", "\(outcome)")
  }
}
