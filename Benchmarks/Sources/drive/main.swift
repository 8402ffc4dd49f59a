// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Runs the codec where wall clock is not the question: under callgrind, which counts instructions
// and mispredicted branches, and under the allocation counter.

import CInstrument
import Foundation
import Rig

/// Pages a run takes, from the middle of each kind: 256 KiB, since valgrind is fifty times slower.
let pagesPerRun = 64

/// One thing to count: ours first, then its anchor.
struct Contest {
  let name: String
  let chunks: Chunks
  let engines: [any Engine]

  /// All contests over one kind of data.
  static func all(_ bytes: [UInt8]) throws -> [Contest] {
    let start = (bytes.count - pagesPerRun * 4096) / 2
    let part = Array(bytes[start..<start + pagesPerRun * 4096])
    var contests: [Contest] = []
    for (shape, size) in [("page", 4096), ("chunk", part.count)] {
      let plain = Chunks(cutting: part, every: size)
      let streams = try plain.coded(by: OwnEncoder(), room: plain.encodedRoom)
      contests += [
        Contest(
          name: "encode-\(shape)", chunks: plain,
          engines: [OwnEncoder(), PeerEngine.isalEncoder()]),
        Contest(
          name: "decode-\(shape)", chunks: streams,
          engines: [OwnDecoder(), PeerEngine.libdeflateDecoder()]),
      ]
    }
    return contests
  }

  /// Room for any output.
  func slots() -> Slots { Slots(count: chunks.count, room: pagesPerRun * 4096 * 9 / 8 + 1024) }
}

/// Each contest once under callgrind's eyes, after one run unseen.
func count(_ corpus: [(kind: String, bytes: [UInt8])]) throws {
  guard instrument_has_valgrind_header() else { fail("built without valgrind's header") }
  guard instrument_under_valgrind() else { fail("'count' needs callgrind; see Tools/callgrind") }
  for (kind, bytes) in corpus {
    for contest in try Contest.all(bytes) {
      let (chunks, slots) = (contest.chunks, contest.slots())
      for engine in contest.engines {
        try engine.run(chunks, into: slots)
        instrument_start()
        try engine.run(chunks, into: slots)
        // SAFETY: the name is copied into the dump before the call returns.
        unsafe instrument_stop("\(kind) \(contest.name) \(engine.name)")
      }
    }
  }
  print("bytes \(pagesPerRun * 4096)")
}

/// Allocations of each of our engines, in runs after its first.
func allocations(_ corpus: [(kind: String, bytes: [UInt8])]) throws {
  guard instrument_allocations() >= 0 else { fail("'allocations' needs the counter in LD_PRELOAD") }
  // The counter must see this language's allocations too, and none where there are none.
  var kept: [[UInt8]] = []
  kept.reserveCapacity(1000)
  let before = instrument_allocations()
  for index in 0..<1000 { kept.append([UInt8](repeating: 1, count: 100 + index)) }
  let seen = instrument_allocations() - before
  guard seen == 1000, kept.count == 1000 else { fail("1000 arrays counted as \(seen)") }

  for (kind, bytes) in corpus {
    for contest in try Contest.all(bytes) {
      let (chunks, slots) = (contest.chunks, contest.slots())
      for engine in contest.engines where engine.name.hasPrefix(EngineName.ours) {
        try engine.run(chunks, into: slots)
        let before = instrument_allocations()
        for _ in 0..<10 { try engine.run(chunks, into: slots) }
        let made = instrument_allocations() - before
        print("\(kind) \(contest.name) \(Double(made) / Double(10 * chunks.count))")
      }
    }
  }
}

let words = CommandLine.arguments
guard words.count == 3 else { fail("usage: drive count|allocations CORPUS") }
let corpus = try Corpus.load(words[2])
switch words[1] {
case "count": try count(corpus)
case "allocations": try allocations(corpus)
default: fail("unknown mode \(words[1])")
}
