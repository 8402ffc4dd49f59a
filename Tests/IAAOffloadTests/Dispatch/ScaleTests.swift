// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The simulation against what is known in closed form of queues: if it is wrong there, it is wrong everywhere.

import Glibc
import Testing

@testable import OffloadStress

@Suite struct ScaleTests {
  /// One for all, so that figures within a few parts of a hundred do not depend on the day.
  static let seed: UInt64 = 3
  static let jobs = 10_000

  /// A device with one queue, which holds all that comes unless told otherwise; jobs take 1000 ns, threads nothing.
  private func device(engines: Int, entries: Int = .max) -> ScaleMachine {
    var machine = ScaleMachine(
      serviceTime: 1000, dispatchTime: 0, refusalTime: 0, softwareTime: nil)
    (machine.devices, machine.queuesPerDevice, machine.enginesPerDevice) = (1, 1, engines)
    machine.entriesPerQueue = entries
    machine.submissionRetries = 0
    return machine
  }

  private func expect(
    _ value: Double, _ expected: Double, within part: Double, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      abs(value - expected) <= part * expected,
      "\(what): \(value), not \(expected), seed \(Self.seed)",
      sourceLocation: sourceLocation)
  }

  @Test(
    "engines are as busy as the load says, and Little's law holds", arguments: [1, 8, 64],
    [0.3, 0.8])
  func utilization(engines: Int, load: Double) {
    let machine = device(engines: engines)
    let rate = load * machine.capacity
    let result = ScaleSimulation.run(
      machine, .open(threads: 3, rate: rate), jobs: Self.jobs, seed: Self.seed)
    expect(result.utilization, load, within: 0.05, "utilisation")
    expect(result.rate, rate, within: 0.05, "jobs a second")
    expect(
      result.meanUnderWay, result.rate / 1e9 * result.meanLatency, within: 0.02, "Little's law")
    #expect(result.rejects == 0 && result.refusals == 0)
  }

  /// Pollaczek and Khinchine: of one engine and constant service the wait is load / (2 (1 - load)) services.
  @Test("one engine: the wait is M/D/1's", arguments: [0.2, 0.4, 0.6])
  func oneEngine(load: Double) {
    let machine = device(engines: 1)
    let result = ScaleSimulation.run(
      machine, .open(threads: 1, rate: load * machine.capacity), jobs: Self.jobs, seed: Self.seed)
    expect(result.meanLatency, 1000 * (1 + load / (2 * (1 - load))), within: 0.07, "mean latency")
  }

  /// Erlang's formula C.
  @Test("many engines: the wait is M/M/c's", arguments: [2, 8], [0.4, 0.6])
  func manyEngines(engines: Int, load: Double) {
    var machine = device(engines: engines)
    machine.service = .exponential
    let result = ScaleSimulation.run(
      machine, .open(threads: 1, rate: load * machine.capacity), jobs: Self.jobs, seed: Self.seed)
    let offered = load * Double(engines)
    let blocked = Self.erlangB(engines, offered)
    let waits = blocked / (1 - load * (1 - blocked))
    expect(
      result.meanLatency, 1000 * (1 + waits / (Double(engines) * (1 - load))), within: 0.1,
      "mean latency")
  }

  /// With one engine half as long, with several somewhat more.
  @Test("jobs wait less for constant service than for service by chance")
  func constantService() {
    var machine = device(engines: 8)
    let load = ScaleLoad.open(threads: 1, rate: 0.7 * machine.capacity)
    let constant = ScaleSimulation.run(machine, load, jobs: Self.jobs, seed: Self.seed)
    machine.service = .exponential
    let varying = ScaleSimulation.run(machine, load, jobs: Self.jobs, seed: Self.seed)
    let ratio = (constant.meanLatency - 1000) / (varying.meanLatency - 1000)
    #expect(ratio > 0.25 && ratio < 0.9, "\(ratio), seed \(Self.seed)")
  }

  /// Erlang's formula B, which holds whatever the law of service.
  @Test("without entries jobs are refused as Erlang says", arguments: [1, 8], [1.0, 2.0])
  func refusals(engines: Int, load: Double) {
    let machine = device(engines: engines, entries: 0)
    let result = ScaleSimulation.run(
      machine, .open(threads: 1, rate: load * machine.capacity), jobs: Self.jobs, seed: Self.seed)
    expect(
      result.rejectedShare, Self.erlangB(engines, load * Double(engines)), within: 0.08,
      "rejected")
    #expect(result.refusals == result.rejects)
  }

  static func erlangB(_ engines: Int, _ offered: Double) -> Double {
    (1...engines).reduce(1.0) { blocked, count in
      offered * blocked / (Double(count) + offered * blocked)
    }
  }

  @Test("jobs that are always under way are as many a second as threads, engines or both let be")
  func closedLoops() {
    var machine = device(engines: 4)
    machine.dispatchTime = 250
    // Two blocking threads: a job is dispatched and served, one after the other.
    let blocking = ScaleSimulation.run(
      machine, .closed(threads: 2, depth: 1), jobs: 4000, seed: Self.seed)
    expect(blocking.rate, 2e9 / 1250, within: 0.01, "blocking")
    expect(blocking.threadUtilization, 0.2, within: 0.01, "threads")
    // Deeper than four engines need: these are the limit.
    let deep = ScaleSimulation.run(
      machine, .closed(threads: 2, depth: 8), jobs: 4000, seed: Self.seed)
    expect(deep.rate, machine.capacity, within: 0.01, "deep")
    expect(deep.utilization, 1, within: 0.01, "engines")
    expect(deep.meanLatency, 16.0 / machine.capacity * 1e9, within: 0.02, "16 under way")
    // One thread dispatches four million a second and no more.
    machine.serviceTime = 100
    let single = ScaleSimulation.run(
      machine, .closed(threads: 1, depth: 64), jobs: 4000, seed: Self.seed)
    expect(single.rate, 4e6, within: 0.01, "one thread")
  }

  @Test("full queues send to software what engines and entries do not hold")
  func fullQueues() {
    var machine = ScaleFigures().machine(compressing: 65_536)
    let held = machine.engines + machine.queues * machine.entriesPerQueue
    let below = ScaleSimulation.run(
      machine, .closed(threads: 16, depth: held / 16 / 2), jobs: 4000, seed: Self.seed)
    #expect(below.rejects == 0)
    let above = ScaleSimulation.run(
      machine, .closed(threads: 16, depth: held / 16 + 8), jobs: 4000, seed: Self.seed)
    #expect(above.rejects > 0 && above.utilization > 0.9)
    // All that a refused job costs, and no entry of any queue.
    machine.entriesPerQueue = 0
    machine.devices = 1
    let none = ScaleSimulation.run(
      machine, .closed(threads: 16, depth: 100), jobs: 4000, seed: Self.seed)
    #expect(none.refusals >= none.rejects * 8, "two queues, four times each")
  }

  @Test("the same seed gives the same figures, another one others")
  func seeds() {
    let machine = ScaleFigures().machine(compressing: 4096)
    let load = ScaleLoad.open(threads: 4, rate: machine.capacity / 2)
    let first = ScaleSimulation.run(machine, load, jobs: 2000, seed: 7)
    #expect(ScaleSimulation.run(machine, load, jobs: 2000, seed: 7) == first)
    #expect(ScaleSimulation.run(machine, load, jobs: 2000, seed: 8) != first)
  }
}
