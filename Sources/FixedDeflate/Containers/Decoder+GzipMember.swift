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
    try parse(input, keepsFields: true)
  }
}

extension GzipHeader {
  /// Reads the header at the start of a member, without its fields of any length if nobody asks for
  /// those.
  private static func parse(
    _ input: RawSpan, keepsFields: Bool
  ) throws(DeflateError) -> (header: GzipHeader, byteCount: Int)? {
    var parser = GzipHeaderParser(keepsFields: keepsFields)
    var offset = 0
    try parser.take(input, &offset, bitPosition: 0)
    return parser.isDone ? (parser.header, offset) : nil
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

extension Decoder {
  /// The same for a member whose header has been read, and takes `headerCount` bytes.
  package mutating func decompressGzipMember(
    _ input: RawSpan, headerCount: Int, into output: inout OutputRawSpan
  ) throws(DeflateError) -> (byteCount: Int, checksum: CRC32) {
    try GzipHeader.readMember(input, headerCount: headerCount, into: &output) {
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
  ///     bytes that the stream takes. Traps when there are not so many, or when it removed data.
  /// - Returns: The bytes the member takes, and the CRC-32 of its data.
  /// - Throws: ``DeflateError``, with bit positions from the start of `input`; those of `decompress`
  ///   count from the start of the stream. The data before the error stays in `output`.
  /// - Complexity: O(*n*) in the bytes read and written.
  package static func readMember(
    _ input: RawSpan, into output: inout OutputRawSpan,
    _ decompress: (RawSpan, inout OutputRawSpan) throws(DeflateError) -> Int
  ) throws(DeflateError) -> (byteCount: Int, checksum: CRC32) {
    guard let (_, headerCount) = try parse(input, keepsFields: false) else {
      throw DeflateError(.truncatedInput, bitPosition: input.byteCount * 8)
    }
    return try readMember(input, headerCount: headerCount, into: &output, decompress)
  }

  /// The same for a member whose header has been read, and takes `headerCount` bytes.
  package static func readMember(
    _ input: RawSpan, headerCount: Int, into output: inout OutputRawSpan,
    _ decompress: (RawSpan, inout OutputRawSpan) throws(DeflateError) -> Int
  ) throws(DeflateError) -> (byteCount: Int, checksum: CRC32) {
    let truncated = DeflateError(.truncatedInput, bitPosition: input.byteCount * 8)
    guard input.byteCount >= headerCount else { throw truncated }
    let start = output.byteCount
    let stream = input.extracting(droppingFirst: headerCount)
    let bodyCount: Int
    do throws(DeflateError) {
      bodyCount = try decompress(stream, &output)
    } catch {
      throw DeflateError(error.kind, bitPosition: error.bitPosition + headerCount * 8)
    }
    precondition(
      (0...stream.byteCount).contains(bodyCount),
      "decompress returned a count below 0 or beyond its input's end")
    precondition(output.byteCount >= start, "decompress removed data that is not its own")
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
