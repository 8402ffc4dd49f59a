// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Takes a stream of fixed blocks apart again. zlib does not hold anybody to a 4 KiB window in a
// one-shot call and does not look at padding bits, so a judge that does is needed. It reads bit by
// bit from the RFC's tables and knows nothing of the library.

/// What a stream of fixed (and empty stored) blocks says.
public struct FixedStreamContents: Sendable {
  /// Every match in order.
  public var matches: [MatchToken] = []
  /// The decoded bytes.
  public var bytes: [UInt8] = []
  /// Fixed blocks met.
  public var fixedBlocks = 0
  /// Bits of the stream, without the padding at its end.
  public var bits = 0
  /// Bytes of the stream, padding included.
  public var consumed = 0
}

/// Why a stream is not what the profile may write.
public enum FixedStreamProblem: Error, Sendable, Equatable {
  /// The bits end inside a token.
  case truncated
  /// A dynamic or reserved block.
  case blockType(Int)
  /// A stored block that holds bytes, or whose lengths do not agree.
  case storedBlock
  /// A symbol the profile has no use for.
  case symbol(Int)
  /// A distance outside 1...4096, or before the chunk's start.
  case distance(Int)
  /// A bit behind the last block that is not zero.
  case padding
}

/// Reads fixed streams and checks the profile's bounds.
public struct FixedStreamReader {
  private let stream: [UInt8]
  private var position = 0

  /// Reads one DEFLATE stream from the first of `stream`'s bytes.
  ///
  /// - Parameters:
  ///   - stream: a raw DEFLATE stream, perhaps with other bytes behind it.
  ///   - chunkStarts: whether no distance may reach across a fixed block's start.
  /// - Returns: tokens and bytes.
  /// - Throws: the first thing that the profile would not have written.
  public static func read(
    _ stream: [UInt8], chunkStarts: Bool = true
  ) throws(FixedStreamProblem) -> FixedStreamContents {
    var reader = FixedStreamReader(stream: stream)
    return try reader.blocks(chunkStarts: chunkStarts)
  }

  private init(stream: [UInt8]) { self.stream = stream }

  private mutating func bit() throws(FixedStreamProblem) -> Int {
    guard position < 8 * stream.count else { throw .truncated }
    defer { position += 1 }
    return Int(stream[position / 8] >> UInt8(position % 8)) & 1
  }

  private mutating func number(_ width: Int) throws(FixedStreamProblem) -> Int {
    var value = 0
    for index in 0..<width { value |= try bit() << index }
    return value
  }

  private mutating func codeword(_ width: Int, after prefix: Int = 0)
    throws(FixedStreamProblem) -> Int
  {
    var value = prefix
    for _ in 0..<width { value = value << 1 | (try bit()) }
    return value
  }

  private mutating func pad() throws(FixedStreamProblem) {
    while position % 8 != 0 {
      if try bit() != 0 { throw .padding }
    }
  }

  /// RFC 1951 §3.2.6, by the ranges of its table.
  private mutating func symbol() throws(FixedStreamProblem) -> Int {
    let seven = try codeword(7)
    if seven <= 0b001_0111 { return 256 + seven }
    let eight = try codeword(1, after: seven)
    if eight <= 0b1011_1111 { return eight - 0b0011_0000 }
    if eight <= 0b1100_0111 { return 280 + eight - 0b1100_0000 }
    return 144 + (try codeword(1, after: eight)) - 0b1_1001_0000
  }

  private mutating func blocks(
    chunkStarts: Bool
  ) throws(FixedStreamProblem) -> FixedStreamContents {
    var contents = FixedStreamContents()
    var isFinal = false
    while !isFinal {
      isFinal = try bit() == 1
      let type = try number(2)
      switch type {
      case 0:
        try pad()
        guard try number(16) == 0, try number(16) == 0xFFFF else { throw .storedBlock }
      case 1:
        contents.fixedBlocks += 1
        try fixedBlock(into: &contents, floor: chunkStarts ? contents.bytes.count : 0)
      default:
        throw .blockType(type)
      }
    }
    contents.bits = position
    try pad()
    contents.consumed = position / 8
    return contents
  }

  private mutating func fixedBlock(
    into contents: inout FixedStreamContents, floor: Int
  ) throws(FixedStreamProblem) {
    while true {
      let symbol = try symbol()
      if symbol == 256 { return }
      if symbol < 256 {
        contents.bytes.append(UInt8(symbol))
        continue
      }
      guard symbol <= 285 else { throw .symbol(symbol) }
      let row = PlainTables.lengths[symbol - 257]
      let length = row.base + (try number(row.extra))
      let distanceSymbol = try codeword(5)
      guard distanceSymbol < 30 else { throw .symbol(distanceSymbol) }
      let column = PlainTables.distances[distanceSymbol]
      let distance = column.base + (try number(column.extra))
      let start = contents.bytes.count
      guard distance <= 4096, distance <= start - floor else { throw .distance(distance) }
      contents.matches.append(MatchToken(start, length, distance))
      for _ in 0..<length { contents.bytes.append(contents.bytes[contents.bytes.count - distance]) }
    }
  }
}
