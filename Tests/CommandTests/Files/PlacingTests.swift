// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where files are found and put: whatever happens to names in the meantime, whatever rights and
// descriptors are missing, nothing is touched but what was asked for.

import Foundation
import TestSupport
import Testing

private let hasFaults = FaultLibrary.shared != nil
private let isRoot = machineCan("test $(id -u) = 0 && setpriv --reuid 1000 --clear-groups true")
/// Python has the calls for extended attributes that the shell has not.
private let hasLists = machineCan(
  """
  f=$(mktemp) && python3 -c 'import os, struct, sys
  os.setxattr(sys.argv[1], "system.posix_acl_access", b"\\2\\0\\0\\0" + b"".join(
    struct.pack("<HHi", *e) for e in [(1,6,-1),(4,4,-1),(32,0,-1)]))' $f; s=$?; rm $f; exit $s
  """)

private func faulty(_ fault: String) -> String { FaultLibrary.shared?.prefix(fault) ?? "" }

@Suite("Where files are found and put")
struct PlacingTests {
  @Test(
    "a directory that a link replaces in the middle of a run leads nowhere else",
    .needs("a C compiler", isFound: hasFaults),
    arguments: [
      "-r tree", "-rf tree", "tree/d/big tree/d/small", "-d -r tree",
      "-d tree/d/x.gz tree/d/big.gz",
    ],
    ["", "NAMED=1"])
  func swappedDirectory(_ arguments: String, _ environment: String) throws {
    let isDecoding = arguments.contains("-d")
    let outcome = try Folder().run(
      """
      mkdir -p tree/d outside; head -c 70000 /dev/urandom > tree/d/big; echo s > tree/d/small
      for i in $(seq 50); do echo $i > tree/d/$i; done; cp tree/d/* outside
      \(isDecoding ? "head -c 3000000 /dev/zero > tree/d/x; gzip tree/d/*; cp tree/d/* outside" : "")
      (cd outside; sha256sum *) > sums; ls -lA --time-style=full-iso outside > before
      \(environment) \(faulty("hold")) "$GZ" \(arguments) & pid=$!
      until [ -e .held ]; do kill -0 $pid || break; sleep 0.01; done
      mv tree/d moved; ln -s ../outside tree/d; touch .go; wait $pid; echo $?
      (cd outside; sha256sum --quiet -c ../sums); ls -lA --time-style=full-iso outside | diff before -
      ls -A moved | grep -vc '[.]gz$'; ls -A moved | grep -c '[.]gz$'
      """)
    let all = arguments.contains("-r")
    let expected =
      isDecoding ? (all ? "53\n0" : "2\n51") : all ? "0\n52" : "50\n2"
    #expect(outcome.text == "0\n\(expected)\n", "\(outcome)")
  }

  @Test("files of one run are found as if each was settled at once")
  func sequence() throws {
    let outcome = try Folder().run(
      """
      echo a > a; "$GZ" a a; echo $?; gzip -d a; ln -s a link; "$GZ" -f a link; echo $?; rm link
      gzip -d a; "$GZ" -f ./a $PWD/a; echo $?; gzip < a.gz > a.gz.gz; rm a.gz
      "$GZ" -d a.gz.gz a.gz; echo $?; cat a; ln a h; "$GZ" -f a h; echo $?; ls
      for i in 1 2; do echo $i > $i; gzip -N $i; cp -p $i.gz c$i.gz; done; cp 1.gz d.gz
      "$GZ" -dN 1.gz d.gz; echo $?; ls
      """)
    #expect(
      outcome.text
        == "1\n1\n1\n0\na\n0\na.gz\nh.gz\n2\n1\n2.gz\na.gz\nc1.gz\nc2.gz\nd.gz\nh.gz\n",
      "\(outcome)")
  }

  @Test(
    "where the group cannot be given, group and others may what both could before",
    .enabled(if: isRoot, "only root gives files away"),
    arguments: [
      (664, 644), (644, 644), (660, 600), (640, 600), (604, 600), (666, 666), (755, 755),
    ])
  func group(_ mode: Int, _ result: Int) throws {
    let outcome = try Folder().run(
      """
      mkdir -m 777 d; echo a > d/a; chmod \(mode) d/a; chown 1000:2000 d/a
      setpriv --reuid 1000 --regid 1000 --clear-groups "$GZ" d/a; echo $?; stat -c '%a %u %g' d/a.gz
      """)
    #expect(outcome.text == "0\n\(result) 1000 1000\n", "\(outcome)")
  }

  @Test(
    "where owner and group fit already nothing is asked for and nothing lost",
    .needs("a C compiler", isFound: hasFaults), arguments: [664, 644, 640, 604])
  func fittingGroup(_ mode: Int) throws {
    let outcome = try Folder().run(
      "echo a > a; chmod \(mode) a; \(faulty("chown")) \"$GZ\" a; echo $?; stat -c %a a.gz")
    #expect(outcome.text == "0\n\(mode)\n", "\(outcome)")
  }

  /// Shell: `list FILE DEFAULT?` gives a file an access control list in which user 1234 may read and
  /// write, and the group reads; `lists FILE` tells mode, and list if any.
  private static let lists = #"""
    list() { python3 -c 'import os, struct, sys
    os.setxattr(sys.argv[1], "system.posix_acl_" + sys.argv[2], b"\2\0\0\0" + b"".join(
      struct.pack("<HHi", *e) for e in [(1,6,-1),(2,6,1234),(4,4,-1),(16,6,-1),(32,0,-1)]))' $1 $2; }
    lists() { python3 -c 'import os, sys
    try: l = os.getxattr(sys.argv[1], "system.posix_acl_access").hex()[8:]
    except OSError: l = "none"
    print(oct(os.stat(sys.argv[1]).st_mode & 0o777)[2:], l)' $1; }

    """#

  @Test(
    "an access control list goes with the file; its mask does not become the group's rights",
    .enabled(if: hasLists, "there are no access control lists here"))
  func accessList() throws {
    let outcome = try Folder().run(
      """
      \(Self.lists) echo a > a; list a access; lists a > before; "$GZ" a; lists a.gz | diff before -
      "$GZ" -d a.gz; lists a | diff before -; mkdir d; list d default; echo b > b; chmod 664 b
      mv b d; lists d/b; "$GZ" d/b; lists d/b.gz; touch d/new; lists d/new | grep -c none
      """)
    #expect(outcome.text == "664 none\n664 none\n0\n", "\(outcome)")
  }

  @Test(
    "where group or list cannot be given no user of the list and no group gets more",
    .enabled(if: hasLists && isRoot, "there are no access control lists here, or no root"))
  func refusedAccessList() throws {
    let outcome = try Folder().run(
      """
      \(Self.lists) mkdir -m 777 d; echo a > d/a; list d/a access; chown 1000:2000 d/a; lists d/a
      setpriv --reuid 1000 --regid 1000 --clear-groups "$GZ" d/a; lists d/a.gz
      """)
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].hasPrefix("660 0100") && lines[1] == "600 none")
  }

  @Test(
    "in a directory that names are only added to, an output in place counts, and what stays is told",
    .needs("a C compiler", isFound: hasFaults), arguments: ["", "NAMED=1 "])
  func appendOnly(_ environment: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      echo a > a; APPEND=1 \(environment)\(faulty("none")) "$GZ" a; echo $?; zcat a.gz; cat a
      ls -A | grep -c '^.deflate-iaa'
      """)
    #expect(outcome.text == "2\na\na\n\(environment.isEmpty ? 0 : 1)\n", "\(outcome)")
    #expect(outcome.messages.contains("a: Operation not permitted"), "\(outcome)")
    let tellsName = outcome.messages.contains(
      "the temporary name stays: Operation not permitted")
    #expect(tellsName == !environment.isEmpty && !outcome.messages.contains("exists"))
  }

  @Test(
    "a directory with the attribute for that is no hindrance",
    .enabled(
      if: machineCan("d=$(mktemp -d) && chattr +a $d && chattr -a $d && rmdir $d"),
      "chattr does not work here"))
  func appendOnlyAttribute() throws {
    let outcome = try Folder().run(
      "mkdir d; echo a > d/a; chattr +a d; \"$GZ\" d/a; echo $?; ls -A d; zcat d/a.gz; chattr -a d")
    #expect(outcome.text == "2\na\na.gz\na\n", "\(outcome)")
    #expect(outcome.messages == "deflate-iaa: d/a: Operation not permitted\n")
  }

  @Test(
    "a kill leaves no temporary name, or one that -r passes over",
    .needs("a C compiler", isFound: hasFaults), arguments: ["", "NAMED=1 "])
  func killed(_ environment: String) throws {
    let outcome = try Folder().run(
      """
      mkdir d; head -c 70000 /dev/urandom > d/big; cp d/big copy
      \(environment)\(faulty("hold")) "$GZ" d/big & pid=$!; until [ -e .held ]; do sleep 0.01; done
      kill -KILL $pid; wait $pid 2>&-; ls -A d | grep -c deflate-iaa; cmp d/big copy
      "$GZ" -r d; echo $?; "$GZ" -rv d 2>&1 | grep -c 'is a temporary file -- ignored'
      ls -A d | sed 's/.*deflate-iaa.*/temporary/'; echo a > .deflate-iaa.A; "$GZ" -r .
      ls -A | grep -c 'deflate-iaa.A.gz'
      """)
    let isNamed = !environment.isEmpty
    #expect(
      outcome.text
        == (isNamed ? "1\n0\n1\ntemporary\nbig.gz\n1\n" : "0\n0\n0\nbig.gz\n1\n"),
      "\(outcome)")
  }

  @Test("a temporary name beside a file's own, as a kill between the two leaves it, goes")
  func twin() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      echo a | gzip > a.gz; ln a.gz .deflate-iaa.3w5e11264sg0; "$GZ" -d a.gz; echo $?; ls -A
      ln a b; echo c > .deflate-iaa.1; "$GZ" a; echo $?; ls -A
      """)
    #expect(outcome.text == "0\na\n2\n.deflate-iaa.1\na\nb\n", "\(outcome)")
    #expect(outcome.messages == "deflate-iaa: a: has 1 other link -- ignored\n")
  }

  @Test("a fifo's writer is waited for", arguments: ["-c", "-t", "-l"])
  func fifo(_ option: String) throws {
    let outcome = try Folder().run(
      """
      mkfifo p; seq 5 \(option == "-c" ? "" : "| gzip") > in
      "$GZ" \(option) p > out & pid=$!; sleep 0.3; kill -0 $pid && cat in > p; wait $pid; echo $?
      \(option == "-c" ? "zcat out | cmp - in" : "")
      """)
    #expect(outcome.text == "0\n" && outcome.status == 0, "\(outcome)")
  }

  @Test("a fifo in a tree, and one that is not to be read, is not waited for")
  func fifoInTree() throws {
    let outcome = try Folder().run(
      "mkdir d; mkfifo d/p; timeout 20 \"$GZ\" -rc d | wc -c; timeout 20 \"$GZ\" -r d; echo $?; "
        + "timeout 20 \"$GZ\" d/p; echo $?")
    #expect(outcome.text.hasSuffix("\n2\n2\n"), "\(outcome)")
    #expect(
      outcome.messages
        == String(
          repeating: "deflate-iaa: d/p: is neither a directory nor a regular file -- ignored\n",
          count: 2))
  }

  @Test("few descriptors are enough for many files, and more are asked for in a deep tree")
  func descriptors() throws {
    let outcome = try Folder().run(
      """
      mkdir d; for i in $(seq 100); do echo $i > d/$i; done; d=t
      for i in $(seq 60); do d=$d/t; done; mkdir -p $d; echo a > $d/a
      (ulimit -n 12; "$GZ" -r d); echo $?; ls d | grep -c gz
      (ulimit -Sn 12; "$GZ" -r t); echo $?; ls $d; (ulimit -n 40; "$GZ" -dr t); echo $?
      """)
    #expect(outcome.text == "0\n100\n0\na.gz\n1\n", "\(outcome)")
    #expect(outcome.messages.contains("t: Too many open files\n"), "\(outcome)")
  }

  @Test(
    "a tree that is deeper than a path may be long ends in an error and not in a crash",
    .needs(tool: "python3"))
  func deepTree() throws {
    let outcome = try Folder().run(
      """
      python3 -c 'import os
      for i in range(2200): os.mkdir("d"); os.chdir("d")'
      ulimit -Sn $(ulimit -Hn); "$GZ" -r d; echo $?; rm -rf d
      """)
    #expect(outcome.text == "1\n", "\(outcome.messages.suffix(300))")
    #expect(outcome.messages.contains("File name too long"))
  }
}
