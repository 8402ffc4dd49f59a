// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Overlapping copies: what a match means (RFC 1951 §3.2.3).

extension OutputRawSpan {
  /// Appends `count` bytes that start `distance` bytes before the end; source and destination may
  /// overlap, and then the bytes repeat. Traps when the distance or the count does not fit.
  mutating func appendCopy(distance: Int, count: Int) {
    precondition((1...max(1, byteCount)).contains(distance), "distance before the output")
    precondition(count <= freeCapacity, "output has too little room")
    // SAFETY: both ranges lie in the buffer, checked above; each byte read was written before,
    // since the source stays `distance` behind.
    unsafe withUnsafeMutableBytes { buffer, initialized in
      for index in initialized..<initialized + count {
        unsafe buffer[index] = buffer[index - distance]
      }
      initialized += count
    }
  }
}
