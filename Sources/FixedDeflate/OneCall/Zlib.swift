// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A whole zlib stream in one call.

/// zlib streams (RFC 1950) of data that lies in memory as a whole, such as HTTP's `deflate`.
///
/// Streams are written with a window of 4 KiB, of long matches 32, and read with any. For input in pieces see
/// ``StreamEncoder`` and ``StreamDecoder``.
public enum Zlib {
  /// Compresses data into a zlib stream.
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
    Whole.compress(data, as: .zlib, chunkSize: chunkSize)
  }

  /// Compresses data into a zlib stream.
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

  /// Compresses data into a zlib stream.
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

  /// Compresses data into a zlib stream, in a mode.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - mode: How each chunk is coded: the smaller of what it makes and of fixed and stored blocks is taken.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: The stream.
  /// - Throws: ``DeflateError/Kind/tableNotInFormat`` for ``CompressionMode/canned(_:)`` and
  ///   ``CompressionMode/table(_:)``, whose streams only raw data can hold.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: RawSpan, mode: CompressionMode, chunkSize: Int = ChunkLayout.defaultChunkSize
  ) throws(DeflateError) -> [UInt8] {
    try Whole.compress(data, as: .zlib, chunkSize: chunkSize, mode: mode)
  }

  /// Compresses data into a zlib stream, in a mode.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - mode: How each chunk is coded: the smaller of what it makes and of fixed and stored blocks is taken.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: The stream.
  /// - Throws: ``DeflateError/Kind/tableNotInFormat`` for ``CompressionMode/canned(_:)`` and
  ///   ``CompressionMode/table(_:)``, whose streams only raw data can hold.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: Span<UInt8>, mode: CompressionMode, chunkSize: Int = ChunkLayout.defaultChunkSize
  ) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try compress(unsafe data.bytes, mode: mode, chunkSize: chunkSize)
  }

  /// Compresses data into a zlib stream, in a mode.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - mode: How each chunk is coded: the smaller of what it makes and of fixed and stored blocks is taken.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: The stream.
  /// - Throws: ``DeflateError/Kind/tableNotInFormat`` for ``CompressionMode/canned(_:)`` and
  ///   ``CompressionMode/table(_:)``, whose streams only raw data can hold.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: [UInt8], mode: CompressionMode, chunkSize: Int = ChunkLayout.defaultChunkSize
  ) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try compress(unsafe data.span.bytes, mode: mode, chunkSize: chunkSize)
  }

  /// Decompresses a zlib stream.
  ///
  /// - Parameters:
  ///   - data: One zlib stream and nothing behind it.
  ///   - maximumCount: The most bytes the result may have, 0 or more. No number in `data` decides how
  ///     much memory is taken: that follows what was decoded, and stays below twice the maximum.
  /// - Returns: The data, checked.
  /// - Throws: ``DeflateError`` with its place: ``DeflateError/Kind/outputFull`` when there is more data
  ///   than `maximumCount`, at the place up to which `data` was read by then;
  ///   ``DeflateError/Kind/notInFormat`` at the first byte of what stands behind the stream.
  /// - Complexity: O(*n*) in the bytes read and written.
  public static func decompress(
    _ data: RawSpan, maximumCount: Int
  ) throws(DeflateError) -> [UInt8] {
    try Whole.decompress(data, as: .zlib, maximumCount: maximumCount)
  }

  /// Decompresses a zlib stream.
  ///
  /// - Parameters:
  ///   - data: One zlib stream and nothing behind it.
  ///   - maximumCount: The most bytes the result may have, 0 or more. No number in `data` decides how
  ///     much memory is taken: that follows what was decoded, and stays below twice the maximum.
  /// - Returns: The data, checked.
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

  /// Decompresses a zlib stream.
  ///
  /// - Parameters:
  ///   - data: One zlib stream and nothing behind it.
  ///   - maximumCount: The most bytes the result may have, 0 or more. No number in `data` decides how
  ///     much memory is taken: that follows what was decoded, and stays below twice the maximum.
  /// - Returns: The data, checked.
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
