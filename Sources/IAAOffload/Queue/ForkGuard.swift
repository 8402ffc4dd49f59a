// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Noticing a fork. A child has neither the parent's portal mappings (the kernel does not copy them)
// nor its address space identifier, so a portal opened before must not be used. The system zeroes
// one marked page in every child, however it was forked; reading it costs a load.

import Glibc
import Synchronization

/// A number that differs between a process and its children.
@safe enum ForkGuard {
  /// SAFETY: the page is never unmapped, and only accessed atomically.
  nonisolated(unsafe) private static let page: UnsafeMutablePointer<Atomic<UInt64>> = {
    let memory = unsafe mmap(
      nil, Page.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED,
      unsafe madvise(memory, Page.size, MADV_WIPEONFORK) == 0
    else { preconditionFailure("no page that is wiped on fork") }
    let word = unsafe memory.bindMemory(to: Atomic<UInt64>.self, capacity: 1)
    unsafe word.pointee.store(1, ordering: .relaxed)
    return unsafe word
  }()

  /// Forks among this process's ancestors that this library saw, plus one.
  private static let count = Atomic<UInt64>(1)

  /// The process's generation: rises by one when it is first asked for in a child.
  static var generation: UInt64 {
    let current = unsafe page.pointee.load(ordering: .relaxed)
    return current != 0 ? current : advance()
  }

  private static func advance() -> UInt64 {
    let next = count.add(1, ordering: .sequentiallyConsistent).newValue
    let (won, current) = unsafe page.pointee.compareExchange(
      expected: 0, desired: next, ordering: .sequentiallyConsistent)
    return won ? next : current
  }
}
