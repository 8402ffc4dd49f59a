// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The block loop of RFC 1951 §3.2.3 as a state machine: it can stop between any two elements for
// want of input or of room and go on later. Everything here is checked; speed is the fast loop's.

/// Decodes one DEFLATE stream, piece by piece.
struct Inflater: ~Copyable {
  /// Why `run` returned.
  enum Status { case needsInput, outputFull, finished }

  enum Stage {
    case blockHeader
    case storedHeader
    case stored(remaining: Int)
    case dynamicHeader
    case tokens
    /// A match that the output cut short.
    case copy(length: Int, distance: Int)
    case finished
  }

  let limit: DistanceLimit
  /// The build of the hot loops that runs.
  let cpu: CPUKind
  var bits = BitReader()
  var stage = Stage.blockHeader
  var isFinalBlock = false
  var header = DynamicHeader()
  /// The codes of the last dynamic block, and with `tables` their tables.
  var literalLength = HuffmanCode()
  var distance = HuffmanCode()
  /// Whether the block at hand has the fixed code instead.
  var usesFixedCode = false
  /// Empty stored blocks met so far: where writers join chunks, or flush.
  private(set) var jointCount = 0
  var tables = DecodingTables()
  var dynamicLoops = DynamicLoopSelection()
  /// The vector loop's memory.
  let scratch: LoopScratch
  #if arch(x86_64)
    /// The memory of pages as lanes.
    var pageScratch = PageScratch()
  #endif

  init(limit: DistanceLimit, cpu: CPUKind = .current) {
    precondition(cpu <= .current, "this processor does not run that build")
    self.limit = limit
    self.cpu = cpu
    scratch = LoopScratch(cpu: cpu)
  }

  /// Makes ready for another stream.
  mutating func reset() {
    bits = BitReader()
    stage = .blockHeader
  }

  /// Goes on within a fixed final block that a hot loop has begun, at a token's first bit.
  mutating func resume(fixedBlockAt bit: Int, of input: RawSpan) {
    bits.move(to: bit, in: input)
    bits.position = bit
    isFinalBlock = true
    beginFixedBlock()
  }

  private mutating func beginFixedBlock() {
    usesFixedCode = true
    stage = .tokens
  }

  /// Decodes until the stream ends, the input is used up or the output is full.
  ///
  /// `input` is the stream's next piece, read from `bits.nextByte` on; all of it is taken unless
  /// the stream ends in it or the output is full. Decoded bytes are appended to `output`, whose
  /// bytes from `origin` on are the stream's own, at least as far back as the distance limit.
  mutating func run(
    _ input: RawSpan, into output: inout OutputRawSpan, origin: Int
  ) throws(DeflateError) -> Status {
    while true {
      let pause: Status?
      switch stage {
      case .blockHeader: pause = try readBlockHeader(input)
      case .storedHeader: pause = try readStoredHeader(input)
      case .stored(let remaining): pause = copyStored(remaining, input, into: &output)
      case .dynamicHeader: pause = try readDynamicHeader(input)
      case .tokens: pause = try decodeTokens(input, into: &output, origin: origin)
      case .copy(let length, let distance):
        pause = appendMatch(length: length, distance: distance, into: &output)
      case .finished: return .finished
      }
      if let pause { return pause }
    }
  }

  private mutating func readBlockHeader(_ input: RawSpan) throws(DeflateError) -> Status? {
    guard bits.has(BlockHeader.bitCount, in: input) else { return .needsInput }
    isFinalBlock = bits.peek(1) == 1
    switch BlockHeader.BlockType(rawValue: UInt8(bits.peek(2, at: 1))) {
    case .stored: stage = .storedHeader
    case .fixed: beginFixedBlock()
    case .dynamic:
      header = DynamicHeader()
      stage = .dynamicHeader
    case nil: throw DeflateError(.invalidBlockType, bitPosition: bits.position)
    }
    bits.take(BlockHeader.bitCount)
    return nil
  }

  private mutating func readStoredHeader(_ input: RawSpan) throws(DeflateError) -> Status? {
    let padding = bits.bitsToByteBoundary
    guard bits.has(padding + 32, in: input) else { return .needsInput }
    let count = bits.peek(16, at: padding)
    guard count ^ 0xFFFF == bits.peek(16, at: padding + 16) else {
      throw DeflateError(.storedLengthMismatch, bitPosition: bits.position + padding)
    }
    bits.take(padding + 32)
    if count == 0 { jointCount += 1 }
    stage = .stored(remaining: count)
    return nil
  }

  private mutating func copyStored(
    _ remaining: Int, _ input: RawSpan, into output: inout OutputRawSpan
  ) -> Status? {
    var remaining = remaining
    defer { stage = remaining > 0 ? .stored(remaining: remaining) : endOfBlockStage }
    // Bytes that an earlier look-ahead has moved into the bit buffer come first.
    while remaining > 0, bits.bitCount > 0 {
      guard output.freeCapacity > 0 else { return .outputFull }
      output.append(UInt8(bits.peek(8)))
      bits.take(8)
      remaining -= 1
    }
    guard remaining > 0 else { return nil }
    let count = min(remaining, output.freeCapacity, input.byteCount - bits.nextByte)
    output.append(contentsOf: input.extracting(bits.nextByte..<bits.nextByte + count))
    bits.nextByte += count
    bits.position += count * 8
    remaining -= count
    guard remaining > 0 else { return nil }
    return output.freeCapacity == 0 ? .outputFull : .needsInput
  }

  private mutating func readDynamicHeader(_ input: RawSpan) throws(DeflateError) -> Status? {
    guard try header.read(&bits, input, &literalLength, &distance, &tables) else {
      return .needsInput
    }
    usesFixedCode = false
    stage = .tokens
    return nil
  }

  /// Where a block's end leads.
  var endOfBlockStage: Stage { isFinalBlock ? .finished : .blockHeader }
}
