// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Streams without a header, in a code that the reader has to know: the device's canned mode.

/// Compresses chunks with a table that their readers know, too.
///
/// A stream is the tokens of ``Encoder`` in the table's code, end-of-block, and zero bits to the byte boundary; no
/// header. With ``CompressionTable/canned(_:)`` it is what the driver's canned mode makes; no other decoder than
/// ``TableDecoder`` reads it, and no container takes it.
///
/// An encoder may be sent to another task, but has one user at a time: it is `Sendable` and cannot be copied.
public struct TableEncoder: ~Copyable, Sendable {
  /// The code.
  public let table: CompressionTable
  /// The rules of the match stage.
  public let profile: MatchProfile

  private var tokens: TokenSource
  private var coder = TokenCoder()
  private var codes = DynamicCodes()

  /// Creates an encoder.
  ///
  /// - Parameters:
  ///   - table: The code.
  ///   - profile: The rules of the match stage. Traps on fields outside their ranges.
  public init(table: CompressionTable = .canned(), profile: MatchProfile = .iaaV1) {
    self.table = table
    self.profile = profile
    tokens = TokenSource(profile: profile, cpu: .current)
    coder.setCode(table.literalLengthCodewords, table.distanceCodewords)
  }

  /// Compresses one chunk and appends its stream.
  ///
  /// - Parameters:
  ///   - input: The chunk, 0…``Encoder/maximumChunkSize`` bytes. Traps on more.
  ///   - output: Room for the stream; ``CompressionTable/bound(_:)`` bytes always suffice.
  /// - Throws: ``DeflateError/Kind/outputFull`` when the stream does not fit, and
  ///   ``DeflateError/Kind/noCodeword``, with the place in the input, where the table lacks a codeword that the
  ///   chunk needs. Then nothing was appended and the encoder is ready for the next chunk.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func compress(
    _ input: RawSpan, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    precondition(
      input.byteCount <= Encoder.maximumChunkSize, "chunk larger than maximumChunkSize")
    let start = output.byteCount
    tokens.collect(input, into: &coder)
    do throws(DeflateError) {
      try codes.write(coder, input, table: table, into: &output)
    } catch {
      output.removeLast(output.byteCount - start)
      throw error
    }
  }

  /// Compresses one chunk into new bytes.
  ///
  /// - Parameter input: The chunk, 0…``Encoder/maximumChunkSize`` bytes. Traps on more.
  /// - Returns: The stream.
  /// - Throws: ``DeflateError/Kind/noCodeword`` where the table lacks a codeword that the chunk needs.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func compress(_ input: RawSpan) throws(DeflateError) -> [UInt8] {
    try makeBytes(capacity: table.bound(input.byteCount)) {
      (output: inout OutputRawSpan) throws(DeflateError) in
      try compress(input, into: &output)
    }
  }
}
