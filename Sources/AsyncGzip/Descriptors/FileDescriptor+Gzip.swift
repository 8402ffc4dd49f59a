// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Descriptor -> descriptor, in constant memory.

#if FileDescriptors
  public import FixedDeflate
  public import SystemPackage

  /// How much a transfer read and wrote.
  public struct TransferCounts: Sendable, Hashable {
    /// Bytes read.
    public internal(set) var inputCount: UInt64 = 0
    /// Bytes written.
    public internal(set) var outputCount: UInt64 = 0
  }

  /// A descriptor that could not be read or written.
  public enum DescriptorError: Error, Sendable, Hashable {
    /// The input could not be read.
    case reading(Errno)
    /// The output could not be written.
    case writing(Errno)
  }

  extension FileDescriptor {
    /// Reads from here to the end, compresses, and writes to another descriptor.
    ///
    /// The work is done on a thread of its own, for both descriptors have to be blocking ones.
    /// Cancellation is seen between pieces: a read that waits for a pipe's writer goes on waiting.
    /// Neither descriptor is closed, and what an unfinished transfer wrote stays.
    ///
    /// - Parameters:
    ///   - output: Receives the container.
    ///   - format: The container written.
    ///   - chunkSize: Bytes that are compressed at once; traps on a size that
    ///     ``/FixedDeflate/ChunkLayout`` does not take.
    ///   - header: The gzip header; traps on what ``/FixedDeflate/ChunkLayout`` does not take.
    ///   - mode: How each chunk is coded; traps on what ``/FixedDeflate/StreamEncoder`` does not take: tables of
    ///     which the format cannot tell its reader, ``/FixedDeflate/CompressionMode/canned(_:)`` in any but raw.
    /// - Returns: How much was read and written.
    /// - Throws: ``DescriptorError``, or `CancellationError`.
    @discardableResult
    public func compress(
      to output: FileDescriptor, as format: ContainerFormat,
      chunkSize: Int = ChunkLayout.defaultChunkSize, header: GzipHeader = GzipHeader(),
      mode: CompressionMode = .fixed
    ) async throws -> TransferCounts {
      try await transfer(to: output) {
        $0.compressed(as: format, chunkSize: chunkSize, header: header, mode: mode)
      }
    }

    /// Reads a container from here, decompresses, and writes its data to another descriptor.
    ///
    /// Runs as ``compress(to:as:chunkSize:header:mode:)`` does. gzip is read to the end; a zlib or raw stream
    /// may leave bytes behind its end read.
    ///
    /// - Parameters:
    ///   - output: Receives the data.
    ///   - format: The container read.
    ///   - limit: How far back a distance may reach.
    ///   - maximumCount: The most bytes of data, 0 or more, traps on fewer; nil for any number.
    /// - Returns: How much was read and written.
    /// - Throws: ``/FixedDeflate/DeflateError`` with its position, ``DescriptorError``, or
    ///   `CancellationError`. Data before bad data was written.
    @discardableResult
    public func decompress(
      to output: FileDescriptor, from format: ContainerFormat, limit: DistanceLimit = .rfc1951,
      maximumCount: Int? = nil
    ) async throws -> TransferCounts {
      try await transfer(to: output) {
        $0.decompressed(from: format, limit: limit, maximumCount: maximumCount)
      }
    }

    private func transfer<Pieces: AsyncSequence>(
      to output: FileDescriptor, _ pieces: @Sendable (DescriptorElements) -> Pieces
    ) async throws -> TransferCounts where Pieces.Element == [UInt8] {
      try await withTaskExecutorPreference(BlockingExecutor()) {
        let counter = TransferCounter()
        for try await piece in pieces(DescriptorElements(descriptor: self, counts: counter)) {
          do {
            try output.writeAll(piece)
          } catch {
            throw DescriptorError.writing(error as? Errno ?? .ioError)
          }
          counter.value.outputCount += UInt64(piece.count)
        }
        return counter.value
      }
    }
  }
#endif
