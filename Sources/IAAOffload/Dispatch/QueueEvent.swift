// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What happens to queues, told to whoever wants to write it down: a queue that breaks is no job's
// error where software does the work, so without this nobody hears of it.

import IAADevices

/// Something that happened to a queue.
public struct QueueEvent: Sendable, Hashable {
  /// What happened.
  public enum Change: String, Sendable, Hashable, CaseIterable {
    /// It was found, and takes jobs.
    case opened
    /// It did not answer in time. It takes no jobs until it has passed a probe.
    case broken
    /// Another did not answer, and this one never has yet. It takes no jobs until it has passed a probe.
    case doubted
    /// It gave wrong results (``Dispatcher/Configuration/quarantineThreshold``). It takes no jobs until it
    /// has passed a probe.
    case quarantined
    /// It passed a probe, and takes jobs again.
    case back
    /// It is not there any more, or another than before.
    case gone
  }

  /// The queue.
  public var queue: QueueID
  /// What happened to it.
  public var change: Change
  /// When, by the monotonic clock, which the kernel's log goes by too.
  public var time: Duration
}

extension QueueEvent: CustomStringConvertible {
  /// One line.
  public var description: String {
    switch change {
    case .opened: "\(queue) takes jobs"
    case .broken: "\(queue) does not answer"
    case .doubted: "\(queue) has never answered, and another queue does not"
    case .quarantined: "\(queue) gave wrong results"
    case .back: "\(queue) takes jobs again"
    case .gone: "\(queue) is gone"
    }
  }
}

/// Listens to what happens to a dispatcher's queues.
///
/// It is called one event after the other, in their order, by the thread that sees to the queues, by
/// whoever makes the dispatcher, and by ``Dispatcher/refresh()``; never from within a job, and with no lock
/// held. It may use the dispatcher, and be the last to let go of it; what has happened until then is told all the same.
public typealias QueueListener = @Sendable (QueueEvent) -> Void

/// Events that are yet to be told.
struct PendingEvents {
  private var events: [QueueEvent] = []
  /// Whether somebody is telling one.
  private var isTelling = false

  mutating func append(_ event: QueueEvent) { events.append(event) }

  /// The next one, for the only one who may tell it; ``finish()`` comes after.
  mutating func begin() -> QueueEvent? {
    guard !isTelling, !events.isEmpty else { return nil }
    isTelling = true
    return events.removeFirst()
  }

  mutating func finish() { isTelling = false }
}

extension DispatcherCore {
  /// Changes a queue's state, and remembers that for ``tellEvents()``: both at once, so that events are in the order
  /// of what happened. Returns what `apply` does, whether there was a change.
  @discardableResult
  func change(_ port: QueuePort, _ change: QueueEvent.Change, by apply: () -> Bool) -> Bool {
    guard listener != nil else { return apply() }
    return events.withLock { events in
      guard apply() else { return false }
      events.append(
        QueueEvent(queue: port.id, change: change, time: Duration(nanosecondCount: Clock.now)))
      return true
    }
  }

  /// Tells what was noted; without a lock held.
  func tellEvents() {
    guard let listener else { return }
    while let event = events.withLock({ $0.begin() }) {
      listener(event)
      events.withLock { $0.finish() }
    }
  }
}
