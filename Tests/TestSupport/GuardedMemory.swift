// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Inputs and outputs that end where memory ends: one byte too far is a crash, whatever instruction reads it.

import Glibc

/// Memory with nothing before and behind it.
@safe public final class GuardedMemory {
  private let base: UnsafeMutableRawPointer
  private let byteCount: Int
  /// Bytes between nothing and nothing: whole pages.
  public let capacity: Int
  /// Bytes of nothing on either side: loads from wrong offsets land there, too.
  private static let margin = 1 << 24

  /// Memory for at least so many bytes.
  public init(capacity: Int) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    self.capacity = (capacity + page - 1) / page * page
    byteCount = self.capacity + 2 * Self.margin
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let memory = unsafe mmap(nil, byteCount, PROT_NONE, flags, -1, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED,
      unsafe mprotect(memory + Self.margin, self.capacity, PROT_READ | PROT_WRITE) == 0
    else { preconditionFailure("no memory to guard") }
    unsafe base = memory
  }

  // SAFETY: mapped in `init` with this size; the last reference is gone.
  deinit { unsafe munmap(base, byteCount) }

  /// The last bytes before nothing.
  private func last(_ count: Int) -> UnsafeMutableRawBufferPointer {
    precondition(count <= capacity, "more than the memory holds")
    // SAFETY: within the mapping, as checked.
    return unsafe UnsafeMutableRawBufferPointer(
      start: base + (Self.margin + capacity - count), count: count)
  }

  /// The address of the first byte.
  public var address: UInt64 { UInt64(UInt(bitPattern: unsafe base)) + UInt64(Self.margin) }

  /// All of it, as bytes.
  public var contents: [UInt8] {
    get {
      // SAFETY: mapped and readable, zero until it is written.
      unsafe [UInt8](UnsafeRawBufferPointer(start: base + Self.margin, count: capacity))
    }
    set {
      precondition(newValue.count == capacity, "not all of the memory")
      // SAFETY: as many bytes as are mapped.
      unsafe UnsafeMutableRawBufferPointer(start: base + Self.margin, count: capacity)
        .copyBytes(from: newValue)
    }
  }

  /// Lends a copy of `bytes` behind which there is nothing.
  public func lend<Result, Failure: Error>(
    _ bytes: [UInt8], _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let memory = unsafe last(bytes.count)
    unsafe memory.copyBytes(from: bytes)
    // SAFETY: the bytes were just written, and nobody else writes to this memory.
    return try body(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(memory)))
  }

  /// Collects what a body appends to room of so many bytes, behind which there is nothing.
  public func collect<Success, Failure: Error>(
    _ count: Int, _ body: (inout OutputRawSpan) throws(Failure) -> Success
  ) -> (outcome: Result<Success, Failure>, bytes: [UInt8]) {
    let memory = unsafe last(count)
    // SAFETY: the memory outlives `output`, and nobody else uses it meanwhile.
    var output = unsafe OutputRawSpan(buffer: memory, initializedCount: 0)
    let outcome: Result<Success, Failure>
    do throws(Failure) {
      outcome = .success(try body(&output))
    } catch {
      outcome = .failure(error)
    }
    let written = unsafe output.finalize(for: memory)
    // SAFETY: so many bytes were initialised through `output`.
    return (outcome, unsafe [UInt8](memory[..<written]))
  }
}
