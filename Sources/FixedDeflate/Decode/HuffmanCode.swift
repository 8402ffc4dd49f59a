// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A canonical Huffman code (RFC 1951 §3.2.2), decoded bit by bit: the careful path. It needs no
// table beyond counts and sorted symbols, notices a wrong codeword at its first wrong bit, and
// judges incomplete codes as zlib does.

/// What a code's lengths amount to.
enum CodeShape {
  case complete
  /// One codeword of one bit: allowed for literal/length and distance codes.
  case single
  /// No codeword at all: allowed for a distance code that is never used.
  case empty
  case invalid
}

/// What the next bits of the input are in a code.
enum DecodedSymbol {
  case symbol(Int, bitCount: Int)
  case needsInput
  case noSuchCodeword
}

/// A code over at most 288 symbols, with codewords of at most 15 bits.
struct HuffmanCode {
  /// Codewords of each length; element 0 is 0.
  private(set) var counts = InlineArray<16, UInt16>(repeating: 0)
  /// Symbols by length, then by value: the order of their codewords.
  private(set) var symbols = InlineArray<288, UInt16>(repeating: 0)
  private var longest = 0
  private(set) var shape = CodeShape.empty

  /// The fixed codes (RFC 1951 §3.2.6).
  static let fixedLiteralLength = HuffmanCode(of: FixedCode.literalLengthLengths)
  static let fixedDistance = HuffmanCode(of: FixedCode.distanceLengths)

  init() {}

  private init(of lengths: [UInt8]) {
    assign(lengths.span)
  }

  /// Takes over the code lengths of symbols 0, 1, 2… and says what code they make.
  @discardableResult
  mutating func assign(_ lengths: Span<UInt8>) -> CodeShape {
    shape = count(lengths)
    return shape
  }

  private mutating func count(_ lengths: Span<UInt8>) -> CodeShape {
    counts = InlineArray(repeating: 0)
    for index in lengths.indices where lengths[index] > 0 { counts[Int(lengths[index])] += 1 }
    longest = (1...15).last { counts[$0] > 0 } ?? 0

    var unused = 1
    var starts = InlineArray<16, UInt16>(repeating: 0)
    var total: UInt16 = 0
    for length in 1...15 {
      unused = unused * 2 - Int(counts[length])
      guard unused >= 0 else { return .invalid }
      starts[length] = total
      total += counts[length]
    }
    for index in lengths.indices where lengths[index] > 0 {
      let length = Int(lengths[index])
      symbols[Int(starts[length])] = UInt16(index)
      starts[length] += 1
    }
    if unused == 0 { return .complete }
    return switch longest {
    case 0: .empty
    case 1: .single
    default: .invalid
    }
  }

  /// Looks up the codeword `offset` bits ahead, without taking it.
  func next(_ bits: inout BitReader, at offset: Int = 0, in input: RawSpan) -> DecodedSymbol {
    var code = 0
    var firstCode = 0
    var index = 0
    var length = 1
    while length <= longest {
      guard bits.has(offset + length, in: input) else { return .needsInput }
      code = code << 1 | bits.peek(1, at: offset + length - 1)
      let count = Int(counts[length])
      if code < firstCode + count {
        return .symbol(Int(symbols[index + code - firstCode]), bitCount: length)
      }
      index += count
      firstCode = (firstCode + count) << 1
      length += 1
    }
    return .noSuchCodeword
  }
}
