// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where chunks end that are cut by content. Ends that follow the data and not its position are found again
// behind an insertion, so that rsync has to send the chunks around it and no others. The sum is the
// "gear" hash of content-defined chunking (Xia et al., "Ddelta", 2014; "FastCDC", 2016): each byte
// shifts the sum by one bit, so 64 bytes decide.

import FixedDeflate
import SplitMix

/// Cuts data into chunks by its content.
struct ContentCutter: Sendable {
  /// The most bytes in a chunk.
  let maximum: Int

  /// The least, but for the data's last chunk: no sum is looked at before.
  static let minimum = ChunkLayout.chunkSizes.lowerBound
  /// One sum in 2^14 ends a chunk, so that chunks have 20 KiB on the average.
  private static let mask: UInt64 = ((1 << 14) - 1) << 50
  /// Bytes that a sum depends on.
  private static let windowCount = 64

  /// A number for each byte. Any fixed ones serve; these are SplitMix64's from seed 0.
  private static let gear: [UInt64] = {
    var generator = SplitMix64(state: 0)
    return (0...255).map { _ in generator.next() }
  }()

  /// Where the chunks of `data` end, in order. The last end is the data's when `isAll`; else it is
  /// the last one that more data cannot change, and there is none when that is not known of any.
  func ends(of data: RawSpan, isAll: Bool) -> [Int] {
    var ends: [Int] = []
    var start = 0
    while let end = firstEnd(in: data, from: start) {
      ends.append(end)
      start = end
    }
    if isAll, start < data.byteCount || ends.isEmpty { ends.append(data.byteCount) }
    return ends
  }

  /// The end of the chunk that starts at `start`; nil when the data ends before it is known.
  private func firstEnd(in data: RawSpan, from start: Int) -> Int? {
    let limit = min(data.byteCount, start + maximum)
    var position = start + Self.minimum - Self.windowCount
    var sum: UInt64 = 0
    let gear = Self.gear
    while position < limit {
      sum = sum << 1 &+ gear[Int(data.byte(at: position))]
      position += 1
      if sum & Self.mask == 0, position >= start + Self.minimum { return position }
    }
    return start + maximum <= data.byteCount ? start + maximum : nil
  }
}
