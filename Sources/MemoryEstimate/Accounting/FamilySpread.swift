// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// A figure's range over the members of the family of match rules: what no larger sample narrows, as long as
/// nobody knows which of them a device follows.
package struct FamilySpread: Sendable {
  /// The smallest and the largest value, with the members that give them.
  package let least: (member: String, value: Double)
  package let most: (member: String, value: Double)
}

extension Estimate {
  /// The range of a figure of one of the device's modes over the chosen profile and the members measured
  /// beside it; nil where none was.
  package func spread(
    of algorithm: Algorithm, in figures: Figures, _ value: (AlgorithmFigures) -> Double
  ) -> FamilySpread? {
    guard let own = figures.algorithms[algorithm], !members.isEmpty else { return nil }
    var values = [(member: options.profile.name, value: value(own))]
    for member in members {
      guard let found = figures.members[FamilyMode(member: member, algorithm: algorithm)],
        found.sampled > 0
      else { continue }
      values.append((member, value(found)))
    }
    guard values.count > 1, let least = values.min(by: { $0.value < $1.value }),
      let most = values.max(by: { $0.value < $1.value })
    else { return nil }
    return FamilySpread(least: least, most: most)
  }

  /// The ranges of the ratios of the device's modes, of those that were measured under the members.
  package func ratioSpreads(
    in figures: Figures
  ) -> [(algorithm: Algorithm, ratio: FamilySpread, zswap: FamilySpread)] {
    Algorithm.ofDevice.compactMap { algorithm in
      guard let ratio = spread(of: algorithm, in: figures, { figures.ratio($0.stored) }),
        let zswap = spread(of: algorithm, in: figures, { figures.zswapRatio($0) })
      else { return nil }
      return (algorithm, ratio, zswap)
    }
  }

  /// Pages that were measured under the members.
  package func spreadPages(in figures: Figures) -> Int {
    figures.members.values.map(\.sampled).max() ?? 0
  }
}
