// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Reading and writing files blocks. Swift's own threads are as many as processors and must not wait for
// a disk or a pipe, so a transfer runs on a thread of Dispatch's.

#if FileDescriptors
  import Dispatch

  /// Runs the jobs of one task in turn, on threads that may block.
  final class BlockingExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "AsyncGzip.BlockingExecutor")

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      // SAFETY: the closure keeps this executor, and the task the job, until it has run.
      queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
  }
#endif
