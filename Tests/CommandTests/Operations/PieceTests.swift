// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One stream on several processors: pieces between joints are guesses, and -p 1, which makes none, is
// the measure of what comes of them.

import Foundation
import TestSupport
import Testing

@Suite("One stream on several processors")
struct PieceTests {
  /// Decodes `bad` with one processor and with several, and compares data, messages and status.
  private static let compare = #"""
    compare() {
      for p in 1 2 3 8; do
        "$GZ" -p $p "$@" -dc < bad > out$p 2> err$p; echo $? > status$p
        "$GZ" -p $p "$@" -t < bad 2> errt$p; echo $? > statust$p
        for what in out err errt status statust; do cmp ${what}1 $what$p; done
      done
    }

    """#

  /// Writes data of some 8 MB, large enough that all but its beginning is decoded in pieces.
  static let data: [String: String] = [
    "text": "seq 1200000 > a",
    "zeros": "head -c 20000000 /dev/zero > a",
    "noise": "head -c 9000000 /dev/urandom > a",
    "noise between text": "(seq 400000; head -c 900000 /dev/urandom; seq 400000 800000) > a",
    // Every byte of it may begin a joint, in stored blocks and in literals alike.
    "joints": #"python3 -c "import sys; sys.stdout.buffer.write(b'\0\0\xff\xff' * 2000000)" > a"#,
    "joints in noise": #"""
    python3 - > a << 'END'
    import os, sys
    for _ in range(60000): sys.stdout.buffer.write(os.urandom(150) + b'\0\0\xff\xff')
    END
    """#,
    // Stored as it is: its own joints and blocks decode well, and are not the outer stream's.
    "compressed": #"seq 2200000 | "$GZ" -b 4 -c > a"#,
    "compressed twice": #"seq 2200000 | "$GZ" -b 4 -c | "$GZ" -b 16 -c > a"#,
  ]

  @Test(
    "gives back all data of every kind, in blocks of all sizes and formats",
    arguments: data.keys.sorted())
  func wholeData(_ kind: String) throws {
    let outcome = try Folder().run(
      Self.data[kind, default: "false"] + "\n" + #"""
        for options in "" "-b 4" "-b 2048" "--rsyncable" "--format zlib" "--format raw -b 16"; do
          format=; case $options in --format*) format=$(echo $options | cut -d ' ' -f 1,2);; esac
          "$GZ" -p 2 $options -c a > a.out
          for p in 1 2 3 8; do "$GZ" -p $p -dc $format < a.out | cmp - a || echo $options $p; done
          cat a.out | "$GZ" -p 2 -dc $format | cmp - a || echo $options pipe
        done
        """#)
    #expect(outcome.text.isEmpty && outcome.messages.isEmpty && outcome.status == 0, "\(outcome)")
  }

  @Test("damage is met as by one thread, with the data before it")
  func damage() throws {
    var random = SeededGenerator(test: "damage between joints")
    for _ in 0..<4 * SeededGenerator.scale {
      let places = (0..<random.number(1...3)).map { _ in
        "$((\(random.number(20...999_999)) * (n - 40) / 1000000))"
      }
      let source = random.number(0...1) == 0 ? "text" : "joints in noise"
      let outcome = try Folder().run(
        damageTool + Self.compare + Self.data[source, default: "false"] + "\n"
          + #""$GZ" -c a > good; n=$(wc -c < good);"#
          + "damage \(places.joined(separator: " ")); compare; cat status1")
      #expect(outcome.text == "1\n" && outcome.messages.isEmpty, "\(places): \(outcome)")
    }
  }

  @Test(
    "an end too soon, more members and what is no member are met as by one thread",
    arguments: [
      ("head -c $((n / 2)) good > bad", "1"), ("head -c $((n - 3)) good > bad", "1"),
      ("cat good good good > bad", "0"), ("(cat good; gzip -c a; cat good) > bad", "0"),
      (#"(cat good; "$GZ" --format bgzf -c a; cat good) > bad"#, "0"),
      (#"("$GZ" --format bgzf -c a; cat good good) > bad"#, "0"),
      ("(cat good; echo garbage) > bad", "2"), ("(cat good; printf x) > bad", "1"),
      ("(cat good; head -c 700000 /dev/zero) > bad", "0"),
      ("(cat good; head -c 700000 /dev/zero; cat good) > bad", "2"),
    ])
  func otherEnds(_ change: String, _ status: String) throws {
    let outcome = try Folder().run(
      Self.compare + "seq 600000 > a; "
        + #""$GZ" -c a > good; n=$(wc -c < good);"# + "\(change); compare; cat status1; compare -f")
    #expect(outcome.text == "\(status)\n" && outcome.messages.isEmpty, "\(change): \(outcome)")
  }

  @Test("other writers' joints serve, with and without data that reaches across them")
  func otherWriters() throws {
    let outcome = try Folder().run(
      Self.compare + #"""
        (seq 900000; head -c 300000 /dev/urandom; seq 500000) > a
        python3 - << 'END'
        import zlib
        data = open("a", "rb").read()
        for name, flush in ("full", zlib.Z_FULL_FLUSH), ("sync", zlib.Z_SYNC_FLUSH):
            for size in 3000, 150000:
                c = zlib.compressobj(6, wbits=31)
                parts = [c.compress(data[i:i + size]) + c.flush(flush)
                         for i in range(0, len(data), size)]
                open(f"{name}{size}", "wb").write(b"".join(parts) + c.flush())
        END
        for file in full3000 full150000 sync3000 sync150000; do
          cp $file bad; compare; cmp out1 a; cat status1
        done
        """#)
    #expect(outcome.text == "0\n0\n0\n0\n" && outcome.messages.isEmpty, "\(outcome)")
  }

  @Test("a full disk or a closed pipe ends it", arguments: [2, 8])
  func badOutput(_ processors: Int) throws {
    let outcome = try Folder().run(
      #"""
      seq 1200000 > a; "$GZ" -c a > good
      timeout 60 "$GZ" -p \#(processors) -dc good > /dev/full; echo $?
      timeout 60 "$GZ" -p \#(processors) -dc good | head -c 3000000 > some; echo ${PIPESTATUS[0]}
      """#)
    #expect(outcome.text == "1\n141\n", "\(outcome)")
    #expect(outcome.messages == "deflate-iaa: stdout: No space left on device\n", "\(outcome)")
  }
}
