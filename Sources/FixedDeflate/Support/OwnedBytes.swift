// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A byte buffer of fixed size with one owner: what the streaming types hold instead of arrays, so
// that filling and draining it never copies or allocates.

/// Memory for up to `capacity` bytes, the first `count` of them initialised.
@safe
package struct OwnedBytes: ~Copyable {
  private let storage: UnsafeMutableRawBufferPointer
  package private(set) var count = 0

  package var capacity: Int { unsafe storage.count }

  package init(capacity: Int) {
    unsafe storage = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
  }

  deinit { unsafe storage.deallocate() }

  /// Lets `body` append bytes.
  package mutating func withOutput<Result, Failure: Error>(
    _ body: (inout OutputRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: the first `count` bytes are initialised, and `finalize` counts those added, whether
    // or not `body` throws.
    var output = unsafe OutputRawSpan(buffer: storage, initializedCount: count)
    do throws(Failure) {
      let result = try body(&output)
      count = unsafe output.finalize(for: storage)
      return result
    } catch {
      count = unsafe output.finalize(for: storage)
      throw error
    }
  }

  /// Lets `body` append bytes, and see none of those before.
  package mutating func withRoom<Result, Failure: Error>(
    _ body: (inout OutputRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: the memory behind the first `count` bytes is ours alone, and `finalize` counts the
    // bytes initialised in it, whether or not `body` throws.
    let room = unsafe UnsafeMutableRawBufferPointer(rebasing: storage[count...])
    var output = unsafe OutputRawSpan(buffer: room, initializedCount: 0)
    do throws(Failure) {
      let result = try body(&output)
      count += unsafe output.finalize(for: room)
      return result
    } catch {
      count += unsafe output.finalize(for: room)
      throw error
    }
  }

  /// Lends the bytes from `start` on to `body`.
  package func withBytes<Result, Failure: Error>(
    from start: Int = 0, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition((0...count).contains(start), "start outside the bytes")
    // SAFETY: the first `count` bytes are initialised and live as long as `self` is borrowed.
    let buffer = unsafe UnsafeRawBufferPointer(rebasing: storage[start..<count])
    return try body(unsafe RawSpan(_unsafeBytes: buffer))
  }

  package mutating func removeAll() { count = 0 }

  /// Drops all behind the first `kept` bytes.
  package mutating func keepFirst(_ kept: Int) {
    precondition((0...count).contains(kept), "cannot keep more than there is")
    count = kept
  }

  /// Makes room for twice as many bytes, up to `maximum`; false when there is that room already.
  package mutating func grow(to maximum: Int) -> Bool {
    guard capacity < maximum else { return false }
    var larger = OwnedBytes(capacity: min(maximum, 2 * capacity))
    withBytes { bytes in
      larger.withOutput { (output: inout OutputRawSpan) in output.append(contentsOf: bytes) }
    }
    self = larger
    return true
  }

  /// Drops all but the last `kept` bytes.
  package mutating func keepLast(_ kept: Int) {
    precondition((0...count).contains(kept), "cannot keep more than there is")
    guard kept < count else { return }
    // SAFETY: both ranges lie within the first `count` bytes; memmove lets them overlap.
    let newest = unsafe UnsafeRawBufferPointer(rebasing: storage[(count - kept)..<count])
    unsafe storage.copyMemory(from: newest)
    count = kept
  }
}
