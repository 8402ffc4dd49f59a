// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Reading input bytes without a pointer in sight.

extension RawSpan {
  /// The byte at an offset; traps outside the span.
  @inline(__always)
  package func byte(at offset: Int) -> UInt8 {
    // SAFETY: `unsafeLoad` checks the bounds; every bit pattern is a UInt8.
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// Four bytes from an offset on, the first being the least significant; traps outside the span.
  func littleEndianWord(at offset: Int) -> UInt32 {
    // SAFETY: `unsafeLoadUnaligned` checks the bounds.
    UInt32(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Eight bytes from an offset on, the first being the least significant; traps outside the span.
  func littleEndianDoubleWord(at offset: Int) -> UInt64 {
    UInt64(littleEndianWord(at: offset)) | UInt64(littleEndianWord(at: offset + 4)) << 32
  }
}
