// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a page is before anybody compresses it.

/// A page by its content.
package enum PageKind: Sendable, Hashable {
  /// All bytes are 0.
  case zero
  /// The same word of 8 bytes over and over, not 0: what zswap (until 6.11) and zram keep as a word,
  /// and the swap core takes as a value only where it is 0.
  case sameFilled
  /// Anything else.
  case ordinary

  /// The kind of a page.
  ///
  /// - Parameter page: its bytes, a multiple of 8.
  /// - Complexity: O(*n*); at the first word that differs it is over.
  package init(_ page: Span<UInt64>) {
    guard let first = page.isEmpty ? nil : page[0] else {
      self = .zero
      return
    }
    for index in page.indices where page[index] != first {
      self = .ordinary
      return
    }
    self = first == 0 ? .zero : .sameFilled
  }
}
