// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// --mode, --edition and -9, with gzip as the reader of all that is gzip.

import Testing

@Suite("Modes of the command") struct ModeTests {
  static let t1 = "Join us now and share the software Join us now and share the software "

  @Test(
    "canned streams are the published ones, and come back where the tables are told",
    arguments: ["2023", "2024"])
  func canned(_ edition: String) throws {
    let folder = try Folder()
    let options = "--format raw --mode canned --edition \(edition)"
    let outcome = try folder.run(
      """
      printf '\(Self.t1)' > a
      "$GZ" \(options) -c a | od -An -v -tx1 | tr -d ' \\n'; echo
      "$GZ" \(options) -k a && "$GZ" \(options) -dc a.deflate | cmp - a && echo same
      "$GZ" \(options) -t a.deflate && echo good
      """)
    let last = edition == "2023" ? "7f" : "3f"
    #expect(
      outcome.text == """
        6d234323a47131d288c861527584561a13a28ed649634374d298c8e0d8615869cb7101e5\(last)
        same
        good

        """, "\(outcome)")
  }

  @Test("canned streams of many blocks come back, and damage is told with its place")
  func cannedBlocks() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 60000 > a
      "$GZ" --format raw --mode canned a && "$GZ" -d --format raw --mode canned a.deflate
      seq 60000 | cmp - a && echo same
      "$GZ" --format raw --mode canned -c a | head -c 1000 > b.deflate
      "$GZ" -d --format raw --mode canned b.deflate; echo $?
      """)
    #expect(outcome.text == "same\n1\n", "\(outcome)")
    #expect(outcome.messages.contains("unexpected end of"), "\(outcome)")
  }

  @Test(
    "canned goes into no container, and says why",
    arguments: ["", "--format gzip", "--format bgzf", "--format zlib", "-d", "-i"])
  func noContainer(_ options: String) throws {
    let folder = try Folder()
    let outcome = try folder.run("echo a > a; \"$GZ\" --mode canned \(options) a; echo $?; ls")
    #expect(outcome.text == "1\na\n", "\(outcome)")
    #expect(outcome.messages.contains("no reader of other formats knows its codes"), "\(outcome)")
    let edition = try folder.run("\"$GZ\" --edition 2023 a; echo $?")
    #expect(edition.text == "1\n" && edition.messages.contains("--mode canned"), "\(edition)")
  }

  @Test(
    "dynamic blocks and the smallest files are read by gzip, from every container that it reads")
  func readByGzip() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 40000 > a; head -c 70000 /dev/urandom >> a; head -c 200000 /dev/zero >> a
      for options in '--mode dynamic' '-9' '-9 --mode dynamic' '--best --mode=dynamic'; do
        for more in '' '-b 4' '-b 2048' '-p 1' '--rsyncable' '--format bgzf'; do
          "$GZ" $options $more -c a | gzip -dc | cmp - a || echo "$options $more"
        done
        "$GZ" $options --format zlib -c a | "$GZ" -dc --format zlib | cmp - a || echo zlib
        "$GZ" $options --format raw -c a | "$GZ" -dc --format raw | cmp - a || echo raw
        "$GZ" $options -k a && gzip -t a.gz && rm a.gz || echo "$options -k"
      done
      echo done
      """)
    #expect(outcome.text == "done\n" && outcome.messages.isEmpty, "\(outcome)")
  }

  @Test("output is the same by any number of processors, and the better the longer it takes")
  func sizes() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 100000 > a
      for options in '' '-9' '--mode dynamic' '--mode dynamic -9'; do
        "$GZ" -n $options -p 1 -c a > one; "$GZ" -n $options -p 3 -c a > three
        cmp one three; wc -c < one
      done
      """)
    let sizes = outcome.text.split(separator: "\n").compactMap { Int($0) }
    try #require(sizes.count == 4, "\(outcome)")
    #expect(sizes == sizes.sorted(by: >) && Set(sizes).count == 4, "\(sizes)")
  }

  @Test("the last level holds: -9 in GZIP gives way to -1, and -5 to -9")
  func levels() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 10000 > a
      for options in '' '-9' '-9 -1' '-9 -5' '-95' '-1 --best'; do
        "$GZ" -n $options -c a | wc -c
      done
      GZIP=-9 "$GZ" -n -c a | wc -c; GZIP=-9 "$GZ" -n -3 -c a | wc -c
      """)
    let sizes = outcome.text.split(separator: "\n").compactMap { Int($0) }
    try #require(sizes.count == 8, "\(outcome)")
    let (fast, best) = (sizes[0], sizes[1])
    #expect(best < fast)
    #expect(sizes == [fast, best, fast, fast, fast, best, best, fast])
  }

  @Test(
    "canned and dynamic blocks of devices are the software's, and are told of",
    arguments: [
      "--format raw --mode canned", "--format raw --mode canned --edition 2023",
      "--format raw --mode dynamic -b 4", "--format zlib --mode dynamic -b 4",
    ])
  func onDevices(_ options: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 40000 > a; export DEFLATE_IAA_MODEL=devices=2,generation=2
      "$GZ" --path software \(options) -c a > software || exit 9
      for path in hardware auto; do
        "$GZ" --path $path \(options) -v -c a 2> said > b && cmp software b || exit 8
        grep -c 'in hardware: [0-9]* blocks on wq[13].0 (device model)[^;]*$' said
      done
      "$GZ" --path hardware --stats \(options) -c a 2>&1 > b | grep -c total_sw_comp_calls
      export DEFLATE_IAA_MODEL=generation=2,faults=0.01
      "$GZ" --path auto \(options) -c a | cmp - software && echo same
      """)
    #expect(
      outcome.text == "1\n1\n\(options.contains("dynamic") ? 1 : 0)\nsame\n", "\(outcome)")
  }

  @Test(
    "canned streams are decompressed by devices, and bad ones are judged as without",
    arguments: ["2023", "2024"])
  func cannedFromDevices(_ edition: String) throws {
    let folder = try Folder()
    let options = "--format raw --mode canned --edition \(edition)"
    let other = edition == "2023" ? "2024" : "2023"
    let outcome = try folder.run(
      """
      seq 60000 > a; export DEFLATE_IAA_MODEL=devices=2
      for more in '' '-b 4' '-b 2048'; do
        "$GZ" --path software \(options) $more -c a > a.deflate
        for path in hardware auto; do
          "$GZ" -dv --path $path \(options) -c a.deflate 2> said | cmp - a || cat said >&2
          grep -c 'in hardware: [0-9]* blocks* on wq[13].0 (device model)[^;]*$' said
        done
        "$GZ" -tv --path hardware \(options) a.deflate 2>&1 | grep -c 'in hardware: '
      done
      "$GZ" --path software \(options) -c a > a.deflate
      export DEFLATE_IAA_MODEL=devices=2,faults=0.05
      "$GZ" -d --path auto \(options) -c a.deflate | cmp - a && echo same
      export DEFLATE_IAA_MODEL=devices=1
      "$GZ" -d --path hardware --format raw --mode canned --edition \(other) -c a.deflate > b; echo $?
      head -c 50000 a.deflate > cut.deflate
      for path in hardware auto software; do
        "$GZ" -d --path $path \(options) -c cut.deflate > b; echo $?
      done
      """)
    #expect(
      outcome.text == "1\n1\n1\n1\n1\n1\n1\n1\n1\nsame\n1\n1\n1\n1\n", "\(outcome)")
    let messages = outcome.messages.split(separator: "\n")
    #expect(messages.count == 4, "\(outcome)")
    // Other tables may make anything of it but the data.
    let wrong = ["invalid compressed data", "unexpected end of file"]
    #expect(wrong.contains { messages.first?.contains($0) == true }, "\(outcome)")
    #expect(messages.dropFirst().allSatisfy { $0.contains("unexpected end of file") }, "\(outcome)")
  }

  @Test("devices count canned streams' bytes once, and writing beside them changes nothing")
  func cannedBytes() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 200000 > a; options='--format raw --mode canned'
      "$GZ" --path software $options -c a > a.deflate
      export DEFLATE_IAA_MODEL=devices=1
      for processors in 1 3; do
        "$GZ" -d -p $processors --path hardware --stats $options -c a.deflate 2> said | cmp - a && echo same
        [ "$(sed -n 's/.*total_decomp_bytes_in: //p' said)" = "$(wc -c < a.deflate)" ] && echo all
      done
      """)
    #expect(outcome.text == "same\nall\nsame\nall\n", "\(outcome)")
  }

  @Test("where a device fails at a canned stream and nothing else may do it, its failure is told")
  func cannedRefusal() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 60000 > a
      "$GZ" --path software --format raw --mode canned -b 4 -c a > a.deflate
      for seed in 1 2 3 4 5 6; do
        export DEFLATE_IAA_MODEL=devices=2,faults=0.07,seed=$seed
        "$GZ" -d --path hardware --format raw --mode canned -c a.deflate > b && cmp a b
      done; true
      """)
    let failures = outcome.messages.split(separator: "\n").filter { !$0.contains("doctor") }
    #expect(
      failures.allSatisfy {
        $0.contains("hardware failed: ") || $0.contains("no hardware path: ")
      }, "\(outcome)")
  }

  @Test("dynamic files have blocks of 128 KiB unless told otherwise, those of BGZF its largest")
  func dynamicBlocks() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 100000 > a
      "$GZ" -n --mode dynamic -c a > b; "$GZ" -n --mode dynamic -b 128 -c a | cmp - b && echo same
      "$GZ" -n --mode dynamic --format bgzf -c a | gzip -dc | cmp - a && echo read
      "$GZ" -n --mode dynamic -b 16 -c a | cmp -s - b || echo others
      """)
    #expect(outcome.text == "same\nread\nothers\n" && outcome.messages.isEmpty, "\(outcome)")
  }

  @Test(
    "dynamic blocks in gzip files come from devices too, where blocks are small enough for them")
  func dynamicOnDevices() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 40000 > a; export DEFLATE_IAA_MODEL=generation=2
      "$GZ" --path hardware --mode dynamic -b 4 -c a | gzip -dc | cmp - a && echo read
      "$GZ" --path hardware --mode dynamic -c a > b; echo $?
      "$GZ" -v --stats --mode dynamic -c a 2> said | gzip -dc | cmp - a; cat said >&2
      """)
    #expect(outcome.text == "read\n1\n", "\(outcome)")
    #expect(
      outcome.messages.contains(
        "a: a block size above 4 KiB, the most that devices compress in this mode: -b 4 is theirs"),
      "\(outcome)")
    #expect(
      outcome.messages.contains("in software: 2 blocks (a block size above 4 KiB"), "\(outcome)")
  }

  @Test("a device without the dynamic mode, and -9 on any, are named as what is in the way")
  func notOnDevices() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      seq 10000 > a; export DEFLATE_IAA_MODEL=queues=1
      "$GZ" -v --mode dynamic -b 4 -c a 2> said | gzip -dc | cmp - a
      grep -c '12 blocks (not done by the device in this mode)$' said
      "$GZ" --path hardware --mode dynamic -b 4 -c a > b; echo $?
      "$GZ" --path hardware -9 -c a > b; echo $?
      "$GZ" -v -9 -c a 2> said | gzip -dc | cmp - a
      grep -c '(the smallest output (-9) is found in software only)$' said
      """)
    #expect(outcome.text == "1\n1\n1\n1\n", "\(outcome)")
    #expect(
      outcome.messages.contains("a: hardware failed: not done by the device in this mode")
        && outcome.messages.contains("a: the smallest output (-9) is found in software only"),
      "\(outcome)")
  }
}
