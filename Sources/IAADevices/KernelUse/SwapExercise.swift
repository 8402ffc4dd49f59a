// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The documented memory_madvise test: fill pages, have them swapped out, touch them, compare. All
// bytes are compared, not the first of each page, and what the machine would not do is told rather
// than passed over: without swap the pages never leave memory, and nothing was exercised.

import SplitMix
package import SystemPackage

/// What to fill pages with.
package enum PageFill: String, Sendable, Hashable, CaseIterable {
  /// Lines of text that differ from page to page: compressible, and not the same byte throughout.
  case text
  /// '*' throughout, as the documented program does; zswap stores such pages without compressing.
  case star
  /// Noise that does not compress.
  case random

  /// The bytes of page `index`.
  package func page(_ index: Int) -> [UInt8] {
    switch self {
    case .star: return [UInt8](repeating: UInt8(ascii: "*"), count: Page.size)
    case .text:
      var bytes: [UInt8] = []
      var line = 0
      while bytes.count < Page.size {
        bytes += Array("page \(index) line \(line): a page of text to swap out and in again\n".utf8)
        line += 1
      }
      return Array(bytes.prefix(Page.size))
    case .random:
      // A fixed sequence for each page, so that the page can be made again to compare.
      var generator = SplitMix64(state: UInt64(index) &* SplitMix64.step)
      return (0..<Page.size).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }
  }
}

/// What came of an exercise.
package struct SwapExerciseResult: Sendable, Hashable {
  package let pages: Int
  /// Pages that were out of memory before they were touched; nil when that cannot be known.
  package let swappedOut: Int?
  /// Bytes that came back wrong, and the first page with one.
  package let wrongBytes: Int
  package let firstWrongPage: Int?
  package let before: SwapCounters
  package let after: SwapCounters
  /// What could not be done, a line each.
  package let shortfalls: [String]
}

#if os(Linux)
  /// Swaps pages out and in again.
  package struct SwapExercise {
    let root: SystemRoot
    let pause: (Int) -> Void

    /// An exercise whose counters are read below `root`; `pause` waits milliseconds.
    package init(root: SystemRoot, pause: @escaping (Int) -> Void) {
      self.root = root
      self.pause = pause
    }

    /// Fills `count` pages, swaps them out, waits at most `wait` seconds, touches and compares.
    ///
    /// - Throws: the errno of mmap(2) when there is not so much memory.
    package func run(count: Int, fill: PageFill, wait: Int) throws(Errno) -> SwapExerciseResult {
      let pages = try SharedPages(count: count)
      for index in 0..<count { pages.fill(index, with: fill.page(index)) }
      let before = SwapCounters(root)
      var shortfalls = circumstances(fill)
      do {
        try pages.pageOut()
      } catch {
        shortfalls.append("madvise(MADV_PAGEOUT) failed: \(error.description)")
      }
      let resident = waitForSwap(pages, seconds: wait)
      if let resident, resident > 0 {
        // zswap frees a page as it stores it; a swap device leaves a copy until memory is short.
        let written = SwapCounters(root)["pswpout"] != before["pswpout"]
        shortfalls.append(
          "\(resident) of \(count) pages stayed in memory"
            + (written ? ", though they were written: they were not read back from swap" : ""))
      } else if resident == nil {
        shortfalls.append("mincore(2) does not tell which pages left memory")
      }
      var wrong = 0
      var first: Int?
      for index in 0..<count {
        let differences = pages.differences(index, from: fill.page(index))
        if differences > 0, first == nil { first = index }
        wrong += differences
      }
      return SwapExerciseResult(
        pages: count, swappedOut: resident.map { count - $0 }, wrongBytes: wrong,
        firstWrongPage: first, before: before, after: SwapCounters(root), shortfalls: shortfalls)
    }

    /// What of the machine keeps the device from being reached.
    func circumstances(_ fill: PageFill) -> [String] {
      var lines: [String] = []
      let areas = SwapAreas(root)
      if areas.names == nil {
        lines.append("\(root.locate("/proc/swaps")) cannot be read")
      } else if areas.names == [] {
        lines.append("no swap area is on, so pages cannot leave memory (mkswap, swapon)")
      } else if let shortcoming = areas.shortcoming {
        lines.append(shortcoming)
      }
      let zswap = Zswap(root).state
      if zswap.isEnabled == nil {
        lines.append("this kernel shows no zswap")
      } else if zswap.isEnabled == false {
        lines.append("zswap is off, so nothing is compressed (deflate-iaa zswap enable)")
      }
      if let compressor = zswap.compressor, !zswap.isOnDevice {
        lines.append("zswap compresses with \(compressor), so not on the device")
      } else if zswap.usesIAA, let fault = Topology(root).kernelQueueFault {
        lines.append(fault)
      }
      if fill == .star { lines.append("zswap may store pages of one byte without compressing") }
      return lines
    }

    /// Waits until all pages are out or the time is over.
    ///
    /// - Returns: how many are still in; nil when the kernel does not tell.
    func waitForSwap(_ pages: borrowing SharedPages, seconds: Int) -> Int? {
      var resident = try? pages.residentCount()
      var left = seconds * 10
      while left > 0, let count = resident, count > 0 {
        pause(100)
        left -= 1
        resident = try? pages.residentCount()
      }
      return resident
    }
  }
#endif
