// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// An ordinary gzip file is read, decoded, checked and written by several threads, once it is large.
// Nobody may notice but by the clock: what -p 1 does in turn is the measure.

import Foundation
import Testing

@Suite("Reading, decoding, checking and writing beside each other")
struct OverlapTests {
  /// Three members, each large enough for the threads to start, and the tools to damage a copy.
  private static let setUp =
    damageTool + "seq 300000 > a; gzip -c a > m; n=$(wc -c < m); cat m m m > good\n"

  @Test(
    "data, messages and status are those of one thread",
    arguments: [
      ("good", "damage", "0"),
      ("the first checksum", "damage $((n - 8))", "1"),
      ("the first length", "damage $((n - 1))", "1"),
      ("the first checksum and length", "damage $((n - 5)) $((n - 4))", "1"),
      ("the second checksum", "damage $((2 * n - 6))", "1"),
      ("the last checksum", "damage $((3 * n - 8))", "1"),
      ("a checksum, and data behind it", "damage $((n - 8)) $((n + n / 2))", "1"),
      ("data, and a checksum behind it", "damage $((n / 2)) $((n - 8))", "1"),
      ("a checksum, and a header behind it", "damage $((n - 8)) $((n + 2))", "1"),
      ("a checksum, then an end", "damage $((2 * n - 8)); truncate -s $((3 * n - 9)) bad", "1"),
      ("an end too soon", "damage; truncate -s $((3 * n - 9)) bad", "1"),
      ("garbage behind", "damage; echo garbage >> bad", "2"),
      ("zeros behind", "damage; head -c 9999 /dev/zero >> bad", "0"),
      ("a checksum, and garbage behind", "damage $((3 * n - 8)); echo garbage >> bad", "1"),
      ("empty members", "damage; for i in $(seq 200); do gzip < /dev/null; done >> bad", "0"),
    ])
  func verdicts(_ name: String, _ damage: String, _ status: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      Self.setUp + damage + #"""

        for p in 1 4; do
          "$GZ" -p $p -dc < bad > out$p 2> err$p; echo $? > status$p
          "$GZ" -p $p -dcf bad > outf$p 2> errf$p; echo $? > statusf$p
          "$GZ" -p $p -t bad 2> errt$p; echo $? > statust$p
        done
        cat bad | "$GZ" -p 4 -dc > outp 2> errp; echo $? > statusp
        for what in out err status; do
          cmp ${what}1 ${what}4; cmp ${what}f1 ${what}f4; cmp ${what}1 ${what}p
        done
        cmp errt1 errt4; cmp statust1 statust4; cat status1
        """#)
    #expect(outcome.text == "\(status)\n" && outcome.messages.isEmpty, "\(name): \(outcome)")
  }

  @Test("members that come by a pipe one at a time are good when the threads start between them")
  func memberByMember() throws {
    let outcome = try Folder().run(
      #"""
      # Small enough for a pipe to pass on whole. Seven are more than is decoded before the threads.
      head -c 200000 /dev/zero > b; gzip -c b > m
      for p in 1 4; do
        for i in 1 2 3 4 5 6 7 8 9; do cat m; sleep 0.1; done | "$GZ" -p $p -dc > out
        cat b b b b b b b b b | cmp - out
      done
      """#)
    #expect(outcome.status == 0 && outcome.text.isEmpty && outcome.messages.isEmpty, "\(outcome)")
  }

  @Test("zlib and raw streams are decoded and listed likewise", arguments: ["zlib", "raw"])
  func otherFormats(_ format: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 400000 > a; "$GZ" -c --format \(format) a > z
      for p in 1 4; do
        "$GZ" -p $p -dc --format \(format) z | cmp - a
        "$GZ" -p $p -lv --format \(format) z > list$p
      done
      cmp list1 list4; cut -d' ' -f2 list1 | tail -1; gzip -c a | tail -c 8 | od -An -tx4 -N 4
      """)
    let words = outcome.text.split(whereSeparator: \.isWhitespace)
    #expect(words.count == 2 && words[0] == words[1] && outcome.messages.isEmpty, "\(outcome)")
  }

  @Test("a full disk ends the work, and is what is told")
  func fullDisk() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      Self.setUp + #"damage $((2 * n - 8)); timeout 60 "$GZ" -p 4 -dc bad > /dev/full; echo $?"#)
    #expect(outcome.text == "1\n", "\(outcome)")
    #expect(outcome.messages == "deflate-iaa: stdout: No space left on device\n", "\(outcome)")
  }
}
