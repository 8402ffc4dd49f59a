// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The hot loop's two lookup tables with one owner. The fixed code's are made once and shared.

/// Lookup tables of a literal/length and a distance code.
@safe
struct DecodingTables: ~Copyable, @unchecked Sendable {
  // SAFETY of `@unchecked Sendable`: only `assign`, which is mutating, writes the memory.
  // The distance table stands behind the literal/length table, where the loop looks for it.
  private let storage: UnsafeMutablePointer<UInt32>
  /// Whether the leading literals' table, behind both, belongs to the current codes.
  private var hasLeads = false
  private var isMostlyLiterals = false

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

  /// Runs the hot loops of a dynamic block with these codes.
  ///
  /// A block's first bytes are the general loop's, which needs no leads, and so are pieces that are nearly
  /// all literals: there no branch is guessed wrong.
  mutating func run(_ state: inout FastLoopState, cpu: CPUKind) {
    // SAFETY: the tables live as long as `self`, which is borrowed.
    let outputCount = unsafe state.outputCount
    while true {
      let (bits, bytes) = unsafe (state.bitPosition, state.outputPosition)
      let piece = hasLeads ? TokenStepLoop.piece : TokenStepLoop.firstPiece
      let steps = hasLeads && !isMostlyLiterals
      // With room for the longest match behind it, nothing but the block's end or the buffers' stops a
      // loop within the piece.
      let end = bytes &+ piece &+ TokenStepLoop.outputMargin &+ LengthAlphabet.lengths.upperBound
      unsafe state.outputCount = min(end, outputCount)
      if steps {
        unsafe runTokenStepLoop(&state, tables: storage, cpu: cpu)
      } else {
        unsafe runTableLoop(&state, tables: storage, cpu: cpu)
      }
      unsafe state.outputCount = outputCount
      let made = unsafe state.outputPosition &- bytes
      guard made >= piece else {
        if steps { unsafe runTableLoop(&state, tables: storage, cpu: cpu) }
        return
      }
      isMostlyLiterals = unsafe state.bitPosition &- bits >= made &* TokenStepLoop.literalBits
      if !isMostlyLiterals && !hasLeads {
        unsafe TokenStepLoop.buildLeads(storage)
        hasLeads = true
      }
    }
  }

  /// Runs the hot loop of a block with the fixed code.
  static func runFixed(
    _ state: inout FastLoopState, scratch: borrowing VectorScratch, cpu: CPUKind
  ) {
    // SAFETY: the tables are never freed.
    #if arch(x86_64)
      if let memory = unsafe scratch.base {
        return unsafe runVectorLoop(&state, scratch: memory, huffman: fixed.storage)
      }
    #endif
    unsafe runFixedStepLoop(&state, huffman: fixed.storage, cpu: cpu)
  }
}
