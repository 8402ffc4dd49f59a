// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// No device, no usable queue, devices that fail, and data that is bad: what the user is told, and
// that nothing is lost.

import Foundation
import TestSupport
import Testing

@Suite("Devices that are not there or fail")
struct OffloadTroubleTests {
  @Test("--path hardware without a device says so, fails, and leaves the input")
  func noDevice() throws {
    let outcome = try Folder().run(
      """
      mkdir r; echo a > a; "$GZ" --path hardware --root r a; echo $?; ls
      "$GZ" --path hardware --root r < a; echo $?
      """)
    #expect(outcome.text == "1\na\nr\n1\n", "\(outcome)")
    #expect(
      outcome.messages.hasPrefix(
        "deflate-iaa: no hardware path: no IAA device in r/sys/bus/dsa/devices"), "\(outcome)")
    #expect(
      outcome.messages.contains("deflate-iaa: 'deflate-iaa doctor --root r' tells what to do\n"),
      "\(outcome)")
  }

  @Test("what follows a stream that is alone in its file ends it on devices as without")
  func behindTheStream() throws {
    let outcome = try Folder().run(
      """
      seq 30000 > a; export DEFLATE_IAA_MODEL=devices=1
      for format in zlib raw; do
        for more in abcd '\\0\\0\\0\\0'; do
          "$GZ" --path software --format $format -c a > s; printf "$more" >> s
          for path in software auto hardware; do
            timeout 60 "$GZ" -d --format $format --path $path -c s 2> said | cmp - a
            timeout 60 "$GZ" -t --format $format --path $path s 2> said; echo $? $(cat said)
          done
        done
      done
      """)
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 12 && outcome.messages.isEmpty, "\(outcome)")
    // By format and what follows: the same on every path.
    for first in stride(from: 0, to: lines.count - 2, by: 3) {
      #expect(Set(lines[first..<first + 3]).count == 1, "\(outcome)")
    }
  }

  @Test("--root without a directory is refused")
  func emptyRoot() throws {
    let outcome = try Folder().run("echo a | \"$GZ\" -c --root= --path hardware; echo $?")
    #expect(outcome.text == "1\n", "\(outcome)")
    #expect(
      outcome.messages.hasPrefix(
        "deflate-iaa: invalid value '' for option '--root': not a directory\n"), "\(outcome)")
  }

  @Test("without a device everything is in software, and -v says why")
  func automatic() throws {
    let outcome = try Folder().run(
      """
      mkdir r; echo a > a; "$GZ" -v --root r a && "$GZ" -dv --root r a.gz && cat a
      "$GZ" -kv --path software a; "$GZ" --debug --root r -c a | gunzip
      """)
    #expect(outcome.text == "a\na\n", "\(outcome)")
    let reason = "in software: no IAA device in r/sys/bus/dsa/devices"
    #expect(outcome.messages.contains("a:\t\(reason)\n"), "\(outcome)")
    #expect(outcome.messages.contains("a.gz:\t\(reason)\n"), "\(outcome)")
    #expect(outcome.messages.contains("a:\tin software: as --path software says\n"), "\(outcome)")
    #expect(outcome.messages.contains("--debug has nothing to trace: all is in "), "\(outcome)")
  }

  @Test("a queue that cannot be used is named with its reason")
  func unusableQueue() throws {
    let outcome = try Folder().run(
      """
      d=r/sys/bus/dsa/devices/iax1; mkdir -p $d/wq1.0; echo a > a
      echo enabled > $d/state; cd $d/wq1.0
      echo enabled > state; echo kernel > type; echo dedicated > mode; echo 128 > size; cd - >&2
      "$GZ" --path hardware --root r a 2>&1; echo $?; ls; "$GZ" -v --root r a 2>&1
      """)
    let reason = "wq1.0: held by the kernel driver of its type"
    #expect(outcome.text.contains("deflate-iaa: no hardware path: \(reason)"), "\(outcome)")
    #expect(outcome.text.contains("\n1\na\nr\n"), "\(outcome)")
    #expect(outcome.text.contains("a:\tin software: \(reason)"), "\(outcome)")
  }

  @Test("--path software touches no device, and its statistics are the software's alone")
  func softwareAlone() throws {
    let outcome = try Folder().run(
      """
      seq 60000 > a; DEFLATE_IAA_MODEL=devices=1 "$GZ" --path software --stats a 2>&1; gunzip -t a.gz
      """)
    #expect(outcome.text.hasPrefix("global stats:\n  total_comp_calls: 0\n"), "\(outcome)")
    #expect(
      outcome.text.hasSuffix("deflate-iaa:\n  hardware_blocks: 0\n  software_blocks: 6\n"),
      "\(outcome)")
    #expect(!outcome.text.contains("iaa device:"), "\(outcome)")
  }

  @Test("a model laid below a root is found as devices are")
  func mounted() throws {
    let outcome = try Folder().run(
      """
      mkdir r; seq 60000 > a; export DEFLATE_IAA_MODEL=devices=2
      "$GZ" --path hardware --root r -kv a; gunzip -c a.gz | cmp - a; echo $?
      cat r/sys/bus/dsa/devices/iax3/wq3.0/type
      """)
    #expect(outcome.text == "0\nuser\n", "\(outcome)")
    #expect(outcome.messages.contains("a:\tin hardware: 6 blocks on wq"), "\(outcome)")
    #expect(outcome.messages.contains("(device model)"), "\(outcome)")
  }

  @Test("devices that fail in every way cost no byte", arguments: 1...4)
  func faults(_ seed: Int) throws {
    let outcome = try Folder().run(
      """
      seq 60000 > a; "$GZ" --path software -b 8 -c a > software
      export DEFLATE_IAA_MODEL=devices=2,faults=0.04,seed=\(seed)
      "$GZ" -b 8 -cv a 2> log > auto; cmp auto software && echo same; "$GZ" -dc auto | cmp - a &&
        echo back; grep -c 'in software' log
      # A queue that is gone by now was a model's all the same.
      grep -E 'wq[0-9]+\\.[0-9]+([,;]|$)' log; true
      """)
    #expect(outcome.text == "same\nback\n1\n", "\(outcome)")
  }

  @Test("a device that fails ends --path hardware with the file untouched")
  func failure() throws {
    let outcome = try Folder().run(
      """
      seq 60000 > a; export DEFLATE_IAA_MODEL=faults=0.07,seed=3
      "$GZ" --path hardware -b 4 a; echo $?; ls -A
      """)
    #expect(outcome.text == "1\na\n", "\(outcome)")
    #expect(outcome.messages.hasPrefix("deflate-iaa: a: hardware failed: "), "\(outcome)")
  }

  @Test(
    "damaged files have the software's verdict, bytes and exit code", arguments: ["bgzf", "gzip"])
  func damage(_ format: String) throws {
    let outcome = try Folder().run(
      """
      seq 40000 > a; "$GZ" --format \(format) -k a; size=$(stat -c %s a.gz)
      for i in $(seq 20); do
        cp a.gz b.gz; at=$((size * i / 21))
        printf "\\\\$((i % 8))7" | dd of=b.gz bs=1 seek=$at conv=notrunc status=none
        "$GZ" --path software -dc b.gz > s 2> se; s=$?
        DEFLATE_IAA_MODEL= "$GZ" -dc b.gz > h 2> he; h=$?
        DEFLATE_IAA_MODEL= "$GZ" --path hardware -dc b.gz > x 2> xe; x=$?
        # Data that goes on behind what no device decodes is not looked at for its check.
        [ \(format) = gzip ] && grep -q "hardware failed: device: distance" xe && cp se xe
        [ $s = $h ] && [ $s = $x ] && cmp s h && cmp se he && cmp se xe || echo at $at $s $h $x
      done; echo end
      """)
    #expect(outcome.text == "end\n", "\(outcome)")
  }

  /// Python: one final dynamic block in which the bytes of a joint are a match's, far enough behind the
  /// start for a piece to end there.
  private static let falseJoint = """
    import zlib
    bits = []
    def put(value, count): bits.extend(value >> i & 1 for i in range(count))
    def codes(lengths):
        code, result = 0, {}
        for length in range(1, 16):
            for symbol in [s for s, l in enumerate(lengths) if l == length]:
                result[symbol] = [code >> i & 1 for i in reversed(range(length))]
                code += 1
            code <<= 1
        return result
    literals, distances = [8] * 148 + [9] * 108 + [7] * 24 + [8] * 6, [0] * 22 + [1, 1]
    literal, distance = codes(literals), codes(distances)
    lengths = [0] * 19
    for symbol, length in (0, 3), (1, 3), (7, 2), (8, 2), (9, 2): lengths[symbol] = length
    put(5, 3); put(29, 5); put(23, 5); put(15, 4)
    for s in 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15: put(lengths[s], 3)
    for length in literals + distances: bits += codes(lengths)[length]
    for i in range(120000): bits += literal[i * 7 % 100]
    while (len(bits) + 8) % 8: bits += literal[200]
    bits += literal[281]; put(0, 5); bits += distance[22]; put(0, 10)
    joint = len(bits) // 8 - 2
    for i in [255, 255] + [i % 90 for i in range(300)]: bits += literal[i]
    bits += literal[256]
    bits += [0] * (-len(bits) % 8)
    stream = bytes(sum(bits[i + j] << j for j in range(8)) for i in range(0, len(bits), 8))
    data = zlib.decompress(stream, -15)
    assert b"\\0\\0\\xff\\xff" in stream[98304:joint + 8]
    open("a", "wb").write(data); open("a.deflate", "wb").write(stream)
    open("a.gz", "wb").write(bytes([31, 139, 8, 0, 0, 0, 0, 0, 0, 3]) + stream
        + zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little"))
    """

  @Test(
    "bytes of a joint within a block mislead no device",
    .needs("python3", isFound: machineCan("python3 -c 'import zlib'")))
  func falseJoints() throws {
    let outcome = try Folder().run(
      """
      cat > make.py << 'END'
      \(Self.falseJoint)
      END
      python3 make.py || exit 9
      for p in 1 2; do
        DEFLATE_IAA_MODEL= "$GZ" -p $p -dc a.gz | cmp - a
        DEFLATE_IAA_MODEL= "$GZ" -p $p -dc a.deflate | cmp - a
        "$GZ" --path software -p $p -dc a.deflate | cmp - a
      done
      """)
    #expect(outcome.text == "" && outcome.messages == "" && outcome.status == 0, "\(outcome)")
  }

  @Test(
    "a member with bytes between its stream and its trailer is bad on every path",
    .needs("python3", isFound: machineCan("python3 -c 'import zlib'")))
  func slack() throws {
    let outcome = try Folder().run(
      """
      python3 -c '\(OffloadCases.bgzfWriter)
      open("a.gz", "wb").write(member(b"text" * 99, b"x") + member(b""))'
      "$GZ" --path software -dc a.gz > s 2> se; echo $?
      DEFLATE_IAA_MODEL= "$GZ" -dc a.gz > h 2> he; echo $?; cmp s h; cmp se he
      """)
    #expect(outcome.text == "1\n1\n", "\(outcome)")
  }

  @Test("values that an option does not have are wrong usage", arguments: OffloadCases.wrong)
  func usage(_ words: String) throws {
    let outcome = try Folder().run("echo a > a; \(words) a; echo $?; ls")
    #expect(outcome.text == "1\na\n", "\(outcome)")
    #expect(outcome.messages.contains("try 'deflate-iaa --help'"), "\(outcome)")
  }
}

/// What the tests of both files try.
enum OffloadCases {
  /// Formats and block sizes.
  static let shapes = [
    "", "-N", "-n", "--format zlib", "--format raw", "-b 4", "-b 63", "-b 64", "-b 2048",
    "-b 4 --format zlib", "-b 2048 --format raw", "-p 1", "-p 7 -b 5",
  ]

  static let wrong = [
    #""$GZ" --path gpu"#, #""$GZ" --path="#, #""$GZ" --sync-mode fast"#,
    #""$GZ" --verify-compress 2"#, #""$GZ" --verify-compress yes"#,
    #"DEFLATE_IAA_MODEL=x "$GZ""#, #"DEFLATE_IAA_MODEL=devices=9 "$GZ""#,
    #"DEFLATE_IAA_MODEL=faults=1 "$GZ""#, #"DEFLATE_IAA_MODEL=queues=0 "$GZ""#,
  ]

  /// Python that makes a BGZF member of zlib's streams, whose matches reach 32 KiB back, with bytes
  /// put before its trailer.
  static let bgzfWriter = #"""
    import struct, zlib
    def member(data, slack=b""):
        c = zlib.compressobj(9, zlib.DEFLATED, -15)
        body = c.compress(data) + c.flush() + slack
        head = struct.pack("<4BI2BH2BHH", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(body) + 25)
        return head + body + struct.pack("<II", zlib.crc32(data), len(data))
    """#
}
