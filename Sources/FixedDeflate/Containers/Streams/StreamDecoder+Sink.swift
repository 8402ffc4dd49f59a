// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Data lent where it was decoded: no room of the caller's to fill, and nothing copied into it.

extension StreamDecoder {
  /// Decodes until the input is used up or the stream ends, and lends the data to a sink.
  ///
  /// - Parameters:
  ///   - input: The next bytes, any number.
  ///   - endOfInput: Whether no more will follow `input`.
  ///   - sink: Called with the data in order, at most 96 KiB at a time and never with none; what it is
  ///     lent is its own only while it runs.
  /// - Returns: How many bytes of `input` were taken, and why the call returned:
  ///   ``State/needsInput`` or ``State/finished``. With gzip the latter comes only when the input has
  ///   ended, since another member may follow.
  /// - Throws: ``DeflateError``. Data before the error was lent. Every later call throws the same
  ///   again.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: RawSpan, endOfInput: Bool, to sink: (RawSpan) -> Void
  ) throws(DeflateError) -> Progress {
    var offset = 0
    while true {
      handOver(to: sink)
      if let state = try step(input, &offset, endOfInput) { return progress(offset, state) }
    }
  }

  /// Decodes until the input is used up or the stream ends, and lends the data to a sink that may fail.
  ///
  /// - Parameters:
  ///   - input: The next bytes, any number.
  ///   - endOfInput: Whether no more will follow `input`.
  ///   - sink: Called as without errors. When it throws, data is missing and the decoder of no further
  ///     use.
  /// - Returns: How many bytes of `input` were taken, and why the call returned.
  /// - Throws: ``SinkError``: a ``DeflateError``, data before which was lent, or what `sink` threw.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress<Failure: Error>(
    _ input: RawSpan, endOfInput: Bool, to sink: (RawSpan) throws(Failure) -> Void
  ) throws(SinkError<Failure>) -> Progress {
    var offset = 0
    while true {
      do throws(Failure) { try handOver(to: sink) } catch { throw .sink(error) }
      do throws(DeflateError) {
        if let state = try step(input, &offset, endOfInput) { return progress(offset, state) }
      } catch {
        throw .stream(error)
      }
    }
  }

  /// Why decoding into a sink that may fail ended early.
  public enum SinkError<Failure: Error>: Error {
    /// The stream is bad, where and how the error says.
    case stream(DeflateError)
    /// The sink threw this.
    case sink(Failure)
  }
}

extension StreamDecoder.SinkError: Equatable where Failure: Equatable {}
