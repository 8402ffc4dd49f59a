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
    let (lengths, distanceLengths) = (FixedCode.literalLengthLengths, FixedCode.distanceLengths)
    tables.assign(lengths.span, distanceLengths.span)
    return tables
  }()

  init() {
    let count = TokenStepLoop.leadsStart + TokenStepLoop.leadsCount
    unsafe storage = .allocate(capacity: count)
    unsafe storage.initialize(repeating: 0, count: count)
  }

  deinit { unsafe storage.deallocate() }

  /// Makes the tables of two codes by their lengths, which the careful path has judged valid.
  mutating func assign(_ lengths: Span<UInt8>, _ distanceLengths: Span<UInt8>) {
    hasLeads = false
    unsafe Self.build(
      storage, HuffmanTable.literalLengthCount, HuffmanTable.literalLengthBits, lengths,
      HuffmanEntry.literalLengths)
    unsafe Self.build(
      storage + HuffmanTable.literalLengthCount, HuffmanTable.distanceCount,
      HuffmanTable.distanceBits, distanceLengths, HuffmanEntry.distances)
  }

  /// Makes the table of a code length code, which the careful path has judged complete. It stands where
  /// the leads will.
  mutating func assign(codeLengthLengths: Span<UInt8>) {
    hasLeads = false
    unsafe Self.build(
      storage + TokenStepLoop.leadsStart, 1 << HuffmanTable.codeLengthBits,
      HuffmanTable.codeLengthBits,
      codeLengthLengths, HuffmanEntry.codeLengths)
  }

  /// The entry of the code length symbol that comes first in `bits`.
  func codeLength(_ bits: UInt64) -> UInt32 {
    let index = Int(truncatingIfNeeded: bits) & (1 << HuffmanTable.codeLengthBits - 1)
    // SAFETY: the table has an entry for each value of as many bits.
    return unsafe storage[TokenStepLoop.leadsStart + index]
  }

  private static func build(
    _ table: UnsafeMutablePointer<UInt32>, _ capacity: Int, _ mainBits: Int,
    _ lengths: Span<UInt8>, _ payloads: [UInt32]
  ) {
    precondition(lengths.count <= payloads.count, "more lengths than symbols")
    // SAFETY: `sorted` has room for every symbol, `counts` the 32 elements asked for; payloads has
    // as many elements as lengths at least, checked above; the table has `capacity`.
    let outcome = unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 288) { sorted in
      unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 32) { counts in
        unsafe lengths.withUnsafeBufferPointer { lengths in
          unsafe payloads.withUnsafeBufferPointer { payloads -> HuffmanTable.Outcome? in
            guard let sorted = sorted.baseAddress, let counts = counts.baseAddress,
              let payloads = payloads.baseAddress, let base = lengths.baseAddress
            else { return nil }
            return unsafe HuffmanTable.build(
              table, capacity: capacity, mainBits: mainBits, lengths: base,
              symbolCount: lengths.count, payloads: payloads, sorted: sorted, counts: counts)
          }
        }
      }
    }
    precondition(outcome != nil && outcome != .oversubscribed, "an invalid code was let through")
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
