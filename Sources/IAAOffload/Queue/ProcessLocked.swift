// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A lock whose value begins anew in a child process. Whatever another thread was doing with the value
// at the moment of the fork is never finished there, and its lock never given back.

import IAADevices
import Synchronization
import Threading

/// A value that one thread of one process at a time may look at.
@safe package final class ProcessLocked<Value>: @unchecked Sendable {
  // SAFETY: `current` always refers to a holder that this object, or in a child the parent's image of
  // it, keeps; a holder is replaced once a process and never freed by its successor.
  private final class Holder: Sendable {
    let generation: UInt64
    let value: Locked<Value>

    init(_ value: Value) {
      generation = ForkGuard.generation
      self.value = Locked(value)
    }
  }

  private let current: Atomic<UInt>
  private let makeValue: @Sendable () -> Value

  /// - Parameter makeValue: The value a process begins with.
  package init(_ makeValue: @escaping @Sendable () -> Value) {
    self.makeValue = makeValue
    current = Atomic(Self.retained(Holder(makeValue())))
  }

  deinit {
    let bits = current.load(ordering: .acquiring)
    // What was another process's may be half changed: left as it is.
    guard Self.holder(bits).generation == ForkGuard.generation else { return }
    Self.release(bits)
  }

  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result { locked.withLock(body) }

  /// Does nothing and returns nil when another thread holds the lock.
  package func withLockIfAvailable<Result>(_ body: (inout Value) -> Result) -> Result? {
    locked.withLockIfAvailable(body)
  }

  private var locked: Locked<Value> {
    let bits = current.load(ordering: .acquiring)
    let holder = Self.holder(bits)
    if holder.generation == ForkGuard.generation { return holder.value }
    let fresh = Self.retained(Holder(makeValue()))
    let (won, other) = current.compareExchange(
      expected: bits, desired: fresh, ordering: .acquiringAndReleasing)
    if won { return Self.holder(fresh).value }
    Self.release(fresh)
    return Self.holder(other).value
  }

  private static func retained(_ holder: Holder) -> UInt {
    UInt(bitPattern: unsafe Unmanaged.passRetained(holder).toOpaque())
  }

  private static func holder(_ bits: UInt) -> Holder {
    guard let pointer = unsafe UnsafeRawPointer(bitPattern: bits) else {
      preconditionFailure("no holder")
    }
    // SAFETY (here and below): made by `retained`, released at most once, by whoever took it out.
    return unsafe Unmanaged<Holder>.fromOpaque(pointer).takeUnretainedValue()
  }

  private static func release(_ bits: UInt) {
    guard let pointer = unsafe UnsafeRawPointer(bitPattern: bits) else { return }
    unsafe Unmanaged<Holder>.fromOpaque(pointer).release()
  }
}
