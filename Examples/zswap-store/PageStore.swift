// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Pages kept compressed in memory, the way zswap keeps them: a page of one repeated word is only
// that word, a page that does not shrink is kept as it is, everything else is a DEFLATE stream.
// Batches let a device work on many pages at once.

import IAAOffload
import MemoryEstimate

/// Pages by number, compressed.
struct PageStore {
  static let pageSize = 4096

  private enum Entry {
    case sameFilled(UInt64)
    case raw([UInt8])
    case compressed([UInt8])
  }

  /// What the store holds.
  struct Counts {
    var sameFilled = 0, raw = 0, compressed = 0, bytes = 0, onHardware = 0, inSoftware = 0
    /// Bytes of the kernel's pool for the same pages: objects lie in chains of pages by classes of size.
    var pool = 0.0
  }

  private static let classes = ZsmallocClasses(pageSize: pageSize)

  private let dispatcher: Dispatcher
  private var entries: [Int: Entry] = [:]
  private(set) var counts = Counts()

  init(dispatcher: Dispatcher) { self.dispatcher = dispatcher }

  /// Stores pages that lie one behind the other, numbered from `first` on.
  mutating func store(_ pages: [UInt8], first: Int) {
    precondition(pages.count % Self.pageSize == 0, "not whole pages")
    var jobs: [BatchJob] = []
    var numbers: [Int] = []
    for offset in stride(from: 0, to: pages.count, by: Self.pageSize) {
      let range = offset..<offset + Self.pageSize
      let number = first + offset / Self.pageSize
      if let word = Self.repeatedWord(pages[range]) {
        entries[number] = .sameFilled(word)
        counts.sameFilled += 1
        counts.bytes += 8
      } else {
        // A stream as long as the page would save nothing.
        jobs.append(BatchJob(range: range, room: Self.pageSize - 1))
        numbers.append(number)
      }
    }
    let (streams, results) = dispatcher.compressBatch(pages, jobs)
    for ((number, job), result) in zip(zip(numbers, jobs), results) {
      if result.error == nil {
        let stream = Array(streams[result.range])
        entries[number] = .compressed(stream)
        counts.compressed += 1
        counts.bytes += stream.count
        counts.pool += Self.classes.memory(of: stream.count)
        counts.onHardware += result.report.path == .hardware ? 1 : 0
        counts.inSoftware += result.report.path == .software ? 1 : 0
      } else {
        entries[number] = .raw(Array(pages[job.range]))
        counts.raw += 1
        counts.bytes += Self.pageSize
        counts.pool += Double(Self.pageSize)
      }
    }
  }

  /// Brings pages back, in the order of their numbers; nil when one is not there or is damaged.
  func load(_ numbers: Range<Int>) -> [UInt8]? {
    var pages = [UInt8](repeating: 0, count: numbers.count * Self.pageSize)
    var input: [UInt8] = []
    var jobs: [BatchJob] = []
    var offsets: [Int] = []
    for (index, number) in numbers.enumerated() {
      let offset = index * Self.pageSize
      switch entries[number] {
      case nil: return nil
      case .sameFilled(let word):
        for byte in 0..<Self.pageSize {
          pages[offset + byte] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(byte % 8)))
        }
      case .raw(let bytes):
        pages.replaceSubrange(offset..<offset + Self.pageSize, with: bytes)
      case .compressed(let stream):
        jobs.append(
          BatchJob(range: input.count..<input.count + stream.count, room: Self.pageSize))
        input += stream
        offsets.append(offset)
      }
    }
    let (bytes, results) = dispatcher.decompressBatch(input, jobs)
    for (offset, result) in zip(offsets, results) {
      guard result.error == nil, result.range.count == Self.pageSize else { return nil }
      pages.replaceSubrange(offset..<offset + Self.pageSize, with: bytes[result.range])
    }
    return pages
  }

  /// The word a page consists of, if it does.
  private static func repeatedWord(_ page: ArraySlice<UInt8>) -> UInt64? {
    let start = page.startIndex
    for index in page.indices.dropFirst(8) where page[index] != page[index - 8] { return nil }
    return (0..<8).reduce(0) { $0 | UInt64(page[start + $1]) << (8 * UInt64($1)) }
  }
}
