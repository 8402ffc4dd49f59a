// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fast encoder's first loop. Everything that does not depend on the parse is done for a
// whole block: literal codewords, hashes, the bucket each position sees, and which of its entries
// hold the position's three bytes.
//
// SAFETY: all memory is the state that FastEncoderLayout divides; offsets are constants of the
// layout plus positions within a block, and bucket offsets, which the hash keeps below 16 KiB.

import CDeflateKernels

/// The loop as C sees it, to be inlined into the trampolines of Kernels.h and compiled again there.
@c @implementation
func dk_prepare_body(
  _ state: UnsafeMutableRawPointer, _ start: Int, _ count: Int, _ far: Int, _ kind: Int
) {
  unsafe prepare(state, start, count, far: far != 0, kind: kind, pairs: false)
}

/// The same where of two equal hashes in a pair only the first is inserted.
@c @implementation
func dk_prepare_pairs_body(
  _ state: UnsafeMutableRawPointer, _ start: Int, _ count: Int, _ far: Int, _ kind: Int
) {
  unsafe prepare(state, start, count, far: far != 0, kind: kind, pairs: true)
}

/// Prepares a block on a kind of processor. Not inlined: its calls would become jumps to the
/// baseline build.
@inline(never)
func prepareBlock(
  _ state: UnsafeMutableRawPointer, _ start: Int, _ count: Int, far: Bool, cpu: CPUKind, pairs: Bool
) {
  if pairs {
    #if arch(x86_64)
      if cpu >= .avx2 { return unsafe dk_prepare_pairs_avx2(state, start, count, far ? 1 : 0) }
    #endif
    return unsafe dk_prepare_pairs_body(state, start, count, far ? 1 : 0, 0)
  }
  #if arch(x86_64)
    switch cpu {
    case .avx512: return unsafe dk_prepare_avx512(state, start, count, far ? 1 : 0)
    case .avx2: return unsafe dk_prepare_avx2(state, start, count, far ? 1 : 0)
    case .plain: break
    }
  #endif
  unsafe dk_prepare_body(state, start, count, far ? 1 : 0, 0)
}

/// Prepares positions start..<start + block of the page, of which `count` can begin a match.
@inline(__always)
private func prepare(
  _ s: UnsafeMutableRawPointer, _ start: Int, _ count: Int, far: Bool, kind: Int, pairs: Bool
) {
  if far && start == 0 { unsafe age(s) }
  if kind == CPUKind.plain.rawValue { unsafe prepareLiterals(s, start) }
  let repeats = unsafe dk_hashes(
    (s + (FastEncoderLayout.window + FastEncoderLayout.origin + start)).assumingMemoryBound(
      to: UInt8.self), UInt32(truncatingIfNeeded: FastEncoderLayout.origin &+ start),
    FastEncoderLayout.block,
    (s + FastEncoderLayout.buckets).assumingMemoryBound(to: UInt16.self),
    (s + FastEncoderLayout.entries).assumingMemoryBound(to: UInt32.self),
    (s + FastEncoderLayout.collisions).assumingMemoryBound(to: UInt32.self),
    pairs
      ? dk_pairs_equals(
        (s + FastEncoderLayout.pairs).assumingMemoryBound(to: dk_pairs.self)) : nil)
  let runs = repeats > FastEncoderLayout.block / 16
  if pairs {
    unsafe preparePairs(s, start, count, hasDoubtful: repeats > 0)
    unsafe insert(s, count, runs: runs, far: far, kind: kind, pairs: true)
  } else {
    unsafe insertWithPageStart(s, start, count, runs: runs, far: far, kind: kind)
  }
  unsafe gatherMatchBits(s, start, count)
}

/// A page's first position is pointer 0, worth something only while it is the newest of its bucket: it is doubtful
/// whatever comes before it.
@inline(__always)
private func preparePairs(
  _ s: UnsafeMutableRawPointer, _ start: Int, _ count: Int, hasDoubtful: Bool
) {
  let pairs = unsafe (s + FastEncoderLayout.pairs).assumingMemoryBound(to: dk_pairs.self)
  let entries = unsafe (s + FastEncoderLayout.entries).assumingMemoryBound(to: UInt32.self)
  let buckets = unsafe (s + FastEncoderLayout.buckets).assumingMemoryBound(to: UInt16.self)
  unsafe pairs.pointee.bucket_count = 0
  // Behind a block that the input ends in nobody looks.
  if hasDoubtful && count == FastEncoderLayout.block { unsafe dk_pairs_buckets(pairs, buckets) }
  if start == 0 && count > 0 {
    let doubtful = UInt32(DK_DOUBTFUL)
    unsafe pairs.pointee.zero_doubtful = entries[0] & doubtful != 0 ? 1 : 0
    unsafe pairs.pointee.old_zero = pairs.pointee.zero
    unsafe pairs.pointee.zero = Int(buckets[0])
    unsafe entries[0] |= doubtful
  }
}

/// Renumbers the table's positions for the next page.
@inline(__always)
private func age(_ s: UnsafeMutableRawPointer) {
  let table = unsafe (s + FastEncoderLayout.table).assumingMemoryBound(to: UInt32.self)
  var i = 0
  while i < FastEncoderLayout.tableByteCount / 4 {
    unsafe dk_age16(table + i, FastEncoderLayout.none)
    i &+= 16
  }
  i = 0
  while i < FastEncoderLayout.bucketDepth {
    if unsafe table[i] & 0xffff == 0 { unsafe table[i] = FastEncoderLayout.none | 32 }
    i &+= 1
  }
}

@inline(__always)
private func prepareLiterals(_ s: UnsafeMutableRawPointer, _ start: Int) {
  let bytes = unsafe s + (FastEncoderLayout.window + FastEncoderLayout.origin + start)
  let codes = unsafe s + (FastEncoderLayout.codes + start)
  let long = unsafe s + (FastEncoderLayout.longBits + start / 8)
  var anyLong: UInt32 = 0
  var i = 0
  while i < FastEncoderLayout.block {
    let l = unsafe dk_literals32(bytes + i, codes + i)
    unsafe (long + i / 8).storeBytes(of: l, as: UInt32.self)
    anyLong |= l
    i &+= 32
  }
  unsafe s.storeBytes(of: anyLong, toByteOffset: FastEncoderLayout.hasLong, as: UInt32.self)
}

/// A page's first position is pointer 0: visible only while it is the newest of its bucket. So it goes
/// into the table as an entry that never matches, and into the row of the next position of its bucket.
@inline(__always)
private func insertWithPageStart(
  _ s: UnsafeMutableRawPointer, _ start: Int, _ count: Int, runs: Bool, far: Bool, kind: Int
) {
  let entries = unsafe (s + FastEncoderLayout.entries).assumingMemoryBound(to: UInt32.self)
  let buckets = unsafe (s + FastEncoderLayout.buckets).assumingMemoryBound(to: UInt16.self)
  let rows = unsafe (s + FastEncoderLayout.rows).assumingMemoryBound(to: UInt16.self)
  let bits = unsafe s + FastEncoderLayout.slotBits
  var bucket = unsafe s.load(fromByteOffset: FastEncoderLayout.pageStartBucket, as: Int.self)
  var entry = unsafe s.load(fromByteOffset: FastEncoderLayout.pageStartEntry, as: UInt32.self)
  let first = unsafe entries[0]
  var from = 0
  var old: UInt32? = nil
  var firstBits: UInt8 = 0
  if start == 0 {
    firstBits = unsafe UInt8(
      truncatingIfNeeded: dk_match1(s + (FastEncoderLayout.table &+ Int(buckets[0])), first, 0))
    if unsafe count > 0 && bucket == Int(buckets[0]) {
      old = entry &- UInt32(FastEncoderLayout.page)
    }
    unsafe bucket = Int(buckets[0])
    entry = first
    unsafe entries[0] = FastEncoderLayout.none | (bucket == 0 ? 32 : 0)
    from = 1
  }
  unsafe insert(s, count, runs: runs, far: far, kind: kind, pairs: false)
  if start == 0 && count > 0 {
    unsafe bits.storeBytes(of: bits.load(as: UInt8.self) & 0xf0 | firstBits, as: UInt8.self)
  }
  if let old {
    unsafe rows[0] = UInt16(truncatingIfNeeded: old)
    if old &>> 16 == first &>> 16 {
      unsafe bits.storeBytes(of: bits.load(as: UInt8.self) | 1, as: UInt8.self)
    }
  }
  if bucket >= 0 {
    while from < count {
      let m = unsafe dk_equal32(buckets + from, UInt16(truncatingIfNeeded: bucket))
      let i = from &+ m.trailingZeroBitCount
      if m != 0 {
        if i < count {
          unsafe rows[4 &* i] = UInt16(truncatingIfNeeded: entry)
          if unsafe entry &>> 16 == entries[i] &>> 16 {
            let byte = unsafe bits + i &>> 1
            unsafe byte.storeBytes(
              of: byte.load(as: UInt8.self) | 1 &<< UInt8(truncatingIfNeeded: (i & 1) &* 4),
              as: UInt8.self)
          }
          bucket = -1
        }
        break
      }
      from &+= 32
    }
  }
  unsafe s.storeBytes(of: bucket, toByteOffset: FastEncoderLayout.pageStartBucket, as: Int.self)
  unsafe s.storeBytes(of: entry, toByteOffset: FastEncoderLayout.pageStartEntry, as: UInt32.self)
}

/// One bit for each position: some entry holds its bytes, or may. Lane 1 sees what lane 0 saw where the two
/// share a bucket: there the entries say too little, unless the two also share their bytes.
@inline(__always)
private func gatherMatchBits(_ s: UnsafeMutableRawPointer, _ start: Int, _ count: Int) {
  let bits = unsafe s + (FastEncoderLayout.matchBits + start / 8)
  let collisions = unsafe (s + FastEncoderLayout.collisions).assumingMemoryBound(to: UInt32.self)
  var i = 0
  while i < FastEncoderLayout.block {
    var m = unsafe dk_any32(s + (FastEncoderLayout.slotBits &+ i &>> 1))
    unsafe m |= collisions[i &>> 5]
    if count &- i < 32 {
      m &= count > i ? (1 &<< UInt32(truncatingIfNeeded: count &- i)) &- 1 : 0
    }
    unsafe (bits + i &>> 3).storeBytes(of: m, as: UInt32.self)
    i &+= 32
  }
}

/// Inserts four positions; four bits for each say which entries hold its three bytes. With `runs` they
/// may share a bucket and then do not wait for each other: a branch worth taking where it is usual.
@inline(__always)
private func insert4(
  _ table: UnsafeMutablePointer<UInt8>, _ buckets: UnsafeMutablePointer<UInt16>,
  _ entries: UnsafeMutablePointer<UInt32>, _ rows: UnsafeMutableRawPointer, runs: Bool,
  pairs: Bool
) -> UInt64 {
  let pairs = pairs ? 1 : 0
  if runs {
    let four = unsafe UnsafeRawPointer(buckets).loadUnaligned(as: UInt64.self)
    if four == four &>> 16 | four &<< 48 {
      return unsafe dk_insert_same4(table, buckets, entries, rows, pairs)
    }
    let differ = four ^ four &<< 16
    if differ &>> 32 == 0 { return unsafe dk_insert_last3(table, buckets, entries, rows, pairs) }
    if (differ &<< 16) &>> 32 == 0 {
      return unsafe dk_insert_first3(table, buckets, entries, rows, pairs)
    }
    return unsafe dk_insert4(table, buckets, entries, rows, pairs)
  }
  return unsafe dk_insert_apart4(table, buckets, entries, rows, pairs)
}

/// Inserts positions eight at a time; returns how many it has.
@inline(__always)
private func insert8s(
  _ s: UnsafeMutableRawPointer, _ count: Int, runs: Bool, pairs: Bool
) -> Int {
  let table = unsafe (s + FastEncoderLayout.table).assumingMemoryBound(to: UInt8.self)
  let entries = unsafe (s + FastEncoderLayout.entries).assumingMemoryBound(to: UInt32.self)
  let buckets = unsafe (s + FastEncoderLayout.buckets).assumingMemoryBound(to: UInt16.self)
  let rows = unsafe s + FastEncoderLayout.rows
  let bits = unsafe s + FastEncoderLayout.slotBits
  var i = 0
  while i &+ 8 <= count {
    let low = unsafe insert4(
      table, buckets + i, entries + i, rows + i &* 8, runs: runs, pairs: pairs)
    let high = unsafe insert4(
      table, buckets + (i &+ 4), entries + (i &+ 4), rows + (i &* 8 &+ 32), runs: runs, pairs: pairs
    )
    unsafe (bits + i &>> 1).storeBytes(
      of: UInt32(truncatingIfNeeded: low | high &<< 16), as: UInt32.self)
    i &+= 8
  }
  return i
}

/// Inserts the block's positions and says for each which entries hold its three bytes.
@inline(__always)
private func insert(
  _ s: UnsafeMutableRawPointer, _ count: Int, runs: Bool, far: Bool, kind: Int, pairs: Bool
) {
  let table = unsafe (s + FastEncoderLayout.table).assumingMemoryBound(to: UInt8.self)
  let entries = unsafe (s + FastEncoderLayout.entries).assumingMemoryBound(to: UInt32.self)
  let buckets = unsafe (s + FastEncoderLayout.buckets).assumingMemoryBound(to: UInt16.self)
  let rows = unsafe s + FastEncoderLayout.rows
  let bits = unsafe s + FastEncoderLayout.slotBits
  var i = 0
  #if arch(x86_64)
    if kind == CPUKind.avx2.rawValue {
      let rows = unsafe rows.assumingMemoryBound(to: UInt64.self)
      let bits = unsafe bits.assumingMemoryBound(to: UInt8.self)
      i =
        unsafe pairs
        ? dk_insert8s_pairs_avx2(
          table, buckets, entries, rows, bits, count, runs ? 1 : 0, far ? 1 : 0)
        : dk_insert8s_avx2(table, buckets, entries, rows, bits, count, runs ? 1 : 0, far ? 1 : 0)
    }
  #endif
  if kind != CPUKind.avx2.rawValue {
    i =
      unsafe runs
      ? insert8s(s, count, runs: true, pairs: pairs)
      : insert8s(s, count, runs: false, pairs: pairs)
  }
  if i &+ 4 <= count {
    let m = unsafe insert4(
      table, buckets + i, entries + i, rows + i &* 8, runs: false, pairs: pairs)
    unsafe (bits + i &>> 1).storeBytes(of: UInt16(truncatingIfNeeded: m), as: UInt16.self)
    i &+= 4
  }
  if i < count {
    let group = i
    var m: UInt64 = 0
    while i < count {
      m |=
        unsafe dk_insert1(table + Int(buckets[i]), rows + i &* 8, entries[i], pairs ? 1 : 0)
        &<< UInt64(truncatingIfNeeded: 4 &* (i & 3))
      i &+= 1
    }
    unsafe (bits + group &>> 1).storeBytes(of: UInt16(truncatingIfNeeded: m), as: UInt16.self)
  }
}
