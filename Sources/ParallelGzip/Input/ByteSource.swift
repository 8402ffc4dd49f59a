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
  /// The index beside the input is damaged or another file's.
  case index(DeflateError)
  /// The index beside the input is there and cannot be read.
  case readingIndex(Errno)
  /// The index beside the input is not one to go by; why, and the remedy, for people.
  case unfitIndex(String)
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

/// Reads once, behind what `buffer` holds; nothing is added at the end of the input.
func receive(
  from input: FileDescriptor, into buffer: inout OwnedBytes
) throws(TransferError) {
  do {
    try buffer.withOutput { (output: inout OutputRawSpan) throws(Errno) in
      try SystemCalls.read(input, into: &output)
    }
  } catch {
    throw .reading(error)
  }
}

/// Bytes of a descriptor, in pieces of at most `capacity`.
final class ByteSource {
  /// Large enough that system calls do not count, small enough for the cache.
  static let capacity = 256 << 10

  private let descriptor: FileDescriptor
  private var buffer = OwnedBytes(capacity: capacity)
  /// Bytes of the buffer that are consumed.
  private var start = 0
  /// The end of the input has been met; the buffer may still hold bytes.
  private(set) var isAtEnd = false
  /// Bytes read so far.
  private(set) var totalCount: UInt64 = 0

  private var ahead: ReadAhead?

  init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor
  }

  /// Bytes waiting in the buffer.
  var count: Int { buffer.count - start }

  /// Runs `body`, which consumes all before it has more read, with another thread reading ahead if
  /// this is a file.
  func readingAhead(_ body: () throws(TransferError) -> Void) throws(TransferError) {
    let isFile = (try? SystemCalls.status(of: descriptor))?.kind == .regular
    ahead = isFile ? ReadAhead(descriptor) : nil
    defer {
      // What was read and not used comes behind what waits.
      if let unused = ahead.take()?.stop(), !unused.isEmpty {
        putBack(unused, behind: true)
        totalCount += UInt64(unused.count)
      }
    }
    try body()
  }

  /// Reads once, behind what is waiting.
  func fill() throws(TransferError) {
    if count == 0, buffer.capacity > Self.capacity {
      // It has grown for bytes that were put back.
      buffer = OwnedBytes(capacity: Self.capacity)
      start = 0
    } else if count == 0 || buffer.count == buffer.capacity {
      buffer.keepLast(count)
      start = 0
    }
    guard !isAtEnd, buffer.count < buffer.capacity else { return }
    let before = buffer.count
    if let ahead {
      precondition(before == 0, "not all is consumed")
      try ahead.fill(&buffer)
    } else {
      try receive(from: descriptor, into: &buffer)
    }
    isAtEnd = buffer.count == before
    totalCount += UInt64(buffer.count - before)
  }

  /// Reads until `wanted` bytes wait or the input ends; returns those that wait, at most `wanted`.
  func peek(_ wanted: Int) throws(TransferError) -> [UInt8] {
    while count < wanted, !isAtEnd { try fill() }
    return withBytes { bytes in bytes.extracting(first: wanted).copied }
  }

  /// Lends the waiting bytes.
  func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try buffer.withBytes(from: start, body)
  }

  /// Takes exactly `wanted` bytes, at most `capacity`, to the end of `bytes`, which has room for
  /// them; false, and nothing taken, when the input ends before.
  func take(_ wanted: Int, into bytes: inout OwnedBytes) throws(TransferError) -> Bool {
    while count < wanted, !isAtEnd { try fill() }
    guard count >= wanted else { return false }
    withBytes { bytes.append($0.extracting(first: wanted)) }
    consume(wanted)
    return true
  }

  /// Gives bytes back that were taken last, or puts bytes behind all that wait.
  func putBack(_ bytes: [UInt8], behind: Bool = false) {
    guard !bytes.isEmpty else { return }
    var whole = OwnedBytes(capacity: max(Self.capacity, bytes.count + count))
    if behind { withBytes { whole.append($0) } }
    lend(bytes, 0..<bytes.count) { whole.append($0) }
    if !behind { withBytes { whole.append($0) } }
    buffer = whole
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
    lastConsumed = withBytes { $0.byte(at: taken - 1) }
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
    try copyAll { bytes in
      guard kind != .garbage else { return }
      kind = bytes.firstNonzero(from: 0) == bytes.byteCount ? .zeros : .garbage
    }
    return kind
  }
}

extension OwnedBytes {
  /// Appends bytes; traps when they do not fit.
  mutating func append(_ bytes: RawSpan) {
    withOutput { (output: inout OutputRawSpan) in output.append(contentsOf: bytes) }
  }
}

extension RawSpan {
  /// The bytes as an array.
  var copied: [UInt8] {
    makeBytes(capacity: byteCount) { (output: inout OutputRawSpan) in
      output.append(contentsOf: self)
    }
  }
}
