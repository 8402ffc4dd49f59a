// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The command on devices: models that DEFLATE_IAA_MODEL puts in their place, in the command's own
// process, so that submission, completion and every fault are those of the dispatcher.

import Foundation
import TestSupport
import Testing

@Suite("Blocks on devices")
struct OffloadTests {
  /// Text of some blocks, the last one short.
  private static let input = "seq 60000 > a; size=$(stat -c %s a)"
  /// Blocks of `input` at the standard size.
  private static let blockCount = (348_894 + 65_279) / 65_280

  @Test("the model's bytes are the software's", arguments: OffloadCases.shapes)
  func sameBytes(_ shape: String) throws {
    let outcome = try Folder().run(
      """
      \(Self.input)
      "$GZ" --path software -c \(shape) a > software || exit 9
      export DEFLATE_IAA_MODEL=devices=2,queues=2
      "$GZ" --path hardware -c \(shape) a > hardware && cmp software hardware || exit 8
      "$GZ" -c \(shape) a | cmp software - && echo same
      """)
    #expect(outcome.text == "same\n", "\(outcome)")
    #expect(outcome.messages == "", "\(outcome)")
  }

  @Test("a model compresses by the profile that the variable names, whatever software does")
  func modelProfile() throws {
    let outcome = try Folder().run(
      """
      head -c 200000 /dev/zero > a; seq 9000 >> a
      "$GZ" --path software -c a > v1; "$GZ" --path software --profile iaa-pair-first -c a > first
      cmp -s v1 first && exit 9
      export DEFLATE_IAA_MODEL=profile=iaa-pair-first
      "$GZ" --path hardware -c a | cmp - first && "$GZ" -dc first | cmp - a && echo same
      DEFLATE_IAA_MODEL=profile=nothing "$GZ" -c a
      """)
    #expect(outcome.text == "same\n", "\(outcome)")
    #expect(outcome.messages.contains("DEFLATE_IAA_MODEL: nothing: No such file"), "\(outcome)")
  }

  @Test("-v, --stats and --debug say what ran where, in the driver's forms")
  func report() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      \(Self.input); cp -p a copy
      DEFLATE_IAA_MODEL=queues=1 "$GZ" --path hardware --format bgzf -v --stats --debug a
      echo $? $size; "$GZ" --path software --format bgzf -c copy | cmp - a.gz; ls
      """)
    #expect(outcome.text == "0 348894\na.gz\ncopy\n", "\(outcome)")
    let lines = outcome.messages.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines.contains("a:\tin hardware: \(Self.blockCount) blocks on wq1.0 (device model)"),
      "\(outcome)")

    let submission =
      #/\[ *\d+\.\d{6}\] idxd iax1: (\w+): (\(verify\) )?desc->src1_addr [0-9a-f]+, desc->src1_size (\d+), desc->dst_addr [0-9a-f]+, desc->max_dst_size (\d+), desc->src2_addr ([0-9a-f]+), desc->src2_size (\d+)/#
    let completion =
      #/\[ *\d+\.\d{6}\] idxd iax1: iaa (\w+) status=0x1, error=0x0, size=0x([0-9a-f]+)/#
    var sizes: [String: [Int]] = [:]
    var results: [String: [Int]] = [:]
    for line in lines where line.hasPrefix("[") {
      if let match = line.wholeMatch(of: submission) {
        let isVerification = match.output.1 == "iaa_compress_verify"
        sizes[String(match.output.1), default: []].append(Int(match.output.3) ?? -1)
        #expect((match.output.2 != nil) == isVerification, "\(line)")
        #expect(match.output.6 == (isVerification ? "0" : "1568"), "\(line)")
        #expect((match.output.5 == "0") == isVerification, "\(line)")
      } else if let match = line.wholeMatch(of: completion) {
        results[String(match.output.1), default: []].append(Int(match.output.2, radix: 16) ?? -1)
      } else {
        Issue.record("not the driver's form: \(line)")
      }
    }
    #expect(sizes["iaa_compress"]?.count == Self.blockCount)
    #expect(sizes["iaa_compress"]?.reduce(0, +) == 348_894)
    #expect(results["compress"]?.sorted() == sizes["iaa_compress_verify"]?.sorted())
    #expect(results["decompress"]?.sorted() == sizes["iaa_compress"]?.sorted())

    let bytes = results["compress"]?.reduce(0, +) ?? 0
    #expect(
      outcome.messages.hasSuffix(
        """
        global stats:
          total_comp_calls: \(Self.blockCount)
          total_decomp_calls: 0
          total_sw_decomp_calls: 0
          total_comp_bytes_out: \(bytes)
          total_decomp_bytes_in: 0
          total_completion_einval_errors: 0
          total_completion_timeout_errors: 0
          total_completion_comp_buf_overflow_errors: 0

        iaa device:
          id: 1
          n_wqs: 1
          comp_calls: \(Self.blockCount)
          comp_bytes: \(bytes)
          decomp_calls: 0
          decomp_bytes: 0
          wqs:
            name: iaa_crypto
            comp_calls: \(Self.blockCount)
            comp_bytes: \(bytes)
            decomp_calls: 0
            decomp_bytes: 0

        deflate-iaa:
          hardware_blocks: \(Self.blockCount)
          software_blocks: 0

        """), "\(outcome)")
  }

  @Test("--verify-compress is the driver's attribute, on unless 0", arguments: ["", "0", "1"])
  func verification(_ value: String) throws {
    let option = value.isEmpty ? "" : "--verify-compress \(value)"
    let outcome = try Folder().run(
      """
      \(Self.input)
      DEFLATE_IAA_MODEL= "$GZ" -c --debug \(option) a 2>&1 >/dev/null | grep -c verify
      """)
    #expect(outcome.text == (value == "0" ? "0\n" : "\(Self.blockCount)\n"), "\(outcome)")
  }

  @Test("every way of waiting gives the same bytes", arguments: ["sync", "async", "async_irq"])
  func waiting(_ mode: String) throws {
    let outcome = try Folder().run(
      """
      \(Self.input); export DEFLATE_IAA_MODEL=mode=dedicated
      "$GZ" --path hardware --sync-mode \(mode) -c a > a.gz && gunzip -c a.gz | cmp - a &&
        "$GZ" --path hardware --sync-mode=\(mode) -dc a.gz | cmp - a && echo good
      """)
    #expect(outcome.text == "good\n" && outcome.messages == "", "\(outcome)")
  }

  @Test("BGZF members, regions, tests and lists are decoded by the device")
  func decompression() throws {
    let outcome = try Folder().run(
      """
      \(Self.input); "$GZ" --format bgzf -k a; export DEFLATE_IAA_MODEL=devices=1
      "$GZ" --path hardware -dcv --stats a.gz 2> log | cmp - a; cat log | head -3
      grep sw_decomp log; grep -m1 decomp_bytes_in log
      "$GZ" --path hardware --offset 70000 --size 5 -v a.gz 2>&1; echo
      "$GZ" --path hardware -tv a.gz 2>&1; "$GZ" --path hardware -l a.gz | cut -c 25-39 | tail -1
      """)
    let queue = "in hardware: \(Self.blockCount) blocks on wq1.0 (device model)"
    let lines = outcome.text.split(separator: "\n").map(String.init)
    #expect(lines.contains("a.gz:\t\(queue)") && lines.contains("a.gz:\t OK"), "\(outcome)")
    #expect(lines.contains("  total_sw_decomp_calls: 0"), "\(outcome)")
    #expect(
      outcome.text.contains("a.gz:\tin hardware: 1 block on wq1.0 (device model)\n"), "\(outcome)")
    #expect(outcome.text.hasSuffix(" 348894\n"), "\(outcome)")
    #expect(outcome.status == 0 && outcome.messages == "", "\(outcome)")
  }

  @Test("streams of one member are decoded by the device, piece by piece", arguments: [1, 2, 8])
  func pieces(_ processors: Int) throws {
    let outcome = try Folder().run(
      """
      \(Self.input); export DEFLATE_IAA_MODEL=devices=1
      for format in gzip zlib raw; do
        "$GZ" --path software --format $format -c a > a.$format
        "$GZ" -p \(processors) --path hardware --format $format -dcv < a.$format 2> log | cmp - a
        grep -v "^in hardware: [0-9]* blocks on wq1.0 (device model)$" log
      done
      (cat a.gzip; "$GZ" --format bgzf -c a; printf b | "$GZ"; cat a.gzip) > many
      "$GZ" -p \(processors) --path hardware -dc many | cmp - <(cat a a; printf b; cat a)
      """)
    #expect(outcome.text == "" && outcome.messages == "", "\(outcome)")
  }

  @Test(
    "what did not compress is decoded by the device, too, whatever it holds",
    arguments: ["", "-b 4", "-b 64", "-b 1024", "--format zlib", "--format raw"])
  func storedPieces(_ options: String) throws {
    let outcome = try Folder().run(
      #"""
      head -c 600000 /dev/urandom > noise; "$GZ" -c noise > a
      (cat a; head -c 65281 /dev/zero; cat noise; seq 90000; cat noise) > b
      export DEFLATE_IAA_MODEL=devices=1
      format=; case "\#(options)" in --format*) format="\#(options)";; esac
      for file in noise a b; do
        "$GZ" --path software \#(options) -c $file > out
        "$GZ" --path hardware $format -dcv < out 2> log | cmp - $file
        grep -v "^in hardware: [0-9]* blocks on wq1.0 (device model)$" log
      done
      """#)
    #expect(outcome.text == "" && outcome.messages == "", "\(outcome)")
  }

  @Test("what is not for devices goes to software, or fails and stays where it is")
  func foreignStream() throws {
    let outcome = try Folder().run(
      """
      seq 2000000 > a; gzip -1 a; export DEFLATE_IAA_MODEL=devices=1
      "$GZ" --path hardware -d a.gz; echo $?; ls
      "$GZ" -dv a.gz; echo $?; ls
      """)
    #expect(outcome.text == "1\na.gz\n0\na\n", "\(outcome)")
    #expect(
      outcome.messages.contains(
        "a.gz: not in pieces that a device can decompress alone\n"), "\(outcome)")
    #expect(
      outcome.messages.hasSuffix(
        "a.gz:\tin software: 1 block (not in pieces that a device can decompress alone)\n"),
      "\(outcome)")
  }

  @Test(
    "matches beyond a device's history are the software's, and counted",
    .needs("python3", isFound: machineCan("python3 -c 'import zlib'")))
  func farMatches() throws {
    let outcome = try Folder().run(
      """
      python3 -c '\(OffloadCases.bgzfWriter)
      import random
      noise = random.Random(1).randbytes(9000)
      open("a", "wb").write(noise * 4)
      open("a.gz", "wb").write(member(noise * 2) + member(noise * 2) + member(b""))'
      export DEFLATE_IAA_MODEL=devices=1
      mv a copy; "$GZ" --path hardware -dk a.gz; echo $?; ls
      "$GZ" -dcv --stats a.gz | cmp - copy; echo $?
      """)
    #expect(outcome.text == "1\na.gz\ncopy\n0\n", "\(outcome)")
    let messages = outcome.messages
    #expect(messages.contains("a.gz: hardware failed: device: distance"), "\(outcome)")
    #expect(messages.contains("a.gz:\tin software: 2 blocks (device: distance"), "\(outcome)")
    #expect(messages.contains("total_sw_decomp_calls: 2\n"), "\(outcome)")
    #expect(messages.contains("software_blocks: 2\n  fallback_analytics: 2\n"), "\(outcome)")
  }
}
