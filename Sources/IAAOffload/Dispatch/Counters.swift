// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Counting without contention: every thread adds to a block of its own with plain loads and stores,
// and readers add the blocks up.

import IAADevices
import Synchronization

/// What is counted for the dispatcher as a whole.
enum Counter: Int, CaseIterable {
  case compressJobs, decompressJobs
  /// Results made by hardware; made in software because it was configured so.
  case hardwareSuccesses, softwareSuccesses
  /// The driver's.
  case compressCalls, decompressCalls, softwareCompressCalls, softwareDecompressCalls
  case compressBytesOut, decompressBytesIn
  case invalidErrors, timeoutErrors, overflowErrors
  /// Submissions: refused by full queues; again after a page fault; again with more room.
  case busyRetries, pageFaultRetries, overflowRetries
  case verifications, verificationMismatches, badDecompressions
  case crossChecks, crossCheckMismatches
  case parkedJobs
}

/// What is counted for each queue.
enum QueueCounter: Int, CaseIterable {
  case compressCalls, compressBytes, decompressCalls, decompressBytes
}

/// Maxima in nanoseconds: the first edition's `max_*_delay_ns`.
enum DelayCounter: Int, CaseIterable {
  case compress, decompress
  /// The whole call, verification and fallback included.
  case wholeCompress, wholeDecompress
}

/// A thread's counters.
@safe final class CounterBlock: @unchecked Sendable {
  // SAFETY: only atomics; one thread writes, any may read.
  private let words: UnsafeMutablePointer<Atomic<UInt64>>

  private static let fallbacks = Counter.allCases.count
  private static let errors = fallbacks + FallbackReason.Kind.allCases.count
  private static let queues = errors + OffloadError.Kind.allCases.count
  private static let delays = queues + QueueTable.maximumQueues * QueueCounter.allCases.count
  /// The reset that the maxima belong to.
  private static let delayEpoch = delays + DelayCounter.allCases.count
  private static let latencies = delayEpoch + 1
  private static let latencyRows = 2 * JobKind.allCases.count
  /// What the latencies of a row add up to.
  private static let latencySums = latencies + latencyRows * LatencyScale.count
  static let wordCount = latencySums + latencyRows

  init() {
    unsafe words = .allocate(capacity: Self.wordCount)
    for index in 0..<Self.wordCount { unsafe (words + index).initialize(to: Atomic(0)) }
  }

  deinit { unsafe words.deallocate() }

  /// Adds to a word. Only the thread that owns the block.
  @inline(__always)
  private func add(_ value: UInt64, at index: Int) {
    // SAFETY: indices are offsets of the layout above.
    let word = unsafe words + index
    unsafe word.pointee.store(
      word.pointee.load(ordering: .relaxed) &+ value, ordering: .relaxed)
  }

  @inline(__always)
  func add(_ counter: Counter, _ value: Int = 1) {
    add(UInt64(truncatingIfNeeded: value), at: counter.rawValue)
  }

  @inline(__always)
  func add(_ counter: QueueCounter, queue: Int, _ value: Int = 1) {
    add(
      UInt64(truncatingIfNeeded: value),
      at: Self.queues + queue * QueueCounter.allCases.count + counter.rawValue)
  }

  func add(_ reason: FallbackReason.Kind) {
    let index = FallbackReason.Kind.allCases.firstIndex(of: reason) ?? 0
    add(1, at: Self.fallbacks + index)
  }

  func add(_ error: OffloadError.Kind) { add(1, at: Self.index(error)) }

  private static func index(_ error: OffloadError.Kind) -> Int {
    errors + (OffloadError.Kind.allCases.firstIndex(of: error) ?? 0)
  }

  /// Which row of latencies is that of a kind of job, done by a path.
  @inline(__always)
  fileprivate static func row(_ kind: JobKind, _ path: JobReport.Path) -> Int {
    kind.rawValue * 2 + (path == .hardware ? 0 : 1)
  }

  @inline(__always)
  func add(latency nanoseconds: UInt64, _ kind: JobKind, _ path: JobReport.Path) {
    let row = Self.row(kind, path)
    add(1, at: Self.latencies + row * LatencyScale.count + LatencyScale.index(nanoseconds))
    add(nanoseconds, at: Self.latencySums + row)
  }

  /// Raises a maximum, which starts anew with every epoch.
  @inline(__always)
  func raise(_ delay: DelayCounter, to nanoseconds: UInt64, epoch: UInt64) {
    // SAFETY: as above.
    let epochWord = unsafe words + Self.delayEpoch
    if unsafe epochWord.pointee.load(ordering: .relaxed) != epoch {
      for index in DelayCounter.allCases.indices {
        unsafe words[Self.delays + index].store(0, ordering: .relaxed)
      }
      unsafe epochWord.pointee.store(epoch, ordering: .relaxed)
    }
    let word = unsafe words + Self.delays + delay.rawValue
    if unsafe word.pointee.load(ordering: .relaxed) < nanoseconds {
      unsafe word.pointee.store(nanoseconds, ordering: .relaxed)
    }
  }

  /// Adds this block to a sum; maxima of another epoch do not count.
  func sum(into total: inout CounterSum, epoch: UInt64) {
    let isCurrent = unsafe words[Self.delayEpoch].load(ordering: .relaxed) == epoch
    for index in 0..<Self.wordCount where index != Self.delayEpoch {
      let value = unsafe words[index].load(ordering: .relaxed)
      if (Self.delays..<Self.delayEpoch).contains(index) {
        if isCurrent { total.words[index] = max(total.words[index], value) }
      } else {
        total.words[index] &+= value
      }
    }
  }

  /// Counters of all threads together.
  struct CounterSum: Sendable {
    fileprivate(set) var words = [UInt64](repeating: 0, count: CounterBlock.wordCount)

    subscript(counter: Counter) -> UInt64 { words[counter.rawValue] }
    subscript(error: OffloadError.Kind) -> UInt64 { words[CounterBlock.index(error)] }
    subscript(delay: DelayCounter) -> UInt64 { words[CounterBlock.delays + delay.rawValue] }

    subscript(fallback reason: FallbackReason.Kind) -> UInt64 {
      let index = FallbackReason.Kind.allCases.firstIndex(of: reason) ?? 0
      return words[CounterBlock.fallbacks + index]
    }

    subscript(counter: QueueCounter, queue queue: Int) -> UInt64 {
      words[CounterBlock.queues + queue * QueueCounter.allCases.count + counter.rawValue]
    }

    func latencies(_ kind: JobKind, _ path: JobReport.Path) -> ArraySlice<UInt64> {
      let start = CounterBlock.latencies + CounterBlock.row(kind, path) * LatencyScale.count
      return words[start..<start + LatencyScale.count]
    }

    func latencySum(_ kind: JobKind, _ path: JobReport.Path) -> UInt64 {
      words[CounterBlock.latencySums + CounterBlock.row(kind, path)]
    }

    /// What came after an earlier sum; maxima stay.
    func since(_ earlier: CounterSum) -> CounterSum {
      var difference = self
      for index in words.indices
      where !(CounterBlock.delays...CounterBlock.delayEpoch).contains(index) {
        difference.words[index] = words[index] &- earlier.words[index]
      }
      return difference
    }
  }
}

/// Buckets of latencies: eight to each power of two, so a percentile is at most an eighth too high.
enum LatencyScale {
  /// Up to 2^36 ns, about a minute.
  static let count = 8 + 33 * 8 + 1

  @inline(__always)
  static func index(_ nanoseconds: UInt64) -> Int {
    if nanoseconds < 8 { return Int(nanoseconds) }
    let exponent = 63 - nanoseconds.leadingZeroBitCount
    return min(count - 1, (exponent - 2) * 8 + Int(nanoseconds >> (exponent - 3) & 7))
  }

  /// The largest value of a bucket.
  static func upperBound(_ index: Int) -> UInt64 {
    if index < 8 { return UInt64(index) }
    let exponent = index / 8 + 2
    return (8 + UInt64(index % 8) + 1) << (exponent - 3) - 1
  }
}
