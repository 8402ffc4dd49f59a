// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Whether it pays: arithmetic on what was measured and on three assumptions that are printed beside
// it. Nothing is promised beyond the arithmetic.

import MemoryEstimate

/// How much of the memory is cold enough to be swapped.
struct ColdShare: Sendable, Equatable {
  /// 0 to 1.
  let share: Double
  /// Where it is from, for the output.
  let origin: String
}

/// What compression would save.
struct Worth: Sendable {
  /// The device's speed by its vendor: uncompressed bytes a second of one job stream of 64 KiB
  /// (Documentation/iaa-device-facts.md). Nothing is known here of pages of 4 KiB.
  static let publishedBytesPerSecond = 1.9e9

  let cold: ColdShare
  /// Uncompressed bytes a second that go out to swap; as many come back.
  let swapRate: Double
  /// Whether anything waits for memory; nil where the kernel does not tell.
  var pressure: MemoryPressure?

  /// Bytes that one algorithm saves: the cold part of what zswap takes, less its pool's memory.
  func saved(_ total: Figures, _ figures: AlgorithmFigures) -> Double {
    cold.share
      * (total.bytes - figures.rejected.value * Double(total.pageSize) - figures.zswap.value)
  }

  /// The same as a part of all memory looked at, 0 to 1.
  func savedShare(_ total: Figures, _ figures: AlgorithmFigures) -> Double {
    total.bytes > 0 ? saved(total, figures) / total.bytes : 0
  }

  /// The processors that compressing at the swap rate keeps busy.
  func processors(microsecondsPerPage: Double, pageSize: Int) -> Double {
    swapRate / Double(pageSize) * microsecondsPerPage / 1e6
  }

  /// The part of one device's published speed that the swap rate is.
  var deviceShare: Double { swapRate / Self.publishedBytesPerSecond }

  /// Every step of the sums, line by line.
  func explanation(_ estimate: Estimate) -> [String] {
    let total = estimate.total
    var lines = [
      "memory looked at = \(total.pages) pages x \(total.pageSize) = \(Quantity.bytes(total.bytes))",
      "cold share = \(Quantity.percent(cold.share)) (\(cold.origin))",
    ]
    for algorithm in estimate.measured {
      guard let figures = total.algorithms[algorithm] else { continue }
      lines.append(
        "saved, \(algorithm.rawValue) = \(Quantity.percent(cold.share)) x (\(Quantity.bytes(total.bytes))"
          + " - \(Quantity.bytes(figures.rejected.value * Double(total.pageSize))) rejected"
          + " - \(Quantity.bytes(figures.zswap.value)) of pool) = \(Quantity.bytes(saved(total, figures)))"
      )
    }
    for algorithm in [Algorithm.zstd3, .zstd1] {
      guard let time = estimate.times[algorithm], time.pages > 0 else { continue }
      lines.append(
        "processors, \(algorithm.rawValue) = \(Quantity.bytes(swapRate))/s / \(total.pageSize)"
          + " x \(Quantity.fixed(time.perPage, 1)) us = "
          + Quantity.fixed(
            processors(microsecondsPerPage: time.perPage, pageSize: total.pageSize), 2))
    }
    lines.append(
      "device = \(Quantity.bytes(swapRate))/s / \(Quantity.bytes(Self.publishedBytesPerSecond))/s published"
        + " = \(Quantity.percent(deviceShare)) of one job stream")
    return lines
  }
}
