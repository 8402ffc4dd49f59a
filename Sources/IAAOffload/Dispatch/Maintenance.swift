// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What happens beside the jobs: queues that appear, change and vanish; queues that broke and may
// have recovered; slots that were given up. All under one lock, on a thread of its own or on demand.

import FixedDeflate
import Glibc
import IAADevices
import Synchronization
import Threading

/// What maintenance remembers.
struct MaintenanceState {
  /// When to look for queues again.
  var nextScan: UInt64 = 0
  /// Why queues could not be opened, by queue.
  var failures: [QueueID: String] = [:]
  var openSet: Set<Int> = []
  /// Probes that are on their way.
  var probes: [Probe] = []
  /// A page and its stream by the mode, once one was asked for.
  var knownPage: (bytes: [UInt8], stream: [UInt8])?
  /// How long to wait for jobs in queues that stopped before looking again.
  var patience: UInt64 = 0
}

extension DispatcherCore {
  /// Does what is due; `scan` looks for queues in any case. Returns when to come again.
  @discardableResult
  func maintain(scan: Bool) -> UInt64 {
    let next = maintenance.withLock { state in maintain(&state, scan: scan) }
    tellEvents()
    return next
  }

  private func maintain(_ state: inout MaintenanceState, scan: Bool) -> UInt64 {
    let now = Clock.now
    let sweep = parking.sweep(now: now)
    // A job that was cancelled has nobody who waits for it and notices.
    for port in sweep.overdue { noteSilence(of: port) }
    if scan || now >= state.nextScan {
      self.scan(&state)
      state.nextScan = now + nanoseconds.watchInterval
    }
    var next = state.nextScan
    // A queue that stopped may have left jobs that are still being waited for.
    var isWaiting = sweep.isWaiting
    for port in ports.all {
      switch port.state {
      case .open: continue
      case .closed: isWaiting = isWaiting || !port.isEmpty
      case .broken, .quarantined, .doubted:
        if port.probeTime == 0 { planProbe(of: port, now) }
        if now >= port.probeTime {
          if port.isEmpty { reopen(port, &state) } else { isWaiting = true }
        }
      }
    }
    // One wait for all: a dead device has many queues.
    finishProbes(&state)
    for port in ports.all where port.state != .open && port.probeTime > now {
      next = min(next, port.probeTime)
    }
    // Soon at first, but a handle may be held for long.
    state.patience = isWaiting ? min(max(2 * state.patience, 200_000), 50_000_000) : 0
    if isWaiting { next = min(next, now + state.patience) }
    publish(&state)
    return next
  }

  // MARK: Coming and going

  private func scan(_ state: inout MaintenanceState) {
    let present = source.queues().filter(configuration.allows)
    state.failures = [:]
    let byID = Dictionary(present.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for port in ports.all {
      let isUnchanged = byID[port.id] == port.description
      switch port.state {
      case .open:
        if !isUnchanged { change(port, .gone) { port.stop(.closed) } }
      case .broken, .quarantined, .doubted:
        // A vanished queue is not waited for: it comes back as a new one would.
        if byID[port.id] == nil {
          change(port, .gone) {
            port.markClosed()
            return true
          }
        }
      case .closed: break
      }
      if port.state == .closed, port.isEmpty {
        closePortal(of: port)
        guard let description = byID[port.id] else { continue }
        // A queue that has failed its first probe is not asked again at every look.
        if description == port.description, Clock.now < port.probeTime {
          state.failures[port.id] = Self.noDescriptors(description)
        } else {
          open(port, description, &state)
        }
      }
    }
    let known = Set(ports.all.map(\.id))
    for description in present where !known.contains(description.id) {
      guard let port = ports.add(description) else {
        state.failures[description.id] =
          "\(description.id) is beyond the \(QueueTable.maximumQueues) queues of a dispatcher"
        continue
      }
      open(port, description, &state)
    }
  }

  private func open(
    _ port: QueuePort, _ description: QueueDescription, _ state: inout MaintenanceState
  ) {
    do throws(OpenFailure) {
      let portal = try source.open(description)
      port.attach(portal, description)
      port.probeTime = 0
      port.returnTime = 0
      port.keepState(nil, byteCount: 0)
      // Kernels that take no descriptors by write(2) only say so when asked.
      if portal.kind == .written || rules.kind == .canned {
        startProbe(of: port, isFirst: true, &state)
      } else {
        admit(port, isFirst: true)
      }
    } catch {
      state.failures[port.id] = error.reason
    }
  }

  /// Times that a device is asked for the state to decompress with before it does without.
  private static let stateAttempts = 3

  /// Ends the probes that were started, and what they lead to; a dead device costs one
  /// ``Dispatcher/Configuration/waitLimit``, however many queues it has.
  private func finishProbes(_ state: inout MaintenanceState) {
    while !state.probes.isEmpty {
      for (probe, answer) in awaitProbes(&state) { finish(probe, answer, &state) }
    }
  }

  private func finish(_ probe: Probe, _ answer: ProbeAnswer, _ state: inout MaintenanceState) {
    let port = probe.port
    if answer == .right { port.noteAnswer() }
    switch (probe.question, answer) {
    case (.state, .right):
      send(
        Probe(.page(by: probe.slot), of: port, isFirst: true, attempt: probe.attempt), &state)
    case (.page(let stateSlot?), .right):
      port.keepState(stateSlot, byteCount: stateByteCount(port))
      admit(port, isFirst: true)
    case (.state, .wrong), (.page(_?), .wrong):
      if probe.attempt < Self.stateAttempts {
        send(Probe(.state, of: port, isFirst: true, attempt: probe.attempt + 1), &state)
      } else {
        // What it compresses can be decompressed in software.
        admit(port, isFirst: true)
      }
    case (.stream, .right), (.page(nil), .right): admit(port, isFirst: probe.isFirst)
    case (_, .none), (.stream, .wrong), (.page(nil), .wrong):
      if probe.isFirst {
        closePortal(of: port)
        state.failures[port.id] = Self.noDescriptors(port.description)
      }
      port.probeDelay = doubled(max(port.probeDelay, nanoseconds.probeDelay))
      port.probeTime = Clock.now + port.probeDelay
    }
  }

  /// Takes a queue that has answered as it should into use.
  private func admit(_ port: QueuePort, isFirst: Bool) {
    port.probeTime = 0
    port.returnTime = isFirst ? 0 : Clock.now
    change(port, isFirst ? .opened : .back) {
      port.admit()
      return true
    }
  }

  private static func noDescriptors(_ description: QueueDescription) -> String {
    "\(description.path) takes no descriptors from this process"
  }

  private func closePortal(of port: QueuePort) {
    if let isDrained = port.detach() { parking.close(port, isDrained: isDrained) }
  }

  /// A queue that breaks again soon after its return goes on where its delays had been: passing a
  /// probe is less than doing the work.
  private func planProbe(of port: QueuePort, _ now: UInt64) {
    let isRelapse =
      port.returnTime != 0 && now < port.returnTime + nanoseconds.maximumProbeDelay
    port.probeDelay =
      isRelapse ? doubled(port.probeDelay) : max(nanoseconds.probeDelay, 1)
    port.probeTime = port.state == .doubted ? max(now, 1) : now + port.probeDelay
  }

  private func doubled(_ delay: UInt64) -> UInt64 {
    min(2 * delay, max(nanoseconds.maximumProbeDelay, nanoseconds.probeDelay))
  }

  /// Gives a queue that broke its portal back, which makes an end of its jobs, opens it anew and
  /// asks it for a stream of a known page.
  private func reopen(_ port: QueuePort, _ state: inout MaintenanceState) {
    let description = port.description
    closePortal(of: port)
    do throws(OpenFailure) {
      port.attach(try source.open(description), description)
      startProbe(of: port, isFirst: false, &state)
    } catch {
      state.failures[port.id] = error.reason
      port.probeDelay = doubled(port.probeDelay)
      port.probeTime = Clock.now + port.probeDelay
    }
  }

  /// Spreads the open queues over the processors, whenever they are others than before.
  private func publish(_ state: inout MaintenanceState) {
    let open = ports.all.filter { $0.state == .open }
    let indices = Set(open.map(\.index))
    guard indices != state.openSet else { return }
    state.openSet = indices
    table.publish(
      QueueMapping(
        topology: topology,
        queues: open.map {
          MappedQueue(index: $0.index, id: $0.id, numaNode: $0.description.numaNode)
        },
        mapping: configuration.mapping,
        compressQueuesPerDevice: configuration.compressQueuesPerDevice))
  }

  /// Why no queue is open.
  func reasonsForNoQueue() -> [String] {
    var reasons = maintenance.withLock { state in
      var failures = state.failures
      for port in ports.all where failures[port.id] == nil {
        switch port.state {
        case .broken, .doubted: failures[port.id] = "\(port.id) does not answer"
        case .quarantined: failures[port.id] = "\(port.id) gave wrong results"
        case .open, .closed: break
        }
      }
      return failures.sorted { $0.key < $1.key }.map(\.value)
    }
    if reasons.isEmpty { reasons = source.reasonsForNone() }
    let missing = source.missingInstructions()
    if !missing.isEmpty {
      reasons.append("this processor has no " + missing.joined(separator: ", no "))
    }
    return reasons
  }

  // MARK: The beginning, the end, and a new beginning

  /// Starts the thread that maintains the queues. Where the system has none left, they are maintained
  /// on demand alone, as in a child process.
  func startMaintaining() {
    maintainer.withLock {
      $0 = SystemThread.startIfPossible { [self] in
        while !isStopping.load(ordering: .acquiring) { wake.wait(until: maintain(scan: false)) }
      }
    }
  }

  /// Ends the threads and closes all queues; no job is running any more.
  func close() {
    isStopping.store(true, ordering: .releasing)
    wake.signal()
    // In a child both have no thread: the parent's is not here to be waited for. Nor is the one that this
    // may run on: a listener can be the last to let go of the dispatcher.
    maintainer.withLock { $0 }?.join()
    completions.stop()
    guard generation.load(ordering: .acquiring) == ForkGuard.generation else {
      for port in ports.all { port.resetInChild() }
      return
    }
    for port in ports.all {
      port.stop(.closed)
      closePortal(of: port)
    }
    parking.keepForEver()
  }

  /// In a child process: what the parent opened is of no use here, and other threads, with whatever
  /// they held, do not exist.
  ///
  /// - Returns: Whether the queues can be used; not while another thread does this.
  func recoverInChild() -> Bool {
    let isDone: Void? = maintenance.withLockIfAvailable { state in
      let current = ForkGuard.generation
      guard generation.load(ordering: .relaxed) != current else { return }
      for port in ports.all { port.resetInChild() }
      table.publish(
        QueueMapping(
          topology: topology, queues: [], mapping: configuration.mapping,
          compressQueuesPerDevice: nil))
      _ = maintain(&state, scan: true)
      startMaintaining()
      generation.store(current, ordering: .releasing)
    }
    return isDone != nil
  }
}
