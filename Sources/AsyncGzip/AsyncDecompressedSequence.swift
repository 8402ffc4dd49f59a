// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Elements of a container's bytes -> pieces of data, one a call. However far an element unfolds, it is
// decoded only as fast as the pieces are taken.

public import FixedDeflate

extension AsyncSequence where Element: Collection<UInt8> {
  /// The data of the container whose bytes this sequence has, decompressed as they come.
  ///
  /// The sequence is one container from its first byte to its last: of gzip any number of members, and
  /// maybe zero bytes behind them. Anything else behind its end is
  /// ``/FixedDeflate/DeflateError/Kind/notInFormat``.
  ///
  /// - Parameters:
  ///   - format: The container read.
  ///   - limit: How far back a distance may reach.
  ///   - pieceSize: The most bytes of a piece, at least 1; traps on fewer. Pieces have no more than
  ///     16 MiB, whatever is asked for.
  ///   - maximumCount: The most bytes of data, 0 or more, traps on fewer; nil for any number. Data up
  ///     to it is handed over, then ``/FixedDeflate/DeflateError/Kind/outputFull`` thrown if there is
  ///     more.
  /// - Returns: The data, in order.
  public func decompressed(
    from format: ContainerFormat, limit: DistanceLimit = .rfc1951,
    pieceSize: Int = ChunkLayout.defaultChunkSize, maximumCount: Int? = nil
  ) -> AsyncDecompressedSequence<Self> {
    precondition(pieceSize > 0, "pieceSize below 1")
    precondition(maximumCount ?? 0 >= 0, "negative maximumCount")
    return AsyncDecompressedSequence(
      base: self, format: format, limit: limit, pieceSize: pieceSize, maximumCount: maximumCount)
  }
}

/// Pieces of data, decompressed from the elements of another sequence as they are asked for.
///
/// A piece is never empty and has at most the size that was asked for; data is handed over as soon as
/// the base has given what it needs. An iterator holds one element of the base, one piece and the
/// decoder's window of 96 KiB. It works where it is called, and checks for cancellation before each
/// piece.
///
/// Thrown are ``/FixedDeflate/DeflateError``, whose position counts from the first byte of the first
/// element, the base's errors as they are, and `CancellationError`. All data before bad data, and all
/// that the elements before the base's error hold, is handed over first. Then the sequence has ended.
///
/// A BGZF file that was cut off between two members reads as a whole one; ``/FixedDeflate/StreamDecoder``
/// tells such files.
public struct AsyncDecompressedSequence<Base: AsyncSequence>: AsyncSequence
where Base.Element: Collection<UInt8> {
  /// A piece of the data.
  public typealias Element = [UInt8]
  /// ``/FixedDeflate/DeflateError``, the base's errors and `CancellationError`.
  public typealias Failure = any Error

  let base: Base
  let format: ContainerFormat
  let limit: DistanceLimit
  let pieceSize: Int
  let maximumCount: Int?

  /// Begins a container.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(
      base: base.makeAsyncIterator(),
      decompressor: Decompressor(
        format: format, limit: limit, pieceSize: pieceSize, maximumCount: maximumCount))
  }

  /// Hands over the pieces. Copies share one container.
  public struct AsyncIterator: AsyncIteratorProtocol {
    var base: Base.AsyncIterator
    let decompressor: Decompressor
    private var input = ElementBytes<Base.Element>()
    private var isAtEnd = false

    init(base: Base.AsyncIterator, decompressor: Decompressor) {
      self.base = base
      self.decompressor = decompressor
    }

    /// The next piece.
    ///
    /// - Parameter actor: Where the base's elements are asked for and decompressed.
    /// - Returns: The piece; nil behind the last, and behind an error.
    /// - Throws: ``/FixedDeflate/DeflateError``, the base's error, or `CancellationError`.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws -> [UInt8]? {
      do {
        while !decompressor.isFinished {
          try Task.checkCancellation()
          if decompressor.needsInput, input.isEmpty, !isAtEnd {
            if let element = try await base.next(isolation: actor) {
              input = ElementBytes(element)
            } else {
              // Many sequences answer a cancellation with their end, which is not the data's.
              try Task.checkCancellation()
              isAtEnd = true
            }
          }
          let piece = try decompressor.decompress(&input, endOfInput: isAtEnd)
          if !piece.isEmpty { return piece }
        }
        input = ElementBytes()
        return nil
      } catch {
        decompressor.cancel()
        input = ElementBytes()
        throw error
      }
    }
  }
}

extension AsyncDecompressedSequence: Sendable where Base: Sendable {}

@available(*, unavailable)
extension AsyncDecompressedSequence.AsyncIterator: Sendable {}

/// The decoder of an iterator, which has to be copyable where the decoder is not.
final class Decompressor {
  private var decoder: StreamDecoder
  private var output: OwnedBytes
  /// Bytes of data that may still come.
  private var remaining: Int?
  /// What is wrong, until the data before it is handed over.
  private var failure: DeflateError?
  /// Whether all data has been handed over, or never will be.
  private(set) var isFinished = false
  /// Whether what was given so far is used up.
  private(set) var needsInput = true

  init(format: ContainerFormat, limit: DistanceLimit, pieceSize: Int, maximumCount: Int?) {
    decoder = StreamDecoder(format: format, limit: limit)
    output = OwnedBytes(capacity: min(pieceSize, 16 << 20))
    remaining = maximumCount
  }

  func cancel() { isFinished = true }

  /// Decodes until a piece is full or the element used up; the piece, or none.
  func decompress<Element>(
    _ input: inout ElementBytes<Element>, endOfInput: Bool
  ) throws(DeflateError) -> [UInt8] {
    if let failure { throw failure }
    output.removeAll()
    input.withBytes { decode($0, endOfInput: endOfInput) }
    if let remaining {
      if output.count > remaining {
        output.keepFirst(remaining)
        fail(.outputFull)
      }
      self.remaining = remaining - output.count
    }
    if let failure, output.count == 0 { throw failure }
    return output.withBytes { bytes in
      makeBytes(capacity: bytes.byteCount) { $0.append(contentsOf: bytes) }
    }
  }

  /// Lets the next call fail, at the place up to which the input was read.
  private func fail(_ kind: DeflateError.Kind) {
    failure = DeflateError(kind, bitPosition: Int(truncatingIfNeeded: decoder.inputCount) * 8)
    isFinished = false
  }

  /// Decodes into the output, and returns how many bytes were taken.
  private func decode(_ bytes: RawSpan, endOfInput: Bool) -> Int {
    do throws(DeflateError) {
      let progress = try output.withOutput { output throws(DeflateError) in
        try decoder.decompress(bytes, endOfInput: endOfInput, into: &output)
      }
      needsInput = progress.state != .outputFull
      // The end of a zlib or raw stream is not yet that of the sequence.
      isFinished = progress.state == .finished && endOfInput
      let hasMore = progress.state == .finished && progress.consumed < bytes.byteCount
      // gzip's decoder takes what it calls garbage, the others leave it.
      if hasMore || decoder.trailingData == .garbage { fail(.notInFormat) }
      return progress.consumed
    } catch {
      failure = error
      return bytes.byteCount
    }
  }
}
