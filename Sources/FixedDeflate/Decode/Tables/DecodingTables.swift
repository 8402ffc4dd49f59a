// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One owner for the lookup tables of a block's codes: literal/length, distance, and where these are worth it
// leading literals, at whose place a dynamic header's code length code stands before. The fixed code's are made
// once and shared.

/// Lookup tables of a literal/length and a distance code.
@safe
struct DecodingTables: ~Copyable, @unchecked Sendable {
  // SAFETY of `@unchecked Sendable`: only `assign`, which is mutating, writes the memory.
  // The distance table stands behind the literal/length table, where the loop looks for it.
  private let storage: UnsafeMutablePointer<UInt32>
  /// Whether the leading literals' table, behind both, belongs to the current codes.
  private(set) var hasLeads = false

  /// The tables of the fixed code.
  static let fixed: DecodingTables = {
    var tables = DecodingTables()
    tables.assign(HuffmanCode.fixedLiteralLength, HuffmanCode.fixedDistance)
    return tables
  }()

  init() {
    let count = TokenStepLoop.leadsStart + TokenStepLoop.leadsCount
    unsafe storage = .allocate(capacity: count)
    unsafe storage.initialize(repeating: 0, count: count)
  }

  deinit { unsafe storage.deallocate() }

  /// Makes the tables of two codes, which the careful path has judged valid.
  mutating func assign(_ literalLength: HuffmanCode, _ distance: HuffmanCode) {
    hasLeads = false
    // SAFETY: each part of the storage has as many entries as its table at most.
    unsafe HuffmanTable.build(
      storage, capacity: HuffmanTable.literalLengthCount, mainBits: HuffmanTable.literalLengthBits,
      code: literalLength, payloads: HuffmanEntry.literalLengths)
    unsafe HuffmanTable.build(
      storage + HuffmanTable.literalLengthCount, capacity: HuffmanTable.distanceCount,
      mainBits: HuffmanTable.distanceBits, code: distance, payloads: HuffmanEntry.distances)
  }

  /// Makes the table of a code length code, which the careful path has judged complete. It stands where
  /// the leads will.
  mutating func assign(codeLengthCode: HuffmanCode) {
    hasLeads = false
    // SAFETY: the leads' part has more entries than this table.
    unsafe HuffmanTable.build(
      storage + TokenStepLoop.leadsStart, capacity: 1 << HuffmanTable.codeLengthBits,
      mainBits: HuffmanTable.codeLengthBits, code: codeLengthCode,
      payloads: HuffmanEntry.codeLengths)
  }

  /// The entry of the code length symbol that comes first in `bits`.
  func codeLength(_ bits: UInt64) -> UInt32 {
    let index = Int(truncatingIfNeeded: bits) & (1 << HuffmanTable.codeLengthBits - 1)
    // SAFETY: the table has an entry for each value of as many bits.
    return unsafe storage[TokenStepLoop.leadsStart + index]
  }

  /// Makes the leading literals' table of the current codes.
  mutating func buildLeads() {
    unsafe TokenStepLoop.buildLeads(storage)
    hasLeads = true
  }

  /// Lends the tables: literal/length code, distance code and leads, at their places.
  @inline(__always)
  func withTables(_ body: (UnsafePointer<UInt32>) -> Void) {
    // SAFETY: the tables live as long as `self`, which is borrowed.
    unsafe body(UnsafePointer(storage))
  }
}
