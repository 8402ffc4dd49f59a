// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Memory that the kernel may be told to swap out: shared and anonymous, as in the documented test
// of zswap (facts, section 16). The one owner of raw memory in the control plane.

import Descriptors
package import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

#if os(Linux)
  /// Pages that belong to this process alone and can be swapped.
  @safe package struct SharedPages: ~Copyable {
    /// MADV_PAGEOUT of <linux/mman.h>, which older C libraries lack.
    static let pageOut: Int32 = 21

    private let memory: UnsafeMutableRawBufferPointer
    /// How many pages.
    package let count: Int

    /// Maps `count` pages of zeros; traps when `count` is not positive.
    ///
    /// - Throws: the errno of mmap(2).
    package init(count: Int) throws(Errno) {
      precondition(count > 0, "no pages asked for")
      let (size, overflow) = count.multipliedReportingOverflow(by: Page.size)
      guard !overflow else { throw .noMemory }
      // SAFETY: a new mapping; the result is checked before use.
      let address = unsafe mmap(
        nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
      guard let address = unsafe address, unsafe address != MAP_FAILED else {
        throw Errno.current
      }
      unsafe memory = UnsafeMutableRawBufferPointer(start: address, count: size)
      self.count = count
    }

    deinit {
      // SAFETY: this owner made the mapping and nothing else keeps its address.
      _ = unsafe munmap(memory.baseAddress, memory.count)
    }

    /// Overwrites page `index`, 0…count-1, with `bytes`, which have to be a page.
    package func fill(_ index: Int, with bytes: [UInt8]) {
      precondition((0..<count).contains(index) && bytes.count == Page.size)
      // SAFETY: the page lies within the mapping, checked above.
      unsafe UnsafeMutableRawBufferPointer(
        rebasing: memory[index * Page.size..<(index + 1) * Page.size]
      ).copyBytes(from: bytes)
    }

    /// How many bytes of page `index` differ from `bytes`; reading brings the page back.
    package func differences(_ index: Int, from bytes: [UInt8]) -> Int {
      precondition((0..<count).contains(index) && bytes.count == Page.size)
      var differences = 0
      for offset in bytes.indices {
        // SAFETY: the byte lies within the mapping, checked above.
        if unsafe memory[index * Page.size + offset] != bytes[offset] { differences += 1 }
      }
      return differences
    }

    /// Asks the kernel to write all pages out.
    ///
    /// - Throws: the errno of madvise(2), EINVAL from kernels before 5.4.
    package func pageOut() throws(Errno) {
      // SAFETY: the range is the whole mapping.
      if unsafe madvise(memory.baseAddress, memory.count, Self.pageOut) != 0 {
        throw Errno.current
      }
    }

    /// How many pages are in memory.
    ///
    /// - Throws: the errno of mincore(2).
    package func residentCount() throws(Errno) -> Int {
      var states = [UInt8](repeating: 0, count: count)
      // SAFETY: mincore writes one byte a page, and the array has as many.
      if unsafe mincore(memory.baseAddress, memory.count, &states) != 0 {
        throw Errno.current
      }
      return states.count { $0 & 1 == 1 }
    }
  }
#endif
