// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One queue of the dispatcher: its portal, its state, and how many jobs are in it. Threads enter and
// leave with two atomic additions; whoever opens and closes the portal waits until nobody is inside.

import Glibc
import IAADevices
import Synchronization

/// Holds a portal, so that there is one word to refer to it by.
private final class PortalBox: Sendable {
  let portal: any Portal
  init(_ portal: any Portal) { self.portal = portal }
}

/// A queue that jobs are submitted to.
@safe final class QueuePort: @unchecked Sendable {
  // SAFETY: `box` and what is kept of a state change only while the state is not `open` and nobody is inside; entering and
  // leaving order those changes with their readers. `incarnation` and what maintenance keeps are
  // looked at under its lock, or inside.

  /// What may be done with the queue.
  enum State: UInt8 {
    /// Not there, or not opened yet.
    case closed
    case open
    /// Did not answer in time; to be reopened and probed.
    case broken
    /// Gave bad results; to be reopened and probed.
    case quarantined
    /// Has never answered, and another queue did not in time; to be reopened and probed at once.
    case doubted
  }

  /// What became of an attempt to enter.
  enum Entry {
    case entered
    /// Every entry of a dedicated queue is taken.
    case full
    case notOpen
  }

  /// A queue as statistics and lists show it.
  struct Shown {
    var description: QueueDescription
    /// How descriptors get in, or last did; nil before it has had a portal.
    var portalKind: PortalKind?
    var wasOpened = false
  }

  let index: Int
  let id: QueueID
  /// What can be shown of it at any time, also while maintenance waits for a queue.
  private let shown: ProcessLocked<Shown>
  // Unchecked: readers are inside, writers wait until nobody is.
  @exclusivity(unchecked) private var box: PortalBox?
  @exclusivity(unchecked) private var unmanagedPortal: Unmanaged<PortalBox>?
  /// What a device made to decompress without headers: in the slot's destination, and so many bytes.
  @exclusivity(unchecked) private var stateSlot: JobSlot?
  @exclusivity(unchecked) private var stateAddress: UInt64 = 0
  @exclusivity(unchecked) private var stateCount = 0
  /// Rises with every opening, so that parked jobs know theirs.
  private(set) var incarnation = 0

  private let stateValue = Atomic<UInt8>(State.closed.rawValue)
  /// Jobs in the queue whose threads are inside.
  private let inFlight = Atomic<Int>(0)
  /// Jobs in the queue that were given up.
  private let parked = Atomic<Int>(0)
  private let entryLimit = Atomic<Int>(0)
  private let transferLimit = Atomic<Int>(0)
  private let blockOnFault = Atomic(false)
  private let headerGeneration = Atomic(false)
  private let answered = Atomic(false)
  private let badResults = Atomic<Int>(0)
  private let badResultsSince = Atomic<UInt64>(0)

  // Kept by maintenance, under its lock.
  /// When to open it again; 0 when that is not planned.
  var probeTime: UInt64 = 0
  var probeDelay: UInt64 = 0
  /// When it was last taken into use again; 0 while it never broke.
  var returnTime: UInt64 = 0

  init(index: Int, description: QueueDescription) {
    self.index = index
    id = description.id
    shown = ProcessLocked { Shown(description: description) }
  }

  var description: QueueDescription { shown.withLock { $0.description } }
  var portalKind: PortalKind? { shown.withLock { $0.portalKind } }
  var wasOpened: Bool { shown.withLock { $0.wasOpened } }

  var state: State { State(rawValue: stateValue.load(ordering: .acquiring)) ?? .closed }
  var maximumTransferSize: Int { transferLimit.load(ordering: .relaxed) }
  var blocksOnFault: Bool { blockOnFault.load(ordering: .relaxed) }
  /// Whether its device has written a completion record since it was opened.
  var hasAnswered: Bool { answered.load(ordering: .relaxed) }
  /// Whether the device can do something as a mode has it; only inside.
  @inline(__always)
  func does(_ kind: JobKind, _ rules: ModeRules) -> Bool {
    switch rules.kind {
    case .fixed: true
    case .dynamic: kind == .decompress || headerGeneration.load(ordering: .relaxed)
    case .canned: unsafe kind == .compress || stateCount > 0
    }
  }

  /// Has a decompression go by the state that the device has made, if it has; only inside.
  @inline(__always)
  func addState(to fields: inout DescriptorFields) {
    // SAFETY (here and in `does`): whoever keeps a state waits until nobody is inside.
    guard unsafe stateCount > 0 else { return }
    unsafe fields.readState(at: stateAddress, count: stateCount)
  }

  var isEmpty: Bool { inFlight.load(ordering: .sequentiallyConsistent) == 0 }

  /// Enters to submit one job, and on success must leave again.
  @inline(__always)
  func enter() -> Entry {
    // Wrapping: one instruction, where a checked addition is a loop. Threads do not come in 2^63.
    let count = inFlight.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    guard stateValue.load(ordering: .sequentiallyConsistent) == State.open.rawValue else {
      leave()
      return .notOpen
    }
    guard count + parked.load(ordering: .relaxed) <= entryLimit.load(ordering: .relaxed) else {
      leave()
      return .full
    }
    return .entered
  }

  /// Hands a descriptor to the queue; only inside.
  @unsafe @inline(__always)
  func submit(_ descriptor: UnsafeMutableRawPointer) -> Submission {
    guard let box = unsafe unmanagedPortal else { return .refused(errno: ENXIO) }
    // SAFETY: `box` keeps it while anybody is inside. Counting references would have all threads
    // write to one word.
    return unsafe box._withUnsafeGuaranteedRef {
      unsafe $0.portal.submit(UnsafeRawPointer(descriptor))
    }
  }

  /// Enters a queue that is not open to others, for a probe.
  func enterForProbe() { inFlight.wrappingAdd(1, ordering: .sequentiallyConsistent) }

  @inline(__always)
  func leave() { inFlight.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

  /// Leaves, but the job stays in the queue.
  func leaveParked() {
    parked.add(1, ordering: .relaxed)
    leave()
  }

  /// A parked job of an incarnation has been answered after all.
  func unpark(incarnation: Int) {
    if incarnation == self.incarnation { parked.subtract(1, ordering: .relaxed) }
  }

  /// Stops further jobs: from open to another state, once.
  @discardableResult
  func stop(_ state: State) -> Bool {
    stateValue.compareExchange(
      expected: State.open.rawValue, desired: state.rawValue, ordering: .sequentiallyConsistent
    ).exchanged
  }

  /// Notes that a job was answered, whatever the answer.
  @inline(__always)
  func noteAnswer() {
    // Looked at first: all threads read the word, and only the first answer writes it.
    if !answered.load(ordering: .relaxed) { answered.store(true, ordering: .relaxed) }
  }

  /// Counts a bad result; whether they have become too many.
  func noteBadResult(at now: UInt64, threshold: Int, window: UInt64) -> Bool {
    if now &- badResultsSince.load(ordering: .relaxed) > window {
      badResultsSince.store(now, ordering: .relaxed)
      badResults.store(0, ordering: .relaxed)
    }
    return badResults.add(1, ordering: .relaxed).newValue >= threshold
  }

  // MARK: By maintenance, while nobody is inside

  /// Takes a new portal; nobody enters before ``admit()``.
  func attach(_ portal: any Portal, _ description: QueueDescription) {
    // SAFETY (here and below): nobody is inside.
    let box = PortalBox(portal)
    unsafe self.box = box
    unsafe unmanagedPortal = Unmanaged.passUnretained(box)
    shown.withLock {
      $0 = Shown(description: description, portalKind: portal.kind, wasOpened: true)
    }
    // A descriptor's sizes have 32 bits, and no device takes more than 2 GiB.
    transferLimit.store(min(description.maximumTransferSize, 1 << 31), ordering: .relaxed)
    blockOnFault.store(description.blocksOnFault, ordering: .relaxed)
    headerGeneration.store(
      description.capabilities.contains(.headerGeneration), ordering: .relaxed)
    incarnation += 1
    entryLimit.store(
      description.mode == .dedicated ? description.size : Int.max / 2, ordering: .relaxed)
    parked.store(0, ordering: .relaxed)
    answered.store(false, ordering: .relaxed)
    badResults.store(0, ordering: .relaxed)
  }

  /// Keeps the state that the device has made in a slot's destination; with nil there is none.
  func keepState(_ slot: JobSlot?, byteCount: Int) {
    unsafe stateSlot = slot
    unsafe stateAddress = slot.map { UInt64(UInt(bitPattern: unsafe $0.destination)) } ?? 0
    unsafe stateCount = slot == nil ? 0 : byteCount
  }

  func admit() { stateValue.store(State.open.rawValue, ordering: .sequentiallyConsistent) }

  /// Gives the portal back. Whether the device is known to touch no job of it any more; nil where
  /// there was none.
  func detach() -> Bool? {
    defer {
      unsafe unmanagedPortal = nil
      unsafe box = nil
    }
    return unsafe box?.portal.close()
  }

  func markClosed() { stateValue.store(State.closed.rawValue, ordering: .sequentiallyConsistent) }

  /// Everything as before the first opening, in a child where no other thread exists.
  func resetInChild() {
    unsafe box?.portal.abandonInChild()
    unsafe unmanagedPortal = nil
    unsafe box = nil
    inFlight.store(0, ordering: .sequentiallyConsistent)
    parked.store(0, ordering: .relaxed)
    markClosed()
  }
}
