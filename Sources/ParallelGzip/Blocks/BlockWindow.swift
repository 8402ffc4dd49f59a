// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The part of some blocks' data that is wanted.

import FixedDeflate

/// Passes on what of the data lies in a range.
///
/// SAFETY of `@unchecked Sendable`: it is used by one thread at a time, as sinks are: by workers in
/// turn, and by the caller before and behind them.
final class BlockWindow: @unchecked Sendable {
  private let sink: Sink
  /// Bytes still to be passed over, and then still wanted.
  private var skipped: UInt64
  private(set) var left: UInt64
  /// Bytes passed on.
  private(set) var count: UInt64 = 0

  init(_ sink: Sink, skipped: UInt64, left: UInt64) {
    (self.sink, self.skipped, self.left) = (sink, skipped, left)
  }

  /// Takes data in order; how many bytes of the input have been decoded is for progress.
  func take(_ data: RawSpan, inputCount: UInt64) throws(GzipError) {
    let from = min(skipped, UInt64(data.byteCount))
    let taken = min(left, UInt64(data.byteCount) - from)
    skipped -= from
    guard taken > 0 else { return }
    let bytes = data.extracting(Int(from)..<Int(from + taken))
    try sink.take(bytes, GzipProgress(inputCount: inputCount, outputCount: count + taken))
    left -= taken
    count += taken
  }

  /// All that is wanted has been passed on.
  private struct Full: Error {}

  /// Has workers decode blocks until all that is wanted is there, or one of them has to be looked at
  /// by the cursor.
  func copy(
    from cursor: BlockCursor, _ coders: any Coders, _ processors: Processors
  ) throws(GzipError) {
    let sink = Sink { (data: RawSpan, counts: GzipProgress) throws(GzipError) in
      try self.take(data, inputCount: counts.inputCount)
      if self.left == 0 { throw .sink(Full()) }
    }
    let members = MemberDecoding(cursor.source, coders, to: sink)
    do throws(GzipError) {
      try members.run(processors: processors)
    } catch {
      guard case .sink(let reason) = error, reason is Full else { throw error }
    }
    cursor.pass(members.done)
  }
}
