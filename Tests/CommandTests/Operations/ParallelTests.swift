// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// BGZF on several processors: whatever is wrong with a member or with the output, -p 1 is the
// measure of the others.

import Foundation
import TestSupport
import Testing

@Suite("BGZF on several processors")
struct ParallelTests {
  /// Some 90 members in 23 batches, and a tool to damage a copy.
  private static let setUp =
    damageTool + #"""
      seq 900000 > a; "$GZ" -p 1 --format bgzf -c a > good; n=$(wc -c < good)
      compare() { # with one thread's data, messages and status
        for p in 1 2 3 8; do
          "$GZ" -p $p -dc bad > out$p 2> err$p; echo $? > status$p
          "$GZ" -p $p -t bad 2> errt$p; echo $? > statust$p
          for what in out err errt status statust; do cmp ${what}1 $what$p; done
        done
      }

      """#

  @Test("the first fault in order is told, and nothing behind it is written")
  func faults() throws {
    var random = SeededGenerator(test: "faults in members")
    for _ in 0..<4 * SeededGenerator.scale {
      let places = (0..<random.number(1...3)).map { _ in
        "$((\(random.number(20...999_999)) * (n - 40) / 1000000))"
      }
      let outcome = try Folder().run(
        Self.setUp + "damage \(places.joined(separator: " ")); compare; cat status1")
      #expect(outcome.text == "1\n" && outcome.messages.isEmpty, "\(places): \(outcome)")
    }
  }

  @Test(
    "an end too soon, another kind of member and what is no member are met as by one thread",
    arguments: [
      ("truncate -s $((n / 2)) bad", "1"), ("truncate -s $((n - 28)) bad", "2"),
      ("gzip -c a >> bad", "0"), ("gzip -c a > b; cat b good >> bad", "0"),
      ("echo garbage >> bad", "2"), ("head -c 70000 /dev/zero >> bad", "0"),
    ])
  func otherEnds(_ change: String, _ status: String) throws {
    let outcome = try Folder().run(Self.setUp + "damage; \(change); compare; cat status1")
    #expect(outcome.text == "\(status)\n" && outcome.messages.isEmpty, "\(change): \(outcome)")
  }

  @Test("a full disk stops both directions, and is what is told", arguments: [2, 8])
  func fullDisk(_ processors: Int) throws {
    let outcome = try Folder().run(
      Self.setUp + #"""
        damage $((n / 2))
        for what in "-c a" "-dc good" "-dc bad"; do
          timeout 60 "$GZ" -p \#(processors) $what > /dev/full; echo $?
        done
        """#)
    #expect(outcome.text == "1\n1\n1\n", "\(outcome)")
    let message = "deflate-iaa: stdout: No space left on device\n"
    #expect(outcome.messages == message + message + message, "\(outcome)")
  }

  @Test("a closed pipe ends both directions by SIGPIPE without a word", arguments: [2, 8])
  func closedPipe(_ processors: Int) throws {
    let outcome = try Folder().run(
      Self.setUp + #"""
        for what in "-c a" "-dc good"; do
          timeout 60 "$GZ" -p \#(processors) $what | head -c 1 > one; echo ${PIPESTATUS[0]}
        done
        """#)
    #expect(outcome.text == "141\n141\n" && outcome.messages.isEmpty, "\(outcome)")
  }

  @Test("a slow reader of a pipe gets every byte in order", arguments: [2, 8])
  func slowReader(_ processors: Int) throws {
    let outcome = try Folder().run(
      Self.setUp + #"""
        slowly() { for i in 1 2 3 4 5 6 7 8; do head -c 300000; sleep 0.02; done; cat; }
        "$GZ" -p \#(processors) -dc good | slowly | cmp - a
        "$GZ" -p \#(processors) --format bgzf -c a | slowly | cmp - good
        """#)
    #expect(outcome.text.isEmpty && outcome.messages.isEmpty && outcome.status == 0, "\(outcome)")
  }
}
