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
