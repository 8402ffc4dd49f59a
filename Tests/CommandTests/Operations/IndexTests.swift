// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// bgzip's index, written and read, beside bgzip itself.

import Foundation
import TestSupport
import Testing

@Suite("Index, regions and processors")
struct IndexTests {
  /// Five blocks of numbers, the last of them short.
  private static let data = "seq 200000 > a; "

  @Test("the index equals the one bgzip makes of the file", .needs(tool: "bgzip"))
  func equalsBgzips() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      Self.data + "\"$GZ\" -i a && mv a.gz.gzi ours && bgzip -r a.gz && cmp ours a.gz.gzi && ls")
    #expect(outcome.text == "a.gz\na.gz.gzi\nours\n", "\(outcome)")
  }

  @Test("a region is the same through our index, bgzip's, and none")
  func regions() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      Self.data + """
        "$GZ" -ik a
        size=$(wc -c < a)
        check() {
          "$GZ" --offset $1 --size $2 a.gz > got || echo "failed at $1 $2"
          tail -c +$(($1 + 1)) a | head -c $2 | cmp - got
        }
        for round in index none; do
          for o in 0 1 65279 65280 65281 200000 $((size - 1)) $size $((size + 9)); do
            for s in 0 1 65280 100000; do check $o $s; done
          done
          rm -f a.gz.gzi
        done
        "$GZ" --offset 200000 a.gz > got; tail -c +200001 a | cmp - got
        "$GZ" --size 9 a.gz > got; head -c 9 a | cmp - got
        echo done
        """)
    #expect(outcome.text == "done\n" && outcome.status == 0, "\(outcome)")
  }

  @Test("regions of standard input where it is a file, from where it stands on")
  func standardInput() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      Self.data + """
        "$GZ" -k --format bgzf a; (head -c 999 /dev/urandom; cat a.gz) > behind
        check() { tail -c +$(($1 + 1)) a | head -c $2 | cmp - got; }
        for o in 0 65279 200000 $(($(wc -c < a) - 1)) 9999999; do
          "$GZ" --offset $o --size 99 < a.gz > got && check $o 99
          (dd bs=999 count=1 status=none > skipped; "$GZ" --offset $o --size 99) < behind > got
          check $o 99
        done
        "$GZ" --size 70000 - < a.gz > got && check 0 70000 && echo done
        cat a.gz | "$GZ" --offset 1; echo $?; gzip -c a > b; "$GZ" --offset 1 < b; echo $?
        """)
    #expect(outcome.text == "done\n1\n1\n" && outcome.status == 0, "\(outcome)")
    #expect(
      outcome.messages == """
        deflate-iaa: stdin: --offset and --size need a regular file
        deflate-iaa: stdin: is not BGZF, which --offset and --size need

        """)
  }

  @Test("regions through an index that bgzip wrote", .needs(tool: "bgzip"))
  func throughBgzips() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      Self.data + """
        bgzip -ki a && "$GZ" --offset 70000 --size 99 a.gz > got
        bgzip -b 70000 -s 99 a.gz | cmp - got && wc -c < got
        """)
    #expect(outcome.text == "99\n", "\(outcome)")
  }

  @Test("without an index, regions of files that were joined are found behind the seam, too")
  func joinedFiles() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      Self.data
        + """
        "$GZ" --format bgzf -k a; cat a.gz a.gz > b.gz; cat a a > b; n=$(wc -c < a)
        for offset in $((n - 5)) $n $((n + 200000)) $((2 * n)); do
          "$GZ" --offset $offset --size 9 b.gz | cmp - <(tail -c +$((offset + 1)) b | head -c 9)
        done
        """)
    #expect(outcome.text.isEmpty && outcome.messages.isEmpty, "\(outcome)")
  }

  @Test(
    "an index that lies is an error, never other data",
    arguments: [
      ("head -c 20 good > a.gz.gzi", "unexpected end"),
      ("cat good good > a.gz.gzi", "not in"),
      ("head -c 8 /dev/zero > a.gz.gzi; printf x >> a.gz.gzi", "not in"),
      // A block where none begins, and one behind the end.
      (#"printf '\1\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0' > a.gz.gzi"#, "not in"),
      ("truncate -s 20000 a.gz; cp good a.gz.gzi", "unexpected end"),
      // 2^62 bytes, whose bits have no number.
      (
        #"zeros() { head -c $1 /dev/zero; }; { printf '\1'; zeros 14; printf '\100'; zeros 8; } > a.gz.gzi"#,
        "unexpected end"
      ),
    ])
  func lyingIndex(_ damage: String, _ message: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      Self.data
        + "\"$GZ\" -ik a; mv a.gz.gzi good; \(damage); \"$GZ\" --offset 200000 a.gz; echo $?")
    let begin = "deflate-iaa: a.gz.gzi: not the file's index: \(message)"
    #expect(outcome.text == "1\n" && outcome.messages.hasPrefix(begin), "\(outcome)")
  }

  @Test(
    "a region that reaches where the file is no longer BGZF gets the data before it, and a word",
    arguments: [
      ("gzip -c a >> b.gz", "1", "b.gz: is not BGZF, which --offset and --size need"),
      ("truncate -s -35 b.gz", "1", "b.gz: unexpected end of file"),
      ("truncate -s -20 b.gz", "1", "b.gz: unexpected end of file"),
      ("echo garbage >> b.gz", "2", "b.gz: decompression OK, trailing garbage ignored"),
      ("head -c 99 /dev/zero >> b.gz", "0", nil),
      ("truncate -s -28 b.gz", "0", nil),
    ])
  func endOfBGZF(_ change: String, _ status: String, _ message: String?) throws {
    let outcome = try Folder().run(
      """
      seq 30000 > a; "$GZ" --format bgzf -c a > b.gz; \(change); "$GZ" --offset 70000 b.gz > got; echo $?
      tail -c +70001 a | cmp - got 2>&1 | grep -v EOF; "$GZ" --offset 7 --size 9 b.gz | wc -c
      """)
    #expect(outcome.text == "\(status)\n9\n", "\(outcome)")
    #expect(outcome.messages == (message.map { "deflate-iaa: \($0)\n" } ?? ""), "\(outcome)")
  }

  @Test("a file cut off in its first block has no region")
  func cutOffEarly() throws {
    let outcome = try Folder().run(
      "seq 9000 > a; \"$GZ\" --format bgzf a; truncate -s 5000 a.gz; \"$GZ\" --offset 0 a.gz; echo $?"
    )
    #expect(outcome.text == "1\n", "\(outcome)")
    #expect(outcome.messages == "deflate-iaa: a.gz: unexpected end of file\n", "\(outcome)")
  }

  @Test("an index that is there already stays, and the next file is compressed")
  func existingIndex() throws {
    let outcome = try Folder().run(
      "echo a > a; echo b > b; echo mine > a.gz.gzi; \"$GZ\" -i a b; echo $?; cat a.gz.gzi; ls")
    #expect(
      outcome.text == "2\nmine\na.gz\na.gz.gzi\nb.gz\nb.gz.gzi\n", "\(outcome)")
    #expect(outcome.messages.contains("a.gz.gzi: already exists"), "\(outcome)")
  }

  @Test("an index that cannot be read is named, not its file")
  func unreadableIndex() throws {
    let outcome = try Folder().run(
      "seq 9 > a; \"$GZ\" --format bgzf a; mkdir a.gz.gzi; \"$GZ\" --offset 2 a.gz; echo $?")
    #expect(outcome.text == "1\n", "\(outcome)")
    #expect(outcome.messages == "deflate-iaa: a.gz.gzi: Is a directory\n", "\(outcome)")
  }

  @Test("regions need BGZF; an index needs BGZF files as output")
  func refusals() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 9 | gzip > g.gz; seq 9 > a
      "$GZ" --offset 1 g.gz; echo $?
      "$GZ" --offset 1 < g.gz; echo $?
      for o in -c -N -d "--format zlib" "-b 64"; do "$GZ" -i $o a < /dev/null; echo $?; done
      "$GZ" -i < a; echo $?
      ls
      """)
    #expect(outcome.text == String(repeating: "1\n", count: 8) + "a\ng.gz\n", "\(outcome)")
  }

  @Test(
    "the output does not depend on the number of processors", arguments: ["gzip", "zlib", "raw"])
  func processors(_ format: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      Self.data + """
        for p in 1 2 3 8; do "$GZ" -p $p -c --format \(format) a > $p || echo failed; done
        cmp 1 2 && cmp 1 3 && cmp 1 8 && "$GZ" -p 4 -dc --format \(format) < 1 | cmp - a && echo same
        """)
    #expect(outcome.text == "same\n" && outcome.status == 0, "\(outcome)")
  }

  @Test("bad data gets the same verdict and the same data before it from any number of processors")
  func verdicts() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      Self.data + """
        "$GZ" --format bgzf -c a > good.gz; size=$(wc -c < good.gz)
        head -c $((size / 2)) good.gz > short
        cp good.gz flipped; printf '\\377' | dd of=flipped bs=1 seek=$((size / 2)) conv=notrunc 2>&-
        (cat good.gz; gzip -c a; cat good.gz) > mixed
        (cat good.gz; echo garbage) > garbage
        (cat good.gz; head -c 999 /dev/zero) > zeros
        for f in short flipped mixed garbage zeros; do
          for p in 1 4; do
            "$GZ" -p $p -dc < $f > out$p 2> err$p; echo $? > status$p
          done
          cmp status1 status4 && cmp err1 err4 && echo $f $(cat status1)
          test $f = short -o $f = flipped || cmp out1 out4
        done
        """)
    #expect(
      outcome.text == "short 1\nflipped 1\nmixed 0\ngarbage 2\nzeros 0\n", "\(outcome)")
  }

  @Test("-p is refused outside its range", arguments: ["0", "-1", "1025", "x"])
  func processorRange(_ count: String) throws {
    let folder = try Folder()
    let outcome = try folder.run("echo a | \"$GZ\" -c -p \(count); echo $?")
    #expect(outcome.text == "1\n" && !outcome.messages.isEmpty, "\(outcome)")
  }

  @Test("data offsets that are not the blocks' are an error, near the region or before it")
  func wrongDataOffsets() throws {
    let outcome = try Folder().run(
      Self.data + """
        "$GZ" -ik a; cp a.gz.gzi good
        for entry in 1 2 3; do
          cp good a.gz.gzi
          printf '\\7' | dd of=a.gz.gzi bs=1 seek=$((16 * entry)) conv=notrunc 2>&-
          "$GZ" --offset 200000 --size 9 a.gz; echo $?
        done
        """)
    #expect(outcome.text == "1\n1\n1\n", "\(outcome)")
    #expect(outcome.messages.contains("a.gz.gzi: not the file's index: "), "\(outcome)")
  }

  @Test("an index without an end, or that is no file, is refused at once")
  func endlessIndex() throws {
    let outcome = try Folder().run(
      """
      seq 9000 > a; "$GZ" --format bgzf -k a; ln -s /dev/zero a.gz.gzi; "$GZ" --offset 5 a.gz; echo $?
      rm a.gz.gzi; mkfifo a.gz.gzi; timeout 20 "$GZ" --offset 5 a.gz; echo $?
      rm a.gz.gzi; truncate -s 1T a.gz.gzi; "$GZ" --offset 5 a.gz; echo $?
      """)
    #expect(outcome.text == "1\n1\n1\n", "\(outcome)")
    let messages = outcome.messages.split(separator: "\n").map { String($0) }
    #expect(
      messages == [
        "deflate-iaa: a.gz.gzi: is not a regular file",
        "deflate-iaa: a.gz.gzi: is not a regular file",
        "deflate-iaa: a.gz.gzi: is larger than any index of its file",
      ])
  }

  @Test("an index older than its file is refused with the remedy")
  func olderIndex() throws {
    let outcome = try Folder().run(
      """
      seq 9000 > a; "$GZ" -ki a; touch -d 2001-01-01 a.gz.gzi; "$GZ" --offset 5 a.gz; echo $?
      touch a.gz.gzi; "$GZ" --offset 2 --size 2 a.gz
      """)
    #expect(outcome.text == "1\n2\n", "\(outcome)")
    #expect(outcome.messages.contains("a.gz.gzi: is older than its file; "), "\(outcome)")
  }

  @Test("-r passes over indexes beside their files, so that a second run changes nothing")
  func indexesInTrees() throws {
    let outcome = try Folder().run(
      """
      mkdir d; seq 9999 > d/a; seq 9 > d/alone.gzi
      "$GZ" -ri d; ls d; "$GZ" -r d; "$GZ" -riv d 2>&1 | grep index; ls d
      """)
    let names = "a.gz\na.gz.gzi\nalone.gzi.gz\nalone.gzi.gz.gzi\n"
    #expect(
      outcome.text == names
        + "deflate-iaa: d/a.gz.gzi: is the index of the file beside it -- ignored\n"
        + "deflate-iaa: d/alone.gzi.gz.gzi: is the index of the file beside it -- ignored\n" + names
        || outcome.text == names
          + "deflate-iaa: d/alone.gzi.gz.gzi: is the index of the file beside it -- ignored\n"
          + "deflate-iaa: d/a.gz.gzi: is the index of the file beside it -- ignored\n" + names,
      "\(outcome)")
  }

  @Test("a tree that is named twice is treated once")
  func treeNamedTwice() throws {
    let outcome = try Folder().run(
      #"mkdir -p d/s; seq 9 > d/s/a; seq 9 > d/b; "$GZ" -r d d/s d; echo $?; find d -type f | sort"#
    )
    #expect(outcome.text == "0\nd/b.gz\nd/s/a.gz\n" && outcome.messages == "", "\(outcome)")
  }

  @Test("an index goes with its file, and no other file goes with it")
  func staleIndex() throws {
    let outcome = try Folder().run(
      """
      seq 9000 > a; "$GZ" -i a; "$GZ" -dk a.gz; ls; "$GZ" -dfv a.gz 2>&1 | grep gzi; ls
      "$GZ" -ik a; "$GZ" -kf a; ls; echo mine > a.gz.gzi; "$GZ" -kf a; ls; rm a.gz.gzi
      ln -s a a.gz.gzi; "$GZ" -kf a; ls
      """)
    #expect(
      outcome.text == """
        a
        a.gz
        a.gz.gzi
        a.gz.gzi:\t removed, the index of the file that was there
        a
        a
        a.gz
        a
        a.gz
        a.gz.gzi
        a
        a.gz
        a.gz.gzi

        """, "\(outcome)")
  }
}
