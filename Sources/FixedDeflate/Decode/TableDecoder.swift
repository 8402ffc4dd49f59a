// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Streams without a header: the codes are given, the first bit is a token's.

/// Decodes streams whose code is known beforehand: what ``TableEncoder`` and a device's canned mode make.
///
/// A decoder may be sent to another task, but has one user at a time: it is `Sendable` and cannot be copied.
public struct TableDecoder: ~Copyable, Sendable {
  /// The code.
  public let table: CompressionTable
  /// How far back a distance may reach.
  public var limit: DistanceLimit { inflater.limit }

  private var inflater: Inflater

  /// Creates a decoder; its tables are made once, for all streams.
  ///
  /// - Parameters:
  ///   - table: The code.
  ///   - limit: How far back a distance may reach: as far as a device's history, or as far as DEFLATE can say.
  public init(table: CompressionTable = .canned(), limit: DistanceLimit = .iaa) {
    self.init(table: table, limit: limit, cpu: .current)
  }

  /// Creates a decoder that runs a given build of the hot loops; its results are the same on all.
  package init(table: CompressionTable, limit: DistanceLimit, cpu: CPUKind) {
    self.table = table
    inflater = Inflater(limit: limit, cpu: cpu)
    inflater.setCode(table)
  }

  /// Decodes one stream and appends its data to an output.
  ///
  /// - Parameters:
  ///   - input: The stream; what follows it is left alone.
  ///   - output: Room for the data. Matches reach back only into what this call appended.
  /// - Returns: How much of `input` the stream took.
  /// - Throws: ``DeflateError`` with its place, as ``Decoder/decompress(_:into:)-(RawSpan,_)`` does. The data before the error
  ///   stays in `output`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: RawSpan, into output: inout OutputRawSpan
  ) throws(DeflateError) -> Decoder.Consumed {
    inflater.beginTokens()
    return try inflater.runWhole(input, into: &output)
  }

  /// Decodes one stream into new bytes.
  ///
  /// - Parameters:
  ///   - input: The stream; what follows it is left alone.
  ///   - maximumCount: The most bytes the data may have, 0 or more. Memory grows with the data found, never beyond
  ///     twice the maximum.
  /// - Returns: The data, and how much of `input` the stream took.
  /// - Throws: ``DeflateError``, with ``DeflateError/Kind/outputFull`` when the data is longer than `maximumCount`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: RawSpan, maximumCount: Int
  ) throws(DeflateError) -> (bytes: [UInt8], consumed: Decoder.Consumed) {
    precondition(maximumCount >= 0, "negative maximum")
    inflater.beginTokens()
    return try inflater.runGrowing(input, maximumCount: maximumCount)
  }
}

extension Inflater {
  /// Takes over a code for streams without a header.
  mutating func setCode(_ table: CompressionTable) {
    _ = literalLength.assign(table.literalLengthLengths.span)
    _ = distance.assign(table.distanceLengths.span)
    tables.assign(literalLength, distance)
  }

  /// Makes ready for a stream without a header, in the code set last.
  mutating func beginTokens() {
    reset()
    isFinalBlock = true
    usesFixedCode = false
    stage = .tokens
  }
}
