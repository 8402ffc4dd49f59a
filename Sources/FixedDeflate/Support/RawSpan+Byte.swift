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
    // SAFETY: `unsafeLoadUnaligned` checks the bounds.
    UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}

// Long runs are passed over eight bytes at a time.
extension RawSpan {
  /// The offset of the first zero byte from an offset on; the end when there is none.
  ///
  /// - Complexity: O(*n*) in the bytes passed over.
  func firstZero(from start: Int) -> Int {
    var offset = start
    while byteCount - offset >= 8 {
      let word = littleEndianDoubleWord(at: offset)
      // A borrow reaches the top bit of a byte only from a zero in it or below; the lowest is right.
      let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
      if zeros != 0 { return offset + zeros.trailingZeroBitCount / 8 }
      offset += 8
    }
    while offset < byteCount, byte(at: offset) != 0 { offset += 1 }
    return offset
  }

  /// The offset of the first byte that is not zero from an offset on; the end when there is none.
  ///
  /// - Complexity: O(*n*) in the bytes passed over.
  package func firstNonzero(from start: Int) -> Int {
    var offset = start
    while byteCount - offset >= 8 {
      let word = littleEndianDoubleWord(at: offset)
      if word != 0 { return offset + word.trailingZeroBitCount / 8 }
      offset += 8
    }
    while offset < byteCount, byte(at: offset) == 0 { offset += 1 }
    return offset
  }
}

extension [UInt8] {
  /// Lends the array's bytes.
  package func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: bytes have no padding, so that all of them are initialised.
    try body(unsafe span.bytes)
  }

  /// Appends the bytes of a span.
  package mutating func append(contentsOf bytes: RawSpan) {
    // SAFETY: the bytes are copied while the span is borrowed.
    unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}
