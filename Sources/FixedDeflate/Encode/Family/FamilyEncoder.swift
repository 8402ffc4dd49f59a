// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Drives the loop of FamilyLoop.c over one chunk: pages of 4096 positions, renumbered from page to page as the fast
// encoder's are.
//
// SAFETY: the state is one allocation of FamilyLayout.size bytes, and every pointer into it is one of the layout's
// offsets. A page is written straight into the output only where its worst case fits; else into scratch, and
// copied if it fits.

import CDeflateKernels

/// One encoder's memory: offsets in bytes.
private enum FamilyLayout {
  static let page = Int(DK_F_PAGE)
  static let rules = 0
  static let state = (MemoryLayout<dk_family_rules>.size + 63) & ~63
  /// Positions with a bucket and an entry, and some that whole vectors reach.
  static let positions = page + Int(DK_F_AHEAD) + 64
  static let table = unsafe (state + MemoryLayout<dk_family_state>.size + 63) & ~63
  static let tableByteCount = Int(DK_F_TABLE)
  /// Behind eight more buckets; vectors begin up to 16 positions before the first.
  static let offsets = table + tableByteCount + 128 + 64
  static let entries = offsets + 2 * positions
  static let codes = entries + 4 * positions
  static let longs = codes + page + 64
  /// 64 bytes that never match, history, page, and bytes to compare beyond it.
  static let window = longs + page / 8 + 64
  /// A block's matches, and its literals in slots of 16 bits.
  static let tokens = window + Int(DK_F_ORIGIN) + page + 192
  static let slots = tokens + 8 * Int(DK_F_TOKENS)
  static let scratch = slots + Int(DK_F_SLOTS)
  /// Nine bits for each literal, one match reaching past it, a partial byte, and the 8-byte stores.
  static let pageOutput = (page + 8) * 9 / 8 + 64
  static let size = scratch + pageOutput
}

/// Encodes by a profile that `dk_family_rules` takes.
@safe
struct FamilyEncoder: ~Copyable {
  private let memory: UnsafeMutableRawPointer
  let cpu: CPUKind

  /// An encoder of these rules.
  init(_ rules: dk_family_rules, cpu: CPUKind = .current) {
    precondition(cpu <= .current, "this processor does not run that build")
    self.cpu = cpu
    unsafe memory = UnsafeMutableRawPointer.allocate(byteCount: FamilyLayout.size, alignment: 64)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: FamilyLayout.size)
    unsafe (memory + FamilyLayout.rules).initializeMemory(
      as: dk_family_rules.self, repeating: rules, count: 1)
    let bytes = unsafe memory.assumingMemoryBound(to: UInt8.self)
    unsafe state.pointee.window = bytes + (FamilyLayout.window + Int(DK_F_ORIGIN))
    unsafe state.pointee.table = bytes + FamilyLayout.table
    unsafe state.pointee.offsets = (memory + FamilyLayout.offsets)
      .assumingMemoryBound(to: UInt16.self)
    unsafe state.pointee.entries = (memory + FamilyLayout.entries)
      .assumingMemoryBound(to: UInt32.self)
    unsafe state.pointee.codes = bytes + FamilyLayout.codes
    unsafe state.pointee.longs = bytes + FamilyLayout.longs
    unsafe state.pointee.slots = bytes + FamilyLayout.slots
    unsafe state.pointee.tokens = (memory + FamilyLayout.tokens)
      .assumingMemoryBound(to: dk_token.self)
  }

  deinit { unsafe memory.deallocate() }

  private var rules: UnsafeMutablePointer<dk_family_rules> {
    unsafe (memory + FamilyLayout.rules).assumingMemoryBound(to: dk_family_rules.self)
  }

  private var state: UnsafeMutablePointer<dk_family_state> {
    unsafe (memory + FamilyLayout.state).assumingMemoryBound(to: dk_family_state.self)
  }

  /// Appends the stream of a chunk; on failure what was appended so far stays.
  func compress(
    _ input: RawSpan, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    unsafe state.pointee.bits = UInt64(BlockHeader.fixed(isFinal: isFinal))
    unsafe state.pointee.count = UInt64(BlockHeader.bitCount)
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
    var bits = unsafe BitWriter(
      bitBuffer: state.pointee.bits, bitCount: Int(state.pointee.count))
    try bits.write(0, count: FixedCode.endOfBlockBits, to: &output)
    try StoredBlock.endChunk(isFinal: isFinal, bits: &bits, to: &output)
  }

  /// Encodes the tokens of one chunk. Returns the number of whole bytes written, or nil when they do not fit;
  /// nothing outside `output` is written.
  private func encode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Int? {
    // An empty output has no address; the shortest stream takes two bytes.
    guard let outputBase = output.baseAddress else { return nil }
    clear()
    let window = unsafe UnsafeMutableRawPointer(state.pointee.window)
    let scratch = unsafe memory + FamilyLayout.scratch
    let page = FamilyLayout.page
    var written = 0
    var start = 0
    while start < input.count, let inputBase = input.baseAddress {
      if start > 0 { turnPage() }
      let limit = input.count - start
      let ahead = min(limit, page + 128)
      unsafe window.copyMemory(from: inputBase + start, byteCount: ahead)
      if ahead < page + 128 {
        unsafe (window + ahead).initializeMemory(
          as: UInt8.self, repeating: 0, count: min(128, page + 128 - ahead))
      }
      let isDirect = output.count - written >= FamilyLayout.pageOutput
      let to = unsafe isDirect ? outputBase + written : scratch
      unsafe state.pointee.next = to.assumingMemoryBound(to: UInt8.self)
      unsafe state.pointee.phase = start % Int(rules.pointee.period)
      encodePage(end: min(limit, page), limit: limit)
      let made = unsafe UnsafeMutableRawPointer(state.pointee.next) - to
      if !isDirect {
        guard made <= output.count - written else { return nil }
        unsafe (outputBase + written).copyMemory(from: to, byteCount: made)
      }
      written += made
      start += page
    }
    return written
  }

  private func encodePage(end: Int, limit: Int) {
    #if arch(x86_64)
      if cpu >= .avx2 { return unsafe dk_family_page_avx2(rules, state, end, limit) }
    #endif
    unsafe dk_family_page_plain(rules, state, end, limit)
  }

  private func clear() {
    unsafe (memory + FamilyLayout.table).initializeMemory(
      as: UInt32.self, repeating: UInt32(DK_F_NONE), count: FamilyLayout.tableByteCount / 4)
    unsafe state.pointee.base = 0
    unsafe state.pointee.literal = 0
    unsafe state.pointee.zero = -1
    unsafe state.pointee.late = 0
  }

  private func turnPage() {
    let page = FamilyLayout.page
    let history = unsafe memory + FamilyLayout.window + 64
    unsafe history.copyMemory(from: history + page, byteCount: page)
    unsafe dk_family_age(state.pointee.table)
    unsafe state.pointee.base -= page
    unsafe state.pointee.literal -= page
  }
}
