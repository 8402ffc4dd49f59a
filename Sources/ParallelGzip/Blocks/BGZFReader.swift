// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The front door to parts of BGZF files.

public import FixedDeflate
public import SystemPackage

/// Reads any part of a BGZF file's data without decoding what stands before its block.
///
/// ```swift
/// let reader = try BGZFReader(descriptor)
/// reader.seek(to: 1_000_000)
/// let count = try reader.read(into: &output)
/// ```
///
/// An index (.gzi, as bgzip and ``GzipWriter`` make it) tells where blocks begin. It is not believed
/// before it has been held against the file: with the first 16 MiB of the file up to the block after
/// the one that is gone to, farther on with the blocks beside that one. Without an index the headers
/// are gone through, as far as a seek needs and once; what a block that is passed over says of its
/// length is believed, up to what a block can hold.
///
/// Nothing but `pread` is used, so the descriptor's position is not moved, and readers on several
/// threads may share one. A reader is for one thread at a time and not `Sendable`.
///
/// Memory: 0.5 MiB, and 16 bytes a block gone through without an index; during ``copy(_:to:progress:)-(Range<UInt64>,_,_)``
/// of several batches 3.5 MiB a worker more.
public final class BGZFReader {
  private let file: BlockFile
  private let processors: Processors
  private let coders: any Coders
  private let cancellation: GzipCancellation?
  private var finder: BlockFinder
  private var cursor: BlockCursor?

  /// Where the next ``read(into:)-(OutputRawSpan)`` begins: bytes from the start of the data.
  public private(set) var position: UInt64 = 0

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - descriptor: A regular file, which stays open and must not be written to meanwhile.
  ///   - start: Bytes of the file before the first block.
  ///   - index: Where its blocks are, if that is known.
  ///   - workers: Threads at work at most in ``copy(_:to:progress:)-(Range<UInt64>,_,_)``; at least 1, traps otherwise. Nil
  ///     for as many as processors that the process may use.
  ///   - cancellation: Looked at before each read and write.
  /// - Throws: ``GzipError/reading(_:)``, and ``GzipError/notBGZF`` when it does not begin with a block.
  public convenience init(
    _ descriptor: FileDescriptor, from start: UInt64 = 0, index: BGZFIndex? = nil,
    workers: Int? = nil, cancellation: GzipCancellation? = nil
  ) throws(GzipError) {
    try self.init(
      descriptor, from: start, index: index,
      processors: workers.map { Processors(count: $0) } ?? Processors(), coders: Codec.shared,
      cancellation: cancellation)
  }

  package init(
    _ descriptor: FileDescriptor, from start: UInt64, index: BGZFIndex? = nil,
    processors: Processors, coders: any Coders, cancellation: GzipCancellation? = nil
  ) throws(GzipError) {
    file = BlockFile(descriptor: descriptor, start: start, cancellation: cancellation)
    self.processors = processors
    self.coders = coders
    self.cancellation = cancellation
    finder = BlockFinder(file, index: index)
    guard try BGZFMember(nextIn: file.source(at: 0)) != nil else { throw .notBGZF }
  }

  /// Where all blocks are, from their headers; no data is decoded.
  ///
  /// - Throws: ``GzipError/reading(_:)`` or ``GzipError/cancelled``. Blocks behind damage are missing.
  /// - Complexity: O(*n*) in the bytes of the file, once.
  public func scanIndex() throws(GzipError) -> BGZFIndex {
    // What was given is not asked.
    var scan = BlockFinder(file, index: nil)
    return try scan.all()
  }

  /// Goes to a byte of the data, which may lie behind its end; nothing is read before it is asked for.
  ///
  /// - Parameter offset: Bytes from the start of the data.
  public func seek(to offset: UInt64) {
    position = offset
    // What it holds may be what is wanted, and so may the next block's.
    if let cursor, offset < cursor.dataOffset || offset > cursor.dataEnd { self.cursor = nil }
  }

  /// Appends the data at ``position`` and goes on behind it.
  ///
  /// - Parameter output: Room for some data, a byte at least; up to a block's is appended.
  /// - Returns: How many bytes were appended; 0 at the end of the data and behind it.
  /// - Throws: ``GzipError``: what could not be read or decoded, an index that is not the file's, or
  ///   ``GzipError/notBGZF`` where the file goes on in another form. Nothing was appended.
  /// - Complexity: O(1) blocks; a seek without an index O(*n*) in the bytes before it, once, and one with
  ///   an index in those of the first 16 MiB, once.
  public func read(into output: inout OutputRawSpan) throws(GzipError) -> Int {
    precondition(output.freeCapacity > 0, "no room to read into")
    do throws(GzipError) {
      let cursor = try currentCursor()
      while cursor.dataEnd <= position {
        guard try cursor.next() else {
          _ = try cursor.rest()
          self.cursor = nil
          return 0
        }
      }
      let start = Int(position - cursor.dataOffset)
      let count = min(output.freeCapacity, cursor.data.count - start)
      cursor.data.withBytes(from: start) {
        output.append(contentsOf: $0.extracting(first: count))
      }
      position += UInt64(count)
      return count
    } catch {
      cursor = nil
      throw error
    }
  }

  private func currentCursor() throws(GzipError) -> BlockCursor {
    if let cursor { return cursor }
    let made = try BlockCursor(file, at: try finder.block(holding: position), coders)
    cursor = made
    return made
  }

  /// What ``copy(_:to:progress:)-(Range<UInt64>,_,_)`` has found.
  public struct Copied: Sendable, Hashable {
    /// Bytes of data: all of the range, or as many as there are of it.
    public let count: UInt64
    /// What follows the data, where the range goes on behind its end.
    public let trailingData: StreamDecoder.TrailingData
  }

  /// Writes part of the data, whose blocks are decoded by several workers; ``position`` stays.
  ///
  /// - Parameters:
  ///   - range: Bytes from the start of the data; what lies behind the end of the data is not there.
  ///   - output: Where it goes.
  ///   - progress: Told after each write, with counts from the range's first block.
  /// - Returns: What was written.
  /// - Throws: ``GzipError``, as ``read(into:)-(OutputRawSpan)``, and what could not be written. The data before it has
  ///   been written.
  /// - Complexity: O(*n*) in the bytes of the blocks; a seek without an index as for ``read(into:)-(OutputRawSpan)``.
  public func copy(
    _ range: Range<UInt64>, to output: GzipOutput, progress: GzipProgress.Observer? = nil
  ) throws(GzipError) -> Copied {
    let start = try finder.block(holding: range.lowerBound)
    let cursor = try BlockCursor(file, at: start, coders)
    let window = BlockWindow(
      Sink(output, progress: progress, cancellation: cancellation),
      skipped: range.lowerBound - start.dataOffset, left: range.upperBound - range.lowerBound)
    if window.left >= Self.parallelCount, processors.mayBeSeveral, !coders.takesWholeBodies {
      try window.copy(from: cursor, coders, processors)
    }
    while window.left > 0, try cursor.next() {
      let inputCount = cursor.compressedOffset - start.compressedOffset
      try cursor.data.withBytes { (bytes: RawSpan) throws(GzipError) in
        try window.take(bytes, inputCount: inputCount)
      }
    }
    let trailingData = window.left > 0 ? try cursor.rest() : .none
    return Copied(count: window.count, trailingData: trailingData)
  }

  /// Writes all data from a byte on, as ``copy(_:to:progress:)-(Range<UInt64>,_,_)`` does with a range.
  public func copy(
    _ range: PartialRangeFrom<UInt64>, to output: GzipOutput,
    progress: GzipProgress.Observer? = nil
  ) throws(GzipError) -> Copied {
    try copy(range.lowerBound..<UInt64.max, to: output, progress: progress)
  }

  /// Less data than this is decoded by one thread.
  private static let parallelCount: UInt64 = 1 << 20
}

extension BGZFReader {
  /// Reads a .gzi index.
  ///
  /// - Parameters:
  ///   - descriptor: The index, from where it stands to its end.
  ///   - byteCount: Bytes of the file that it is of: they limit how much is read.
  /// - Returns: The index.
  /// - Throws: ``GzipError/readingIndex(_:)``, ``GzipError/index(_:)`` when it is damaged, and
  ///   ``GzipError/indexTooLarge``.
  public static func readIndex(
    from descriptor: FileDescriptor, ofFileOf byteCount: UInt64
  ) throws(GzipError) -> BGZFIndex {
    let limit = BGZFIndex.maximumByteCount(fileSize: byteCount)
    var bytes: [UInt8] = []
    do throws(GzipError) {
      try ByteSource(GzipInput(descriptor)).copyAll { (piece: RawSpan) throws(GzipError) in
        // It may grow while it is read.
        guard UInt64(bytes.count + piece.byteCount) <= limit else { throw .indexTooLarge }
        bytes += piece.copied
      }
    } catch .reading(let error) {
      throw .readingIndex(error)
    }
    return try lend(bytes, 0..<bytes.count) { (bytes: RawSpan) throws(GzipError) in
      do throws(DeflateError) {
        return try BGZFIndex(parsing: bytes)
      } catch {
        throw .index(error)
      }
    }
  }
}
