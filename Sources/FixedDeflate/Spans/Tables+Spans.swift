// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The calls on known tables for arrays and spans of bytes.

extension TableEncoder {
  /// Compresses one chunk into new bytes, as the form for raw spans does.
  ///
  /// - Parameter input: The chunk, 0…``Encoder/maximumChunkSize`` bytes. Traps on more.
  /// - Returns: The stream.
  /// - Throws: ``DeflateError/Kind/noCodeword`` where the table lacks a codeword that the chunk needs.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func compress(_ input: Span<UInt8>) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try compress(unsafe input.bytes)
  }

  /// Compresses one chunk into new bytes, as the form for raw spans does.
  ///
  /// - Parameter input: The chunk, 0…``Encoder/maximumChunkSize`` bytes. Traps on more.
  /// - Returns: The stream.
  /// - Throws: ``DeflateError/Kind/noCodeword`` where the table lacks a codeword that the chunk needs.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func compress(_ input: [UInt8]) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try compress(unsafe input.span.bytes)
  }

  /// Compresses one chunk and appends its stream, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The chunk, 0…``Encoder/maximumChunkSize`` bytes. Traps on more.
  ///   - output: Room for the stream; ``CompressionTable/bound(_:)`` bytes always suffice.
  /// - Throws: As the form for raw spans; then nothing was appended.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func compress(
    _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>
  ) throws(DeflateError) {
    // SAFETY: bytes have no padding.
    try output.withRaw { (output: inout OutputRawSpan) throws(DeflateError) in
      try compress(unsafe input.bytes, into: &output)
    }
  }
}

extension TableDecoder {
  /// Decodes one stream into new bytes, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The stream; what follows it is left alone.
  ///   - maximumCount: The most bytes the data may have, 0 or more.
  /// - Returns: The data, and how much of `input` the stream took.
  /// - Throws: ``DeflateError`` with its place.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: Span<UInt8>, maximumCount: Int
  ) throws(DeflateError) -> (bytes: [UInt8], consumed: Decoder.Consumed) {
    // SAFETY: bytes have no padding.
    try decompress(unsafe input.bytes, maximumCount: maximumCount)
  }

  /// Decodes one stream into new bytes, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The stream; what follows it is left alone.
  ///   - maximumCount: The most bytes the data may have, 0 or more.
  /// - Returns: The data, and how much of `input` the stream took.
  /// - Throws: ``DeflateError`` with its place.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: [UInt8], maximumCount: Int
  ) throws(DeflateError) -> (bytes: [UInt8], consumed: Decoder.Consumed) {
    // SAFETY: bytes have no padding.
    try decompress(unsafe input.span.bytes, maximumCount: maximumCount)
  }

  /// Decodes one stream and appends its data, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The stream; what follows it is left alone.
  ///   - output: Room for the data.
  /// - Returns: How much of `input` the stream took.
  /// - Throws: ``DeflateError`` with its place. The data before the error stays in `output`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>
  ) throws(DeflateError) -> Decoder.Consumed {
    // SAFETY: bytes have no padding.
    try output.withRaw { (output: inout OutputRawSpan) throws(DeflateError) in
      try decompress(unsafe input.bytes, into: &output)
    }
  }
}
