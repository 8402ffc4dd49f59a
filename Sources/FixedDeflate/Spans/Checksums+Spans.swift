// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The checks' calls for spans of bytes.

extension CRC32 {
  /// Takes in more bytes, as the form for raw spans does.
  ///
  /// - Parameter bytes: Any number of bytes.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func update(_ bytes: Span<UInt8>) {
    // SAFETY: bytes have no padding.
    unsafe update(bytes.bytes)
  }
}

extension Adler32 {
  /// Takes in more bytes, as the form for raw spans does.
  ///
  /// - Parameter bytes: Any number of bytes.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func update(_ bytes: Span<UInt8>) {
    // SAFETY: bytes have no padding.
    unsafe update(bytes.bytes)
  }
}

extension ContentChecksum {
  /// Takes in more bytes, as the form for raw spans does.
  ///
  /// - Parameter bytes: Any number of bytes.
  /// - Complexity: O(*n*) in the bytes.
  public mutating func update(_ bytes: Span<UInt8>) {
    // SAFETY: bytes have no padding.
    unsafe update(bytes.bytes)
  }
}
