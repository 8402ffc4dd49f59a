// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Drives the fast encoder's two loops over one chunk: pages of 4096 positions, blocks within them. Positions
// are renumbered every page, so that they stay small however long the chunk is.
//
// SAFETY: the state is one allocation of FastEncoderLayout.size bytes, and every offset below is one
// of the layout's. A block is written straight into the output only where its worst case fits; else
// into scratch, and copied if it fits.

import CDeflateKernels

/// Encodes by the default profile, or by that which inserts only the first of two equal hashes in a pair.
@safe
struct FastEncoder: ~Copyable {
  private let state: UnsafeMutableRawPointer
  let cpu: CPUKind
  /// Whether of two equal hashes in a pair only the first is inserted.
  let pairs: Bool

  /// How far back the matches of equal bytes go.
  var uniformDistance: Int { pairs ? 2 : 1 }

  /// An encoder by `profile`, which must be one that ``knows(_:)``.
  init(profile: MatchProfile = .iaaV1, cpu: CPUKind = .current) {
    precondition(cpu <= .current, "this processor does not run that build")
    precondition(Self.knows(profile), "these rules have no fast path")
    pairs = profile != .iaaV1
    self.cpu = cpu
    let size = pairs ? FastEncoderLayout.sizeWithPairs : FastEncoderLayout.size
    unsafe state = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    unsafe state.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    // Two runs of bytes with different quotients: an empty slot points at the one whose three bytes
    // cannot be those looked up.
    unsafe (state + FastEncoderLayout.window + 32).initializeMemory(
      as: UInt8.self, repeating: 255, count: 32)
  }

  deinit { unsafe state.deallocate() }

  /// Whether the loops know a profile's rules.
  static func knows(_ profile: MatchProfile) -> Bool {
    profile == .iaaV1 || profile == .iaaPairFirst
  }

  /// Appends the stream of a chunk; on failure what was appended so far stays.
  func compress(
    _ input: RawSpan, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    var bits = BitWriter(
      bitBuffer: UInt64(BlockHeader.fixed(isFinal: isFinal)), bitCount: BlockHeader.bitCount)
    if let byte = uniformByte(of: input) {
      try bits.writeUniform(byte, input.byteCount, distance: uniformDistance, to: &output)
    } else {
      bits = try encode(input, behind: bits, into: &output)
    }
    try bits.write(0, count: FixedCode.endOfBlockBits, to: &output)
    try StoredBlock.endChunk(isFinal: isFinal, bits: &bits, to: &output)
  }

  /// Appends the tokens of a chunk behind at most seven bits; returns the bits that wait for their byte.
  private func encode(
    _ input: RawSpan, behind bits: BitWriter, into output: inout OutputRawSpan
  ) throws(DeflateError) -> BitWriter {
    set(FastEncoderLayout.bitBuffer, Int(bits.bitBuffer))
    set(FastEncoderLayout.bitCount, bits.bitCount)
    // SAFETY: `encode` reads within the input and writes within the room handed over, and says how
    // many bytes of that are initialised.
    let written = unsafe input.withUnsafeBytes { input in
      unsafe output.withUnsafeMutableBytes { buffer, count -> Int? in
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        let written = unsafe encode(input, into: room)
        count += written ?? 0
        return written
      }
    }
    guard written != nil else {
      throw DeflateError(.outputFull, bitPosition: output.capacity * 8)
    }
    return BitWriter(
      bitBuffer: unsafe state.load(fromByteOffset: FastEncoderLayout.bitBuffer, as: UInt64.self),
      bitCount: bitCount)
  }

  /// Encodes the tokens of one chunk. Returns the number of whole bytes written, or nil when they do not fit;
  /// nothing outside `output` is written.
  func encode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Int? {
    // An empty output has no address; the shortest stream takes two bytes.
    guard let outputBase = output.baseAddress else { return nil }
    let s = unsafe state
    let total = input.count
    var next = 0  // bytes of output complete
    clear()
    set(FastEncoderLayout.base, 0)
    set(FastEncoderLayout.search, 2)
    set(FastEncoderLayout.literal, 0)
    set(FastEncoderLayout.pageStartBucket, -1)
    var page = 0
    let window = unsafe s + FastEncoderLayout.window + FastEncoderLayout.origin
    while page < total, let inputBase = input.baseAddress {
      if page > 0 { turnPage() }
      set(FastEncoderLayout.pageStart, page)
      let limit = total - page
      let ahead = min(limit, FastEncoderLayout.page + 64)
      unsafe window.copyMemory(from: inputBase + page, byteCount: ahead)
      if ahead < FastEncoderLayout.page + 64 {
        let pad = min(64, FastEncoderLayout.page + 64 - ahead)
        unsafe (window + ahead).initializeMemory(as: UInt8.self, repeating: 0, count: pad)
      }
      let here = min(limit, FastEncoderLayout.page)
      var start = 0
      while start < here {
        let count = min(FastEncoderLayout.block, limit - 2 - start)
        prepareBlock(start, count, far: page > 0)
        let end = min(start + FastEncoderLayout.block, here)
        let direct = output.count - next >= FastEncoderLayout.blockOutput
        let to = unsafe direct ? outputBase + next : s + FastEncoderLayout.scratch
        unsafe s.storeBytes(
          of: to, toByteOffset: FastEncoderLayout.next, as: UnsafeMutableRawPointer.self)
        unsafe parseBlock(s, start, end, limit, far: page > 0, cpu: cpu, pairs: pairs)
        let made =
          unsafe s.load(fromByteOffset: FastEncoderLayout.next, as: UnsafeMutableRawPointer.self)
          - to
        if !direct {
          guard made <= output.count - next else { return nil }
          unsafe (outputBase + next).copyMemory(from: to, byteCount: made)
        }
        next += made
        start += FastEncoderLayout.block
      }
      page += FastEncoderLayout.page
    }
    return next
  }

  func set(_ offset: Int, _ value: Int) {
    unsafe state.storeBytes(of: value, toByteOffset: offset, as: Int.self)
  }

  /// The end of the last match, or the chunk's first byte, from the page's first.
  var base: Int { unsafe state.load(fromByteOffset: FastEncoderLayout.base, as: Int.self) }

  /// Where the next match goes that is collected.
  var collected: UnsafeMutablePointer<ChunkMatch> {
    unsafe state.load(
      fromByteOffset: FastEncoderLayout.collected, as: UnsafeMutablePointer<ChunkMatch>.self)
  }

  func setCollected(_ list: UnsafeMutablePointer<ChunkMatch>?) {
    unsafe state.storeBytes(
      of: list, toByteOffset: FastEncoderLayout.collected,
      as: UnsafeMutablePointer<ChunkMatch>?.self)
  }

  func setOnlyCounts(_ value: Bool) {
    unsafe state.storeBytes(
      of: value ? 1 : 0, toByteOffset: FastEncoderLayout.onlyCounts, as: UInt32.self)
  }

  var bitCount: Int {
    unsafe state.load(fromByteOffset: FastEncoderLayout.bitCount, as: Int.self)
  }

  var collectedEnd: Int {
    unsafe state.load(fromByteOffset: FastEncoderLayout.collectedEnd, as: Int.self)
  }

  private func clear() {
    let table = unsafe state + FastEncoderLayout.table
    unsafe table.initializeMemory(
      as: UInt32.self, repeating: FastEncoderLayout.none,
      count: FastEncoderLayout.tableByteCount / 4)
    unsafe table.initializeMemory(
      as: UInt32.self, repeating: FastEncoderLayout.none | 32, count: FastEncoderLayout.bucketDepth)
    // No position before the chunk shares a bucket with its first.
    set(FastEncoderLayout.lastBucket, 0xffff)
    if pairs {
      let known = unsafe (state + FastEncoderLayout.pairs).assumingMemoryBound(to: dk_pairs.self)
      unsafe known.pointee.before = 0
      unsafe known.pointee.zero = -1
      unsafe known.pointee.old_zero = -1
    }
  }

  private func turnPage() {
    let s = unsafe state
    // What leaves the window becomes a position that never matches.
    let bucket = unsafe s.load(fromByteOffset: FastEncoderLayout.lastBucket, as: Int.self)
    let row = unsafe (s + FastEncoderLayout.lastRow).assumingMemoryBound(to: UInt16.self)
    for slot in 0..<FastEncoderLayout.bucketDepth {
      let isOld = unsafe Int(row[slot]) < FastEncoderLayout.origin
      unsafe row[slot] = isOld ? (bucket == 0 ? 32 : 0) : row[slot] - UInt16(FastEncoderLayout.page)
    }
    let history = unsafe s + FastEncoderLayout.window + 64
    unsafe history.copyMemory(
      from: history + FastEncoderLayout.page, byteCount: FastEncoderLayout.page)
    for field in [FastEncoderLayout.search, FastEncoderLayout.literal] {
      unsafe set(field, s.load(fromByteOffset: field, as: Int.self) - FastEncoderLayout.page)
    }
    // Where nothing matches the base falls behind. Of a base before the page only the parity counts, and the parse
    // looks at its match bit, which must lie in this memory.
    set(FastEncoderLayout.base, max(base - FastEncoderLayout.page, base & 1 - 2))
  }

  private func prepareBlock(_ start: Int, _ count: Int, far: Bool) {
    let s = unsafe state
    let buckets = unsafe (s + FastEncoderLayout.buckets).assumingMemoryBound(to: UInt16.self)
    let entries = unsafe (s + FastEncoderLayout.entries).assumingMemoryBound(to: UInt32.self)
    let rows = unsafe (s + FastEncoderLayout.rows).assumingMemoryBound(to: UInt64.self)
    let bucket = unsafe s.load(fromByteOffset: FastEncoderLayout.lastBucket, as: Int.self)
    unsafe buckets[-1] = UInt16(truncatingIfNeeded: bucket)
    unsafe entries[-1] = s.load(fromByteOffset: FastEncoderLayout.lastEntry, as: UInt32.self)
    unsafe rows[-1] = s.load(fromByteOffset: FastEncoderLayout.lastRow, as: UInt64.self)
    unsafe FixedDeflate.prepareBlock(
      s, start, max(count, 0), far: far, cpu: cpu, pairs: pairs)
    // The parse writes where buckets, entries and rows are.
    let last = FastEncoderLayout.block - 1
    set(FastEncoderLayout.lastBucket, unsafe Int(buckets[last]))
    unsafe s.storeBytes(
      of: entries[last], toByteOffset: FastEncoderLayout.lastEntry, as: UInt32.self)
    unsafe s.storeBytes(of: rows[last], toByteOffset: FastEncoderLayout.lastRow, as: UInt64.self)
  }
}
