// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where our listing is meant to differ from gzip 1.12's: it counts every member, sums headers of
// every file, and goes on behind a damaged one. Equal rows are GzipTwinTests's.

import Foundation
import TestSupport
import Testing

@Suite("Listings")
struct ListingTests {
  private let heading =
    "         compressed        uncompressed  ratio uncompressed_name\n"

  @Test("all members count")
  func members() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "seq 100 | gzip -n > b; cat b b b b > a.gz; wc -c < a.gz; \"$GZ\" -l a.gz")
    let lines = outcome.text.split(separator: "\n")
    let fields = lines[2].split(separator: " ")
    #expect(fields[0] == lines[0])
    #expect(fields[1] == "1168")
  }

  @Test("our own files list their content's size, however many blocks they have")
  func blocks() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "seq 40000 > a; \"$GZ\" -b 4 a; stat -c %s a.gz; \"$GZ\" -l < a.gz; \"$GZ\" -lq a.gz")
    let lines = outcome.text.split(separator: "\n")
    for line in [lines[2], lines[3]] {
      #expect(line.split(separator: " ").prefix(2) == [lines[0], "228894"])
    }
  }

  @Test("the last line sums several files, with every header left out of the ratio")
  func totals() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "echo hello > a; gzip -n a; cp a.gz b.gz; \"$GZ\" -l a.gz b.gz; \"$GZ\" -lv a.gz b.gz | tail -1"
    )
    #expect(
      outcome.text == heading
        + "                 26                   6 -33.3% a\n"
        + "                 26                   6 -33.3% b\n"
        + "                 52                  12 -33.3% (totals)\n"
        + "                            "
        + "                 52                  12 -33.3% (totals)\n")
  }

  @Test(
    "zlib and raw files are listed with the checksum of their content", arguments: ["zlib", "raw"])
  func otherFormats(_ format: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "printf 123456789 > a; touch -d 2001-02-03T04:05 a; \"$GZ\" --format \(format) a; \"$GZ\" -lv a.* | tail -1"
    )
    // cbf43926 is the check value that defines CRC-32.
    #expect(outcome.text.hasPrefix("defla cbf43926 Feb  3 04:05 "), "\(outcome)")
    #expect(outcome.text.hasSuffix(" a\n"))
  }

  @Test(
    "padding and garbage are warned of, and the row is there",
    arguments: [
      ("head -c 99 /dev/zero", "", 0), ("head -c 99 /dev/zero", "-v", 2), ("echo junk", "", 2),
    ])
  func trailingData(_ tail: String, _ option: String, _ status: Int32) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "echo hello | gzip > a.gz; \(tail) >> a.gz; \"$GZ\" -l \(option) a.gz")
    #expect(outcome.status == status)
    #expect(outcome.text.contains("  6 "))
  }

  @Test("sizes beyond 4 GiB are right", .enabled(if: isOptimised, "too slow without optimisation"))
  func large() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "head -c 67108864 /dev/zero | gzip -9 > m; for i in {1..65}; do cat m; done > a.gz; rm m; "
        + "\"$GZ\" -lq a.gz")
    #expect(outcome.text.split(separator: " ")[1] == "4362076160")
  }
}
