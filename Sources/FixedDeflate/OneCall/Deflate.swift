// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A whole raw DEFLATE stream in one call.

/// Raw DEFLATE streams (RFC 1951) of data that lies in memory as a whole.
///
/// For a single chunk, and for streams with other bytes behind them, see ``Encoder`` and ``Decoder``; for
/// input in pieces ``StreamEncoder`` and ``StreamDecoder``.
public enum Deflate {
  /// Compresses data into a raw stream.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: The stream.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: RawSpan, chunkSize: Int = ChunkLayout.defaultChunkSize
  ) -> [UInt8] {
    Whole.compress(data, as: .raw, chunkSize: chunkSize)
  }

  /// Compresses data into a raw stream.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: The stream.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: Span<UInt8>, chunkSize: Int = ChunkLayout.defaultChunkSize
  ) -> [UInt8] {
    // SAFETY: bytes have no padding.
    compress(unsafe data.bytes, chunkSize: chunkSize)
  }

  /// Compresses data into a raw stream.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: The stream.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: [UInt8], chunkSize: Int = ChunkLayout.defaultChunkSize
  ) -> [UInt8] {
    // SAFETY: bytes have no padding.
    compress(unsafe data.span.bytes, chunkSize: chunkSize)
  }

  /// Compresses data into a raw stream, in a mode.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - mode: How each chunk is coded. In canned or other tables each chunk is a stream of its own, which
  ///     ``StreamDecoder/init(canned:limit:)`` reads one behind the other.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: The stream, or those of all chunks.
  /// - Throws: ``DeflateError/Kind/noCodeword``, with the place in `data`, where a table lacks a codeword that
  ///   the data needs.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: RawSpan, mode: CompressionMode, chunkSize: Int = ChunkLayout.defaultChunkSize
  ) throws(DeflateError) -> [UInt8] {
    try Whole.compress(data, as: .raw, chunkSize: chunkSize, mode: mode)
  }

  /// Compresses data into a raw stream, in a mode.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - mode: How each chunk is coded. In canned or other tables each chunk is a stream of its own, which
  ///     ``StreamDecoder/init(canned:limit:)`` reads one behind the other.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: The stream, or those of all chunks.
  /// - Throws: ``DeflateError/Kind/noCodeword``, with the place in `data`, where a table lacks a codeword that
  ///   the data needs.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: Span<UInt8>, mode: CompressionMode, chunkSize: Int = ChunkLayout.defaultChunkSize
  ) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try compress(unsafe data.bytes, mode: mode, chunkSize: chunkSize)
  }

  /// Compresses data into a raw stream, in a mode.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - mode: How each chunk is coded. In canned or other tables each chunk is a stream of its own, which
  ///     ``StreamDecoder/init(canned:limit:)`` reads one behind the other.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: The stream, or those of all chunks.
  /// - Throws: ``DeflateError/Kind/noCodeword``, with the place in `data`, where a table lacks a codeword that
  ///   the data needs.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: [UInt8], mode: CompressionMode, chunkSize: Int = ChunkLayout.defaultChunkSize
  ) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try compress(unsafe data.span.bytes, mode: mode, chunkSize: chunkSize)
  }

  /// Decompresses a raw stream.
  ///
  /// - Parameters:
  ///   - data: One stream and nothing behind it.
  ///   - maximumCount: The most bytes the result may have, 0 or more. No number in `data` decides how
  ///     much memory is taken: that follows what was decoded, and stays below twice the maximum.
  /// - Returns: The data, which nothing in a raw stream checks.
  /// - Throws: ``DeflateError`` with its place: ``DeflateError/Kind/outputFull`` when there is more data
  ///   than `maximumCount`, at the place up to which `data` was read by then;
  ///   ``DeflateError/Kind/notInFormat`` at the first byte of what stands behind the stream.
  /// - Complexity: O(*n*) in the bytes read and written.
  public static func decompress(
    _ data: RawSpan, maximumCount: Int
  ) throws(DeflateError) -> [UInt8] {
    try Whole.decompress(data, as: .raw, maximumCount: maximumCount)
  }

  /// Decompresses a raw stream.
  ///
  /// - Parameters:
  ///   - data: One stream and nothing behind it.
  ///   - maximumCount: The most bytes the result may have, 0 or more. No number in `data` decides how
  ///     much memory is taken: that follows what was decoded, and stays below twice the maximum.
  /// - Returns: The data, which nothing in a raw stream checks.
  /// - Throws: ``DeflateError`` with its place: ``DeflateError/Kind/outputFull`` when there is more data
  ///   than `maximumCount`, at the place up to which `data` was read by then;
  ///   ``DeflateError/Kind/notInFormat`` at the first byte of what stands behind the stream.
  /// - Complexity: O(*n*) in the bytes read and written.
  public static func decompress(
    _ data: Span<UInt8>, maximumCount: Int
  ) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try decompress(unsafe data.bytes, maximumCount: maximumCount)
  }

  /// Decompresses a raw stream.
  ///
  /// - Parameters:
  ///   - data: One stream and nothing behind it.
  ///   - maximumCount: The most bytes the result may have, 0 or more. No number in `data` decides how
  ///     much memory is taken: that follows what was decoded, and stays below twice the maximum.
  /// - Returns: The data, which nothing in a raw stream checks.
  /// - Throws: ``DeflateError`` with its place: ``DeflateError/Kind/outputFull`` when there is more data
  ///   than `maximumCount`, at the place up to which `data` was read by then;
  ///   ``DeflateError/Kind/notInFormat`` at the first byte of what stands behind the stream.
  /// - Complexity: O(*n*) in the bytes read and written.
  public static func decompress(
    _ data: [UInt8], maximumCount: Int
  ) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try decompress(unsafe data.span.bytes, maximumCount: maximumCount)
  }
}
