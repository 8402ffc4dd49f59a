// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Glibc
import OffloadStress
import Synchronization
import Testing
import Threading

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

/// Queues that break, come back, vanish and appear.
@Suite struct RecoveryTests {
  static let bytes = Sample.bytes(4, count: 2000, seed: 4)

  /// Waits for something another thread does; fails after a minute.
  static func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<30_000 {
      if condition() { return true }
      usleep(2000)
    }
    return condition()
  }

  /// How often the first queue was opened.
  static func incarnation(_ dispatcher: Dispatcher) -> Int {
    dispatcher.core.maintenance.withLock { _ in dispatcher.core.ports[0].incarnation }
  }

  @Test("broken queue is left alone then probed and used again")
  func brokenQueueIsLeftAloneThenProbedAndUsedAgain() throws {
    let dispatcher = try FaultTests.dispatcher([.neverCompletes])
    _ = try dispatcher.compress(Self.bytes)
    #expect(dispatcher.statistics.timeoutErrors == 1)
    #expect(Self.eventually { dispatcher.isOperational })
    let (_, report) = try dispatcher.compress(Self.bytes)
    #expect(report.path == .hardware && dispatcher.core.parking.count == 0)
  }

  @Test(
    "a broken queue comes back whatever profile its device has",
    arguments: MatchProfile.named.map(\.name))
  func brokenQueueComesBackWhateverItsProfile(_ name: String) throws {
    var faults = FaultPlan(script: [.neverCompletes])
    faults.absence = .milliseconds(1)
    var model = DeviceModel.Configuration(execution: .inPlace, faults: faults)
    model.profile = try #require(MatchProfile(named: name))
    var configuration = Dispatcher.Configuration.patient
    configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(500))
    configuration.probeDelay = .milliseconds(1)
    configuration.watchInterval = .milliseconds(2)
    let dispatcher = try Dispatcher(configuration, models: [DeviceModel(model)])
    _ = try dispatcher.compress(Self.bytes)
    // A busy machine may make the queue wait once more.
    var stream: [UInt8] = []
    #expect(
      Self.eventually {
        guard let (bytes, report) = try? dispatcher.compress(Self.bytes) else { return false }
        stream = bytes
        return report.path == .hardware
      })
    #expect(try dispatcher.decompress(stream, room: Self.bytes.count).bytes == Self.bytes)
  }

  @Test("probe that fails doubles the delay")
  func probeThatFailsDoublesTheDelay() throws {
    // The job is never answered, two probes fail, the third succeeds.
    let dispatcher = try FaultTests.dispatcher([.neverCompletes, .watchdog, .hardwareError]) {
      $0.probeDelay = .milliseconds(20)
    }
    let start = Clock.now
    _ = try dispatcher.compress(Self.bytes)
    #expect(Self.eventually { dispatcher.isOperational })
    // The job's 500 ms, then 20 ms, 40 ms and 80 ms.
    #expect(Clock.now - start >= 640_000_000)
    #expect(
      dispatcher.core.maintenance.withLock { _ in dispatcher.core.ports[0].probeDelay }
        == 80_000_000)
  }

  @Test("queue that only passes probes is asked less and less")
  func queueThatOnlyPassesProbesIsAskedLessAndLess() throws {
    // Job, probe, job, probe: the queue is back 20 ms after the first and 40 ms after the second.
    let dispatcher = try FaultTests.dispatcher([.neverCompletes, nil, .neverCompletes]) {
      $0.probeDelay = .milliseconds(20)
      $0.waitLimit = WaitLimit(polls: .max, time: .milliseconds(200))
    }
    for delay: UInt64 in [20_000_000, 40_000_000] {
      #expect(try dispatcher.compress(Self.bytes).report.fallback == .timedOut)
      #expect(Self.eventually { dispatcher.isOperational })
      #expect(
        dispatcher.core.maintenance.withLock { _ in dispatcher.core.ports[0].probeDelay } == delay)
    }
  }

  @Test("job that was cancelled and is never answered breaks its queue")
  func jobThatWasCancelledAndIsNeverAnsweredBreaksItsQueue() throws {
    let dispatcher = try FaultTests.dispatcher([.neverCompletes]) {
      $0.waitLimit = WaitLimit(polls: .max, time: .milliseconds(50))
    }
    // SAFETY: bytes have no padding.
    unsafe dispatcher.submitCompression(of: Self.bytes.span.bytes).cancel()
    #expect(Self.eventually { Self.incarnation(dispatcher) == 2 && dispatcher.isOperational })
    #expect(dispatcher.core.parking.count == 0)
    #expect(dispatcher.statistics.addsUp && dispatcher.statistics.errors == [.cancelled: 1])
  }

  @Test("queue with a handle in it is waited for with patience")
  func queueWithAHandleInItIsWaitedForWithPatience() throws {
    let dispatcher = try FaultTests.dispatcher([.neverCompletes]) {
      $0.watchInterval = .nanoseconds(1 << 60)
    }
    // SAFETY: bytes have no padding.
    var job: PendingJob? = unsafe dispatcher.submitCompression(of: Self.bytes.span.bytes)
    dispatcher.core.stop(dispatcher.core.ports[0], .broken)
    func patience() -> UInt64 { dispatcher.core.maintenance.withLock { $0.patience } }
    #expect(Self.eventually { patience() == 50_000_000 })
    #expect(!dispatcher.isOperational && Self.incarnation(dispatcher) == 1)
    job = nil
    #expect(job == nil && Self.eventually { dispatcher.isOperational })
    #expect(Self.eventually { patience() == 0 } && Self.incarnation(dispatcher) == 2)
  }

  @Test("jobs of a queue that vanished for good are let go of")
  func jobsOfAQueueThatVanishedForGoodAreLetGoOf() throws {
    var faults = FaultPlan(script: [.queueVanishes])
    faults.absence = nil
    var configuration = Dispatcher.Configuration.patient
    configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(50))
    configuration.watchInterval = .milliseconds(2)
    let dispatcher = try Dispatcher(configuration, models: [DeviceModel(.init(faults: faults))])
    #expect(try dispatcher.compress(Self.bytes).report.fallback == .timedOut)
    #expect(Self.eventually { dispatcher.core.parking.count == 0 })
    #expect(!dispatcher.isOperational)
  }

  @Test("slots stay with a device that may not know its queue was closed")
  func slotsStayWithADeviceThatMayNotKnowItsQueueWasClosed() throws {
    let source = ForgetfulSource()
    weak var slot: JobSlot?
    do {
      var configuration = Dispatcher.Configuration.patient
      configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(20))
      configuration.probeDelay = .milliseconds(1)
      let dispatcher = try Dispatcher(
        configuration, source: source, topology: CPUTopology(nodes: 1, cpusPerNode: 1))
      slot = dispatcher.core.contexts.withContext { $0.slot }
      #expect(try dispatcher.compress(Self.bytes).report.fallback == .timedOut)
      #expect(Self.eventually { Self.incarnation(dispatcher) > 3 })
      #expect(dispatcher.core.parking.count > 0 && slot != nil)
    }
    #expect(slot != nil, "memory that a device may write to was given back")
  }

  @Test("a dead device costs one wait, however many queues and jobs there are")
  func deadDevice() throws {
    let faults = FaultPlan(rates: [.neverCompletes: 1])
    let models = [1, 3].map { id in
      DeviceModel(
        .init(id: id, queues: Array(repeating: .init(size: 8), count: 8), faults: faults))
    }
    var configuration = Dispatcher.Configuration.patient
    configuration.mapping = .perPackage
    configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(50))
    let dispatcher = try Dispatcher(configuration, models: models)
    for _ in 0..<40 {
      let (stream, report) = try dispatcher.compress(Self.bytes)
      #expect(stream == Sample.software(Self.bytes) && report.path == .software)
    }
    #expect(dispatcher.statistics.timeoutErrors == 1 && dispatcher.statistics.addsUp)
  }

  @Test("queues that were doubted for another's silence are used again")
  func doubtedQueues() throws {
    let dead = DeviceModel(.init(id: 1, faults: FaultPlan(rates: [.neverCompletes: 1])))
    let good = DeviceModel(.init(id: 3, queues: [.init(), .init()]))
    var configuration = Dispatcher.Configuration.patient
    configuration.mapping = .perPackage
    configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(500))
    let dispatcher = try Dispatcher(configuration, models: [dead, good])
    while dispatcher.statistics.timeoutErrors == 0 { _ = try dispatcher.compress(Self.bytes) }
    #expect(Self.eventually { dispatcher.openQueues.map(\.id.device) == [3, 3] })
    #expect(try dispatcher.compress(Self.bytes).report.path == .hardware)
  }

  /// Times grow with the number of waits: one for all queues, or one for each.
  @Test("silent queues behind write(2) cost one wait at the start, and are not asked at every look")
  func silentWrittenQueues() throws {
    func open(_ count: Int) throws -> UInt64 {
      let source = ForgetfulSource(count: count, kind: .written)
      var configuration = Dispatcher.Configuration.patient
      configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(200))
      configuration.probeDelay = .nanoseconds(1 << 40)
      configuration.maximumProbeDelay = .nanoseconds(1 << 40)
      let start = Clock.now
      let dispatcher = try Dispatcher(
        configuration, source: source, topology: CPUTopology(nodes: 1, cpusPerNode: 1))
      let end = Clock.now
      for _ in 0..<3 { dispatcher.refresh() }
      #expect(!dispatcher.isOperational && source.openings.load(ordering: .relaxed) == count)
      #expect(
        dispatcher.reasonsForNoQueue.filter { $0.contains("takes no descriptors") }.count == count)
      return end - start
    }
    let one = try open(1)
    #expect(one >= 200_000_000)
    #expect(try open(16) < 8 * one)
  }

  @Test("a dispatcher that closes does not wait for a probe")
  func closingDuringAProbe() throws {
    let faults = FaultPlan(rates: [.neverCompletes: 1])
    var configuration = Dispatcher.Configuration.patient
    configuration.waitLimit = WaitLimit(polls: .max, time: .seconds(300))
    configuration.probeDelay = .nanoseconds(1)
    var dispatcher: Dispatcher? = try Dispatcher(
      configuration, models: [DeviceModel(.init(faults: faults))])
    let port = try #require(dispatcher?.core.ports[0])
    let start = Clock.now
    dispatcher?.core.stop(port, .broken)
    // Attached anew, and not open: it is being probed.
    #expect(Self.eventually { !port.isEmpty })
    dispatcher = nil
    #expect(Clock.now - start < 200_000_000_000)
  }

  /// While a dead queue is probed, for as long as a wait may take, nobody else waits.
  @Test("statistics and lists do not wait for a probe")
  func statisticsAndListsDoNotWaitForAProbe() throws {
    let model = DeviceModel(.init(queues: [.init(), .init(name: "other")]))
    let dispatcher = try Dispatcher(.patient, models: [model])
    let isHolding = CountingSemaphore()
    let mayGo = CountingSemaphore()
    let core = dispatcher.core
    let maintenance = SystemThread {
      core.maintenance.withLock { _ in
        isHolding.signal()
        mayGo.wait()
      }
    }
    isHolding.wait()
    #expect(dispatcher.statistics.queues.map(\.name) == ["iaa_crypto", "other"])
    #expect(dispatcher.openQueues.count == 2 && dispatcher.isOperational)
    #expect(dispatcher.portalKind(of: QueueID(device: 1, queue: 1)) == .model)
    mayGo.signal()
    maintenance.join()
  }

  @Test("queue that never opened is not listed")
  func queueThatNeverOpenedIsNotListed() throws {
    let model = DeviceModel(.init(queues: [.init(mode: .dedicated, size: 4), .init()]))
    let holder = try #require(model.open(0))
    let dispatcher = try Dispatcher(.patient, models: [model])
    #expect(dispatcher.statistics.queues.map(\.id.queue) == [1])
    holder.close()
    dispatcher.refresh()
    #expect(dispatcher.statistics.queues.map(\.id.queue) == [0, 1])
  }

  @Test("queues beyond the limit are named")
  func queuesBeyondTheLimitAreNamed() throws {
    let models = (0..<17).map { id in
      let queue = DeviceModel.Queue(size: 16)
      return DeviceModel(.init(id: id, queues: Array(repeating: queue, count: 8)))
    }
    let dispatcher = try Dispatcher(.patient, models: models)
    #expect(dispatcher.openQueues.count == 128)
    let reasons = dispatcher.reasonsForNoQueue
    for queue in 0..<8 {
      #expect(reasons.contains("wq16.\(queue) is beyond the 128 queues of a dispatcher"))
    }
  }

  @Test("reasons name a queue that does not answer")
  func reasonsNameAQueueThatDoesNotAnswer() throws {
    let dispatcher = try FaultTests.dispatcher([.neverCompletes]) {
      $0.path = .hardware
      $0.probeDelay = .seconds(60)
    }
    #expect(throws: OffloadError.hardwareFailed(.timedOut)) { try dispatcher.compress(Self.bytes) }
    #expect(throws: OffloadError.hardwareUnavailable(["wq1.0 does not answer"])) {
      try dispatcher.compress(Self.bytes)
    }
  }

  @Test("bad results put a queue into quarantine")
  func badResultsPutAQueueIntoQuarantine() throws {
    let dispatcher = try FaultTests.dispatcher([.wrongCRC, .wrongCRC, .wrongCRC]) {
      $0.probeDelay = .seconds(3600)
    }
    for number in 1...3 {
      let (stream, report) = try dispatcher.decompress(Sample.software(Self.bytes), room: 2000)
      #expect(stream == Self.bytes && report.fallback == .badResult)
      #expect(dispatcher.core.ports[0].state == (number < 3 ? .open : .quarantined))
    }
    let (_, report) = try dispatcher.compress(Self.bytes)
    #expect(report.fallback == .noQueue)
    // As if the hour had passed.
    dispatcher.core.maintenance.withLock { _ in dispatcher.core.ports[0].probeTime = 1 }
    dispatcher.refresh()
    #expect(dispatcher.isOperational)
  }

  @Test("last queue's unbinding leaves software and its return brings hardware")
  func lastQueuesUnbindingLeavesSoftwareAndItsReturnBringsHardware() throws {
    let model = DeviceModel(.init(queues: [.init(), .init(mode: .dedicated, size: 4)]))
    var configuration = Dispatcher.Configuration.patient
    configuration.watchInterval = .seconds(3600)
    let dispatcher = try Dispatcher(configuration, models: [model])
    #expect(dispatcher.openQueues.map(\.id.description) == ["wq1.0", "wq1.1"])
    model.disableQueue(0)
    dispatcher.refresh()
    #expect(dispatcher.isOperational && dispatcher.openQueues.count == 1)
    #expect(try dispatcher.compress(Self.bytes).report.queue == QueueID(device: 1, queue: 1))
    model.disableQueue(1)
    dispatcher.refresh()
    #expect(!dispatcher.isOperational)
    let (stream, report) = try dispatcher.compress(Self.bytes)
    #expect(stream == Sample.software(Self.bytes) && report.fallback == .noQueue)
    model.enableQueue(0)
    dispatcher.refresh()
    #expect(try dispatcher.compress(Self.bytes).report.path == .hardware)
    #expect(dispatcher.statistics.addsUp)
  }

  @Test("watcher notices by itself")
  func watcherNoticesByItself() throws {
    let model = DeviceModel()
    var configuration = Dispatcher.Configuration.patient
    configuration.watchInterval = .milliseconds(5)
    let dispatcher = try Dispatcher(configuration, models: [model])
    model.disableQueue(0)
    #expect(Self.eventually { !dispatcher.isOperational })
    model.enableQueue(0)
    #expect(Self.eventually { dispatcher.isOperational })
    model.halt()
    #expect(Self.eventually { !dispatcher.isOperational })
    model.reset()
    #expect(Self.eventually { dispatcher.isOperational })
    #expect(try dispatcher.compress(Self.bytes).report.path == .hardware)
  }

  @Test("dedicated queue never gets more than it holds")
  func dedicatedQueueNeverGetsMoreThanItHolds() throws {
    var device = DeviceModel.Configuration(queues: [.init(mode: .dedicated, size: 2)])
    device.serviceTime = .microseconds(200)
    let model = DeviceModel(device)
    var configuration = Dispatcher.Configuration.patient
    configuration.submissionRetries = 12
    let dispatcher = try Dispatcher(configuration, models: [model])
    let threads = (0..<6).map { _ in
      SystemThread {
        for _ in 0..<20 { _ = try? dispatcher.compress(Self.bytes) }
      }
    }
    for thread in threads { thread.join() }
    #expect(model.droppedCount == 0)
    #expect(dispatcher.statistics.jobs == 120 && dispatcher.statistics.addsUp)
    #expect(dispatcher.statistics.hardwareSuccesses > 0)
  }

  @Test("small transfer size of a full queue does not bind the next one")
  func smallTransferSizeOfAFullQueueDoesNotBindTheNextOne() throws {
    var faults = FaultPlan(rates: [.queueFull: 1])
    faults.burstLength = 1 << 30
    let small = DeviceModel.Configuration(
      id: 1, queues: [.init(maximumTransferSize: 1000)], faults: faults)
    var configuration = Dispatcher.Configuration.patient
    configuration.mapping = .perPackage
    let dispatcher = try Dispatcher(
      configuration, models: [DeviceModel(small), DeviceModel(.init(id: 3))],
      topology: CPUTopology(nodes: 1, cpusPerNode: 1))
    let noise = Sample.bytes(2, count: 1000, seed: 3)
    for _ in 0..<2 {
      let (stream, report) = try dispatcher.compress(noise)
      #expect(stream.count > 1000 && stream == Sample.software(noise))
      #expect(report.queue == QueueID(device: 3, queue: 0) && report.path == .hardware)
    }
  }

  @Test("small transfer size is respected and the bits stay the same")
  func smallTransferSizeIsRespectedAndTheBitsStayTheSame() throws {
    let model = DeviceModel(
      .init(queues: [.init(maximumTransferSize: 1024), .init(maximumTransferSize: 4096)]))
    let dispatcher = try Dispatcher(.patient, models: [model])
    for count in [500, 2000, 4000, 5000] {
      let bytes = Sample.bytes(1, count: count, seed: 2)
      let (stream, report) = try dispatcher.compress(bytes)
      #expect(stream == Sample.software(bytes))
      switch count {
      case 500: #expect(report.path == .hardware)
      case 2000, 4000: #expect(report.queue == QueueID(device: 1, queue: 1))
      default: #expect(report.fallback == .exceedsTransferSize)
      }
    }
  }
}
