// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The state of a model and its threads: queues with entries, engines that take jobs from the queues
// of their group, and a clock for what happens later. One lock; a model is not where speed counts.

import FixedDeflate
import Glibc
import IAADevices
import IAAOffload
import Threading

/// Queues, engines and the clock of a model.
final class ModelCore: Sendable {
  /// A queue's entries and clients.
  struct QueueState {
    var isEnabled = true
    /// Portals that are open. Jobs of others are void.
    var clients: Set<Int> = []
    var waiting: [Job] = []
    /// Jobs that engines are working on, and completions under way, by their client.
    var running: [Int: Int] = [:]

    mutating func begin(_ client: Int) { running[client, default: 0] += 1 }

    mutating func end(_ client: Int) {
      let count = running[client, default: 1] - 1
      running[client] = count > 0 ? count : nil
    }
  }

  struct Job {
    let descriptor: ModelDescriptor
    let queue: Int
    let client: Int
  }

  /// Something that happens later.
  enum Event {
    case complete(CompletionRecord, at: UInt64, queue: Int, client: Int)
    case enable(queue: Int)
    case reset
  }

  struct State {
    var queues: [QueueState]
    var events: [(time: UInt64, event: Event)] = []
    var isHalted = false
    var isStopping = false
    /// Clients there have been; each has a number of its own.
    var clientCount = 0
    var completed = 0
    var dropped = 0
    /// The worker of whoever works in place.
    var idleWorkers: [WorkerBox] = []

    /// Whether an engine or the clock still owes an answer to a job of a queue.
    func isWorking(on queue: Int) -> Bool {
      !queues[queue].running.isEmpty
        || events.contains { if case .complete(_, _, queue, _) = $0.event { true } else { false } }
    }
  }

  /// A worker on the heap, so that it can wait in a list.
  final class WorkerBox: @unchecked Sendable {
    // SAFETY: owned by one thread at a time; handed on through the locked list.
    var worker: ModelWorker

    init(profile: MatchProfile) { worker = ModelWorker(profile: profile) }
  }

  let configuration: DeviceModel.Configuration
  /// What a descriptor takes, and each KiB of its source, in nanoseconds.
  private let serviceTime: (job: UInt64, perKiB: UInt64)
  let faults: FaultSource
  private let state: ProcessLocked<State>
  /// One for each job that waits.
  private let work: [CountingSemaphore]
  private let clockWork = CountingSemaphore()
  private let threads = ProcessLocked<[SystemThread]> { [] }
  /// The process whose threads work.
  private let generation = ForkGuard.generation

  init(_ configuration: DeviceModel.Configuration) {
    self.configuration = configuration
    serviceTime = (
      configuration.serviceTime.nanosecondCount, configuration.serviceTimePerKiB.nanosecondCount
    )
    faults = FaultSource(plan: configuration.faults)
    let count = configuration.queues.count
    state = ProcessLocked { State(queues: Array(repeating: QueueState(), count: count)) }
    work = configuration.engines.map { _ in CountingSemaphore() }
  }

  /// Told when queues come or go, outside the lock.
  let onChange = ProcessLocked<(@Sendable () -> Void)?> { nil }

  var isHalted: Bool { state.withLock { $0.isHalted } }
  var completedCount: Int { state.withLock { $0.completed } }
  var droppedCount: Int { state.withLock { $0.dropped } }

  func isEnabled(_ queue: Int) -> Bool {
    hasWorkers && state.withLock { !$0.isHalted && $0.queues[queue].isEnabled }
  }

  /// Whether jobs are done: in a child process there are no threads that would.
  private var hasWorkers: Bool {
    configuration.execution == .inPlace || generation == ForkGuard.generation
  }

  // MARK: Threads

  func start() {
    var started = [SystemThread { [self] in runClock() }]
    if configuration.execution == .threads {
      for (group, count) in configuration.engines.enumerated() {
        for _ in 0..<count { started.append(SystemThread { [self] in runEngine(group) }) }
      }
    }
    threads.withLock { $0 = started }
  }

  func stop() {
    state.withLock { $0.isStopping = true }
    clockWork.signal()
    for (group, count) in configuration.engines.enumerated() {
      for _ in 0..<count { work[group].signal() }
    }
    // Whoever tells of a change may be the last to let go of the model.
    for thread in threads.withLock({ $0 }) { thread.join() }
  }

  private func runEngine(_ group: Int) {
    var worker = ModelWorker(profile: configuration.profile)
    while true {
      work[group].wait()
      if state.withLock({ $0.isStopping }) { return }
      while let job = takeJob(group) { run(job, &worker) }
    }
  }

  // MARK: Submitting

  /// Opens a queue for a new client, whose number is returned; nil when it cannot be opened.
  func open(_ queue: Int) -> Int? {
    guard hasWorkers else { return nil }
    return state.withLock { state in
      guard !state.isHalted, state.queues[queue].isEnabled else { return nil }
      let isDedicated = configuration.queues[queue].mode == .dedicated
      guard !isDedicated || state.queues[queue].clients.isEmpty else { return nil }
      state.clientCount += 1
      state.queues[queue].clients.insert(state.clientCount)
      return state.clientCount
    }
  }

  /// Gives a queue back: the client's jobs are dropped, and once this returns none of them writes.
  func close(_ queue: Int, client: Int) {
    state.withLock { state in
      state.queues[queue].clients.remove(client)
      state.queues[queue].waiting.removeAll { $0.client == client }
      state.events.removeAll {
        if case .complete(_, _, _, client) = $0.event { true } else { false }
      }
    }
    while state.withLock({ $0.queues[queue].running[client] != nil }) { usleep(20) }
    resumeDrain(queue)
  }

  func submit(
    _ descriptor: ModelDescriptor, to queue: Int, client: Int
  ) -> Submission {
    let settings = configuration.queues[queue]
    if settings.mode == .shared, faults.refusesSubmission() { return .busy }
    let isTaken = state.withLock { state -> Submission in
      guard !state.isHalted, state.queues[queue].isEnabled,
        state.queues[queue].clients.contains(client)
      else { return .refused(errno: ENXIO) }
      let limit = settings.mode == .shared ? settings.threshold : settings.size
      guard state.queues[queue].waiting.count < limit else {
        guard settings.mode == .dedicated else { return .busy }
        // A dedicated queue has no way to refuse: what does not fit is lost.
        state.dropped += 1
        return .accepted
      }
      guard descriptor.hasUsableRecord else {
        state.dropped += 1
        return .accepted
      }
      state.queues[queue].waiting.append(
        Job(descriptor: descriptor, queue: queue, client: client))
      return .accepted
    }
    guard isTaken == .accepted else { return isTaken }
    startWork(settings.group)
    return .accepted
  }

  private func startWork(_ group: Int) {
    switch configuration.execution {
    case .inPlace: workInPlace(group)
    case .threads: work[group].signal()
    }
  }

  private func workInPlace(_ group: Int) {
    let box =
      state.withLock { $0.idleWorkers.popLast() } ?? WorkerBox(profile: configuration.profile)
    while let job = takeJob(group) { run(job, &box.worker) }
    state.withLock { $0.idleWorkers.append(box) }
  }

  // MARK: Working

  private func takeJob(_ group: Int) -> Job? {
    state.withLock { state in
      guard !state.isStopping, !state.isHalted else { return nil }
      // Longest queue first: no queue of the group starves.
      let candidates = configuration.queues.indices.filter {
        configuration.queues[$0].group == group && !state.queues[$0].waiting.isEmpty
          // A drain waits until everything before it is done.
          && (state.queues[$0].waiting[0].descriptor.opcode != Opcode.drain.rawValue
            || !state.isWorking(on: $0))
      }
      guard
        let queue = candidates.max(by: {
          state.queues[$0].waiting.count < state.queues[$1].waiting.count
        })
      else { return nil }
      let job = state.queues[queue].waiting.removeFirst()
      state.queues[queue].begin(job.client)
      return job
    }
  }

  private func run(_ job: Job, _ worker: inout ModelWorker) {
    let start = Clock.now
    let completion = worker.execute(
      job.descriptor, on: configuration.queues[job.queue],
      configuration.capabilities, faults)
    serve(since: start, job)
    let isValid = state.withLock { $0.queues[job.queue].clients.contains(job.client) }
    var isWritten = false
    switch completion {
    case .write(let record, let address) where isValid:
      isWritten = Self.publish(record, at: address, job.descriptor)
    case .writeLate(let record, let address) where isValid:
      schedule(
        .complete(record, at: address, queue: job.queue, client: job.client),
        after: faults.lateness)
    case .vanish:
      disable(job.queue)
      if let absence = faults.absence { schedule(.enable(queue: job.queue), after: absence) }
    case .halt:
      halt()
      if let absence = faults.absence { schedule(.reset, after: absence) }
    default: break
    }
    state.withLock { state in
      state.queues[job.queue].end(job.client)
      if isWritten { state.completed += 1 }
    }
    // Whoever works in place looks for more anyway.
    if configuration.execution == .threads { resumeDrain(job.queue) }
  }

  /// Something ended that a drain may have waited for.
  private func resumeDrain(_ queue: Int) {
    let isWaiting = state.withLock { state in
      state.queues[queue].waiting.first?.descriptor.opcode == Opcode.drain.rawValue
    }
    if isWaiting { startWork(configuration.queues[queue].group) }
  }

  /// Success without a request for a record leaves none.
  private static func publish(
    _ record: CompletionRecord, at address: UInt64, _ descriptor: ModelDescriptor
  ) -> Bool {
    if record.status == .success, !descriptor.flags.contains(.requestCompletionRecord) {
      return false
    }
    return ModelWorker.write(record, at: address)
  }

  /// Takes as long as the device is configured to.
  private func serve(since start: UInt64, _ job: Job) {
    let needed =
      serviceTime.job + serviceTime.perKiB * UInt64(job.descriptor.sourceCount) / 1024
    guard needed > 0 else { return }
    // In small steps: a queue that is closed meanwhile waits for nobody.
    while Clock.now < start + needed,
      state.withLock({
        !$0.isStopping && $0.queues[job.queue].clients.contains(job.client)
      })
    {
      if start + needed > Clock.now + 1_000_000 { usleep(500) } else { sched_yield() }
    }
  }

  // MARK: Coming and going

  private static func void(_ state: inout State, _ queue: Int) {
    state.queues[queue].clients = []
    state.queues[queue].waiting = []
    state.events.removeAll {
      if case .complete(_, _, queue, _) = $0.event { true } else { false }
    }
  }

  func disable(_ queue: Int) {
    state.withLock { state in
      state.queues[queue].isEnabled = false
      Self.void(&state, queue)
    }
    tellOfChange()
  }

  private func tellOfChange() { onChange.withLock { $0 }?() }

  func enable(_ queue: Int) {
    state.withLock { $0.queues[queue].isEnabled = true }
    tellOfChange()
  }

  func halt() {
    state.withLock { state in
      state.isHalted = true
      for queue in state.queues.indices { Self.void(&state, queue) }
    }
    tellOfChange()
  }

  func reset() {
    state.withLock { state in
      state.isHalted = false
      for queue in state.queues.indices { state.queues[queue].isEnabled = true }
    }
    tellOfChange()
  }

  // MARK: The clock

  private func schedule(_ event: Event, after nanoseconds: UInt64) {
    let time = Clock.now + nanoseconds
    state.withLock { $0.events.append((time, event)) }
    clockWork.signal()
  }

  private func runClock() {
    while true {
      let now = Clock.now
      let (due, next) = state.withLock { state -> ([Event]?, UInt64?) in
        if state.isStopping { return (nil, nil) }
        let due = state.events.filter { $0.time <= now }.map(\.event)
        state.events.removeAll { $0.time <= now }
        // A close waits for completions that are under way.
        for case .complete(_, _, let queue, let client) in due {
          state.queues[queue].begin(client)
        }
        return (due, state.events.map(\.time).min())
      }
      guard let due else { return }
      for event in due { carryOut(event) }
      if let next { clockWork.wait(until: next) } else { clockWork.wait() }
    }
  }

  private func carryOut(_ event: Event) {
    switch event {
    case .enable(let queue): enable(queue)
    case .reset: reset()
    case .complete(let record, let address, let queue, let client):
      let isValid = state.withLock { $0.queues[queue].clients.contains(client) }
      let isWritten = isValid && ModelWorker.write(record, at: address)
      state.withLock { state in
        state.queues[queue].end(client)
        if isWritten { state.completed += 1 }
      }
      resumeDrain(queue)
    }
  }
}
