// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Elements of bytes -> pieces of a container, one a call: nothing is read from the base before all that
// came of what was read is handed over, so a slow consumer holds the producer back.

public import FixedDeflate

extension AsyncSequence where Element: Collection<UInt8> {
  /// The bytes of this sequence, compressed as they come.
  ///
  /// - Parameters:
  ///   - format: The container written.
  ///   - chunkSize: Bytes that are compressed at once, as ``/FixedDeflate/StreamEncoder`` cuts them;
  ///     traps on a size it does not take.
  ///   - header: The gzip header; traps on what ``/FixedDeflate/ChunkLayout`` does not take.
  ///   - mode: How each chunk is coded; traps on what ``/FixedDeflate/StreamEncoder`` does not take: tables of
  ///     which the format cannot tell its reader, ``/FixedDeflate/CompressionMode/canned(_:)`` in any but raw.
  ///   - flushesEachElement: Whether all bytes of an element can be decoded from the pieces handed
  ///     over before the next element is asked for. For streams whose reader waits, such as
  ///     server-sent events; each element then costs the 6 or 7 bytes of a flush.
  /// - Returns: The pieces of one container, in order.
  public func compressed(
    as format: ContainerFormat, chunkSize: Int = ChunkLayout.defaultChunkSize,
    header: GzipHeader = GzipHeader(), mode: CompressionMode = .fixed,
    flushesEachElement: Bool = false
  ) -> AsyncCompressedSequence<Self> {
    AsyncCompressedSequence(
      base: self,
      layout: ChunkLayout(format: format, chunkSize: chunkSize, header: header, mode: mode),
      flushesEachElement: flushesEachElement)
  }
}

/// Pieces of a container, compressed from the elements of another sequence as they are asked for.
///
/// A piece is never empty and has at most twice ``/FixedDeflate/ChunkLayout/bound`` bytes. An iterator
/// holds one element of the base, one chunk and one piece, whatever their number. It works where it is
/// called, some hundred microseconds a chunk of the usual size, and checks for cancellation before
/// each.
///
/// Thrown are the base's errors as they are, and `CancellationError`. The container is then
/// incomplete, and the sequence has ended.
public struct AsyncCompressedSequence<Base: AsyncSequence>: AsyncSequence
where Base.Element: Collection<UInt8> {
  /// A piece of the container.
  public typealias Element = [UInt8]
  /// The base's errors and `CancellationError`.
  public typealias Failure = any Error

  let base: Base
  let layout: ChunkLayout
  let flushesEachElement: Bool

  /// Begins a container.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(
      base: base.makeAsyncIterator(),
      compressor: Compressor(layout: layout, flushesEachElement: flushesEachElement))
  }

  /// Hands over the pieces. Copies share one container.
  public struct AsyncIterator: AsyncIteratorProtocol {
    var base: Base.AsyncIterator
    let compressor: Compressor
    private var input = ElementBytes<Base.Element>()

    init(base: Base.AsyncIterator, compressor: Compressor) {
      self.base = base
      self.compressor = compressor
    }

    /// The next piece.
    ///
    /// - Parameter actor: Where the base's elements are asked for and compressed.
    /// - Returns: The piece; nil behind the last, and behind an error.
    /// - Throws: The base's error, or `CancellationError`.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws -> [UInt8]? {
      do {
        while !compressor.isFinished {
          try Task.checkCancellation()
          if input.isEmpty {
            guard let element = try await base.next(isolation: actor) else {
              // Many sequences answer a cancellation with their end, which is not the data's.
              try Task.checkCancellation()
              return compressor.finish()
            }
            input = ElementBytes(element)
          }
          let piece = compressor.compress(&input)
          if !piece.isEmpty { return piece }
        }
        return nil
      } catch {
        compressor.cancel()
        input = ElementBytes()
        throw error
      }
    }
  }
}

extension AsyncCompressedSequence: Sendable where Base: Sendable {}

@available(*, unavailable)
extension AsyncCompressedSequence.AsyncIterator: Sendable {}

/// The encoder of an iterator, which has to be copyable where the encoder is not.
final class Compressor {
  private var encoder: StreamEncoder?
  private let flushesEachElement: Bool

  init(layout: ChunkLayout, flushesEachElement: Bool) {
    encoder = StreamEncoder(
      format: layout.format, chunkSize: layout.chunkSize, header: layout.header, mode: layout.mode)
    self.flushesEachElement = flushesEachElement
  }

  /// Whether the container's end has been handed over, or never will be.
  var isFinished: Bool { encoder == nil }

  func cancel() { encoder = nil }

  /// Takes a chunk's worth of an element's bytes; the piece that they completed, or none.
  func compress<Element>(_ input: inout ElementBytes<Element>) -> [UInt8] {
    var piece: [UInt8] = []
    guard var encoder = encoder.take() else { return piece }
    let chunkSize = encoder.chunkSize
    input.withBytes { bytes in
      let bytes = bytes.extracting(first: chunkSize)
      encoder.write(bytes) { piece.append(contentsOf: $0) }
      return bytes.byteCount
    }
    if flushesEachElement, input.isEmpty { encoder.flush { piece.append(contentsOf: $0) } }
    self.encoder = consume encoder
    return piece
  }

  /// The last chunk and the container's end.
  func finish() -> [UInt8] {
    var piece: [UInt8] = []
    encoder.take()?.finish { piece.append(contentsOf: $0) }
    return piece
  }
}
