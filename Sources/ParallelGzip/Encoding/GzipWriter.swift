// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The front door to compression: all at once, or pushed piece by piece by the same workers.

public import FixedDeflate
import SystemPackage

/// Compresses by several threads at once into gzip, BGZF, zlib or raw DEFLATE.
///
/// ``compress(from:to:configuration:progress:cancellation:)`` takes an input and an output and does it
/// all. A writer of one's own takes bytes as they come:
///
/// ```swift
/// var writer = try GzipWriter(to: GzipOutput(descriptor))
/// try writer.write(bytes)
/// let summary = try writer.finish()
/// ```
///
/// The output is the same, byte for byte, by either way, whatever the number of workers; a
/// ``flush()`` alone changes it.
///
/// Memory: a worker takes two batches of input and two of output, some 256 KiB each or
/// ``Configuration/chunkSize`` where that is more, 1 MiB of tables and 1 MiB of stack, with tokens of the fewest
/// bits some MiB more; a writer that is pushed to 1 MiB more. Where the process's limits or the system have no room for all workers,
/// fewer run.
///
/// A writer can be sent to another thread; the closures of its output and of progress are called by
/// its workers. One that is dropped before ``finish()`` ends its threads, and leaves an output without
/// an end.
public struct GzipWriter: ~Copyable, Sendable {
  private let session: PushSession
  /// What is being filled, and the bytes pushed so far.
  private var buffer: BufferRing<PushedInput.Flush>.Buffer?
  private var pushedCount: UInt64 = 0
  private var flushedCount: UInt64 = 0

  /// Starts to write a container.
  ///
  /// - Parameters:
  ///   - output: Where it goes.
  ///   - configuration: What is written, and by how many workers; traps as described there.
  ///   - progress: Told after each write.
  ///   - cancellation: Looked at before each read and write.
  /// - Throws: ``GzipError/noThread``: the workers run beside the caller, so one thread is needed.
  public init(
    to output: GzipOutput, configuration: Configuration = Configuration(),
    progress: GzipProgress.Observer? = nil, cancellation: GzipCancellation? = nil
  ) throws(GzipError) {
    session = try PushSession(output, configuration, progress, cancellation)
  }

  deinit { session.abandon() }

  /// Takes bytes. They are copied, and compressed beside the caller; it waits while four buffers of
  /// 256 KiB wait for workers.
  ///
  /// - Parameter bytes: Any number of them.
  /// - Throws: ``GzipError``: what the writing of these or earlier bytes has met. Each call from then
  ///   on throws the same.
  /// - Complexity: O(*n*) in the bytes, beside the workers' work.
  public mutating func write(_ bytes: RawSpan) throws(GzipError) {
    try session.checkRunning()
    var start = 0
    while start < bytes.byteCount {
      let buffer = try currentBuffer()
      let count = min(bytes.byteCount - start, buffer.bytes.capacity - buffer.bytes.count)
      buffer.bytes.append(bytes.extracting(start..<(start + count)))
      start += count
      pushedCount += UInt64(count)
      let isFull = buffer.bytes.count == buffer.bytes.capacity
      self.buffer = isFull ? nil : buffer
      if isFull { session.send(buffer) }
    }
  }

  private func currentBuffer() throws(GzipError) -> BufferRing<PushedInput.Flush>.Buffer {
    if let buffer { return buffer }
    return try session.nextEmpty()
  }

  /// Compresses what was pushed and waits until all of it is written, so that a reader of the output
  /// so far can decode it. A chunk ends there, shorter than others, which costs some ratio: a few
  /// bytes a call, and for chunks below some 16 KiB more.
  ///
  /// - Throws: ``GzipError``, as ``write(_:)-(RawSpan)``.
  public mutating func flush() throws(GzipError) {
    try session.checkRunning()
    guard pushedCount > flushedCount else { return }
    let buffer = try currentBuffer()
    self.buffer = nil
    buffer.note = PushedInput.Flush()
    session.send(buffer)
    try session.waitUntilWritten(pushedCount)
    flushedCount = pushedCount
  }

  /// Compresses the rest, writes the container's end, and waits for the workers.
  ///
  /// - Returns: What was written.
  /// - Throws: ``GzipError``, as ``write(_:)-(RawSpan)``; no thread is left either way.
  public consuming func finish() throws(GzipError) -> Summary {
    if let buffer = buffer.take() { session.send(buffer) }
    return try session.finish()
  }
}

extension GzipWriter {
  /// What is written, and how.
  public struct Configuration: Sendable, Hashable {
    /// The container.
    public var format = ContainerFormat.gzip
    /// The gzip header; only its time and system where the format is BGZF.
    public var header = GzipHeader()
    /// Bytes in each chunk but the last, which depends on no other: within
    /// ``/FixedDeflate/ChunkLayout/chunkSizes``, for BGZF at most
    /// ``/FixedDeflate/ChunkLayout/defaultChunkSize``. Runs trap on other values, and on headers that
    /// a ``/FixedDeflate/ChunkLayout`` traps on.
    public var chunkSize = ChunkLayout.defaultChunkSize
    /// How each chunk is coded. Runs trap on ``/FixedDeflate/CompressionMode/canned(_:)`` in any format but raw, and
    /// on a table that lacks codewords which data may need.
    public var mode = CompressionMode.fixed
    /// Threads at work at most, the caller's among them in
    /// ``GzipWriter/compress(from:to:configuration:progress:cancellation:)``; at least 1, or runs trap.
    /// Nil for as many as processors that the process may use by its affinity and control groups.
    public var workers: Int?
    /// Chunks end where the data says so, after 4096 to `chunkSize` bytes, so that copies of changed
    /// data have most of their compressed bytes in common (gzip's --rsyncable).
    public var cutsByContent = false
    /// ``GzipWriter/Summary/index`` is wanted: 16 bytes of memory a chunk.
    public var recordsIndex = false
    /// ``GzipWriter/Summary/checksum`` is wanted also for zlib and raw, where it is one more pass.
    public var computesChecksum = false

    /// Creates a configuration of default values.
    public init() {}

    var processors: Processors { workers.map { Processors(count: $0) } ?? Processors() }
  }

  /// What was written.
  public struct Summary: Sendable, Hashable {
    /// Bytes of data.
    public let inputCount: UInt64
    /// Bytes of the container.
    public let outputCount: UInt64
    /// CRC-32 of the data; nil where the container has none and none was asked for.
    public let checksum: CRC32?
    /// Where BGZF's blocks are; nil unless asked for.
    public let index: BGZFIndex?
  }

  /// Compresses an input to its end. The calling thread is one of the workers, and nothing is copied
  /// on the way from a descriptor to another.
  ///
  /// - Parameters:
  ///   - input: The data.
  ///   - output: Where the container goes.
  ///   - configuration: What is written, and by how many workers; traps as described there.
  ///   - progress: Told after each write.
  ///   - cancellation: Looked at before each read and write.
  /// - Returns: What was written.
  /// - Throws: ``GzipError``: what could not be read or written. What was written before stays, and is
  ///   no whole container.
  /// - Complexity: O(*n*) in the bytes of the input.
  public static func compress(
    from input: GzipInput, to output: GzipOutput, configuration: Configuration = Configuration(),
    progress: GzipProgress.Observer? = nil, cancellation: GzipCancellation? = nil
  ) throws(GzipError) -> Summary {
    try compress(
      from: input, to: output, configuration: configuration, coders: Codec.shared,
      progress: progress, cancellation: cancellation)
  }

  /// The same by other coders, and so many workers if that is given.
  package static func compress(
    from input: GzipInput, to output: GzipOutput, configuration: Configuration,
    processors: Processors? = nil, coders: any Coders, progress: GzipProgress.Observer? = nil,
    cancellation: GzipCancellation? = nil
  ) throws(GzipError) -> Summary {
    try compress(
      InputReader(input, cancellation: cancellation), configuration: configuration,
      processors: processors, coders: coders,
      to: Sink(output, progress: progress, cancellation: cancellation))
  }

  static func compress(
    _ reader: InputReader, configuration: Configuration, processors: Processors? = nil,
    coders: any Coders, to sink: Sink
  ) throws(GzipError) -> Summary {
    let encoding = ChunkEncoding(
      reader,
      ChunkLayout(
        format: configuration.format, chunkSize: configuration.chunkSize,
        header: configuration.header, mode: configuration.mode),
      cutsByContent: configuration.cutsByContent, recordsIndex: configuration.recordsIndex,
      computesChecksum: configuration.computesChecksum, coders: coders,
      to: sink)
    try encoding.run(processors: processors ?? configuration.processors)
    let isKnown = configuration.format.hasMembers || configuration.computesChecksum
    return Summary(
      inputCount: encoding.inputCount, outputCount: encoding.outputCount,
      checksum: isKnown ? encoding.checksum : nil,
      index: configuration.recordsIndex ? encoding.index : nil)
  }
}
