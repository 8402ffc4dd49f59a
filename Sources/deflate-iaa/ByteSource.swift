// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A buffered input that can be looked into before it is consumed: the format is known by the first
// bytes, and what is not in a known format may have to be passed on from its first byte.

import FixedDeflate
import SystemPackage

/// What can go wrong between an input and an output.
enum TransferError: Error {
  case reading(Errno)
  case writing(Errno)
  case decoding(DeflateError)
  /// Only a device may do it, and none could; the reason for people.
  case offload(String)
}

/// Writes bytes to an output.
func deliver(_ bytes: RawSpan, to output: FileDescriptor) throws(TransferError) {
  do {
    try SystemCalls.write(bytes, to: output)
  } catch {
    throw .writing(error)
  }
}

/// Bytes of a descriptor, in pieces of at most `capacity`.
final class ByteSource {
  /// Large enough that system calls do not count, small enough for the cache.
  static let capacity = 256 << 10

  private let descriptor: FileDescriptor
  private var buffer = [UInt8](repeating: 0, count: capacity)
  private var start = 0
  private var end = 0
  /// The end of the input has been met; the buffer may still hold bytes.
  private(set) var isAtEnd = false
  /// Bytes read so far.
  private(set) var totalCount: UInt64 = 0

  init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor
  }

  /// Bytes waiting in the buffer.
  var count: Int { end - start }

  /// Reads once, behind what is waiting.
  func fill() throws(TransferError) {
    if start == end {
      start = 0
      end = 0
    } else if end == buffer.count, start > 0 {
      buffer.replaceSubrange(0..<count, with: buffer[start..<end])
      end = count
      start = 0
    }
    guard !isAtEnd, end < buffer.count else { return }
    do {
      let read = try SystemCalls.read(descriptor, into: &buffer, at: end)
      if read == 0 { isAtEnd = true }
      end += read
      totalCount += UInt64(read)
    } catch {
      throw .reading(error)
    }
  }

  /// Reads until `wanted` bytes wait or the input ends; returns those that wait, at most `wanted`.
  func peek(_ wanted: Int) throws(TransferError) -> [UInt8] {
    while count < wanted, !isAtEnd { try fill() }
    return Array(buffer[start..<min(end, start + wanted)])
  }

  /// Lends the waiting bytes.
  func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try lend(buffer, start..<end, to: body)
  }

  /// Takes exactly `wanted` bytes, at most `capacity`, to the end of `bytes`; false, and nothing
  /// taken, when the input ends before.
  func take(_ wanted: Int, into bytes: inout [UInt8]) throws(TransferError) -> Bool {
    while count < wanted, !isAtEnd { try fill() }
    guard count >= wanted else { return false }
    bytes += buffer[start..<start + wanted]
    consume(wanted)
    return true
  }

  /// Gives bytes back that were taken last.
  func putBack(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    buffer.replaceSubrange(0..<start, with: bytes)
    end += bytes.count - start
    start = 0
  }

  /// Bytes consumed so far.
  var consumedCount: UInt64 { totalCount - UInt64(count) }
  /// The byte consumed last.
  private(set) var lastConsumed: UInt8?

  /// Takes bytes away from the front.
  func consume(_ taken: Int) {
    precondition(taken <= count, "more consumed than there is")
    guard taken > 0 else { return }
    lastConsumed = buffer[start + taken - 1]
    start += taken
  }

  /// Hands over everything to the end of the input.
  func copyAll(to sink: (RawSpan) throws(TransferError) -> Void) throws(TransferError) {
    while true {
      if count > 0 {
        try withBytes(sink)
        consume(count)
      }
      guard !isAtEnd else { return }
      try fill()
    }
  }

  /// Reads over everything to the end of the input and says what it was.
  func classifyRest() throws(TransferError) -> StreamDecoder.TrailingData {
    var kind = StreamDecoder.TrailingData.none
    while true {
      for byte in buffer[start..<end] where kind != .garbage {
        kind = byte == 0 ? .zeros : .garbage
      }
      consume(count)
      guard !isAtEnd else { return kind }
      try fill()
    }
  }
}
