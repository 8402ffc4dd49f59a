// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The decoders' calls for arrays and spans of bytes.

extension Decoder {
  /// Decodes one stream into new bytes, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The stream; what follows it is left alone.
  ///   - maximumCount: The most bytes the data may have, 0 or more.
  /// - Returns: The data, and how much of `input` the stream took.
  /// - Throws: ``DeflateError``, with ``DeflateError/Kind/outputFull`` when the data is longer than
  ///   `maximumCount`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: Span<UInt8>, maximumCount: Int
  ) throws(DeflateError) -> (bytes: [UInt8], consumed: Consumed) {
    // SAFETY: bytes have no padding.
    try unsafe decompress(input.bytes, maximumCount: maximumCount)
  }

  /// Decodes one stream into new bytes, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The stream; what follows it is left alone.
  ///   - maximumCount: The most bytes the data may have, 0 or more.
  /// - Returns: The data, and how much of `input` the stream took.
  /// - Throws: ``DeflateError``, with ``DeflateError/Kind/outputFull`` when the data is longer than
  ///   `maximumCount`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: [UInt8], maximumCount: Int
  ) throws(DeflateError) -> (bytes: [UInt8], consumed: Consumed) {
    // SAFETY: bytes have no padding.
    try unsafe decompress(input.span.bytes, maximumCount: maximumCount)
  }

  /// Decodes one stream and appends its data to an output, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The stream; what follows it is left alone.
  ///   - output: Room for the data.
  /// - Returns: How much of `input` the stream took.
  /// - Throws: ``DeflateError``. The data before the error stays in `output`.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: Span<UInt8>, into output: inout OutputSpan<UInt8>
  ) throws(DeflateError) -> Consumed {
    // SAFETY: bytes have no padding.
    try output.withRaw { (output: inout OutputRawSpan) throws(DeflateError) in
      try decompress(unsafe input.bytes, into: &output)
    }
  }
}

extension StreamDecoder {
  /// Decodes until the input is used up, the output is full or the stream ends, as the form for raw
  /// spans does.
  ///
  /// - Parameters:
  ///   - input: The next bytes, any number.
  ///   - endOfInput: Whether no more will follow `input`.
  ///   - output: Receives the data; nothing is appended beyond its capacity.
  /// - Returns: How many bytes of `input` were taken, and why the call returned.
  /// - Throws: ``DeflateError``. Data before the error was appended.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: Span<UInt8>, endOfInput: Bool, into output: inout OutputSpan<UInt8>
  ) throws(DeflateError) -> Progress {
    // SAFETY: bytes have no padding.
    try output.withRaw { (output: inout OutputRawSpan) throws(DeflateError) in
      try decompress(unsafe input.bytes, endOfInput: endOfInput, into: &output)
    }
  }

  /// Decodes until the input is used up or the stream ends, and lends the data to a sink, as the form for
  /// raw spans does.
  ///
  /// - Parameters:
  ///   - input: The next bytes, any number.
  ///   - endOfInput: Whether no more will follow `input`.
  ///   - sink: Called with the data in order.
  /// - Returns: How many bytes of `input` were taken, and why the call returned.
  /// - Throws: ``DeflateError``. Data before the error was lent.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: Span<UInt8>, endOfInput: Bool, to sink: (RawSpan) -> Void
  ) throws(DeflateError) -> Progress {
    // SAFETY: bytes have no padding.
    try unsafe decompress(input.bytes, endOfInput: endOfInput, to: sink)
  }

  /// Decodes until the input is used up or the stream ends, and lends the data to a sink that may fail, as
  /// the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The next bytes, any number.
  ///   - endOfInput: Whether no more will follow `input`.
  ///   - sink: Called with the data in order.
  /// - Returns: How many bytes of `input` were taken, and why the call returned.
  /// - Throws: ``SinkError``: a ``DeflateError``, or what `sink` threw.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress<Failure: Error>(
    _ input: Span<UInt8>, endOfInput: Bool, to sink: (RawSpan) throws(Failure) -> Void
  ) throws(SinkError<Failure>) -> Progress {
    // SAFETY: bytes have no padding.
    try unsafe decompress(input.bytes, endOfInput: endOfInput, to: sink)
  }
}

extension GzipHeader {
  /// Reads the header at the start of a member, as the form for raw spans does.
  ///
  /// - Parameter input: The member, or enough of it.
  /// - Returns: The header and the bytes it takes; nil when `input` ends within it.
  /// - Throws: ``DeflateError`` on anything but the header of a member.
  /// - Complexity: O(*n*) in the bytes of the header.
  public static func parse(
    _ input: Span<UInt8>
  ) throws(DeflateError) -> (header: GzipHeader, byteCount: Int)? {
    // SAFETY: bytes have no padding.
    try unsafe parse(input.bytes)
  }
}

extension BGZFIndex {
  /// Reads an index, as the form for raw spans does.
  ///
  /// - Parameter bytes: The whole of a .gzi file.
  /// - Throws: ``DeflateError`` when it is shorter or longer than it says, or its offsets do not ascend.
  /// - Complexity: O(*n*) in the bytes.
  public init(parsing bytes: Span<UInt8>) throws(DeflateError) {
    // SAFETY: bytes have no padding.
    try unsafe self.init(parsing: bytes.bytes)
  }
}
