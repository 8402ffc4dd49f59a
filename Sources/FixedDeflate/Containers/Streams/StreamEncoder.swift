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
public struct StreamEncoder: ~Copyable {
  /// The container written.
  public var format: ContainerFormat { encoder.layout.format }
  /// Bytes in each chunk but the last.
  public var chunkSize: Int { encoder.layout.chunkSize }
  /// Bytes taken in so far.
  public private(set) var inputCount: UInt64 = 0
  /// Bytes handed to sinks so far.
  public private(set) var outputCount: UInt64 = 0

  private var encoder: ChunkEncoder
  private var checksum: ContentChecksum
  private var pending: OwnedBytes
  private var output: OwnedBytes
  private var isFirst = true
  private var isFinished = false

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
  public init(
    format: ContainerFormat = .gzip, chunkSize: Int = ChunkLayout.defaultChunkSize,
    header: GzipHeader = GzipHeader(), profile: MatchProfile = .iaaV1
  ) {
    let layout = ChunkLayout(format: format, chunkSize: chunkSize, header: header)
    encoder = ChunkEncoder(layout: layout, profile: profile)
    checksum = ContentChecksum(for: format)
    pending = OwnedBytes(capacity: chunkSize)
    output = OwnedBytes(capacity: layout.bound)
  }

  /// Takes in more bytes and hands over the chunks that are complete.
  ///
  /// - Parameters:
  ///   - input: Any number of bytes.
  ///   - sink: Called for each finished piece of output, in order. When it throws, the output is
  ///     incomplete and the encoder of no further use.
  /// - Throws: Whatever `sink` throws.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func write<Failure: Error>(
    _ input: RawSpan, to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(!isFinished, "write after finish")
    inputCount += UInt64(input.byteCount)
    var start = 0
    while start < input.byteCount {
      // A full chunk waits until more comes: only then is it known not to be the last.
      if pending.count == chunkSize {
        try flush(isLast: false, to: sink)
      }
      let end = min(input.byteCount, start + chunkSize - pending.count)
      let piece = input.extracting(start..<end)
      pending.withOutput { (output: inout OutputRawSpan) in output.append(contentsOf: piece) }
      start = end
    }
  }

  /// Hands over the last chunk and the container's end. Traps when called twice.
  ///
  /// - Parameter sink: Called for each finished piece of output, in order.
  /// - Throws: Whatever `sink` throws.
  public mutating func finish<Failure: Error>(
    to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(!isFinished, "finish called twice")
    isFinished = true
    try flush(isLast: true, to: sink)
    let end = encoder.layout.end(checksum: checksum)
    outputCount += UInt64(end.count)
    // SAFETY: bytes have no padding.
    if !end.isEmpty { try sink(unsafe end.span.bytes) }
  }

  private mutating func flush<Failure: Error>(
    isLast: Bool, to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    output.removeAll()
    do throws(DeflateError) {
      try encodePending(isLast: isLast)
    } catch {
      preconditionFailure("a chunk's bound is too small: \(error)")
    }
    pending.removeAll()
    isFirst = false
    outputCount += UInt64(output.count)
    if output.count > 0 { try output.withBytes(sink) }
  }

  private mutating func encodePending(isLast: Bool) throws(DeflateError) {
    let isFirst = isFirst
    try pending.withBytes { (chunk: RawSpan) throws(DeflateError) in
      checksum.update(chunk)
      try output.withOutput { (output: inout OutputRawSpan) throws(DeflateError) in
        try encoder.encode(chunk, isFirst: isFirst, isLast: isLast, into: &output)
      }
    }
  }
}
