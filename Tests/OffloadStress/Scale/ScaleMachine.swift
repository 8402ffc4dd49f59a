// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A machine that nobody here has, on paper: devices, engines and queues, and what threads do to them. Times are
// virtual, so eight devices are simulated as well as one, whatever simulates them.

import IAAOffload

/// The machine, and what a job costs on it. Times are in nanoseconds.
public struct ScaleMachine: Sendable, Hashable {
  /// How long a job is with an engine.
  public enum Service: Sendable, Hashable {
    /// As long as every other.
    case constant
    /// As long as chance has it, the mean being the machine's: for what is known of queues in closed form.
    case exponential
  }

  /// Devices of the machine.
  public var devices = 8
  /// Engines of a device, as generations 1 and 2 have.
  public var enginesPerDevice = 8
  /// Shared queues of a device, all in one group: a job goes to any engine of it.
  public var queuesPerDevice = 2
  /// Entries of a queue: 128 of a device, shared out.
  public var entriesPerQueue = 64
  /// What a job takes of an engine.
  public var serviceTime: Double
  /// How that varies.
  public var service = Service.constant
  /// What the dispatcher takes of a thread for each job, submission and completion together.
  public var dispatchTime: Double
  /// What a submission that a full queue refuses takes of a thread.
  public var refusalTime: Double
  /// How often a full queue is asked again, and how many are asked: the dispatcher's defaults.
  public var submissionRetries = Dispatcher.Configuration().submissionRetries
  /// See ``submissionRetries``.
  public var queuesTried = Dispatcher.Configuration().queuesTried
  /// What a thread takes for a job that no queue takes; nil where such a job is given up.
  public var softwareTime: Double?

  /// A machine whose jobs take so long.
  public init(serviceTime: Double, dispatchTime: Double, refusalTime: Double, softwareTime: Double?)
  {
    self.serviceTime = serviceTime
    self.dispatchTime = dispatchTime
    self.refusalTime = refusalTime
    self.softwareTime = softwareTime
  }

  var engines: Int { devices * enginesPerDevice }
  var queues: Int { devices * queuesPerDevice }

  /// Jobs a second that all engines do.
  public var capacity: Double { Double(engines) / serviceTime * 1e9 }
}

/// Who brings the jobs.
public enum ScaleLoad: Sendable, Hashable {
  /// So many threads, each of which always has `depth` jobs under way.
  case closed(threads: Int, depth: Int)
  /// Jobs that come by chance (Poisson), `rate` a second in all, to threads in turn.
  case open(threads: Int, rate: Double)

  var threads: Int {
    switch self {
    case .closed(let threads, _), .open(let threads, _): threads
    }
  }
}

/// What a simulation has shown.
public struct ScaleResult: Sendable, Hashable {
  /// Jobs that were measured: done by an engine, in software, or given up.
  public internal(set) var jobs = 0
  /// Jobs that ended in that time, those that began before it included.
  public internal(set) var ended = 0
  /// Of the measured ones those that no queue took.
  public internal(set) var rejects = 0
  /// Submissions that a full queue refused.
  public internal(set) var refusals = 0
  /// Virtual nanoseconds that were measured.
  public internal(set) var elapsed = 0.0
  /// The part of that time that an engine works, 0...1.
  public internal(set) var utilization = 0.0
  /// The part of that time that a thread is busy, dispatching, asking full queues or working itself, 0...1.
  public internal(set) var threadUtilization = 0.0
  /// Jobs under way, on average.
  public internal(set) var meanUnderWay = 0.0
  /// Nanoseconds from a job's beginning to its end, sorted; of those not given up.
  public internal(set) var latencies: [Double] = []

  /// Jobs a second.
  public var rate: Double { Double(ended) / elapsed * 1e9 }
  /// Nanoseconds.
  public var meanLatency: Double {
    latencies.isEmpty ? 0 : latencies.reduce(0, +) / Double(latencies.count)
  }
  /// The part of the jobs that no queue took.
  public var rejectedShare: Double { jobs == 0 ? 0 : Double(rejects) / Double(jobs) }

  /// The latency that a part of the jobs does not exceed, `part` in 0...1.
  public func latency(_ part: Double) -> Double {
    guard !latencies.isEmpty else { return 0 }
    return latencies[min(latencies.count - 1, Int(Double(latencies.count) * part))]
  }
}
