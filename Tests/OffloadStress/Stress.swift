// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Many threads, many devices, every fault at once: jobs whose right answers are known beforehand,
// and a count of its own to hold against the dispatcher's. The unit tests run a short one, `make stress`
// ten million jobs.

public import FixedDeflate
import IAADevices
public import IAAModel
public import IAAOffload
import SplitMix
import Synchronization
import Threading

/// A run over misbehaving models.
public struct Stress: Sendable {
  /// Jobs of all threads together.
  public var jobs: Int
  /// Threads that submit.
  public var threads = 8
  /// Starts all sequences.
  public var seed: UInt64
  /// How often each fault is planned, for each descriptor.
  public var faultRate: Double
  /// The dispatcher's mode.
  public var mode = CompressionMode.fixed
  /// Bytes of the largest chunk.
  public var maximumSize = 20_000
  /// How long a completion is waited for.
  public var waitLimit = Duration.milliseconds(20)
  /// How often a burst of refusals begins, for each submission; nil for the rate of the others.
  public var fullQueueRate: Double?
  /// How often the first descriptors of each device go through all faults.
  public var scriptedRounds = 0
  /// The part of the jobs that must run on a device.
  public var minimumShare = 0.5
  /// Jobs after which each thread tells how far it is; 0 for never.
  public var reportInterval = 0
  /// The time without a finished job after which a thread counts as hanging. A job waits for a few
  /// times ``waitLimit`` at most.
  public var hangLimit = Duration.seconds(60)

  /// Creates a run.
  public init(jobs: Int, seed: UInt64, faultRate: Double) {
    self.jobs = jobs
    self.seed = seed
    self.faultRate = faultRate
  }

  /// Four devices: shared, dedicated, both, and one that blocks on faults, with one, two or three
  /// engines.
  func makeModels() -> [DeviceModel] {
    func model(_ id: Int, _ queues: [DeviceModel.Queue], engines: [Int]) -> DeviceModel {
      var faults = FaultPlan.everything(rate: faultRate, seed: seed &+ UInt64(id))
      faults.rates[.queueFull] = fullQueueRate ?? faultRate
      faults.lateness = waitLimit * 2
      faults.absence = .milliseconds(2)
      faults.script = (0..<scriptedRounds).flatMap { _ in
        Fault.allCases.flatMap { [nil, nil, $0, nil, nil] as [Fault?] }
      }
      var configuration = DeviceModel.Configuration(
        id: id, queues: queues, engines: engines, faults: faults)
      // One is of the first generation, which has no dynamic mode.
      if mode.code == .dynamic, id != 1 { configuration.capabilities = .headerGeneration }
      return DeviceModel(configuration)
    }
    return [
      model(1, [.init(mode: .shared, size: 32)], engines: [1]),
      model(3, [.init(mode: .dedicated, size: 8)], engines: [1]),
      model(
        5,
        [.init(mode: .shared, size: 16, threshold: 8), .init(mode: .dedicated, size: 4, group: 1)],
        engines: [1, 1]),
      model(
        7, [.init(mode: .shared, size: 64, blocksOnFault: true), .init(size: 16)], engines: [2]),
    ]
  }

  var configuration: Dispatcher.Configuration {
    var configuration = Dispatcher.Configuration()
    configuration.mode = mode
    configuration.mapping = .perPackage
    configuration.waitLimit = WaitLimit(polls: .max, time: waitLimit)
    configuration.probeDelay = .milliseconds(1)
    configuration.maximumProbeDelay = .milliseconds(20)
    configuration.watchInterval = .milliseconds(2)
    configuration.quarantineWindow = .seconds(1)
    configuration.crossCheck = .sampled(oneIn: 1000)
    return configuration
  }

  /// Runs it.
  public func run() throws(OffloadError) -> StressResult {
    let models = makeModels()
    let dispatcher = try Dispatcher(configuration, models: models)
    let samples = StressSample.make(
      count: 400, seed: seed, maximumSize: maximumSize, mode: mode, rules: dispatcher.rules)
    let share = (jobs + threads - 1) / threads
    let start = Clock.now
    let watch = StressWatch(threads: threads, hangLimit: hangLimit.nanosecondCount)
    for number in 0..<threads {
      SystemThread {
        var worker = StressWorker(
          dispatcher: dispatcher, samples: samples, seed: seed &+ UInt64(number) &* 1_000_003,
          reportInterval: reportInterval, number: number)
        worker.run(jobs: share) { watch.note($0, of: number) }
        watch.end(number)
      }.detach()
    }
    let (tally, hangs) = watch.wait()
    let seconds = Double(Clock.now - start) / 1e9
    var fired: [Fault: Int] = [:]
    for model in models { fired.merge(model.firedFaults) { $0 + $1 } }
    return StressResult(
      tally: tally, hangs: hangs, statistics: dispatcher.statistics, firedFaults: fired,
      completedDescriptors: models.map(\.completedCount).reduce(0, +),
      droppedDescriptors: models.map(\.droppedCount).reduce(0, +), seconds: seconds,
      minimumShare: minimumShare)
  }
}

/// A chunk with its stream.
struct StressSample: Sendable {
  let bytes: [UInt8]
  let stream: [UInt8]
  let notLastStream: [UInt8]
  /// The stream with a bit flipped, and what software makes of it; nil when it is bad.
  let brokenStream: [UInt8]
  let brokenBytes: [UInt8]?

  /// Mostly small, so that many jobs are possible: faults do not depend on the size.
  static func make(
    count: Int, seed: UInt64, maximumSize: Int, mode: CompressionMode, rules: ModeRules
  ) -> [StressSample] {
    var random = SplitMix64(state: seed)
    var encoder = Encoder(mode: mode)
    var decoder = ModeDecoder(mode, limit: .rfc1951)
    return (0..<count).map { index in
      let size =
        index % 200 == 0
        ? random.below(maximumSize) + 1
        : index % 40 == 0 ? min(4096, maximumSize) : random.below(256) + 1
      let alphabet = [2, 8, 64, 256][index % 4]
      var bytes: [UInt8] = []
      while bytes.count < size {
        if random.below(3) > 0, bytes.count > 8 {
          let start = random.below(bytes.count - 4)
          bytes += bytes[start..<min(bytes.count, start + 4 + random.below(30))]
        } else {
          bytes.append(UInt8(random.below(alphabet)))
        }
      }
      bytes.removeLast(bytes.count - size)
      // SAFETY (here and below): bytes have no padding.
      let stream = unsafe encoder.compress(bytes.span.bytes)
      var broken = stream
      let bit = random.below(stream.count * 8)
      broken[bit / 8] ^= 1 << (bit % 8)
      return StressSample(
        bytes: bytes, stream: stream,
        notLastStream: unsafe encoder.compress(
          bytes.span.bytes, position: rules.position(.notLast)),
        brokenStream: broken,
        brokenBytes: Self.bytes(of: broken, &decoder, maximumCount: Self.room))
    }
  }

  /// What a stream decompresses to; nil where it is bad.
  static func bytes(
    of stream: [UInt8], _ decoder: inout ModeDecoder, maximumCount: Int
  ) -> [UInt8]? {
    try? makeBytes(capacity: maximumCount) { (output: inout OutputRawSpan) throws(DeflateError) in
      _ = unsafe try decoder.decompress(stream.span.bytes, into: &output)
    }
  }

  /// Room for every sample.
  static let room = 24_000
}

/// What a run counted itself.
public struct StressTally: Sendable, Hashable {
  /// Jobs that were asked for, and that came back in whatever way.
  public var jobs = 0, hardware = 0, fallbacks = 0, errors = 0
  /// Results that are not the right bytes.
  public var wrong = 0
  /// Streams that decompress to the right bytes but are not the profile's: a flipped distance in a
  /// run, say, that no decompression can see.
  public var otherBits = 0
  /// Errors that should not have been.
  public var unexpectedErrors = 0

  mutating func add(_ other: StressTally) {
    jobs += other.jobs
    hardware += other.hardware
    fallbacks += other.fallbacks
    errors += other.errors
    wrong += other.wrong
    otherBits += other.otherBits
    unexpectedErrors += other.unexpectedErrors
  }
}

/// What a run shows.
public struct StressResult: Sendable {
  /// The run's own count.
  public let tally: StressTally
  /// Threads that no longer got on.
  public let hangs: Int
  /// The dispatcher's.
  public let statistics: Statistics
  /// How often each fault fired.
  public let firedFaults: [Fault: Int]
  /// Descriptors the models answered.
  public let completedDescriptors: Int
  /// Descriptors lost in full dedicated queues.
  public let droppedDescriptors: Int
  /// How long it took.
  public let seconds: Double
  /// The part of the jobs that must have run on a device.
  let minimumShare: Double

  /// What is not as it must be, one line each.
  ///
  /// - Parameter minimumFired: How often every fault must have fired.
  /// - Returns: Nothing when all is well.
  public func problems(minimumFired: Int) -> [String] {
    var problems: [String] = []
    func demand(_ condition: Bool, _ text: String) { if !condition { problems.append(text) } }
    demand(tally.wrong == 0, "\(tally.wrong) wrong results")
    demand(hangs == 0, "\(hangs) threads hang")
    demand(tally.unexpectedErrors == 0, "\(tally.unexpectedErrors) unexpected errors")
    demand(
      tally.jobs == tally.hardware + tally.fallbacks + tally.errors,
      "jobs lost: \(tally.jobs) are not \(tally.hardware) + \(tally.fallbacks) + \(tally.errors)")
    demand(statistics.addsUp, "the statistics do not add up")
    demand(Int(statistics.jobs) == tally.jobs, "the dispatcher counts \(statistics.jobs) jobs")
    demand(
      Int(statistics.hardwareSuccesses) == tally.hardware
        && Int(statistics.fallbackCount) == tally.fallbacks
        && Int(statistics.errorCount) == tally.errors, "the dispatcher's outcomes differ")
    demand(
      Double(tally.hardware) >= minimumShare * Double(tally.jobs),
      "only \(tally.hardware) of \(tally.jobs) jobs ran on a device")
    demand(droppedDescriptors == 0, "\(droppedDescriptors) descriptors lost in dedicated queues")
    for fault in Fault.allCases where firedFaults[fault, default: 0] < minimumFired {
      problems.append("\(fault.rawValue) fired \(firedFaults[fault, default: 0]) times only")
    }
    return problems
  }

  /// The figures, for people.
  public var description: String {
    let rate = Int(Double(tally.jobs) / seconds)
    var text = """
      jobs \(tally.jobs) in \(seconds.rounded()) s (\(rate)/s)
        on a device \(tally.hardware), in software instead \(tally.fallbacks), errors \(tally.errors)
        wrong bytes \(tally.wrong), unexpected errors \(tally.unexpectedErrors), \
      lost \(tally.jobs - tally.hardware - tally.fallbacks - tally.errors), hangs \(hangs)
        streams that decompress rightly but are not the profile's \(tally.otherBits)
        descriptors answered \(completedDescriptors), lost in dedicated queues \
      \(droppedDescriptors)
        statistics add up: \(statistics.addsUp)
      faults fired

      """
    for fault in Fault.allCases {
      text += "  \(fault.rawValue) \(firedFaults[fault, default: 0])\n"
    }
    text += "fallbacks\n"
    for (reason, count) in statistics.fallbacks.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      text += "  \(reason.rawValue) \(count)\n"
    }
    text += "errors\n"
    for (error, count) in statistics.errors.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      text += "  \(error) \(count)\n"
    }
    return text
  }
}
