// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A job as whoever asked for it sees it, the same wherever it is done: calls, handles and batches hand on this one
// value. What it is done with goes beside it (the slot it is in, the dispatcher, the thread's context): within a value
// they would be counted as references, for every job, in words that all threads write to.

import FixedDeflate
import IAADevices

/// What is to be done, with which bytes, and in how much room.
@safe struct Job {
  let kind: JobKind
  /// Where a chunk stands in its stream.
  let position: BlockPosition
  // SAFETY: whoever makes a job keeps the bytes until it is settled. A device that was given up may read them later, but
  // what it makes of them reaches nobody.
  private let bytes: UnsafeRawBufferPointer
  /// Bytes the caller has room for.
  let room: Int
  /// When the call began, in ticks.
  let startTicks: UInt64

  /// - Parameters:
  ///   - kind: What to do.
  ///   - position: Where a chunk stands in its stream; `last` for a decompression.
  ///   - bytes: The input, which must live until the job is settled.
  ///   - room: Bytes the caller has room for.
  ///   - startTicks: When the call began.
  @unsafe @inline(__always)
  init(
    _ kind: JobKind, _ position: BlockPosition = .last, of bytes: UnsafeRawBufferPointer, room: Int,
    startTicks: UInt64
  ) {
    self.kind = kind
    self.position = position
    unsafe self.bytes = bytes
    self.room = room
    self.startTicks = startTicks
  }

  /// Bytes of input.
  @inline(__always)
  var inputCount: Int { unsafe bytes.count }

  /// Where the input is, as a descriptor has it.
  @inline(__always)
  var inputAddress: UInt64 { UInt64(UInt(bitPattern: unsafe bytes.baseAddress)) }

  /// Whether a stream begins with its last block.
  @inline(__always)
  var beginsWithFinalBlock: Bool {
    // SAFETY: there is a first byte.
    unsafe bytes.count > 0 && bytes[0] & 1 == 1
  }

  /// Lends the input.
  @inline(__always)
  func withInput<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: the bytes live until the job is settled.
    try body(unsafe RawSpan(_unsafeBytes: bytes))
  }

  /// Reads a byte of every page of the input, for devices that cannot fetch pages.
  @inline(__always)
  func touchInput() {
    // SAFETY: the bytes live until the job is settled.
    if let start = unsafe bytes.baseAddress {
      unsafe Page.touchForReading(start, count: bytes.count)
    }
  }
}
