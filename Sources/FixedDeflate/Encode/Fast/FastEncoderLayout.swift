// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// One encoder's memory as a single block of bytes, so that the loops address everything from one
// register with constant offsets, and nothing in them is an array with a reference count. Everything is followed by
// what whole vectors read or write beyond it, 64 bytes as a rule.
//
//     0        variables carried from block to block
//     128      cursors     four of 80 bytes
//              matchBits   a bit a position of the page
//              longBits    a bit a position of the page
//              codes       a byte a position of the page
//              window      64 bytes that never match, 4096 of history, 4096 of page, 128 to compare beyond it
//              table       1024 buckets of four entries, 16 KiB
//              rows        the bucket that each position of the block saw, 8 bytes a position; or scratch and slots
//              entries     each position's own entry, 4 bytes a position   | the cursors' token lists,
//              buckets     each position's bucket offset, 2 bytes          | once the block is prepared
//              collisions  a bit a position
//              slotBits    four bits a position
//              pairs       what is known of positions that may not have been inserted, if there are any
//
// What comes before `table` the kernels address by the same constants (DK_STATE_...).
//
// Of one page the bytes of `window` are numbered: 0 and 32 never match, 64 is the first of the history, `origin` =
// 4160 the page's first. Entries, rows and tokens hold such positions; starts and ends of matches count from the
// page's first byte.

import CDeflateKernels

/// Offsets in bytes from the start of an encoder's memory.
enum FastEncoderLayout {
  /// Positions prepared at a time: bucket rows of one block stay in the first-level cache.
  static let block = Int(DK_BLOCK)
  /// Positions are renumbered every page: 4096 is the history, the modulus of pointer 0 and even.
  static let page = Int(DK_HISTORY)
  /// Virtual position of a page's first byte: 64 bytes for entries that never match, then history.
  static let origin = Int(DK_ORIGIN)

  // Variables carried between blocks, 8 bytes each. The first three are a dk_sink.
  static let bitBuffer = 0
  static let bitCount = 8
  static let next = 16
  /// The end of the last match. Where that is before the page: -2 or -1, of the same parity.
  static let base = 24
  static let search = 32
  static let literal = 40
  /// The page's first position, pointer 0, until another enters its bucket: -1 from then on.
  static let pageStartBucket = 48
  static let pageStartEntry = 56
  /// Whether the block has a literal of nine bits.
  static let hasLong = 64
  /// The last position before the block: its bucket's offset, its entry and its row.
  static let lastBucket = 72
  static let lastEntry = 80
  /// Whether the fixed block's bits are counted, in `bitCount`, and none is written.
  static let onlyCounts = 84
  static let lastRow = 88
  /// Where the next `ChunkMatch` goes of who wants tokens instead of a stream; 0 for a stream.
  static let collected = 96
  /// The end of the last of them in the chunk, and the page's first position in the chunk.
  static let collectedEnd = 104
  static let pageStart = 112

  /// The cursors.
  static let cursors = Int(DK_STATE_CURSORS)

  /// A bit a position of the page: there may be a match. Where there is none, a few have one.
  static let matchBits = Int(DK_STATE_MATCH_BITS)
  /// A bit a position of the page: its literal takes nine bits.
  static let longBits = Int(DK_STATE_LONG_BITS)
  /// The low eight bits of each literal's codeword, first bit lowest.
  static let codes = Int(DK_STATE_CODES)
  /// The history and the page, and bytes to compare beyond it.
  static let window = Int(DK_STATE_WINDOW)

  /// 1024 buckets of four entries; an entry is a UInt32, the position below, the tag above.
  static let table = window + 64 + 2 * page + 128
  /// The bucket as each position of the block sees it, four positions of 16 bits; row -1 is that of the
  /// last position before the block.
  static let bucketDepth = 4
  static let tableByteCount = 1024 * bucketDepth * 4
  static let rows = table + tableByteCount + 64
  /// A block's output where the caller's has not room for the worst case: rows are not needed then.
  static let scratch = rows
  /// Literals in slots of 16 bits, where some of a block take nine: once the block is parsed, where its rows were.
  static let slots = scratch + (blockOutput + 63) & ~63
  /// Each position's own entry, and its bucket's offset in `table`; -1 as above.
  static let entries = rows + block * 8 + 64
  static let buckets = entries + block * 4 + 64
  /// A bit a position: it shares its bucket, but not its three bytes, with the position before it.
  static let collisions = buckets + block * 2 + 64
  /// Four bits a position: which entries of its row hold the same three bytes.
  static let slotBits = collisions + block / 8
  /// The cursors' token lists, 8 bytes a match, where entries and buckets were: these serve preparing only.
  static let tokens = entries
  /// Cursors that parse a block at the same time, each from the start of its segment.
  static let cursorCount = Int(DK_CURSORS)
  /// Positions of a cursor's segment.
  static let segment = Int(DK_SEGMENT)
  /// A block's worst output: 9 bits for each literal, one match reaching past it, a partial byte,
  /// and the 8-byte store.
  static let blockOutput = (block + 8) * 9 / 8 + 32
  /// All of it, in bytes.
  static let size = max(slotBits + block / 2, tokens + 8 * Int(DK_LISTS)) + 64
  /// A `dk_pairs`, behind all others, where of two equal hashes in a pair only the first is inserted.
  static let pairs = (size + 63) & ~63
  // SAFETY: only the size is asked for.
  static let sizeWithPairs = unsafe pairs + MemoryLayout<dk_pairs>.size

  /// An entry that never matches: no three bytes have that tag, and position 0 of the window is farther
  /// back than any match reaches, as is 32, which holds other bytes.
  static let none: UInt32 = 0x7fff_0000

  /// Where a cursor's token list begins.
  @inline(__always)
  static func tokenList(_ cursor: Int) -> Int { tokens &+ 8 &* dk_list(cursor) }
}
