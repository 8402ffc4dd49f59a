// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A buffered input that can be looked into before it is consumed: the format is known by the first
// bytes, and what is not in a known format may have to be passed on from its first byte.

package import FixedDeflate

/// Bytes of an input, in pieces of at most `capacity`.
package final class ByteSource {
  /// Large enough that system calls do not count, small enough for the cache.
  package static let capacity = 256 << 10

  private var reader: InputReader
  private var buffer = OwnedBytes(capacity: capacity)
  /// Bytes of the buffer that are consumed.
  private var start = 0
  /// The end of the input has been met; the buffer may still hold bytes.
  package private(set) var isAtEnd = false
  /// Bytes read so far.
  package private(set) var totalCount: UInt64 = 0

  private var ahead: ReadAhead?
  /// Why nothing more can be read. Kept, because a closure that has thrown may go on behind what it
  /// has lost, and workers leave a failure to be met again behind the data before it.
  private var failure: GzipError?

  package init(_ input: GzipInput, cancellation: GzipCancellation? = nil) {
    reader = InputReader(input, cancellation: cancellation)
  }

  /// Bytes waiting in the buffer.
  package var count: Int { buffer.count - start }

  /// Runs `body`, which consumes all before it has more read, with another thread reading ahead if
  /// this is a file.
  package func readingAhead(_ body: () throws(GzipError) -> Void) throws(GzipError) {
    ahead = reader.seekableDescriptor == nil ? nil : ReadAhead(reader)
    defer {
      // What was read and not used comes behind what waits.
      if let unused = ahead.take()?.stop(), !unused.isEmpty {
        putBack(unused, behind: true)
        totalCount += UInt64(unused.count)
      }
    }
    try body()
  }

  /// Reads once, behind what is waiting; what a read has thrown is thrown from then on.
  package func fill() throws(GzipError) { try fill(for: 0) }

  /// Reads until `wanted` bytes wait, any number, or no more can be had. A failure is met again by who reads on.
  package func wait(for wanted: Int) {
    while count < wanted, !isAtEnd {
      guard (try? fill(for: wanted)) != nil else { return }
    }
  }

  private func fill(for wanted: Int) throws(GzipError) {
    if let failure { throw failure }
    do throws(GzipError) {
      try fillOnce(for: wanted)
    } catch {
      failure = error
      throw error
    }
  }

  /// Makes room behind what is waiting, so that `wanted` bytes can wait.
  private func makeRoom(for wanted: Int) {
    // With room for twice as many, what waits is moved once in so many bytes.
    let capacity = max(Self.capacity, 2 * wanted)
    if buffer.capacity < wanted || count == 0 && buffer.capacity > capacity {
      // Too small; or it has grown for bytes that were put back.
      var other = OwnedBytes(capacity: capacity)
      withBytes { other.append($0) }
      buffer = other
      start = 0
    } else if count == 0 || buffer.count == buffer.capacity || buffer.capacity - start < wanted {
      buffer.keepLast(count)
      start = 0
    }
  }

  private func fillOnce(for wanted: Int) throws(GzipError) {
    makeRoom(for: wanted)
    guard !isAtEnd, buffer.count < buffer.capacity else { return }
    let before = buffer.count
    if let ahead {
      precondition(before == 0, "not all is consumed")
      try ahead.fill(&buffer)
    } else {
      try reader.read(into: &buffer)
    }
    isAtEnd = buffer.count == before
    totalCount += UInt64(buffer.count - before)
  }

  /// Reads until `wanted` bytes wait or the input ends; returns those that wait, at most `wanted`.
  package func peek(_ wanted: Int) throws(GzipError) -> [UInt8] {
    while count < wanted, !isAtEnd { try fill() }
    return withBytes { bytes in bytes.extracting(first: wanted).copied }
  }

  /// Lends the waiting bytes.
  package func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try buffer.withBytes(from: start, body)
  }

  /// Takes exactly `wanted` bytes, at most `capacity`, to the end of `bytes`, which has room for
  /// them; false, and nothing taken, when the input ends before.
  package func take(_ wanted: Int, into bytes: inout OwnedBytes) throws(GzipError) -> Bool {
    while count < wanted, !isAtEnd { try fill() }
    guard count >= wanted else { return false }
    withBytes { bytes.append($0.extracting(first: wanted)) }
    consume(wanted)
    return true
  }

  /// Gives bytes back that were taken last, or puts bytes behind all that wait.
  package func putBack(_ bytes: [UInt8], behind: Bool = false) {
    guard !bytes.isEmpty else { return }
    var whole = OwnedBytes(capacity: max(Self.capacity, bytes.count + count))
    if behind { withBytes { whole.append($0) } }
    lend(bytes, 0..<bytes.count) { whole.append($0) }
    if !behind { withBytes { whole.append($0) } }
    buffer = whole
    start = 0
  }

  /// Bytes consumed so far.
  package var consumedCount: UInt64 { totalCount - UInt64(count) }
  /// The byte consumed last.
  package private(set) var lastConsumed: UInt8?

  /// Takes bytes away from the front.
  package func consume(_ taken: Int) {
    precondition(taken <= count, "more consumed than there is")
    guard taken > 0 else { return }
    lastConsumed = withBytes { $0.byte(at: taken - 1) }
    start += taken
  }

  /// Hands over everything to the end of the input.
  package func copyAll(to sink: (RawSpan) throws(GzipError) -> Void) throws(GzipError) {
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
  package func classifyRest() throws(GzipError) -> StreamDecoder.TrailingData {
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
  package mutating func append(_ bytes: RawSpan) {
    withOutput { (output: inout OutputRawSpan) in output.append(contentsOf: bytes) }
  }
}

extension RawSpan {
  /// The bytes as an array.
  package var copied: [UInt8] {
    makeBytes(capacity: byteCount) { (output: inout OutputRawSpan) in
      output.append(contentsOf: self)
    }
  }
}
