// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The encoders' calls for arrays and spans of bytes.

extension Encoder {
  /// Compresses one chunk into new bytes, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The chunk, 0…``maximumChunkSize`` bytes. Traps on more.
  ///   - position: Whether the chunk is its stream's last.
  /// - Returns: The stream.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func compress(
    _ input: Span<UInt8>, position: BlockPosition = .last
  ) -> [UInt8] {
    // SAFETY: bytes have no padding.
    unsafe compress(input.bytes, position: position)
  }

  /// Compresses one chunk into new bytes, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The chunk, 0…``maximumChunkSize`` bytes. Traps on more.
  ///   - position: Whether the chunk is its stream's last.
  /// - Returns: The stream.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func compress(
    _ input: [UInt8], position: BlockPosition = .last
  ) -> [UInt8] {
    // SAFETY: bytes have no padding.
    unsafe compress(input.span.bytes, position: position)
  }

  /// Compresses one chunk and appends its stream, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: The chunk, 0…``maximumChunkSize`` bytes. Traps on more.
  ///   - position: Whether the chunk is its stream's last.
  ///   - output: Room for the stream; ``bound(_:position:)`` bytes always suffice.
  /// - Throws: ``DeflateError/Kind/outputFull`` when the stream does not fit. Then nothing was appended.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func compress(
    _ input: Span<UInt8>, position: BlockPosition = .last, into output: inout OutputSpan<UInt8>
  ) throws(DeflateError) {
    // SAFETY: bytes have no padding.
    try output.withRaw { (output: inout OutputRawSpan) throws(DeflateError) in
      try compress(unsafe input.bytes, position: position, into: &output)
    }
  }
}

extension ChunkEncoder {
  /// Encodes one chunk and appends its piece of the container, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - chunk: ``ChunkLayout/chunkSize`` bytes, or fewer in the last chunk; traps on more.
  ///   - isFirst: Whether it is the container's first chunk.
  ///   - isLast: Whether it is the last.
  ///   - output: Room for the piece; ``ChunkLayout/bound`` bytes always suffice.
  /// - Returns: The check of the chunk's data.
  /// - Throws: ``DeflateError/Kind/outputFull`` when the piece does not fit. Then nothing was appended.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  @discardableResult
  public mutating func encode(
    _ chunk: Span<UInt8>, isFirst: Bool, isLast: Bool, into output: inout OutputSpan<UInt8>
  ) throws(DeflateError) -> ContentChecksum {
    // SAFETY: bytes have no padding.
    try output.withRaw { (output: inout OutputRawSpan) throws(DeflateError) in
      try encode(unsafe chunk.bytes, isFirst: isFirst, isLast: isLast, into: &output)
    }
  }
}

extension StreamEncoder {
  /// Takes in more bytes and hands over the chunks that are complete, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: Any number of bytes.
  ///   - sink: Called for each finished piece of output, in order.
  /// - Throws: Whatever `sink` throws.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func write<Failure: Error>(
    _ input: Span<UInt8>, to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    // SAFETY: bytes have no padding.
    try write(unsafe input.bytes, to: sink)
  }

  /// Takes in more bytes and hands over the chunks that are complete, as the form for raw spans does.
  ///
  /// - Parameters:
  ///   - input: Any number of bytes.
  ///   - sink: Called for each finished piece of output, in order.
  /// - Throws: Whatever `sink` throws.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func write<Failure: Error>(
    _ input: [UInt8], to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    // SAFETY: bytes have no padding.
    try write(unsafe input.span.bytes, to: sink)
  }

  /// Takes in more bytes and appends the chunks that are complete to an array.
  ///
  /// - Parameters:
  ///   - input: Any number of bytes.
  ///   - output: Grows by the finished pieces of output.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func write(_ input: Span<UInt8>, to output: inout [UInt8]) {
    write(input) { output.append(contentsOf: $0) }
  }

  /// Takes in more bytes and appends the chunks that are complete to an array.
  ///
  /// - Parameters:
  ///   - input: Any number of bytes.
  ///   - output: Grows by the finished pieces of output.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func write(_ input: [UInt8], to output: inout [UInt8]) {
    write(input) { output.append(contentsOf: $0) }
  }

  /// Appends all that was taken in to an array, as a flush to a sink hands it over.
  ///
  /// - Parameter output: Grows by the output.
  /// - Complexity: O(*n*) in the bytes that waited.
  public mutating func flush(to output: inout [UInt8]) {
    flush { output.append(contentsOf: $0) }
  }

  /// Appends the last chunk and the container's end to an array.
  ///
  /// - Parameter output: Grows by the output.
  /// - Returns: Bytes handed over from the first to the last: the container's.
  /// - Complexity: O(*n*) in the bytes that waited.
  @discardableResult
  public consuming func finish(to output: inout [UInt8]) -> UInt64 {
    finish { output.append(contentsOf: $0) }
  }
}
