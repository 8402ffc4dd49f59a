// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A whole gzip file in one call.

/// gzip (RFC 1952) of data that lies in memory as a whole.
///
/// ```swift
/// let file = Gzip.compress(Array("Join us now and share the software".utf8))
/// let text = try Gzip.decompress(file, maximumCount: 1 << 20)
/// ```
///
/// What comes in pieces goes through ``StreamEncoder`` and ``StreamDecoder``. Each call makes its tables
/// anew; for many small pieces keep an ``Encoder`` or a ``Decoder``.
public enum Gzip {
  /// Compresses data into a gzip file.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - header: The member's header. Traps on an extra field beyond 65,535 bytes, or a zero byte in a
  ///     name or comment.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: One member of gzip.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: RawSpan, header: GzipHeader = GzipHeader(),
    chunkSize: Int = ChunkLayout.defaultChunkSize
  ) -> [UInt8] {
    Whole.compress(data, as: .gzip, header: header, chunkSize: chunkSize)
  }

  /// Compresses data into a gzip file.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - header: The member's header. Traps on an extra field beyond 65,535 bytes, or a zero byte in a
  ///     name or comment.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: One member of gzip.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: Span<UInt8>, header: GzipHeader = GzipHeader(),
    chunkSize: Int = ChunkLayout.defaultChunkSize
  ) -> [UInt8] {
    // SAFETY: bytes have no padding.
    compress(unsafe data.bytes, header: header, chunkSize: chunkSize)
  }

  /// Compresses data into a gzip file.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - header: The member's header. Traps on an extra field beyond 65,535 bytes, or a zero byte in a
  ///     name or comment.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: One member of gzip.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: [UInt8], header: GzipHeader = GzipHeader(),
    chunkSize: Int = ChunkLayout.defaultChunkSize
  ) -> [UInt8] {
    // SAFETY: bytes have no padding.
    compress(unsafe data.span.bytes, header: header, chunkSize: chunkSize)
  }

  /// Compresses data into a gzip file, in a mode.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - mode: How each chunk is coded: the smaller of what it makes and of fixed and stored blocks is taken.
  ///   - header: The member's header. Traps on an extra field beyond 65,535 bytes, or a zero byte in a
  ///     name or comment.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: One member of gzip.
  /// - Throws: ``DeflateError/Kind/tableNotInFormat`` for ``CompressionMode/canned(_:)`` and
  ///   ``CompressionMode/table(_:)``, whose streams only raw data can hold.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: RawSpan, mode: CompressionMode, header: GzipHeader = GzipHeader(),
    chunkSize: Int = ChunkLayout.defaultChunkSize
  ) throws(DeflateError) -> [UInt8] {
    try Whole.compress(data, as: .gzip, header: header, chunkSize: chunkSize, mode: mode)
  }

  /// Compresses data into a gzip file, in a mode.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - mode: How each chunk is coded: the smaller of what it makes and of fixed and stored blocks is taken.
  ///   - header: The member's header. Traps on an extra field beyond 65,535 bytes, or a zero byte in a
  ///     name or comment.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: One member of gzip.
  /// - Throws: ``DeflateError/Kind/tableNotInFormat`` for ``CompressionMode/canned(_:)`` and
  ///   ``CompressionMode/table(_:)``, whose streams only raw data can hold.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: Span<UInt8>, mode: CompressionMode, header: GzipHeader = GzipHeader(),
    chunkSize: Int = ChunkLayout.defaultChunkSize
  ) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try compress(unsafe data.bytes, mode: mode, header: header, chunkSize: chunkSize)
  }

  /// Compresses data into a gzip file, in a mode.
  ///
  /// - Parameters:
  ///   - data: Any number of bytes.
  ///   - mode: How each chunk is coded: the smaller of what it makes and of fixed and stored blocks is taken.
  ///   - header: The member's header. Traps on an extra field beyond 65,535 bytes, or a zero byte in a
  ///     name or comment.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``; traps otherwise. Matches do not
  ///     cross from one chunk into the next.
  /// - Returns: One member of gzip.
  /// - Throws: ``DeflateError/Kind/tableNotInFormat`` for ``CompressionMode/canned(_:)`` and
  ///   ``CompressionMode/table(_:)``, whose streams only raw data can hold.
  /// - Complexity: O(*n*) in the bytes.
  public static func compress(
    _ data: [UInt8], mode: CompressionMode, header: GzipHeader = GzipHeader(),
    chunkSize: Int = ChunkLayout.defaultChunkSize
  ) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try compress(unsafe data.span.bytes, mode: mode, header: header, chunkSize: chunkSize)
  }

  /// Decompresses a gzip file.
  ///
  /// - Parameters:
  ///   - data: A gzip file: one member or several, BGZF too, and maybe zero bytes behind the last.
  ///   - maximumCount: The most bytes the result may have, 0 or more. No number in `data` decides how
  ///     much memory is taken: that follows what was decoded, and stays below twice the maximum.
  /// - Returns: The data, checked.
  /// - Throws: ``DeflateError`` with its place: ``DeflateError/Kind/outputFull`` when there is more data
  ///   than `maximumCount`, at the place up to which `data` was read by then;
  ///   ``DeflateError/Kind/notInFormat`` at the first byte of what stands behind the last member, when that is not zeros alone.
  /// - Complexity: O(*n*) in the bytes read and written.
  public static func decompress(
    _ data: RawSpan, maximumCount: Int
  ) throws(DeflateError) -> [UInt8] {
    try Whole.decompress(data, as: .gzip, maximumCount: maximumCount)
  }

  /// Decompresses a gzip file.
  ///
  /// - Parameters:
  ///   - data: A gzip file: one member or several, BGZF too, and maybe zero bytes behind the last.
  ///   - maximumCount: The most bytes the result may have, 0 or more. No number in `data` decides how
  ///     much memory is taken: that follows what was decoded, and stays below twice the maximum.
  /// - Returns: The data, checked.
  /// - Throws: ``DeflateError`` with its place: ``DeflateError/Kind/outputFull`` when there is more data
  ///   than `maximumCount`, at the place up to which `data` was read by then;
  ///   ``DeflateError/Kind/notInFormat`` at the first byte of what stands behind the last member, when that is not zeros alone.
  /// - Complexity: O(*n*) in the bytes read and written.
  public static func decompress(
    _ data: Span<UInt8>, maximumCount: Int
  ) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try decompress(unsafe data.bytes, maximumCount: maximumCount)
  }

  /// Decompresses a gzip file.
  ///
  /// - Parameters:
  ///   - data: A gzip file: one member or several, BGZF too, and maybe zero bytes behind the last.
  ///   - maximumCount: The most bytes the result may have, 0 or more. No number in `data` decides how
  ///     much memory is taken: that follows what was decoded, and stays below twice the maximum.
  /// - Returns: The data, checked.
  /// - Throws: ``DeflateError`` with its place: ``DeflateError/Kind/outputFull`` when there is more data
  ///   than `maximumCount`, at the place up to which `data` was read by then;
  ///   ``DeflateError/Kind/notInFormat`` at the first byte of what stands behind the last member, when that is not zeros alone.
  /// - Complexity: O(*n*) in the bytes read and written.
  public static func decompress(
    _ data: [UInt8], maximumCount: Int
  ) throws(DeflateError) -> [UInt8] {
    // SAFETY: bytes have no padding.
    try decompress(unsafe data.span.bytes, maximumCount: maximumCount)
  }
}
