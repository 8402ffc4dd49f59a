// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Memory does not grow with the file. The kernel's own high-water mark is read while the command
// runs; it only rises, so the last reading is close to the end's.

import Foundation
import TestSupport
import Testing

/// Bytes to compress: as many as take some tenths of a second at least.
private let amount: Int = {
  #if DEBUG
    300_000_000
  #else
    1_000_000_000
  #endif
}()

/// A gzip file of as many members as take some time, too.
private let makeZeros: String = {
  #if DEBUG
    let members = 1
  #else
    let members = 40
  #endif
  return
    "head -c 60000000 /dev/zero | gzip > z.gz; for i in $(seq \(members)); do cat z.gz; done > y.gz; "
}()

@Suite(
  "Memory stays flat",
  .enabled(
    if: !Sanitizer.isAddress && !Sanitizer.isThread, "a sanitizer's memory would be measured"))
struct MemoryTests {
  @Test(
    "peak memory is below 64 MiB",
    arguments: [
      "head -c \(amount) /dev/zero | \"$GZ\" -c > out & pid=$!",
      makeZeros + "\"$GZ\" -dc y.gz > /dev/null & pid=$!",
      makeZeros + "\"$GZ\" -l y.gz > out & pid=$!",
      "head -c \(amount) /dev/zero | \"$GZ\" -b 1024 -c > out & pid=$!",
    ])
  func peak(_ script: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      script
        + "; while s=$(grep VmHWM /proc/$pid/status 2>/dev/null); do echo $s; sleep 0.02; done; "
        + "wait $pid")
    #expect(outcome.status == 0, "\(outcome.messages)")
    let peaks = outcome.text.split(separator: "\n").compactMap { line in
      Int(line.split(separator: " ")[1])
    }
    let peak = try #require(peaks.max())
    // Readings that are too few or too small would not have seen the command at work.
    #expect(peak > 4 << 10)
    #expect(peak < 64 << 10, "\(peak) KiB")
  }
}

@Suite(
  "Little memory",
  .enabled(
    if: !Sanitizer.isAddress && !Sanitizer.isThread, "a sanitizer's memory would be measured"))
struct LittleMemoryTests {
  /// Limits from the least with which the program starts at all: what a run takes is between.
  @Test(
    "under a limit of memory a run succeeds, or ends with one line, its input whole and nothing else",
    arguments: ["-v", "-d"], ["", "--format bgzf", "-d"])
  func limits(_ limit: String, _ arguments: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      head -c 1500000 /dev/urandom > a; seq 300000 >> a
      case '\(arguments)' in
        -d) in=f.gz out=f; "$GZ" -c a > in; cp a want;;
        *) in=f out=f.gz; cp a in; "$GZ" -n \(arguments) -c a > want;;
      esac
      ulimit -c 0; least=512
      until (ulimit \(limit) $least; exec "$GZ" --version) > log 2>&1; do
        least=$((least + 512))
      done
      for p in 1 2 16; do
        for more in 0 1 2 4 6 8 9 10 12 16 24 40 80 160 320; do
          mkdir w; cp in w/$in
          (cd w; ulimit \(limit) $((least + more * 1024)); exec "$GZ" -n -p $p \(arguments) $in) 2> log
          case $?,$(ls -A w) in
            0,$out) cmp w/$out want && test ! -s log && result=done || echo wrong;;
            1,$in) result=$(cat log); cmp w/$in in;;
            *) echo failed with -p $p and $more more: $(ls -A w); cat log;;
          esac
          rm -r w; test $more != 0 -a $more != 320 || echo "$result"
        done
      done
      """)
    let ends = String(repeating: "deflate-iaa: out of memory\ndone\n", count: 3)
    #expect(outcome.text == ends && outcome.status == 0, "\(outcome)")
  }
}
