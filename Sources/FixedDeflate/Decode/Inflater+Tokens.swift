// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Tokens of a fixed or dynamic block, one by one, with every check: the end of every stream, and
// every odd case, is decoded here.

extension Inflater {
  /// Decodes tokens to the end of the block; nil when it came or a match waits to be copied.
  mutating func decodeTokens(
    _ input: RawSpan, into output: inout OutputRawSpan, origin: Int
  ) throws(DeflateError) -> Status? {
    while true {
      runFastLoop(input, into: &output, origin: origin)
      switch nextLiteralLength(input) {
      case .needsInput: return .needsInput
      case .noSuchCodeword:
        throw DeflateError(.invalidLiteralLengthSymbol, bitPosition: bits.position)
      case .symbol(let symbol, let bitCount) where symbol < LengthAlphabet.endOfBlock:
        guard output.freeCapacity > 0 else { return .outputFull }
        output.append(UInt8(symbol))
        bits.take(bitCount)
      case .symbol(LengthAlphabet.endOfBlock, let bitCount):
        bits.take(bitCount)
        stage = endOfBlockStage
        return nil
      case .symbol(let symbol, let bitCount):
        guard LengthAlphabet.validSymbols.contains(symbol) else {
          throw DeflateError(.invalidLiteralLengthSymbol, bitPosition: bits.position)
        }
        let history = output.byteCount - origin
        guard
          let match = try readMatch(symbol, bitCount, input, history: history)
        else { return .needsInput }
        if let pause = appendMatch(length: match.length, distance: match.distance, into: &output) {
          return pause
        }
      }
    }
  }

  private mutating func nextLiteralLength(_ input: RawSpan) -> DecodedSymbol {
    usesFixedCode
      ? HuffmanCode.fixedLiteralLength.next(&bits, in: input) : literalLength.next(&bits, in: input)
  }

  private mutating func nextDistance(at offset: Int, _ input: RawSpan) -> DecodedSymbol {
    usesFixedCode
      ? HuffmanCode.fixedDistance.next(&bits, at: offset, in: input)
      : distance.next(&bits, at: offset, in: input)
  }

  /// Reads the rest of a match and takes its bits; nil when the input is used up.
  private mutating func readMatch(
    _ symbol: Int, _ symbolBits: Int, _ input: RawSpan, history: Int
  ) throws(DeflateError) -> Match? {
    let (baseLength, lengthBits) = LengthAlphabet.base(ofSymbol: symbol)
    let distanceStart = symbolBits + lengthBits
    guard bits.has(distanceStart, in: input) else { return nil }
    let length = baseLength + bits.peek(lengthBits, at: symbolBits)
    switch nextDistance(at: distanceStart, input) {
    case .needsInput: return nil
    case .noSuchCodeword:
      throw DeflateError(.invalidDistanceSymbol, bitPosition: bits.position + distanceStart)
    case .symbol(let symbol, let bitCount):
      guard DistanceAlphabet.validSymbols.contains(symbol) else {
        throw DeflateError(.invalidDistanceSymbol, bitPosition: bits.position + distanceStart)
      }
      let (baseDistance, distanceBits) = DistanceAlphabet.base(ofSymbol: symbol)
      let extraStart = distanceStart + bitCount
      guard bits.has(extraStart + distanceBits, in: input) else { return nil }
      let distance = baseDistance + bits.peek(distanceBits, at: extraStart)
      guard distance <= history, distance <= limit.maximumDistance else {
        throw DeflateError(.distanceTooFar, bitPosition: bits.position + distanceStart)
      }
      bits.take(extraStart + distanceBits)
      return Match(length: length, distance: distance)
    }
  }

  /// Copies a match, as much of it as fits; what does not waits in the stage.
  mutating func appendMatch(
    length: Int, distance: Int, into output: inout OutputRawSpan
  ) -> Status? {
    let count = min(length, output.freeCapacity)
    output.appendCopy(distance: distance, count: count)
    guard count < length else {
      stage = .tokens
      return nil
    }
    stage = .copy(length: length - count, distance: distance)
    return .outputFull
  }
}
