// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How fast each named member of the family of match rules is beside version 1, on pages, in every build that this
// processor runs: they take turns, and the median of the turns' ratios counts.

@_spi(Builds) import FixedDeflate
import Foundation
import Rig

func cell(_ text: String) -> String {
  text.padding(toLength: max(text.count, 12), withPad: " ", startingAt: 0)
}

let words = CommandLine.arguments
guard (2...5).contains(words.count), let turns = Int(words.count > 2 ? words[2] : "31") else {
  fail("usage: members CORPUS [TURNS [BUILD [MEMBER]]]")
}
/// 64 pages from the middle of each kind.
let pages = 64
let corpus = try Corpus.load(words[1], kinds: Corpus.averaged).map { kind, bytes in
  let start = (bytes.count - pages * 4096) / 2
  return (kind, Chunks(cutting: Array(bytes[start..<start + pages * 4096]), every: 4096))
}
for build in CodecBuild.available where words.count < 4 || words[3] == build.rawValue {
  print(cell("\(build)".uppercased() + String(repeating: " ", count: 20)), terminator: "")
  for (kind, _) in corpus { print(cell(kind), terminator: "") }
  print("mean")
  let standard = OwnEncoder(member: "iaa-v1", .iaaV1, build: build)
  for (name, profile) in MatchProfile.named.dropFirst() where words.count < 5 || words[4] == name {
    let member = OwnEncoder(member: name, profile, build: build)
    var logarithms = 0.0
    print(name.padding(toLength: 24, withPad: " ", startingAt: 0), terminator: "")
    for (_, chunks) in corpus {
      let slots = Slots(count: pages, room: 4096 * 9 / 8 + 64)
      var ratios: [Double] = []
      for turn in 0...turns {
        let start = threadNanoseconds()
        try standard.run(chunks, into: slots)
        let middle = threadNanoseconds()
        try member.run(chunks, into: slots)
        // The first turn touches what the others find in the caches.
        if turn > 0 { ratios.append((middle - start) / (threadNanoseconds() - middle)) }
      }
      let median = ratios.sorted()[ratios.count / 2]
      logarithms += log(median)
      print(cell(String(format: "%.2f", median)), terminator: "")
    }
    print(String(format: "%.3f", exp(logarithms / Double(corpus.count))))
  }
}
