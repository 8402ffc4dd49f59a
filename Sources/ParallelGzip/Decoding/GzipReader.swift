// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The front door to decompression: all at once, or pulled piece by piece by the same workers.

public import FixedDeflate
import SystemPackage

/// Decompresses gzip, BGZF, zlib or raw DEFLATE by several threads at once.
///
/// Gzip may have any number of members. BGZF's members are decoded beside each other, as are the
/// pieces of streams whose writer has flushed or has compressed in parallel; else reading, decoding,
/// and checking with writing go on beside each other. Whatever is bad or unusual is decoded again by
/// one decoder in order, whose verdict is the only one: data, errors and their positions are the same
/// whatever the number of workers, and data before an error reaches the output.
///
/// Either ``copy(to:progress:)`` everything, or ``read(into:)-(OutputRawSpan)`` until nothing comes:
///
/// ```swift
/// let reader = try GzipReader(GzipInput(descriptor))
/// let name = try reader.readHeader()?.name
/// let summary = try reader.copy(to: GzipOutput(otherDescriptor))
/// ```
///
/// Memory: 1 MiB, with threads beside it 4 MiB; for BGZF 3.5 MiB a worker, and for pieces at most 26.
/// ``read(into:)-(OutputRawSpan)`` takes 1 MiB more. Where the process's limits or the system have no room for all
/// workers, fewer run.
///
/// A reader that is dropped before the end ends its threads, once they are back from their inputs.
/// A reader is for one thread at a time and not `Sendable`; closures are called by its workers.
public final class GzipReader {
  /// How to read.
  public struct Configuration: Sendable, Hashable {
    /// The format; nil to tell gzip, BGZF and zlib by their first bytes. ``/FixedDeflate/ContainerFormat/gzip`` and
    /// ``/FixedDeflate/ContainerFormat/bgzf`` read both. Raw DEFLATE cannot be told.
    public var format: ContainerFormat?
    /// The canned tables that raw streams are coded with, one stream or several; they do not say so themselves.
    /// Runs trap when it is set and ``format`` is not raw.
    public var canned: CompressionTable.CannedEdition?
    /// Threads at work at most, those that read and write not counted; at least 1, or runs trap. Nil
    /// for as many as processors that the process may use by its affinity and control groups.
    public var workers: Int?
    /// ``GzipReader/Summary/checksum`` is wanted: as a rule one more pass over the data.
    public var computesChecksum = false

    /// Creates a configuration of default values.
    public init() {}

    var processors: Processors { workers.map { Processors(count: $0) } ?? Processors() }
  }

  /// What was read.
  public struct Summary: Sendable, Hashable {
    /// The format it was read as; ``/FixedDeflate/ContainerFormat/gzip`` of BGZF that was told by its first bytes.
    public let format: ContainerFormat
    /// gzip: the first member's header.
    public let header: GzipHeader?
    /// gzip: how many members there are; 1 for the others.
    public let memberCount: Int
    /// Bytes of the input, with what follows the container.
    public let inputCount: UInt64
    /// Bytes of data.
    public let outputCount: UInt64
    /// CRC-32 of all the data; nil unless asked for.
    public let checksum: CRC32?
    /// What follows the container: it was read over.
    public let trailingData: StreamDecoder.TrailingData
    /// All members are BGZF's and the end-of-file marker is missing: the file may be cut off.
    public let isMissingEndOfFile: Bool
  }

  private let run: ReaderRun
  private let cancellation: GzipCancellation?
  private var session: PullSession?
  private var isDone = false

  /// Begins to read.
  ///
  /// - Parameters:
  ///   - input: The compressed data.
  ///   - configuration: How to read; traps as described there.
  ///   - cancellation: Looked at before each read and write.
  /// - Throws: ``GzipError`` when the format has to be told and the first bytes cannot be read;
  ///   ``GzipError/decoding(_:)`` of ``/FixedDeflate/DeflateError/Kind/notInFormat`` when they are of none.
  public init(
    _ input: GzipInput, configuration: Configuration = Configuration(),
    cancellation: GzipCancellation? = nil
  ) throws(GzipError) {
    run = try ReaderRun(ByteSource(input, cancellation: cancellation), configuration)
    self.cancellation = cancellation
  }

  deinit { session?.abandon() }

  /// Reads as far as gzip's first header.
  ///
  /// - Returns: The header; nil for zlib and raw.
  /// - Throws: ``GzipError`` when the input cannot be read or the header is bad. What is wrong with the
  ///   data behind it is told by ``copy(to:progress:)`` and ``read(into:)-(OutputRawSpan)``.
  public func readHeader() throws(GzipError) -> GzipHeader? {
    precondition(session == nil && !isDone, "the data is being read")
    return try run.readHeader()
  }

  /// Decompresses everything; once. The calling thread is one of the workers.
  ///
  /// - Parameters:
  ///   - output: Where the data goes.
  ///   - progress: Told after each write.
  /// - Returns: What was read.
  /// - Throws: ``GzipError``: what could not be read, decoded or written. The data before it has been
  ///   written.
  /// - Complexity: O(*n*) in the bytes of input and data.
  public func copy(
    to output: GzipOutput, progress: GzipProgress.Observer? = nil
  ) throws(GzipError) -> Summary {
    precondition(session == nil && !isDone, "the data is being read, or has been")
    isDone = true
    return try run.finish(to: Sink(output, progress: progress, cancellation: cancellation))
  }

  /// Appends the data that is next, which workers decode beside the caller; they wait when 1 MiB is
  /// waiting for it.
  ///
  /// - Parameter output: Room for some data, a byte at least; as much as is ready is appended, and
  ///   waited for when there is none.
  /// - Returns: How many bytes were appended; 0 at the end.
  /// - Throws: ``GzipError`` behind the data before it, again in each call from then on;
  ///   ``GzipError/noThread`` where the system has none to decode beside the caller.
  /// - Complexity: O(*n*) in the bytes appended, beside the workers' work.
  public func read(into output: inout OutputRawSpan) throws(GzipError) -> Int {
    precondition(output.freeCapacity > 0, "no room to read into")
    if let session { return try session.read(into: &output) }
    precondition(!isDone, "all has been read")
    let session = try PullSession(run, cancellation)
    self.session = session
    return try session.read(into: &output)
  }

  /// What was read; nil before ``read(into:)-(OutputRawSpan)`` has come to the end without an error.
  public var summary: Summary? { session?.summary }
}

/// What a reader's thread and a session's hand each other.
///
/// SAFETY of `@unchecked Sendable`: the reader's thread uses it before it starts a session, and the
/// session's thread from then on.
final class ReaderRun: @unchecked Sendable {
  private let source: ByteSource
  private let configuration: GzipReader.Configuration
  private let format: ContainerFormat
  private let decoding: StreamDecoding

  init(_ source: ByteSource, _ configuration: GzipReader.Configuration) throws(GzipError) {
    precondition(
      configuration.canned == nil || configuration.format == .raw, "canned streams are raw ones")
    if let given = configuration.format {
      format = given
    } else if let told = ContainerFormat(beginning: try source.peek(2)) {
      format = told
    } else {
      throw .decoding(DeflateError(.notInFormat, bitPosition: 0))
    }
    self.source = source
    self.configuration = configuration
    decoding = StreamDecoding(
      source, format: format, processors: configuration.processors,
      computesChecksum: configuration.computesChecksum, canned: configuration.canned)
  }

  func readHeader() throws(GzipError) -> GzipHeader? {
    if format.hasMembers { try decoding.readHeader() }
    return decoding.header
  }

  func finish(to sink: Sink) throws(GzipError) -> GzipReader.Summary {
    try decoding.run(to: sink)
    return GzipReader.Summary(
      format: format, header: decoding.header, memberCount: decoding.memberCount,
      inputCount: source.totalCount, outputCount: decoding.outputCount,
      checksum: configuration.computesChecksum ? decoding.checksum : nil,
      trailingData: decoding.trailingData, isMissingEndOfFile: decoding.isMissingEndOfFile)
  }
}

extension ContainerFormat {
  /// The format that begins with two bytes; nil for raw DEFLATE, whose may be any, and for others.
  init?(beginning bytes: [UInt8]) {
    guard bytes.count == 2 else { return nil }
    if bytes == GzipHeader.magic {
      self = .gzip
    } else if bytes[0] & 0x0F == 8, bytes[0] >> 4 <= 7,
      (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
    {
      // CM = 8, CINFO at most 7, and FCHECK (RFC 1950 §2.2).
      self = .zlib
    } else {
      return nil
    }
  }
}
