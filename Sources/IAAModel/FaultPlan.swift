// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a model does wrong, and how often. Decisions are a function of the seed and a running
// number, so the same plan misbehaves the same way on the same sequence of descriptors.

import IAADevices
import IAAOffload
import SplitMix
import Synchronization

/// A way for a device to misbehave.
public enum Fault: String, Sendable, Hashable, CaseIterable {
  /// Submissions are refused for a while: a burst.
  case queueFull
  /// Status 0x03 at a page of the source.
  case readPageFault
  /// Status 0x83 at a page of the destination.
  case writePageFault
  /// The completion record is never written.
  case neverCompletes
  /// The record is written long after the work was done.
  case lateCompletion
  /// The record's CRC is wrong.
  case wrongCRC
  /// A bit of the output is wrong. The CRC is of the right bytes.
  case flippedOutputBit
  /// The output lacks its end, and the record agrees with that.
  case shortOutput
  /// Status 0x0a with an error code of a bad stream or bad tables.
  case analyticsError
  /// Status 0x20, an error of the bus.
  case hardwareError
  /// Status 0x24.
  case watchdog
  /// The queue goes away with all jobs in it; it comes back after a while.
  case queueVanishes
  /// The device halts with all jobs in it until it is reset.
  case deviceHalts
}

/// Which faults a model shows.
public struct FaultPlan: Sendable, Hashable {
  /// Starts the sequence of decisions.
  public var seed: UInt64
  /// Probabilities for each descriptor, or for ``Fault/queueFull`` for each submission; they are
  /// tried one after the other and should add up to at most 1. Each is within 0...1.
  public var rates: [Fault: Double]
  /// Faults of the first descriptors, one each, before the rates apply; nil is a good one.
  public var script: [Fault?]
  /// Submissions a burst of ``Fault/queueFull`` refuses, at least 1.
  public var burstLength: Int
  /// What a late completion takes longer; this and ``absence`` are not negative, and below 2^40 ns.
  public var lateness: Duration
  /// The time until a vanished queue is back or a halted device is reset; nil is never.
  public var absence: Duration?

  /// No faults.
  public static let none = FaultPlan()

  /// Creates a plan.
  ///
  /// - Parameters:
  ///   - seed: Starts the sequence of decisions.
  ///   - rates: Probabilities, 0…1.
  ///   - script: Faults of the first descriptors.
  public init(seed: UInt64 = 1, rates: [Fault: Double] = [:], script: [Fault?] = []) {
    self.seed = seed
    self.rates = rates
    self.script = script
    burstLength = 8
    lateness = .milliseconds(5)
    absence = .milliseconds(10)
  }

  /// Stops on fields outside their documented ranges.
  func checkRanges() {
    precondition(
      rates.values.allSatisfy { (0...1).contains($0) }, "fault rate outside 0...1, or no number")
    precondition(burstLength >= 1, "burstLength below 1")
    precondition(
      [lateness, absence ?? .zero].allSatisfy(DeviceModel.durations.contains),
      "lateness or absence negative, or of 2^40 ns (18 minutes) or more")
  }

  /// Every fault at the same rate.
  public static func everything(rate: Double, seed: UInt64) -> FaultPlan {
    FaultPlan(
      seed: seed, rates: Dictionary(uniqueKeysWithValues: Fault.allCases.map { ($0, rate) }))
  }
}

/// A plan at work: decisions, and how often each fault fired.
final class FaultSource: Sendable {
  let plan: FaultPlan
  /// The plan's, in nanoseconds.
  let lateness: UInt64
  let absence: UInt64?
  /// Upper ends of the faults' intervals of 0…1, without the submission's fault.
  private let thresholds: [(fault: Fault, end: Double)]
  private let descriptors = Atomic<UInt64>(0)
  private let submissions = Atomic<UInt64>(0)
  private let burst = Atomic<Int>(0)
  private let fired = ProcessLocked<[Fault: Int]> { [:] }

  init(plan: FaultPlan) {
    self.plan = plan
    lateness = plan.lateness.nanosecondCount
    absence = plan.absence?.nanosecondCount
    var end = 0.0
    thresholds = Fault.allCases.filter { $0 != .queueFull }.compactMap { fault in
      guard let rate = plan.rates[fault], rate > 0 else { return nil }
      end += rate
      return (fault, end)
    }
  }

  /// Whether this submission is refused.
  func refusesSubmission() -> Bool {
    guard let rate = plan.rates[.queueFull] else { return false }
    if burst.load(ordering: .relaxed) > 0, burst.subtract(1, ordering: .relaxed).oldValue > 0 {
      return true
    }
    let number = submissions.add(1, ordering: .relaxed).oldValue
    var generator = SplitMix64(state: ~plan.seed &+ number &* SplitMix64.step)
    guard generator.unit() < rate else { return false }
    burst.store(plan.burstLength - 1, ordering: .relaxed)
    count(.queueFull)
    return true
  }

  /// The fault planned for the next descriptor, and numbers to shape it with. Whoever carries it
  /// out counts it: not every fault fits every descriptor.
  func next() -> (fault: Fault?, generator: SplitMix64) {
    let number = descriptors.add(1, ordering: .relaxed).oldValue
    var generator = SplitMix64(state: plan.seed &+ number &* SplitMix64.step)
    if number < UInt64(plan.script.count) { return (plan.script[Int(number)], generator) }
    let point = generator.unit()
    return (thresholds.first { point < $0.end }?.fault, generator)
  }

  func count(_ fault: Fault) { fired.withLock { $0[fault, default: 0] += 1 } }

  var firedCounts: [Fault: Int] { fired.withLock { $0 } }
}
