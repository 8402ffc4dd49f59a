// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The calls for arrays and spans of bytes, so that no caller has to say `unsafe` for a raw span.

import FixedDeflate

extension GzipWriter {
  /// Takes bytes, as the form for raw spans does.
  ///
  /// - Parameter bytes: Any number of them.
  /// - Throws: ``GzipError``: what the writing of these or earlier bytes has met.
  /// - Complexity: O(*n*) in the bytes, beside the workers' work.
  public mutating func write(_ bytes: [UInt8]) throws(GzipError) {
    try write(bytes.span)
  }

  /// Takes bytes, as the form for raw spans does.
  ///
  /// - Parameter bytes: Any number of them.
  /// - Throws: ``GzipError``: what the writing of these or earlier bytes has met.
  /// - Complexity: O(*n*) in the bytes, beside the workers' work.
  public mutating func write(_ bytes: Span<UInt8>) throws(GzipError) {
    // SAFETY: bytes have no padding.
    try write(unsafe bytes.bytes)
  }
}

extension GzipReader {
  /// Appends the data that is next, as the form for raw spans does.
  ///
  /// - Parameter output: Room for some data, a byte at least; traps on none.
  /// - Returns: How many bytes were appended; 0 at the end.
  /// - Throws: ``GzipError`` behind the data before it, again in each call from then on.
  /// - Complexity: O(*n*) in the bytes appended, beside the workers' work.
  public func read(into output: inout OutputSpan<UInt8>) throws(GzipError) -> Int {
    try output.withRaw { (output: inout OutputRawSpan) throws(GzipError) in
      try read(into: &output)
    }
  }
}

extension BGZFReader {
  /// Appends the data at ``position`` and goes on behind it, as the form for raw spans does.
  ///
  /// - Parameter output: Room for some data, a byte at least; traps on none.
  /// - Returns: How many bytes were appended; 0 at the end of the data and behind it.
  /// - Throws: ``GzipError``, as the form for raw spans does. Nothing was appended.
  /// - Complexity: O(1) blocks; a seek without an index O(*n*) in the bytes before it, once.
  public func read(into output: inout OutputSpan<UInt8>) throws(GzipError) -> Int {
    try output.withRaw { (output: inout OutputRawSpan) throws(GzipError) in
      try read(into: &output)
    }
  }
}
