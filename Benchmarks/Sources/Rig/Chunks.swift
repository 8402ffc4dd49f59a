// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Inputs and outputs of one measured run. Both are laid out once, before the clock runs, so that
// no engine pays for memory.

import FixedDeflate

/// Chunks of one buffer, in order: pages of a corpus file, or the streams they became.
public struct Chunks: Sendable {
  /// All bytes, chunk behind chunk.
  public let bytes: [UInt8]
  /// Where each chunk lies in `bytes`.
  public let ranges: [Range<Int>]

  /// Cuts bytes into chunks of one size; the last may be shorter.
  public init(cutting bytes: [UInt8], every size: Int) {
    self.bytes = bytes
    ranges = stride(from: 0, to: bytes.count, by: size).map { $0..<min($0 + size, bytes.count) }
  }

  /// Joins chunks.
  public init(_ chunks: [[UInt8]]) {
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    for chunk in chunks {
      ranges.append(bytes.count..<bytes.count + chunk.count)
      bytes += chunk
    }
    self.bytes = bytes
    self.ranges = ranges
  }

  /// How many chunks there are.
  public var count: Int { ranges.count }

  /// The size of the largest chunk, in bytes.
  public var largest: Int { ranges.map(\.count).max() ?? 0 }

  /// A copy of one chunk.
  public subscript(index: Int) -> [UInt8] { Array(bytes[ranges[index]]) }
}

/// Room for one output per chunk, every room of the same size.
@safe public final class Slots {
  private let storage: UnsafeMutableRawBufferPointer
  /// Bytes of room per chunk.
  public let room: Int
  /// How many outputs there is room for.
  public let slotCount: Int
  /// Bytes written into each slot.
  public private(set) var counts: [Int]

  /// Makes room, and touches every page of it.
  public init(count: Int, room: Int) {
    unsafe storage = .allocate(byteCount: max(1, count * room), alignment: 4096)
    unsafe storage.initializeMemory(as: UInt8.self, repeating: 0)
    self.room = room
    slotCount = count
    counts = [Int](repeating: 0, count: count)
  }

  deinit { unsafe storage.deallocate() }

  /// Lets `body` write the output of one chunk.
  @inline(__always)
  public func fill<Failure: Error>(
    _ index: Int, _ body: (inout OutputRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    precondition((0..<slotCount).contains(index), "no such slot")
    // SAFETY: the slot lies within the storage, checked above.
    let slot = unsafe UnsafeMutableRawBufferPointer(
      rebasing: storage[index * room..<(index + 1) * room])
    var output = unsafe OutputRawSpan(buffer: slot, initializedCount: 0)
    try body(&output)
    counts[index] = unsafe output.finalize(for: slot)
  }

  /// Lets `body` write the outputs of neighbouring chunks that all fill their slots, the last maybe
  /// in part.
  public func fillNeighbours<Failure: Error>(
    _ range: Range<Int>, _ body: (inout OutputRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(range.lowerBound >= 0 && range.upperBound <= slotCount, "no such slots")
    // SAFETY: the slots lie within the storage, checked above.
    let slots = unsafe UnsafeMutableRawBufferPointer(
      rebasing: storage[range.lowerBound * room..<range.upperBound * room])
    var output = unsafe OutputRawSpan(buffer: slots, initializedCount: 0)
    try body(&output)
    var left = unsafe output.finalize(for: slots)
    for index in range {
      counts[index] = min(room, left)
      left -= counts[index]
    }
  }

  /// Copies bytes of another's first slot into a slot.
  func copy(from other: Slots, _ range: Range<Int>, to index: Int) {
    precondition(range.lowerBound >= 0 && range.upperBound <= other.counts[0], "not written")
    fill(index) { output in
      // SAFETY: the range was written, checked above, and `other` is alive for the call.
      let source = unsafe UnsafeRawBufferPointer(rebasing: other.storage[range])
      precondition(source.count <= output.freeCapacity, "slot too small")
      unsafe output.withUnsafeMutableBytes { slot, count in
        unsafe slot.copyMemory(from: source)
        count = source.count
      }
    }
  }

  /// A copy of one output.
  public subscript(index: Int) -> [UInt8] {
    precondition((0..<slotCount).contains(index), "no such slot")
    // SAFETY: a slot's first `counts[index]` bytes were written, and all were at the start.
    return unsafe Array(storage[index * room..<index * room + counts[index]])
  }

  /// Forgets all outputs and wipes their bytes, so that stale ones cannot pass a check.
  public func wipe() {
    unsafe storage.initializeMemory(as: UInt8.self, repeating: 0xA5)
    for index in counts.indices { counts[index] = 0 }
  }
}
