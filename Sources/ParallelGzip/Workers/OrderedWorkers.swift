// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Parallel work on a stream, in order: each worker takes the next batch of the input while it is the
// only reader and works on it beside the others. What it has made waits in the batch, and the worker
// goes on with the next one; whoever finishes the batch that all wait for writes it, and then those
// behind it that are ready. So no turn is handed from thread to thread while there is something to
// write, and memory is bounded by the number of batches.

import Threading

/// Runs workers over a stream.
package enum OrderedWorkers {
  /// What is done with each batch: read, processed and written once, in that order.
  package protocol Worker: ~Copyable, SendableMetatype {
    /// What is read and made of it. It is with one worker at a time, handed on under a lock.
    associatedtype Batch: AnyObject, Sendable
    /// Takes the next part of the input. Called by one worker at a time, in order.
    mutating func read(into batch: Batch) -> ReadOutcome
    /// Works on the batch just read, beside the other workers.
    mutating func process(_ batch: Batch)
    /// Hands a batch over, whichever worker has processed it; false ends the reading. Called by one
    /// worker at a time, in order, for every batch that was read.
    mutating func write(_ batch: Batch) -> Bool
  }

  /// What a read came to.
  package enum ReadOutcome {
    case nothing
    /// A batch, and nothing behind it.
    case last
    /// A batch; there may be more.
    case more
  }

  /// What a worker takes at a time, unless it must be more: enough that locks and system calls do
  /// not count, small enough for a cache. In bytes.
  package static let usualBatchSize = 256 << 10

  /// Bytes that a codec's tables take at most.
  static let tableSize = 1 << 20

  /// Runs workers, one of them on the calling thread, until all batches are handed over.
  ///
  /// There are as many as processors to keep busy, the one that writes among them; each but the first
  /// is started when there may be a batch for it. Where the system has no threads or no memory left
  /// for them, fewer run.
  ///
  /// - Parameters:
  ///   - processors: How many to keep busy, at least 1. Not asked for when there is one batch only.
  ///   - batchSize: Bytes of data in a batch. Large ones are fewer, for the memory's sake.
  ///   - memory: Bytes that a worker and two batches take at most.
  ///   - makeBatch: Makes an empty batch.
  ///   - makeWorker: Makes a worker; called by the thread that it is for.
  package static func run<W: Worker & ~Copyable>(
    processors: @autoclosure () -> Int, batchSize: Int, memory: Int,
    makeBatch: @escaping @Sendable () -> W.Batch, _ makeWorker: @escaping @Sendable () -> W
  ) {
    var worker = makeWorker()
    let batch = makeBatch()
    let outcome = worker.read(into: batch)
    guard outcome == .more else {
      if outcome == .last {
        worker.process(batch)
        _ = worker.write(batch)
      }
      return
    }
    let processors = MemoryLimit.workers(processors(), each: SystemThread.smallStackSize + memory)
    // With one for each processor, a batch that takes twice the time of others stops nobody.
    let spareBatches = min(processors, processors * usualBatchSize / batchSize)
    let order = BatchOrder<W.Batch>(workers: processors, spareBatches: max(2, spareBatches))
    Crew(order: Monitor(order), makeBatch: makeBatch, makeWorker: makeWorker)
      .work(worker, first: batch)
  }

  /// The workers of one stream.
  private struct Crew<W: Worker & ~Copyable>: Sendable {
    let order: Monitor<BatchOrder<W.Batch>>
    let makeBatch: @Sendable () -> W.Batch
    let makeWorker: @Sendable () -> W

    /// Works as one worker, which may have read the very first batch, with more behind it, and waits
    /// for those that it has started.
    func work(_ worker: consuming W, first: W.Batch? = nil) {
      var others: [SystemThread] = []
      loop(worker, first) {
        if let thread = SystemThread.startSmall({ work(makeWorker()) }) { others.append(thread) }
      }
      for thread in others { thread.join() }
    }

    private func loop(_ worker: consuming W, _ first: W.Batch?, startAnother: () -> Void) {
      var first = first
      while let place = nextPlace() {
        let batch: W.Batch
        let outcome: ReadOutcome
        if let read = first.take() {
          (batch, outcome) = (read, .more)
        } else {
          batch = place.batch ?? makeBatch()
          outcome = worker.read(into: batch)
        }
        let isAnotherNeeded = order.change { $0.endRead(outcome) }
        guard outcome != .nothing else { return }
        if isAnotherNeeded { startAnother() }
        worker.process(batch)
        var ready = order.change { ($0.finish(batch, at: place.turn), .nobody) }
        while let next = ready {
          let goesOn = worker.write(next)
          ready = order.change { $0.endWrite(next, goesOn: goesOn) }
        }
      }
    }

    /// The place of the batch to read next, once it may be read; nil when there is no more to read.
    private func nextPlace() -> BatchOrder<W.Batch>.Place? {
      var isIdle = false
      return order.wait { $0.beginRead(isIdle: &isIdle) }
    }
  }
}
