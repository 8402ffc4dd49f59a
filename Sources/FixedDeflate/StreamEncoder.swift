// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Any length -> container, chunk by chunk. One chunk and its output are all the memory there is.

/// The wrapper around DEFLATE data.
public enum ContainerFormat: Sendable, Hashable, CaseIterable {
  /// RFC 1952; one member a chunk.
  case gzip
  /// RFC 1950 with CINFO = 4, a 4 KiB window.
  case zlib
  /// RFC 1951 alone.
  case raw
}

/// Compresses input of any length in chunks; history never crosses from one into the next.
///
/// - gzip: one member a chunk. With chunks of at most 65,280 bytes and nothing but a time in the header it is
///   a BGZF file (SAM specification §4.1), which others can split and decode in parallel. Only the
///   first member carries the header's name, comment and extra field.
/// - zlib: one stream; chunks joined by empty stored blocks.
/// - raw: one stream likewise; a single chunk gives exactly what ``Encoder`` makes of it.
///
/// In gzip and zlib a chunk goes as stored blocks where those are strictly smaller.
public struct StreamEncoder: ~Copyable {
  /// BGZF's largest chunk, 65,280 bytes.
  public static let defaultChunkSize = BGZF.maximumChunkSize

  /// The chunk sizes to choose from: 4 KiB…2 MiB.
  public static let chunkSizes = 4096...Encoder.maximumChunkSize

  /// The container written.
  public let format: ContainerFormat
  /// Bytes in each chunk but the last.
  public let chunkSize: Int
  /// Bytes taken in so far.
  public private(set) var inputCount: UInt64 = 0
  /// Bytes handed to sinks so far.
  public private(set) var outputCount: UInt64 = 0

  private let header: GzipHeader
  private var encoder: Encoder
  private var adler = Adler32()
  private var pending: OwnedBytes
  private var output: OwnedBytes
  private var chunkCount = 0
  private var isFinished = false

  /// Creates an encoder.
  ///
  /// - Parameters:
  ///   - format: The container.
  ///   - chunkSize: Bytes a chunk, within ``chunkSizes``; traps otherwise.
  ///   - header: The gzip header; the other formats do not use it. Traps on an extra field beyond
  ///     65,529 bytes or a zero byte in a name or comment.
  ///   - profile: The rules of the match stage.
  public init(
    format: ContainerFormat = .gzip, chunkSize: Int = StreamEncoder.defaultChunkSize,
    header: GzipHeader = GzipHeader(), profile: MatchProfile = .iaaV1
  ) {
    precondition(Self.chunkSizes.contains(chunkSize), "chunkSize outside 4096...2 MiB")
    self.format = format
    self.chunkSize = chunkSize
    self.header = header
    encoder = Encoder(profile: profile)
    pending = OwnedBytes(capacity: chunkSize)
    output = OwnedBytes(capacity: GzipMember.bound(chunkSize, header: header))
  }

  /// Whether the output is BGZF: gzip, small chunks, and a header with nothing beside the time,
  /// since BGZF readers expect the BC subfield alone.
  public var isBGZF: Bool {
    format == .gzip && chunkSize <= BGZF.maximumChunkSize
      && header.flags.isDisjoint(with: [.name, .comment, .extra, .headerChecksum])
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
        try flush(position: .notLast, to: sink)
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
    // An empty BGZF file is its end-of-file marker alone.
    if !(isBGZF && pending.count == 0 && chunkCount == 0) { try flush(position: .last, to: sink) }
    switch format {
    case .gzip where isBGZF: try hand(BGZF.endOfFile, to: sink)
    case .zlib: try hand(adler.value.bytes(bigEndian: true), to: sink)
    case .gzip, .raw: break
    }
  }

  private mutating func flush<Failure: Error>(
    position: BlockPosition, to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    output.removeAll()
    do throws(DeflateError) {
      try encodeChunk(position: position)
    } catch {
      preconditionFailure("a chunk's bound is too small: \(error)")
    }
    outputCount += UInt64(output.count)
    pending.removeAll()
    chunkCount += 1
    try output.withBytes(sink)
  }

  private mutating func encodeChunk(position: BlockPosition) throws(DeflateError) {
    let isFirst = chunkCount == 0
    var memberHeader = header
    if !isFirst {
      (memberHeader.name, memberHeader.comment, memberHeader.extraField) = (nil, nil, nil)
    }
    let (format, isBGZF) = (format, isBGZF)
    try pending.withBytes { (chunk: RawSpan) throws(DeflateError) in
      try output.withOutput { (output: inout OutputRawSpan) throws(DeflateError) in
        switch format {
        case .gzip:
          try GzipMember.write(
            chunk, header: memberHeader, isBGZF: isBGZF, using: &encoder, into: &output)
        case .zlib:
          if isFirst { try output.appendIfRoom(ZlibStream.header) }
          adler.update(chunk)
          try DeflateChunk.write(chunk, position: position, using: &encoder, into: &output)
        case .raw:
          try encoder.compress(chunk, position: position, into: &output)
        }
      }
    }
  }

  private mutating func hand<Failure: Error>(
    _ bytes: [UInt8], to sink: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    outputCount += UInt64(bytes.count)
    // SAFETY: bytes have no padding.
    try sink(unsafe bytes.span.bytes)
  }
}
