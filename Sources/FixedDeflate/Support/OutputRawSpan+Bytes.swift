// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Copying bytes into outputs: what OutputRawSpan leaves to its users.

extension OutputRawSpan {
  /// Appends the bytes of a span; traps when they do not fit.
  package mutating func append(contentsOf bytes: RawSpan) {
    precondition(bytes.byteCount <= freeCapacity, "output has too little room")
    // SAFETY: the destination has room for all bytes, checked above; distinct from the source,
    // which cannot be borrowed while this span is written.
    unsafe withUnsafeMutableBytes { buffer, count in
      unsafe bytes.withUnsafeBytes { source in
        guard let from = source.baseAddress, let base = buffer.baseAddress else { return }
        unsafe (base + count).copyMemory(from: from, byteCount: source.count)
        count += source.count
      }
    }
  }
}

extension OutputRawSpan {
  /// Appends eight bytes, the least significant first; traps when they do not fit.
  @inline(__always)
  mutating func append(littleEndian word: UInt64) {
    precondition(freeCapacity >= 8, "output has too little room")
    // SAFETY: a number has no padding, so that all eight bytes are initialised.
    unsafe append(word.littleEndian, as: UInt64.self)
  }

  /// Appends bytes, or throws when they do not fit.
  mutating func appendIfRoom(_ bytes: [UInt8]) throws(DeflateError) {
    guard bytes.count <= freeCapacity else {
      throw DeflateError(.outputFull, bitPosition: capacity * 8)
    }
    bytes.withBytes { append(contentsOf: $0) }
  }

  /// Replaces bytes written before; traps when there are not so many.
  package mutating func overwrite(at offset: Int, with bytes: [UInt8]) {
    precondition(offset >= 0 && offset + bytes.count <= byteCount, "bytes not written yet")
    // SAFETY: the range is initialised, checked above.
    unsafe withUnsafeMutableBytes { buffer, _ in
      for (index, byte) in bytes.enumerated() { unsafe buffer[offset + index] = byte }
    }
  }
}

/// Makes an array of at most `capacity` bytes by letting `body` append to raw output.
package func makeBytes<Failure: Error>(
  capacity: Int, _ body: (inout OutputRawSpan) throws(Failure) -> Void
) throws(Failure) -> [UInt8] {
  try [UInt8](capacity: capacity) { (bytes: inout OutputSpan<UInt8>) throws(Failure) in
    var failure: Failure?
    // SAFETY: the raw span covers exactly the array's buffer; `finalize` reports how many bytes
    // were initialised, and bytes need no deinitialisation.
    unsafe bytes.withUnsafeMutableBufferPointer { buffer, count in
      var output = unsafe OutputRawSpan(
        buffer: UnsafeMutableRawBufferPointer(buffer), initializedCount: 0)
      do throws(Failure) { try body(&output) } catch { failure = error }
      count = unsafe output.finalize(for: UnsafeMutableRawBufferPointer(buffer))
    }
    if let failure { throw failure }
  }
}
