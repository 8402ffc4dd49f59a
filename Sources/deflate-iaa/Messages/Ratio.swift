// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Numbers as gzip prints them. C's printf would do, but its argument lists are all `unsafe`.

/// Pads on the left.
func padded(_ text: String, to width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.utf8.count)) + text
}

/// What compression saved, in per cent with one decimal, at least six characters: `" 98.0%"`.
/// Both sizes are in bytes; 0 bytes of content give 0.0%.
func ratioText(compressed: Int64, uncompressed: Int64) -> String {
  guard uncompressed != 0 else { return padded("0.0%", to: 6) }
  let percent = 100 * Double(uncompressed - compressed) / Double(uncompressed)
  let tenths = Int64((percent * 10).rounded(.toNearestOrEven))
  let magnitude = tenths.magnitude
  let sign = percent < 0 ? "-" : ""
  return padded("\(sign)\(magnitude / 10).\(magnitude % 10)%", to: 6)
}
