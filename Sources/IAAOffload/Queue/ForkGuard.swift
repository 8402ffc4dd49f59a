// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Noticing a fork, on both sides. A child has neither the parent's portal mappings (the kernel does
// not copy them) nor its address space identifier, so a portal opened before must not be used there;
// the parent's files stay open in the child, so closing them may no longer be their end. The system
// zeroes one marked page in every child, however it was forked; reading it costs a load.

import CIAAShim.Device
import Glibc
import IAADevices
import Synchronization

/// A number that differs between a process and its children, and the children this process made.
@safe package enum ForkGuard {
  /// SAFETY: the page is never unmapped, and only accessed atomically.
  nonisolated(unsafe) private static let page: UnsafeMutablePointer<Atomic<UInt64>> = {
    let memory = unsafe mmap(
      nil, Page.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
      preconditionFailure("out of memory: \(Page.size) bytes")
    }
    let word = unsafe memory.bindMemory(to: Atomic<UInt64>.self, capacity: 1)
    unsafe word.pointee.store(1, ordering: .relaxed)
    // Systems that wipe nothing still call this in the children of `fork`.
    let child: @convention(c) () -> Void =
      unsafe madvise(memory, Page.size, MADV_WIPEONFORK) == 0 ? {} : { ForkGuard.wipe() }
    let result = pthread_atfork({ _ = ForkGuard.forks.add(1, ordering: .relaxed) }, nil, child)
    precondition(result == 0, "no fork handler")
    return unsafe word
  }()

  /// Calls of `fork` in this process, and in its ancestors before it was forked.
  private static let forks = Atomic<Int>(0)

  /// Forks among this process's ancestors that this library saw, plus one.
  private static let count = Atomic<UInt64>(1)

  /// The process's generation: rises by one when it is first asked for in a child.
  @inline(__always)
  package static var generation: UInt64 {
    let current = unsafe page.pointee.load(ordering: .relaxed)
    return current != 0 ? current : advance()
  }

  /// Rises with every `fork` of this process: where it has not since a file was opened, closing the
  /// file is its end. (What is forked otherwise is about to run another program, which does not get
  /// the file.)
  package static var forkCount: Int {
    _ = generation
    return forks.load(ordering: .relaxed)
  }

  private static func wipe() { unsafe page.pointee.store(0, ordering: .relaxed) }

  private static func advance() -> UInt64 {
    let next = count.add(1, ordering: .sequentiallyConsistent).newValue
    let (won, current) = unsafe page.pointee.compareExchange(
      expected: 0, desired: next, ordering: .sequentiallyConsistent)
    return won ? next : current
  }
}
