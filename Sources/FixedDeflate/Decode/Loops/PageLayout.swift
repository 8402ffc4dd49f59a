// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The memory of pages as lanes, as one block of bytes, made when it is first asked for. Each part is longer than what
// it holds by what whole vectors read or write behind it.

import CDeflateKernels

#if arch(x86_64)

  /// Offsets in bytes from the start of the memory.
  enum PageLayout {
    static let lanes = 8
    /// Pages that are written together.
    static let together = 4
    /// The most bytes of a stream, as many as 4 KiB of nearly any data become, and the fewest that are worth a
    /// lane: 4 KiB of fewer repeat a token or two.
    static let longest = 4608
    static let shortest = LaneLayout.shortest
    /// Fewest pages of a call that eight walks pay for: they take as long for one page as for eight.
    static let fewest = 5
    /// Bytes behind a stream that a walk reads.
    static let lookAhead = 32
    /// The most tokens of a stream, and what a walk notes behind it within a turn of eight.
    static let tokens = longest * 8 / LaneLayout.leastBits + 16
    /// Tokens that fit a walk's list but for a turn of eight and what is read behind it.
    static let room = Int(DK_PAGE_WORDS) - 24

    /// Of each of the pages written together: its matches as they are told, their places among the tokens, and
    /// its literals. The first part is where DK_PAGE_ROOM is counted from.
    static let indices = 8 * (tokens + 16) + 64
    static let literals = indices + 4 * (tokens + 32) + 64
    static let page = Int(DK_PAGE_ROOM)
    /// The walks and their lists.
    static let walks = page * together
    static let words = walks + 128
    /// First bits of one page's matches.
    static let windows = words + 4 * lanes * Int(DK_PAGE_WORDS)
    /// A copy of a stream at the input's end.
    static let input = windows + 4 * (tokens + 16)
    static let size = input + longest + lookAhead
  }

  /// The memory of pages as lanes, once it is needed.
  @safe
  struct PageScratch: ~Copyable, @unchecked Sendable {
    // SAFETY of `@unchecked Sendable`: whoever holds the decoder that owns it is alone with it.
    private var base: UnsafeMutableRawPointer?

    /// The memory; it lives as long as the owner.
    mutating func memory() -> UnsafeMutableRawPointer {
      if let base = unsafe base { return unsafe base }
      precondition(PageLayout.literals + PageLayout.tokens + 64 <= PageLayout.page)
      // SAFETY: the whole allocation is initialised, and freed once, by its only owner.
      let memory = UnsafeMutableRawPointer.allocate(byteCount: PageLayout.size, alignment: 64)
      unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: PageLayout.size)
      unsafe base = memory
      return unsafe memory
    }

    deinit { unsafe base?.deallocate() }
  }
#endif
