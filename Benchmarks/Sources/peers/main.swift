// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Everyone in one process, on the same bytes, taking turns: only ratios of one run mean anything.

@_spi(Builds) import FixedDeflate
import Foundation
import Rig

let options = Options(Array(CommandLine.arguments.dropFirst()))
var results = Results()
results.rounds = options.rounds
results.build = CodecBuild.available.last.map { "\($0)" } ?? ""
for (name, version) in PeerEngine.versions { results.versions[name] = version }

let corpus = try Corpus.load(options.corpus, kinds: options.kinds)
for section in Section.allCases where options.sections.contains(section) {
  for shape in section.shapes where options.shapes.contains(shape) {
    var records: [Record] = []
    // A checksum does not care for the kind of data.
    for (kind, bytes) in section == .crc ? Array(corpus.prefix(1)) : corpus {
      let contest = try Contest(section, shape, bytes)
      let facts = try contest.verify()
      let times = try contest.time(
        rounds: options.rounds, within: .seconds(options.seconds))
      for (index, engine) in contest.engines.enumerated() {
        records.append(
          Record(
            section: section, shape: shape, kind: kind, engine: engine.name,
            plainCount: bytes.count,
            megabytesPerSecond: Double(bytes.count) / times[index] * 1000,
            outputCount: facts[index].outputCount, notFixed: facts[index].notFixed))
      }
    }
    print(Table(section: section, shape: shape, records: records).text)
    results.records += records
  }
}
if let path = options.json {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  try encoder.encode(results).write(to: URL(filePath: path))
}
