// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Who may read and write next, and which batches wait. Waking a thread costs more than writing a
// small batch, so it is done only where a thread can go on, one at a time, and where possible by a
// worker and not by the one that writes.

import Threading

/// Batches on their way from reading to writing; a value that `OrderedWorkers` keeps under a lock.
struct BatchOrder<Batch: AnyObject & Sendable>: Sendable {
  /// A batch to read.
  struct Place: Sendable {
    /// How many were read before.
    let turn: Int
    /// One that is free; nil when one has to be made.
    let batch: Batch?
  }

  /// Workers at most.
  private let workerLimit: Int
  /// Batches at most, those in work among them.
  let batchLimit: Int
  /// Batches ready behind the one being written that are enough: a worker woken when fewer are has
  /// made the next before the writer gets there.
  static var enoughReady: Int { 4 }

  /// Batches read, and whether some worker is reading now.
  private var readCount = 0
  private var isReading = false
  /// No more are to be read.
  private var isEnded = false
  /// Batches handed over, and whether some worker is writing now.
  private var writtenCount = 0
  private var isWriting = false
  /// Workers that wait to read.
  private var idleCount = 0
  /// Workers there are, or would be if the system had threads for them.
  private var workerCount = 1

  /// Processed and not yet handed over, by turn modulo `batchLimit`.
  private var finished: [Batch?]
  /// The one used last comes first: its memory is in a cache.
  private var free: [Batch] = []
  private var madeCount = 0

  /// - Parameters:
  ///   - workers: Workers at most, at least 1.
  ///   - spareBatches: Batches beside those that the workers have, at least 2; one worker needs none.
  init(workers: Int, spareBatches: Int) {
    precondition(workers > 0, "nobody to work")
    precondition(spareBatches >= 2, "no batches to wait for their turn")
    workerLimit = workers
    batchLimit = workers > 1 ? workers + spareBatches : 1
    finished = Array(repeating: nil, count: batchLimit)
  }

  private var availableCount: Int { free.count + batchLimit - madeCount }

  private var canRead: Bool { !isEnded && !isReading && availableCount > 0 }

  /// Whether writing, and not the work, is what takes the time now.
  private var isEnoughReady: Bool {
    isWriting
      && (1...Self.enoughReady).allSatisfy { finished[(writtenCount + $0) % batchLimit] != nil }
  }

  /// Begins to read a batch; `.some(nil)` when there are no more, nil when this has to wait.
  /// `isIdle` is the caller's note that it waits, false at first.
  mutating func beginRead(isIdle: inout Bool) -> Place?? {
    guard canRead || isEnded else {
      if !isIdle { idleCount += 1 }
      isIdle = true
      return nil
    }
    if isIdle { idleCount -= 1 }
    isIdle = false
    if isEnded { return .some(nil) }
    isReading = true
    let batch = free.popLast()
    if batch == nil { madeCount += 1 }
    return .some(Place(turn: readCount, batch: batch))
  }

  /// Ends a read; whether another worker has to be started.
  mutating func endRead(_ outcome: OrderedWorkers.ReadOutcome) -> (Bool, Wake) {
    isReading = false
    if outcome != .nothing { readCount += 1 }
    if outcome != .more { isEnded = true }
    if isEnded { return (false, .everybody) }
    guard canRead, !isEnoughReady else { return (false, .nobody) }
    if idleCount > 0 { return (false, .one) }
    guard workerCount < workerLimit else { return (false, .nobody) }
    workerCount += 1
    return (true, .nobody)
  }

  /// Ends the work on a batch; the batch itself when the caller has to write from there on. The
  /// caller goes on to read otherwise, and wakes who can go on, too, when it has read.
  mutating func finish(_ batch: Batch, at turn: Int) -> Batch? {
    if !isWriting, turn == writtenCount {
      isWriting = true
      return batch
    }
    finished[turn % batchLimit] = batch
    return nil
  }

  /// Ends a write; the next batch to write, if it is ready.
  mutating func endWrite(_ batch: Batch, goesOn: Bool) -> (Batch?, Wake) {
    writtenCount += 1
    free.append(batch)
    let endsNow = !goesOn && !isEnded
    if endsNow { isEnded = true }
    let slot = writtenCount % batchLimit
    guard let next = finished[slot].take() else {
      // The caller goes on to read.
      isWriting = false
      return (nil, endsNow ? .everybody : .nobody)
    }
    if endsNow { return (next, .everybody) }
    // Not for each batch: the worker that is woken wakes the next one.
    return (next, canRead && idleCount > 0 && !isEnoughReady ? .one : .nobody)
  }
}
