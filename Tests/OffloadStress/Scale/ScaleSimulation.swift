// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The simulation: threads that dispatch one job at a time, queues that are full or not, and engines that take from
// the longest queue of their device, as the device model's do.

import Glibc
import IAADevices
import SplitMix

/// One run in virtual time; the same seed gives the same result.
public struct ScaleSimulation {
  private struct Job {
    let thread: Int
    let start: Double
    /// Whether it came after the warm-up.
    let isMeasured: Bool
    /// Submissions so far.
    var attempts = 0
    /// The queue that is asked first.
    let turn: Int
  }

  private enum Event {
    case arrival
    case submission(Job)
    case completion(Job, device: Int)
    case software(Job)
  }

  private let machine: ScaleMachine
  private let load: ScaleLoad
  private var random: SplitMix64
  private var events = EventQueue<Event>()
  private var now = 0.0
  /// Jobs that wait for their thread, and whether it is at work.
  private var ready: [[Job]]
  private var isBusy: [Bool]
  /// Jobs in each queue, the oldest last, and each device's engines that are idle.
  private var queues: [[Job]]
  private var idleEngines: [Int]
  private var turns = 0
  private var underWay = 0
  private var busyThreads = 0
  private var busyEngines = 0
  private var begun = 0
  private var warmUp = 0
  private var result = ScaleResult()
  /// When measuring began; sums over time since then.
  private var measuredSince = 0.0
  private var busyEngineTime = 0.0
  private var busyThreadTime = 0.0
  private var underWayTime = 0.0

  /// Simulates.
  ///
  /// - Parameters:
  ///   - machine: The machine.
  ///   - load: Who brings jobs.
  ///   - jobs: How many are measured, after a tenth more that are not.
  ///   - seed: Starts the sequence of what is left to chance.
  /// - Returns: What was measured.
  public static func run(
    _ machine: ScaleMachine, _ load: ScaleLoad, jobs: Int, seed: UInt64
  ) -> ScaleResult {
    var simulation = ScaleSimulation(machine, load, seed: seed)
    return simulation.run(jobs: jobs)
  }

  private init(_ machine: ScaleMachine, _ load: ScaleLoad, seed: UInt64) {
    self.machine = machine
    self.load = load
    random = SplitMix64(state: seed)
    ready = Array(repeating: [], count: load.threads)
    isBusy = Array(repeating: false, count: load.threads)
    queues = Array(repeating: [], count: machine.queues)
    idleEngines = Array(repeating: machine.enginesPerDevice, count: machine.devices)
  }

  private mutating func run(jobs: Int) -> ScaleResult {
    warmUp = max(jobs / 10, 1)
    switch load {
    case .closed(let threads, let depth):
      for _ in 0..<depth { for thread in 0..<threads { begin(thread) } }
    case .open: events.add(.arrival, at: gap())
    }
    while result.jobs < jobs, let (time, event) = events.next() {
      advance(to: time)
      handle(event)
    }
    result.elapsed = now - measuredSince
    result.utilization = busyEngineTime / (result.elapsed * Double(machine.engines))
    result.threadUtilization = busyThreadTime / (result.elapsed * Double(load.threads))
    result.meanUnderWay = underWayTime / result.elapsed
    result.latencies.sort()
    return result
  }

  private mutating func advance(to time: Double) {
    if begun > warmUp {
      let passed = time - now
      busyEngineTime += passed * Double(busyEngines)
      busyThreadTime += passed * Double(busyThreads)
      underWayTime += passed * Double(underWay)
    } else {
      measuredSince = time
    }
    now = time
  }

  private mutating func handle(_ event: Event) {
    switch event {
    case .arrival:
      begin(begun % load.threads)
      events.add(.arrival, at: now + gap())
    case .submission(let job): submit(job)
    case .software(let job):
      end(job)
      free(job.thread)
    case .completion(let job, let device):
      idleEngines[device] += 1
      busyEngines -= 1
      startEngines(of: device)
      end(job)
    }
  }

  /// Nanoseconds to the next job that comes by chance.
  private mutating func gap() -> Double {
    guard case .open(_, let rate) = load else { return 0 }
    return -log(1 - random.unit()) * 1e9 / rate
  }

  // MARK: Threads

  private mutating func begin(_ thread: Int) {
    begun += 1
    underWay += 1
    turns += 1
    ready[thread].insert(
      Job(thread: thread, start: now, isMeasured: begun > warmUp, turn: turns), at: 0)
    dispatch(thread)
  }

  /// Lets a thread that is idle take its next job.
  private mutating func dispatch(_ thread: Int) {
    guard !isBusy[thread], let job = ready[thread].popLast() else { return }
    isBusy[thread] = true
    busyThreads += 1
    events.add(.submission(job), at: now + machine.dispatchTime)
  }

  private mutating func free(_ thread: Int) {
    isBusy[thread] = false
    busyThreads -= 1
    dispatch(thread)
  }

  /// Asks a queue, or the next one after as many refusals as the dispatcher bears.
  private mutating func submit(_ job: Job) {
    var job = job
    let perQueue = machine.submissionRetries + 1
    let queue = (job.turn + job.attempts / perQueue) % machine.queues
    if queues[queue].count < machine.entriesPerQueue || takesAtOnce(queue) {
      queues[queue].insert(job, at: 0)
      startEngines(of: queue / machine.queuesPerDevice)
      return free(job.thread)
    }
    job.attempts += 1
    if job.isMeasured { result.refusals += 1 }
    if job.attempts < perQueue * min(machine.queuesTried, machine.queues) {
      return events.add(.submission(job), at: now + machine.refusalTime)
    }
    if job.isMeasured { result.rejects += 1 }
    if let softwareTime = machine.softwareTime {
      events.add(.software(job), at: now + machine.refusalTime + softwareTime)
    } else {
      end(job, isGivenUp: true)
      free(job.thread)
    }
  }

  /// Whether an engine is idle, so that a job never stays in the queue: for queues of no entries.
  private func takesAtOnce(_ queue: Int) -> Bool {
    queues[queue].isEmpty && idleEngines[queue / machine.queuesPerDevice] > 0
  }

  private mutating func end(_ job: Job, isGivenUp: Bool = false) {
    underWay -= 1
    if begun > warmUp { result.ended += 1 }
    if job.isMeasured {
      result.jobs += 1
      if !isGivenUp { result.latencies.append(now - job.start) }
    }
    if case .closed = load { begin(job.thread) }
  }

  // MARK: Engines

  private mutating func startEngines(of device: Int) {
    let first = device * machine.queuesPerDevice
    let own = first..<first + machine.queuesPerDevice
    while idleEngines[device] > 0, let queue = own.max(by: { queues[$0].count < queues[$1].count }),
      let job = queues[queue].popLast()
    {
      idleEngines[device] -= 1
      busyEngines += 1
      let time =
        machine.service == .constant
        ? machine.serviceTime : -log(1 - random.unit()) * machine.serviceTime
      events.add(.completion(job, device: device), at: now + time)
    }
  }
}
