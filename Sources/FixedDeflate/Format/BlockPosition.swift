// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// Where a chunk stands in the stream it belongs to.
public enum BlockPosition: Sendable, Hashable, CaseIterable {
  /// The stream ends with this chunk: BFINAL = 1, end-of-block, zero bits to the byte boundary.
  case last
  /// More chunks follow: BFINAL = 0, end-of-block, then an empty stored block (RFC 1951 §3.2.4),
  /// so that the next chunk starts on a byte. The device's END = 2.
  case notLast

  /// BFINAL of the chunk's block.
  package var isFinal: Bool { self == .last }
}
