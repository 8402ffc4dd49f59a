// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// Pages of memory.
package enum Page {
  /// Bytes in a page of x86-64's and of most others; where pages are larger, each is touched several
  /// times.
  @inlinable package static var size: Int { 4096 }
}
