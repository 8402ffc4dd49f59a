// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing
import Threading

@testable import IAADevices
@testable import IAAOffload

@Suite struct ThreadTests {
  @Test("numbers are ones own and come back")
  func numbersAreOnesOwnAndComeBack() {
    let numbers = Locked<[Int]>([])
    for _ in 0..<30 {
      let barrier = Locked(0)
      let threads = (0..<48).map { _ in
        SystemThread {
          if let number = ThreadIndex.current { numbers.withLock { $0.append(number) } }
          #expect(ThreadIndex.current == ThreadIndex.current)
          // All have theirs before the first gives its back.
          barrier.withLock { $0 += 1 }
          while barrier.withLock({ $0 }) < 48 { usleep(100) }
        }
      }
      for thread in threads { thread.join() }
      let taken = numbers.withLock { numbers -> [Int] in
        defer { numbers = [] }
        return numbers
      }
      #expect(taken.count == 48 && Set(taken).count == 48)
      // 30 × 48 would be beyond the capacity.
      #expect(taken.allSatisfy { (0..<ThreadIndex.capacity).contains($0) })
    }
  }

  @Test("library threads get no signals but those of what they do themselves")
  func libraryThreadsGetNoSignals() {
    func own() -> [Bool] {
      var mask = sigset_t()
      // SAFETY (here and below): the mask is a whole value that outlives the calls.
      unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
      return (1..<32).map { unsafe sigismember(&mask, $0) == 1 }
    }
    let before = own()
    let blocked = Locked<[Bool]>([])
    SystemThread {
      var mask = sigset_t()
      unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
      let states = (1..<32).map { unsafe sigismember(&mask, $0) == 1 }
      blocked.withLock { $0 = states }
    }.join()
    // SIGKILL and SIGSTOP cannot be blocked. Those of a thread's own doings are as its maker has them.
    let others: Set<Int32> = [SIGKILL, SIGSTOP]
    let doings: Set<Int32> = [
      SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPIPE, SIGXFSZ,
    ]
    let expected = (1..<32).map { signal in
      doings.contains(signal) ? before[Int(signal) - 1] : !others.contains(signal)
    }
    #expect(blocked.withLock { $0 } == expected)
    #expect(own() == before)
  }

  @Test("a thread is waited for once, however often, and never by itself")
  func joins() throws {
    let current = Locked<SystemThread?>(nil)
    let steps = Locked<[Int]>([])
    for isSelf in [false, true] {
      let started = CountingSemaphore()
      let ended = CountingSemaphore()
      let thread = try #require(
        SystemThread.startSmall {
          started.wait()
          if isSelf { current.withLock { $0 }?.join() }
          steps.withLock { $0.append(isSelf ? 1 : 0) }
          ended.signal()
        })
      current.withLock { $0 = thread }
      started.signal()
      if isSelf { ended.wait() }
      thread.join()
      #expect(steps.withLock { $0.count } == (isSelf ? 2 : 1))
      thread.join()
      thread.detach()
    }
  }

  @Test("semaphore waits until its time")
  func semaphoreWaitsUntilItsTime() {
    let semaphore = CountingSemaphore()
    let start = Clock.now
    semaphore.wait(until: start + 30_000_000)
    #expect(Clock.now >= start + 30_000_000)
    semaphore.signal()
    semaphore.wait(until: .max / 4)
  }
}
