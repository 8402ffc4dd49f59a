// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Swift's allocations cannot fail, they end the process. So before work begins the kernel is asked
// for all the memory that it takes, and gives it back at once: what it refuses, for the caller's
// limits (`ulimit -v` or `-d`) or because memory is not overcommitted, is not tried.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How much memory this process may still take.
package enum MemoryLimit {
  /// Bytes for what is not counted: the thread that watches for signals, names, messages, tables of
  /// the C library, and fragments.
  package static let reserve = 4 << 20

  /// More than these nobody means; with them each product of bytes is a number.
  private static let mostWorkers = 1 << 16

  /// Whether so many bytes can be had, and the reserve.
  package static func hasRoom(for byteCount: Int) -> Bool {
    let size = byteCount + reserve
    // SAFETY: new pages at an address of the kernel's choice, which nobody touches.
    let pages = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard unsafe pages != MAP_FAILED else { return false }
    // SAFETY: exactly the pages above.
    unsafe munmap(pages, size)
    return true
  }

  /// How many of the workers wanted can have so many bytes each, at least 1.
  package static func workers(_ wanted: Int, each byteCount: Int) -> Int {
    let wanted = min(wanted, mostWorkers)
    if wanted <= 1 || hasRoom(for: wanted * byteCount) { return wanted }
    var range = 1..<wanted
    while range.count > 1 {
      let middle = range.lowerBound + range.count / 2
      range =
        hasRoom(for: middle * byteCount) ? middle..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }
}
