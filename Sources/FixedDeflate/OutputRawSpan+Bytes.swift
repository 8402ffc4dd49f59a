// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Copying bytes into outputs: what OutputRawSpan leaves to its users.

extension OutputRawSpan {
  /// Appends the bytes of a span; traps when they do not fit.
  mutating func append(contentsOf bytes: RawSpan) {
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

/// Makes an array of at most `capacity` bytes by letting `body` append to raw output.
func makeBytes<Failure: Error>(
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
