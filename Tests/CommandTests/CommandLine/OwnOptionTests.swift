// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What gzip does not have: formats, block sizes, verification, and help that says what is there.

import Foundation
import TestSupport
import Testing

/// Whether /proc can be hidden from a process; the address sanitizer needs it itself.
private let canHideProc =
  !Sanitizer.isAddress
  && machineCan("unshare -rm sh -c 'mount -t tmpfs none /proc && ! test -e /proc/self'")

@Suite("Options beyond gzip's, and the program's names")
struct OwnOptionTests {
  @Test(
    "each format has its suffix, and is found again by it",
    arguments: [
      ("gzip", "a.gz"), ("zlib", "a.zz"), ("raw", "a.deflate"),
    ])
  func formats(_ format: String, _ name: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "seq 15000 > a; cp a copy; touch -d 2001-01-01 a; \"$GZ\" --format \(format) a && ls && "
        + "\"$GZ\" -t \(name) && \"$GZ\" -d \(name) && cmp a copy && stat -c %Y a")
    #expect(outcome.text == "\(name)\ncopy\n978307200\n", "\(outcome)")
  }

  @Test(
    "zlib and raw streams are what other tools know by these names",
    .needs("python3", isFound: machineCan("python3 -c 'import zlib'")))
  func otherDecoders() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 15000 > a; "$GZ" -c --format zlib a > z; "$GZ" -c --format=raw a > r
      python3 -c 'import zlib
      a = open("a", "rb").read()
      print(zlib.decompress(open("z", "rb").read()) == a,
        zlib.decompress(open("r", "rb").read(), -15) == a)
      c = zlib.compressobj(9, 8, -15)
      open("b.deflate", "wb").write(c.compress(a) + c.flush())
      open("b.zz", "wb").write(zlib.compress(a, 9))'
      "$GZ" -dc b.zz | cmp - a && "$GZ" -dc b.deflate | cmp - a && "$GZ" -d < z --format zlib | cmp - a
      """)
    #expect(outcome.text == "True True\n" && outcome.status == 0, "\(outcome)")
  }

  @Test("--profile takes a name or a file, -v says which, and decoders read what comes out")
  func profile() throws {
    let outcome = try Folder().run(
      """
      head -c 100000 /dev/zero > a; seq 9000 >> a
      echo '{"format":"deflate-iaa profile","formatVersion":1,"name":"mine",
        "rules":{"equalHashes":"keepFirst"}}' > p.json
      "$GZ" --path software -v --profile=iaa-pair-first -c a > named
      "$GZ" --path software -v --profile p.json -c a > filed
      cmp named filed && "$GZ" -dc filed | cmp - a && gzip -dc named | cmp - a && echo same
      "$GZ" --profile iaa-v1 -c a > default; "$GZ" -c a | cmp - default && echo default
      """)
    #expect(outcome.text == "same\ndefault\n", "\(outcome)")
    #expect(
      outcome.messages.split(separator: "\n").filter { $0.hasPrefix("a:\tin software") } == [
        "a:\tin software: as --path software says; profile iaa-pair-first",
        "a:\tin software: as --path software says; profile mine",
      ], "\(outcome)")
  }

  @Test("what is no profile is refused before anything is done")
  func noProfile() throws {
    let outcome = try Folder().run(
      """
      echo a > a; echo '{"format":"deflate-iaa profile","formatVersion":1,"name":"x",
        "rules":{"bucketDepth":99}}' > p.json
      "$GZ" --profile p.json a; echo $?; "$GZ" --profile nothing a; echo $?; ls
      """)
    #expect(outcome.text == "1\n1\na\np.json\n", "\(outcome)")
    #expect(
      outcome.messages.contains("--profile: p.json: bucketDepth is 99, outside 1...16"),
      "\(outcome)")
    #expect(outcome.messages.contains("--profile: nothing: No such file"), "\(outcome)")
  }

  @Test(
    "the command line is read where there is no /proc",
    .needs("the right to hide /proc", isFound: canHideProc))
  func withoutProc() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      echo a > a; unshare -rm bash -c 'mount -t tmpfs none /proc
      "$GZ" a && ls && "$GZ" -dc a.gz && "$GZ" --zz; echo $?; "$GZ" devices --root none; echo $?'
      """)
    #expect(outcome.text.hasPrefix("a.gz\na\n1\nNo IAA device: none/sys"), "\(outcome)")
    #expect(outcome.text.hasSuffix("\n2\n"), "\(outcome)")
  }

  @Test("two dashes as a value do not end the options")
  func dashesAsValue() throws {
    let folder = try Folder()
    let outcome = try folder.run("echo a > a; \"$GZ\" -S -- -k a && ls")
    #expect(outcome.text == "a\na--\n", "\(outcome)")
  }

  @Test("gzip's magic goes before the suffix; --format goes before both")
  func magicFirst() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "seq 9 | gzip > x.zz; \"$GZ\" -dc x.zz | head -1; \"$GZ\" -dc --format zlib x.zz; echo $?")
    #expect(outcome.text == "1\n1\n", "\(outcome)")
  }

  @Test("a missing name is tried with our suffixes too")
  func missingName() throws {
    let folder = try Folder()
    let outcome = try folder.run("echo a > a; \"$GZ\" --format raw a; \"$GZ\" -d a && ls")
    #expect(outcome.text == "a\n", "\(outcome)")
  }

  @Test("damage in a zlib or raw file is found and leaves the file", arguments: ["zlib", "raw"])
  func damage(_ format: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "seq 9000 > a; \"$GZ\" --format \(format) a; f=$(ls); truncate -s -3 $f; \"$GZ\" -d $f; echo $?; ls -A"
    )
    #expect(outcome.text.hasPrefix("1\na."), "\(outcome)")
    #expect(folder.names.count == 1)
  }

  @Test("data behind a zlib stream is warned of")
  func trailingData() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "echo a > a; \"$GZ\" --format zlib a; echo junk >> a.zz; \"$GZ\" -d a.zz; echo $?; cat a")
    #expect(outcome.text == "2\na\n", "\(outcome)")
  }

  @Test(
    "block sizes are checked against 4 to 2048 KiB",
    arguments: [
      ("4", 0), ("2048", 0), ("63", 0), ("3", 1), ("2049", 1), ("0", 1), ("-1", 1), ("x", 1),
      ("", 1), ("99999999999999999999", 1), ("9223372036854775807", 1), ("12.5", 1),
    ])
  func blockSizes(_ size: String, _ status: Int32) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "seq 9000 > a; \"$GZ\" -kb '\(size)' a; s=$?; gzip -t *.gz; exit $s")
    #expect(outcome.status == status, "\(outcome)")
    #expect(folder.names == (status == 0 ? ["a", "a.gz"] : ["a"]))
  }

  @Test(
    "BGZF is made where it is asked for, by its name or by that of its files",
    arguments: [
      ("", false), ("-b 4", false), ("-b 2048", false), ("-N", false), ("--format gzip", false),
      ("--format bgzf", true), ("--format bgzf -b 4", true), ("-n -b 63 --format bgzf", true),
      ("-S .bgz", true), ("-S .bgz --format gzip", false),
    ])
  func blockedGzip(_ option: String, _ isBlocked: Bool) throws {
    let folder = try Folder()
    let outcome = try folder.run("seq 30000 > a; \"$GZ\" \(option) -c a")
    let bytes = Array(outcome.output)
    let hasSubfield = bytes[3] & 4 != 0 && bytes[12...15].elementsEqual([0x42, 0x43, 2, 0])
    #expect(hasSubfield == isBlocked)
    #expect(decoded(bytes).count == 168_894)
  }

  @Test("no name is stored unless -N asks for it; the time is, unless -n")
  func header() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "echo a > a; touch -d @1000000000 a; for o in -k -kN -kn; do "
        + "\"$GZ\" $o -c a | head -c 8 | tail -c 5 | od -An -tx1; done")
    // FLG (8: name) and MTIME.
    #expect(outcome.text == " 00 00 ca 9a 3b\n 08 00 ca 9a 3b\n 00 00 00 00 00\n", "\(outcome)")
  }

  @Test(
    "names ending in gunzip and zcat decompress",
    arguments: ["gunzip", "iaa-gunzip", "zcat", "xzcat"])
  func names(_ name: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "echo a > a; gzip a; ln -s \"$GZ\" \(name); ./\(name) a.gz; echo $?; ls a a.gz 2>/dev/null")
    #expect(outcome.text == (name.hasSuffix("zcat") ? "a\n0\na.gz\n" : "0\na\n"), "\(outcome)")
  }

  @Test("help tells of the levels and fits eighty columns; version goes to standard output")
  func help() throws {
    let folder = try Folder()
    let outcome = try folder.run("\"$GZ\" -h")
    #expect(outcome.status == 0 && outcome.messages.isEmpty)
    let words = outcome.text.split { $0.isWhitespace }.joined(separator: " ")
    #expect(words.contains("-1 to -8 are one level"))
    #expect(outcome.text.split(separator: "\n").allSatisfy { $0.utf8.count <= 80 })
    #expect(try folder.run("\"$GZ\" -V").text.hasPrefix("deflate-iaa "))
  }

  @Test(
    "an abbreviation that gzip takes keeps its meaning beside our options",
    arguments: [
      ("--no", "no-name"), ("--fo", "force"), ("--be", "best"), ("--bl 4", "blocksize"),
      ("--form raw", "format"), ("--no-v", "no-verify"),
    ])
  func abbreviations(_ option: String, _ meaning: String) throws {
    let folder = try Folder()
    let outcome = try folder.run("echo a > a; \"$GZ\" -k \(option) a; echo $?; ls")
    let name = meaning == "format" ? "a.deflate" : "a.gz"
    #expect(outcome.text == "0\na\n\(name)\n", "\(outcome)")
  }

  @Test(
    "usage errors say what is wrong, point to the help and exit with 1",
    arguments: [
      ("--zz", "--zz"), ("-x", "'x'"), ("--f", "--force' '--fast"), ("-S", "'S'"),
      ("--suffix", "--suffix"), ("--keep=1", "--keep"), ("--format lz", "lz"),
      ("--format", "--format"),
      ("-b 3", "'--blocksize': not a number from 4 to 2048"),
      ("-p 1025", "'1025' for option '--processes': not a number from 1 to 1024"),
      ("--offset -1", "'-1' for option '--offset'"), ("--root=", "'--root': not a directory"),
      ("-S ''", "'' for option '--suffix': not a suffix of 1 to 30 bytes"),
      ("--format lz", "'lz' for option '--format': not gzip, bgzf, zlib or raw"),
    ])
  func usageErrors(_ arguments: String, _ word: String) throws {
    let folder = try Folder()
    let outcome = try folder.run("echo a > a; \"$GZ\" \(arguments)\(arguments == "-S" ? "" : " ")")
    #expect(outcome.status == 1)
    #expect(outcome.text.isEmpty)
    #expect(outcome.messages.hasPrefix("deflate-iaa: "), "\(outcome.messages)")
    #expect(outcome.messages.contains(word), "\(outcome.messages)")
    #expect(outcome.messages.contains("deflate-iaa --help"))
    #expect(folder.names == ["a"])
  }

  @Test(
    "verbose lines name input, ratio and output, then where it was done and why",
    arguments: [
      ("-v a", "a:\t", " -- replaced with a.gz\n"), ("-kv a", "a:\t", " -- created a.gz\n"),
      ("-tv b.gz", "b.gz:\t OK\n", " OK\n"), ("-dv b.gz", "b.gz:\t", " -- replaced with b\n"),
      ("-cv a", "a:\t", " -- written to stdout\n"),
    ])
  func verbose(_ arguments: String, _ start: String, _ end: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "seq 999 > a; seq 999 | gzip > b.gz; \"$GZ\" --root none \(arguments) >/dev/null")
    let name = start.prefix { $0 != ":" }
    let place = "\(name):\tin software: no IAA device in none/sys/bus/dsa/devices\n"
    let isRight = outcome.messages.hasPrefix(start) && outcome.messages.hasSuffix(end + place)
    #expect(isRight, "\(outcome)")
    #expect(outcome.messages.contains("%") || arguments.hasPrefix("-t"))
  }
}
