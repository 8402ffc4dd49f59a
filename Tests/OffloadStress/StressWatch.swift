// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A thread that hangs cannot say so. Each tells what it has counted after every call; whoever waits
// for them sees whether that still grows.

import Glibc
import IAADevices
import IAAOffload
import Threading

/// Looks after the threads of a run.
final class StressWatch: Sendable {
  private struct Thread {
    var tally = StressTally()
    var lastNote = Clock.now
    var isDone = false
  }

  private let threads: [Locked<Thread>]
  private let hangLimit: UInt64

  init(threads: Int, hangLimit: UInt64) {
    self.threads = (0..<threads).map { _ in Locked(Thread()) }
    self.hangLimit = hangLimit
  }

  func note(_ tally: StressTally, of thread: Int) {
    threads[thread].withLock {
      $0.tally = tally
      $0.lastNote = Clock.now
    }
  }

  func end(_ thread: Int) { threads[thread].withLock { $0.isDone = true } }

  /// Waits until every thread is done or hangs. A hanging one stays where it is.
  ///
  /// - Returns: What all have counted, and how many hang.
  func wait() -> (tally: StressTally, hangs: Int) {
    while true {
      var tally = StressTally()
      var running = 0
      var hangs = 0
      for thread in threads {
        let state = thread.withLock { $0 }
        tally.add(state.tally)
        guard !state.isDone else { continue }
        if Clock.now - state.lastNote > hangLimit { hangs += 1 } else { running += 1 }
      }
      if running == 0 { return (tally, hangs) }
      usleep(2000)
    }
  }
}
