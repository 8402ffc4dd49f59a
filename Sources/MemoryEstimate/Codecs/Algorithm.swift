// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a page's size is told for.

/// A way to compress a page.
package enum Algorithm: String, Sendable, Hashable, CaseIterable, Comparable {
  /// IAA's fixed mode, Linux's deflate-iaa.
  case fixed = "iaa-fixed"
  /// IAA with Intel's published tables.
  case canned = "iaa-canned"
  /// IAA's dynamic mode, Linux's deflate-iaa-dynamic.
  case dynamic = "iaa-dynamic"
  /// The smallest fixed-Huffman stream, which no device makes.
  case best = "fixed-best"
  case lz4
  case lzo
  case zstd1 = "zstd-1"
  case zstd3 = "zstd-3"
  case zlib = "zlib-6"
  /// The kernel's own software deflate: zlib's level 6 with a window of 2 KiB.
  case softwareDeflate = "deflate-sw"

  /// Those a device makes.
  package static let ofDevice: [Algorithm] = [.fixed, .canned, .dynamic]

  /// Whether it needs one of the system's libraries.
  package var isOfSystem: Bool {
    switch self {
    case .fixed, .canned, .dynamic, .best: false
    case .lz4, .lzo, .zstd1, .zstd3, .zlib, .softwareDeflate: true
    }
  }

  /// In a sample it is given one of so many of the pages: those that take long would else take most of
  /// the time, and their sums are told well by their ratio to the fixed sizes.
  package var sampledOneOf: Int {
    switch self {
    case .fixed, .canned, .dynamic, .lz4, .lzo: 1
    case .zstd1, .zstd3: 8
    case .zlib, .softwareDeflate: 16
    case .best: 48
    }
  }

  package static func < (left: Algorithm, right: Algorithm) -> Bool {
    left.order < right.order
  }

  private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
