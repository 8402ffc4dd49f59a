// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One stream at once: into a caller's room, or into an array that grows up to a stated maximum.

/// Decodes raw DEFLATE streams (all of RFC 1951), one call a stream.
///
/// For input that comes in pieces, or in a container, see ``StreamDecoder``.
///
/// A decoder may be sent to another task, but has one user at a time: it is `Sendable` and cannot be
/// copied.
public struct Decoder: ~Copyable, Sendable {
  /// How far back a distance may reach.
  public var limit: DistanceLimit { inflater.limit }

  var inflater: Inflater

  /// Creates a decoder; its tables are the only memory it will ever hold.
  ///
  /// - Parameter limit: How far back a distance may reach: as far as in any DEFLATE stream, unless
  ///   it is to judge as an IAA device does.
  public init(limit: DistanceLimit = .rfc1951) {
    inflater = Inflater(limit: limit)
  }

  /// Creates a decoder that runs a given build of the hot loops; its results are the same on all.
  package init(limit: DistanceLimit, cpu: CPUKind) {
    inflater = Inflater(limit: limit, cpu: cpu)
  }

  /// How much of the input a stream took.
  public struct Consumed: Sendable, Hashable {
    /// Bits from the first of the stream to its last.
    public let bits: Int
    /// Bytes, the last of them maybe in part.
    public var bytes: Int { (bits + 7) / 8 }
  }

  /// Decodes one stream and appends its data to an output.
  ///
  /// - Parameters:
  ///   - input: The stream; what follows it is left alone.
  ///   - output: Room for the data. Matches reach back only into what this call appended.
  /// - Returns: How much of `input` the stream took.
  /// - Throws: ``DeflateError``: what is wrong with the stream, ``DeflateError/Kind/truncatedInput``
  ///   when it goes beyond `input`, ``DeflateError/Kind/outputFull`` when its data goes beyond the
  ///   room. The data before the error stays in `output`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: RawSpan, into output: inout OutputRawSpan
  ) throws(DeflateError) -> Consumed {
    inflater.reset()
    return try inflater.runWhole(input, into: &output)
  }

  /// Decodes one stream into new bytes.
  ///
  /// Memory grows with the data found, not with a number in the input, and never beyond twice the
  /// maximum.
  ///
  /// - Parameters:
  ///   - input: The stream; what follows it is left alone.
  ///   - maximumCount: The most bytes the data may have, 0 or more.
  /// - Returns: The data, and how much of `input` the stream took.
  /// - Throws: ``DeflateError``, with ``DeflateError/Kind/outputFull`` when the data is longer than
  ///   `maximumCount`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: RawSpan, maximumCount: Int
  ) throws(DeflateError) -> (bytes: [UInt8], consumed: Consumed) {
    precondition(maximumCount >= 0, "negative maximum")
    inflater.reset()
    return try inflater.runGrowing(input, maximumCount: maximumCount)
  }
}

extension Inflater {
  /// Decodes a stream from where it stands to its end; neither input nor room comes later.
  mutating func runWhole(
    _ input: RawSpan, into output: inout OutputRawSpan
  ) throws(DeflateError) -> Decoder.Consumed {
    switch try run(input, into: &output, origin: output.byteCount) {
    case .finished: return Decoder.Consumed(bits: bits.position)
    case .needsInput: throw DeflateError(.truncatedInput, bitPosition: input.byteCount * 8)
    case .outputFull: throw DeflateError(.outputFull, bitPosition: bits.position)
    }
  }

  /// Decodes a stream from where it stands into new bytes, at most so many.
  mutating func runGrowing(
    _ input: RawSpan, maximumCount: Int
  ) throws(DeflateError) -> (bytes: [UInt8], consumed: Decoder.Consumed) {
    var bytes: [UInt8] = []
    while true {
      // Four times the input, at least a page, is a good guess; from there on it doubles.
      let capacity = min(maximumCount, max(4096, 4 * input.byteCount, 2 * bytes.count))
      var status = Inflater.Status.needsInput
      let known = bytes
      bytes = try makeBytes(capacity: capacity) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        known.withBytes { output.append(contentsOf: $0) }
        status = try run(input, into: &output, origin: 0)
      }
      switch status {
      case .finished: return (bytes, Decoder.Consumed(bits: bits.position))
      case .needsInput: throw DeflateError(.truncatedInput, bitPosition: input.byteCount * 8)
      case .outputFull where capacity == maximumCount:
        throw DeflateError(.outputFull, bitPosition: bits.position)
      case .outputFull: continue
      }
    }
  }
}
