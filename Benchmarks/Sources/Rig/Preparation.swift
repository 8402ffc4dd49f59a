// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Making the streams that decoders are measured on.

extension Chunks {
  /// What an engine makes of each chunk.
  public func coded(by engine: some Engine, room: Int) throws -> Chunks {
    let slots = Slots(count: count, room: room)
    try engine.run(self, into: slots)
    return Chunks((0..<count).map { slots[$0] })
  }

  /// Room that suffices for every encoder here: nine bits a byte, and headers.
  public var encodedRoom: Int { largest + largest / 8 + 1024 }

  /// The share of chunks whose first block is not a fixed one (RFC 1951 §3.2.3), 0…1.
  public var shareNotFixed: Double {
    let others = ranges.count { bytes[$0.lowerBound] >> 1 & 3 != 1 }
    return Double(others) / Double(max(1, count))
  }
}
