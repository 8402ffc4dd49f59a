// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One gzip member at once: what a parallel reader of BGZF does with each.

extension GzipHeader {
  /// Reads the header at the start of a member.
  ///
  /// - Parameter input: The member, or enough of it.
  /// - Returns: The header and the bytes it takes; nil when `input` ends within it.
  /// - Throws: ``DeflateError`` on anything but the header of a member.
  /// - Complexity: O(*n*) in the bytes of the header.
  public static func parse(
    _ input: RawSpan
  ) throws(DeflateError) -> (header: GzipHeader, byteCount: Int)? {
    var parser = GzipHeaderParser()
    var offset = 0
    while !parser.isDone {
      guard offset < input.byteCount else { return nil }
      try parser.take(input.byte(at: offset), bitPosition: offset * 8)
      offset += 1
    }
    return (parser.header, offset)
  }
}

extension Decoder {
  /// Decodes one gzip member and appends its data, checked against the trailer.
  ///
  /// - Parameters:
  ///   - input: The member, from its header on; what follows it is left alone.
  ///   - output: Room for the data.
  /// - Returns: The bytes the member takes, and the CRC-32 of its data.
  /// - Throws: ``DeflateError``, with bit positions from the start of `input`. The data before the
  ///   error stays in `output`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompressGzipMember(
    _ input: RawSpan, into output: inout OutputRawSpan
  ) throws(DeflateError) -> (byteCount: Int, checksum: CRC32) {
    try GzipHeader.readMember(input, into: &output) {
      (stream: RawSpan, output: inout OutputRawSpan) throws(DeflateError) in
      try decompress(stream, into: &output).bytes
    }
  }
}

extension GzipHeader {
  /// Decodes one gzip member whose stream is decompressed elsewhere, on a device say, and appends
  /// its data, checked against the trailer.
  ///
  /// - Parameters:
  ///   - input: The member, from its header on; what follows it is left alone.
  ///   - output: Room for the data.
  ///   - decompress: Appends the data of the stream that its argument begins with, and returns the
  ///     bytes that the stream takes.
  /// - Returns: The bytes the member takes, and the CRC-32 of its data.
  /// - Throws: ``DeflateError``, with bit positions from the start of `input`; those of `decompress`
  ///   count from the start of the stream. The data before the error stays in `output`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public static func readMember(
    _ input: RawSpan, into output: inout OutputRawSpan,
    _ decompress: (RawSpan, inout OutputRawSpan) throws(DeflateError) -> Int
  ) throws(DeflateError) -> (byteCount: Int, checksum: CRC32) {
    let truncated = DeflateError(.truncatedInput, bitPosition: input.byteCount * 8)
    guard let (_, headerCount) = try GzipHeader.parse(input) else { throw truncated }
    let start = output.byteCount
    let bodyCount: Int
    do throws(DeflateError) {
      bodyCount = try decompress(input.extracting(droppingFirst: headerCount), &output)
    } catch {
      throw DeflateError(error.kind, bitPosition: error.bitPosition + headerCount * 8)
    }
    var checksum = CRC32()
    checksum.update(output.bytes.extracting(droppingFirst: start))
    let trailer = headerCount + bodyCount
    guard input.byteCount - trailer >= GzipMember.trailerCount else { throw truncated }
    guard input.littleEndianWord(at: trailer) == checksum.value else {
      throw DeflateError(.checksumMismatch, bitPosition: trailer * 8)
    }
    let count = UInt32(truncatingIfNeeded: output.byteCount - start)
    guard input.littleEndianWord(at: trailer + 4) == count else {
      throw DeflateError(.lengthMismatch, bitPosition: trailer * 8 + 32)
    }
    return (trailer + GzipMember.trailerCount, checksum)
  }
}
