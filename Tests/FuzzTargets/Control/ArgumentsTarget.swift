// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Command lines of the subcommands, a word a line. Those that read files, ask processes or fill memory are left out;
// the command's own options, which are gzip's, are tried in CommandTests.

import DeviceCommands
import IAADevices

final class ArgumentsTarget: FuzzTarget {
  private static let subcommands: Set<String> = [
    "devices", "configure", "enable", "disable", "doctor", "attributes", "stats", "zswap", "help",
  ]
  private let listing = Listing.committed("small")

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    let words = input.split(separator: 0x0A, omittingEmptySubsequences: false)
      .prefix(40).map { String(decoding: $0, as: UTF8.self) }
    guard let first = words.first, Self.subcommands.contains(first) else { return }
    // Nothing but the trees in memory is touched.
    let outside = ["--save", "--load", "exercise", "calibrate", "estimate"]
    guard !words.contains(where: { word in outside.contains { word.contains($0) } }) else { return }
    let files = MemoryFiles(listing, reacting: true)
    let run = SubcommandRun(words, on: files)
    try demand((0...3).contains(run.code), "exit code \(run.code)")
    try demand(!run.out.isEmpty || !run.err.isEmpty || run.code == 0, "failed without a word")
  }
}
