// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A chunk's tokens, kept until their code is known: collected, counted, written.
//
// SAFETY: `state` is one allocation of TokenLayout.size bytes; `list` has room for `capacity` matches, of which the
// first `count` are initialised. Whoever appends stays below what `reserve` made room for.

/// The tokens of one chunk at a time.
@safe
struct TokenCoder: ~Copyable {
  private let state: UnsafeMutableRawPointer
  private var list: UnsafeMutablePointer<ChunkMatch>
  private var capacity: Int
  private let cpu: CPUKind
  /// Matches of the chunk at hand, and where the last one ends.
  private(set) var count = 0
  private var end = 0

  init(cpu: CPUKind = .current) {
    self.cpu = cpu
    unsafe state = .allocate(byteCount: TokenLayout.size, alignment: 64)
    unsafe state.initializeMemory(as: UInt8.self, repeating: 0, count: TokenLayout.size)
    for length in LengthAlphabet.lengths {
      let symbol = LengthAlphabet.symbol(forLength: length).symbol
      unsafe state.storeBytes(
        of: UInt8(symbol - LengthAlphabet.validSymbols.lowerBound),
        toByteOffset: TokenLayout.lengthSymbols + length, as: UInt8.self)
    }
    let masks = unsafe (state + TokenLayout.masks).assumingMemoryBound(to: UInt32.self)
    for run in 0..<4 {
      for place in 0..<run { unsafe masks[4 * run + place] = .max }
    }
    capacity = 1
    unsafe list = .allocate(capacity: 1)
  }

  /// Creates a coder that has a code already, if it is one that is known.
  init(_ code: BlockCode, cpu: CPUKind) {
    self.init(cpu: cpu)
    switch code {
    case .fixed: setCode(FixedCode.literalLength, FixedCode.distance)
    case .table(let table): setCode(table.literalLengthCodewords, table.distanceCodewords)
    case .dynamic: break
    }
  }

  deinit {
    unsafe state.deallocate()
    unsafe list.deallocate()
  }

  /// Forgets the tokens, and makes room for those of a chunk of so many bytes.
  private mutating func reserve(_ byteCount: Int) {
    count = 0
    end = 0
    let needed = byteCount / LengthAlphabet.lengths.lowerBound + 1
    guard needed > capacity else { return }
    unsafe list.deallocate()
    unsafe list = .allocate(capacity: needed)
    capacity = needed
  }

  /// Takes over a chunk's matches from the fast encoder.
  mutating func collect(_ input: RawSpan, from encoder: borrowing FastEncoder) {
    reserve(input.byteCount)
    (count, end) = unsafe encoder.collect(input, into: list)
  }

  /// Takes over a chunk's matches that no device has to find.
  mutating func collect(_ input: RawSpan, from finder: borrowing LongMatchFinder) {
    reserve(input.byteCount)
    (count, end) = unsafe finder.collect(input, into: list)
  }

  /// Takes over a chunk's matches, in ascending order of their starts; they must not overlap.
  mutating func collect(
    _ input: RawSpan, _ body: (_ append: (_ start: Int, _ match: Match) -> Void) -> Void
  ) {
    reserve(input.byteCount)
    var (count, end) = (0, 0)
    let (list, byteCount) = (unsafe self.list, input.byteCount)
    body { start, match in
      precondition(
        start >= end && start + match.length <= byteCount && match.distance <= start
          && LengthAlphabet.lengths.contains(match.length), "a match out of place")
      // SAFETY: none overlaps another, so that there are no more than `reserve` made room for.
      unsafe list[count] = ChunkMatch(
        literals: UInt32(start - end), length: UInt16(match.length),
        distance: UInt16(match.distance))
      count += 1
      end = start + match.length
    }
    (self.count, self.end) = (count, end)
  }

  /// The matches, with their starts.
  var matches: [(start: Int, match: Match)] {
    var start = 0
    return (0..<count).map { index in
      let item = unsafe list[index]
      start += Int(item.literals)
      defer { start += Int(item.length) }
      return (start, Match(length: Int(item.length), distance: Int(item.distance)))
    }
  }

  /// The position of the first token that a table has no codeword for; the chunk's end where that is none.
  func firstWithout(_ table: CompressionTable, _ input: RawSpan) -> Int {
    func lacksLiteral(_ range: Range<Int>) -> Int? {
      range.first { table.literalLengthLengths[Int(input.byte(at: $0))] == 0 }
    }
    var position = 0
    for (start, match) in matches {
      if let found = lacksLiteral(position..<start) { return found }
      let length = LengthAlphabet.symbol(forLength: match.length).symbol
      let distance = DistanceAlphabet.symbol(forDistance: match.distance).symbol
      if table.literalLengthLengths[length] == 0 || table.distanceLengths[distance] == 0 {
        return start
      }
      position = start + match.length
    }
    return lacksLiteral(position..<input.byteCount) ?? input.byteCount
  }

  /// Lends the loops a chunk and its tokens.
  private func withTokens(_ input: RawSpan, _ body: (UnsafeMutableRawPointer) -> Void) {
    precondition(end <= input.byteCount, "another chunk's tokens")
    unsafe input.withUnsafeBytes { input in
      let nothing = unsafe UnsafeRawPointer(state)
      unsafe state.storeBytes(
        of: input.baseAddress ?? nothing, toByteOffset: TokenLayout.input, as: UnsafeRawPointer.self
      )
      unsafe state.storeBytes(
        of: (input.baseAddress ?? nothing) + input.count, toByteOffset: TokenLayout.inputEnd,
        as: UnsafeRawPointer.self)
      unsafe state.storeBytes(
        of: list, toByteOffset: TokenLayout.matches,
        as: UnsafeMutablePointer<ChunkMatch>.self)
      unsafe state.storeBytes(
        of: list + count, toByteOffset: TokenLayout.matchesEnd,
        as: UnsafeMutablePointer<ChunkMatch>.self)
      unsafe state.storeBytes(
        of: input.count - end, toByteOffset: TokenLayout.literals, as: Int.self)
      unsafe body(state)
    }
  }

  /// Counts the symbols of the tokens; end-of-block, which is none of them, is counted once.
  ///
  /// - Parameters:
  ///   - input: The chunk.
  ///   - literalLength: Counts of symbols 0…285.
  ///   - distance: Counts of symbols 0…29.
  func count(
    _ input: RawSpan, _ literalLength: inout [UInt32], _ distance: inout [UInt32]
  ) {
    precondition(
      literalLength.count == CompressionTable.literalLengthCount
        && distance.count == CompressionTable.distanceCount, "a count for each symbol")
    unsafe (state + TokenLayout.literalCounts).initializeMemory(
      as: UInt8.self, repeating: 0, count: TokenLayout.countsEnd - TokenLayout.literalCounts)
    unsafe withTokens(input) { state in unsafe countTokens(state, cpu: cpu) }
    let literals = unsafe counts(TokenLayout.literalCounts)
    // SAFETY (here and below): as many elements as are written, checked above.
    unsafe literalLength.withUnsafeMutableBufferPointer { to in
      for symbol in 0..<256 {
        unsafe to[symbol] =
          literals[symbol] &+ literals[256 &+ symbol] &+ literals[512 &+ symbol]
          &+ literals[768 &+ symbol]
      }
      unsafe to[LengthAlphabet.endOfBlock] = 1
      let (first, count) = (
        LengthAlphabet.validSymbols.lowerBound, LengthAlphabet.validSymbols.count
      )
      let lengths = unsafe counts(TokenLayout.lengthCounts)
      for symbol in 0..<count { unsafe to[first &+ symbol] = lengths[symbol] }
    }
    unsafe distance.withUnsafeMutableBufferPointer { to in
      let distances = unsafe counts(TokenLayout.distanceCounts)
      for symbol in 0..<DistanceAlphabet.validSymbols.count {
        unsafe to[symbol] = distances[symbol]
      }
    }
  }

  private func counts(_ offset: Int) -> UnsafeMutablePointer<UInt32> {
    unsafe (state + offset).assumingMemoryBound(to: UInt32.self)
  }

  /// Takes over the code to write with: codewords of symbols 0…285 and 0…29.
  mutating func setCode(_ literalLength: [Codeword], _ distance: [Codeword]) {
    func code(_ codeword: Codeword) -> UInt32 {
      UInt32(codeword.streamBits) | UInt32(codeword.length) << 24
    }
    let literals = unsafe (state + TokenLayout.literalCodes).assumingMemoryBound(to: UInt32.self)
    var longest = 0
    for symbol in 0..<256 {
      unsafe literals[symbol] = code(literalLength[symbol])
      longest = max(longest, Int(literalLength[symbol].length))
    }
    let lengths = unsafe (state + TokenLayout.lengthCodes).assumingMemoryBound(to: UInt32.self)
    for symbol in LengthAlphabet.validSymbols {
      let (codeword, base) = (literalLength[symbol], LengthAlphabet.base(ofSymbol: symbol))
      let bits = UInt32(codeword.streamBits)
      let bitCount = UInt32(codeword.length) + UInt32(base.extraBits)
      for length in LengthAlphabet.lengths(ofSymbol: symbol) {
        unsafe lengths[length] =
          bits | UInt32(length - base.length) << UInt32(codeword.length) | bitCount << 24
      }
    }
    let distances = unsafe (state + TokenLayout.distanceCodes).assumingMemoryBound(
      to: UInt32.self)
    for symbol in DistanceAlphabet.validSymbols {
      unsafe distances[symbol] = code(distance[symbol])
    }
    set(TokenLayout.isDeep, longest > TokenLayout.longestOfFour ? 1 : 0)
  }

  /// Writes the tokens in the code set last.
  ///
  /// - Parameters:
  ///   - input: The chunk.
  ///   - bitCount: Bits that the tokens come to.
  ///   - bits: What stands before them.
  ///   - output: Receives the whole bytes.
  /// - Throws: `DeflateError.outputFull` when they do not fit.
  func write(
    _ input: RawSpan, bitCount: Int, bits: inout BitWriter, to output: inout OutputRawSpan
  ) throws(DeflateError) {
    try bits.flush(to: &output)
    let byteCount = (bits.bitCount + bitCount) / 8
    guard output.freeCapacity >= byteCount else {
      throw DeflateError(.outputFull, bitPosition: output.capacity * 8)
    }
    set(TokenLayout.bitBuffer, Int(truncatingIfNeeded: bits.bitBuffer))
    set(TokenLayout.bitCount, bits.bitCount)
    // The last store reaches beyond the last byte.
    if output.freeCapacity >= byteCount + 8 {
      unsafe output.withUnsafeMutableBytes { buffer, count in
        guard let base = buffer.baseAddress else { return }
        unsafe write(input, to: base + count, byteCount)
        count += byteCount
      }
    } else {
      unsafe output.withUnsafeMutableBytes { buffer, count in
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        unsafe withUnsafeTemporaryAllocation(byteCount: byteCount + 8, alignment: 8) { scratch in
          guard let base = scratch.baseAddress, let to = room.baseAddress else { return }
          unsafe write(input, to: base, byteCount)
          unsafe to.copyMemory(from: base, byteCount: byteCount)
        }
        count += byteCount
      }
    }
    bits = BitWriter(
      bitBuffer: unsafe state.load(fromByteOffset: TokenLayout.bitBuffer, as: UInt64.self),
      bitCount: unsafe state.load(fromByteOffset: TokenLayout.bitCount, as: Int.self))
  }

  private func write(_ input: RawSpan, to next: UnsafeMutableRawPointer, _ byteCount: Int) {
    unsafe state.storeBytes(
      of: next, toByteOffset: TokenLayout.next, as: UnsafeMutableRawPointer.self)
    unsafe withTokens(input) { state in unsafe writeTokens(state, cpu: cpu) }
    let end = unsafe state.load(
      fromByteOffset: TokenLayout.next, as: UnsafeMutableRawPointer.self)
    precondition(unsafe end - next == byteCount, "tokens were counted otherwise than written")
  }

  private func set(_ offset: Int, _ value: Int) {
    unsafe state.storeBytes(of: value, toByteOffset: offset, as: Int.self)
  }
}
