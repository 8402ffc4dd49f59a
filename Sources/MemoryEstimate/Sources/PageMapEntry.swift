// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The eight bytes that /proc/PID/pagemap has for each page
// (Documentation/admin-guide/mm/pagemap.rst).

/// Where a page of a process is.
package struct PageMapEntry: Sendable, Equatable {
  /// The entry's 64 bits.
  package let bits: UInt64

  package init(bits: UInt64) { self.bits = bits }

  /// Bit 63: the page is in memory.
  package var isPresent: Bool { bits >> 63 & 1 == 1 }
  /// Bit 62: the page is in swap, zswap and zram included.
  package var isSwapped: Bool { bits >> 62 & 1 == 1 }
  /// Bit 61: the page belongs to a file or to shared memory.
  package var isFileOrShared: Bool { bits >> 61 & 1 == 1 }
  /// Bit 56: no other process maps it.
  package var isExclusive: Bool { bits >> 56 & 1 == 1 }

  /// Bits 0 to 54 of a page in memory: its frame, or 0 for who lacks CAP_SYS_ADMIN.
  package var frame: UInt64 { bits & (1 << 55 - 1) }

  /// Where the page of a mapping counts.
  package enum Place: Sendable, Hashable {
    /// In memory, and would be swapped.
    case memory
    /// In swap already; its content is not looked at, which would bring it back.
    case swap
    /// Nowhere: never touched, or a page of the file that its mapping has not written.
    case hole
  }

  /// The place of a page in a mapping of this kind.
  package func place(in kind: Mapping.Kind) -> Place {
    if isSwapped { return .swap }
    guard isPresent else { return .hole }
    // The file's own pages go back to the file.
    if kind == .filePrivate, isFileOrShared { return .hole }
    return .memory
  }
}
