// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Any length -> container, chunk by chunk. One chunk and its output are all the memory there is.

/// Compresses input of any length in chunks; history never crosses from one into the next.
///
/// - gzip: one member of any length; chunks joined by empty stored blocks.
/// - BGZF: one member a chunk and an empty one at the end (SAM specification §4.1), which others can
///   split and index, and which many readers read only the first chunk of.
/// - zlib: one stream, joined like gzip's.
/// - raw: one stream likewise; a single chunk gives exactly what ``Encoder`` makes of it.
///
/// In all but raw a chunk goes as stored blocks where those are strictly smaller.
///
/// An encoder may be sent to another task, but has one user at a time: it is `Sendable` and cannot be
/// copied.
public struct StreamEncoder: ~Copyable, Sendable {
  /// The container written.
  public var format: ContainerFormat { pieces.layout.format }
  /// Bytes in each chunk but the last, and but those that a flush ends.
  public var chunkSize: Int { pieces.layout.chunkSize }
  /// Bytes taken in so far.
  public private(set) var inputCount: UInt64 = 0
  /// Bytes handed to sinks so far.
  public var outputCount: UInt64 { pieces.count }

  /// Input that is not a whole chunk yet, or not known to be the last.
  private var pending: OwnedBytes
  private var pieces: PieceWriter

  /// Creates an encoder.
  ///
  /// - Parameters:
  ///   - format: The container.
  ///   - chunkSize: Bytes a chunk, within ``ChunkLayout/chunkSizes``, for BGZF at most
  ///     ``ChunkLayout/defaultChunkSize``; traps otherwise.
  ///   - header: The gzip header; zlib and raw do not use it. Traps on an extra field beyond 65,535
  ///     bytes or a zero byte in a name or comment, and with BGZF on anything beside time, flags of
  ///     the compressor and system.
  ///   - profile: The rules of the match stage.
  ///   - mode: How each chunk is coded; traps on ``CompressionMode/canned(_:)`` in any format but raw, and on a
  ///     table that lacks codewords which data may need: ``ChunkEncoder`` takes such and throws.
  public init(
    format: ContainerFormat = .gzip, chunkSize: Int = ChunkLayout.defaultChunkSize,
    header: GzipHeader = GzipHeader(), profile: MatchProfile = .iaaV1,
    mode: CompressionMode = .fixed
  ) {
    precondition(mode.codesAll(of: profile), "the table lacks codewords that data may need")
    let layout = ChunkLayout(format: format, chunkSize: chunkSize, header: header, mode: mode)
    pending = OwnedBytes(capacity: chunkSize)
    pieces = PieceWriter(layout: layout, profile: profile)
  }

  /// Takes in more bytes and hands over the chunks that are complete.
  ///
  /// Whole chunks are read where they lie; only what is left of the input is copied, and waits.
  ///
  /// - Parameters:
  ///   - input: Any number of bytes.
  ///   - sink: Called for each finished piece of output, in order; what it is lent is its own only
  ///     while it runs. When it throws, the output is incomplete and the encoder of no further use.
  /// - Throws: Whatever `sink` throws.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func write<Failure: Error>(
    _ input: RawSpan, to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    inputCount += UInt64(input.byteCount)
    var start = 0
    // A full chunk waits until more comes: only then is it known not to be the last.
    while input.byteCount - start > chunkSize - pending.count {
      let end = start + chunkSize - pending.count
      if pending.count == 0 {
        try pieces.write(input.extracting(start..<end), isLast: false, to: sink)
      } else {
        keep(input.extracting(start..<end))
        try writePending(isLast: false, to: sink)
      }
      start = end
    }
    keep(input.extracting(start..<input.byteCount))
  }

  /// Hands over all that was taken in: whoever has the output so far can decode every byte of it.
  ///
  /// The chunk ends here, on a whole byte, and the next bytes begin another. So a flush costs what the
  /// end of a chunk does, 6 or 7 bytes, with BGZF a member of 26 bytes and its stream's 10 bits, beside
  /// the matches that would have reached back across it. With nothing taken in since the last flush, or
  /// since the encoder was made, it hands over nothing and costs nothing.
  ///
  /// - Parameter sink: Called with the output, as in `write(_:to:)`; at most once.
  /// - Throws: Whatever `sink` throws.
  /// - Complexity: O(*n*) in the bytes that waited, fewer than ``chunkSize`` or as many.
  public mutating func flush<Failure: Error>(
    to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    guard pending.count > 0 else { return }
    try writePending(isLast: false, to: sink)
  }

  /// Hands over the last chunk and the container's end.
  ///
  /// - Parameter sink: Called for each finished piece of output, in order, as in `write(_:to:)`.
  /// - Returns: Bytes handed to sinks from the first to the last: the container's.
  /// - Throws: Whatever `sink` throws.
  /// - Complexity: O(*n*) in the bytes that waited.
  @discardableResult
  public consuming func finish<Failure: Error>(
    to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) -> UInt64 {
    try writePending(isLast: true, to: sink)
    pieces.encodeEnd()
    try pieces.handOver(to: sink)
    return outputCount
  }

  private mutating func keep(_ bytes: RawSpan) {
    pending.withOutput { (output: inout OutputRawSpan) in output.append(contentsOf: bytes) }
  }

  private mutating func writePending<Failure: Error>(
    isLast: Bool, to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    try pending.withBytes { (chunk: RawSpan) throws(Failure) in
      try pieces.write(chunk, isLast: isLast, to: sink)
    }
    pending.removeAll()
  }
}

extension PieceWriter {
  /// Makes a chunk's piece and hands it over; the mode has a codeword for all data.
  fileprivate mutating func write<Failure: Error>(
    _ chunk: RawSpan, isLast: Bool, to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    do throws(DeflateError) {
      try encode(chunk, isLast: isLast)
    } catch {
      preconditionFailure("a chunk's bound is too small: \(error)")
    }
    try handOver(to: sink)
  }
}
