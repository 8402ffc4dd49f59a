// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the formats promise beside the data: BGZF's end, and chunks that follow the data.

import TestSupport
import Testing

@Suite("Formats")
struct FormatTests {
  @Test("a BGZF file without its end is decompressed, told of and kept", arguments: [1, 2])
  func missingEnd(_ processors: Int) throws {
    let outcome = try Folder().run(
      #"""
      seq 90000 > a; cp a copy; "$GZ" -p \#(processors) --format bgzf a; truncate -s -28 a.gz
      export p=\#(processors)
      "$GZ" -p $p -t a.gz; echo $?; "$GZ" -p $p -d a.gz; echo $?; cmp a copy; ls
      "$GZ" -p $p -dc < a.gz | cmp - a; gzip -t a.gz; echo $?
      # With its end, or with another kind of member in it, there is nothing to tell.
      "$GZ" --format bgzf -c a > b.gz; "$GZ" -p $p -t b.gz; echo $?
      (cat a.gz; gzip -c a) > c.gz; "$GZ" -p $p -t c.gz; echo $?
      (gzip -c a; cat a.gz) > d.gz; "$GZ" -p $p -t d.gz; echo $?
      (cat b.gz a.gz) > e.gz; "$GZ" -p $p -tq e.gz; echo $?
      """#)
    #expect(outcome.text == "2\n2\na\na.gz\ncopy\n0\n0\n0\n0\n2\n", "\(outcome)")
    let warning = ": the BGZF end-of-file marker is missing; the file may be cut off\n"
    #expect(
      outcome.messages
        == ["a.gz", "a.gz", "stdin"].map { "deflate-iaa: \($0)\(warning)" }.joined(),
      "\(outcome)")
  }

  @Test(
    "rsync sends few bytes more than for gzip's --rsyncable",
    .needs(tool: "rsync"),
    .needs("gzip --rsyncable", isFound: machineCan("gzip --rsyncable </dev/null")))
  func rsync() throws {
    let outcome = try Folder().run(
      #"""
      seq 1100000 | awk '{ print $1, $1 * 7919 % 10007, "some text", $1 % 13 }' | head -c 8000000 > a
      (head -c 100000 a; printf inserted; tail -c +100001 a) > b
      literal() { # bytes that rsync sends for the change, not counting matches
        "$@" -c a > old; "$@" -c b > new
        rsync --no-whole-file --checksum --stats new old | sed -n 's/,//g; s/^Literal data: \([0-9]*\).*/\1/p'
      }
      theirs=$(literal gzip --rsyncable); ours=$(literal "$GZ" --rsyncable)
      plain=$(literal "$GZ")
      echo "gzip --rsyncable $theirs, ours $ours, without it $plain" >&2
      [ $ours -le $((3 * theirs)) ] && [ $plain -gt $((10 * ours)) ] && echo few
      """#)
    #expect(outcome.text == "few\n", "\(outcome)")
  }
}
