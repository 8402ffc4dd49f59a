// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import IAADevices
import OffloadStress
import Testing
import Threading

@testable import IAAModel
@testable import IAAOffload

/// What becomes of queues is told, in order, and outside jobs and locks.
@Suite("Queue events") struct QueueEventTests {
  /// What was told, in order.
  final class Log: Sendable {
    private let events = Locked<[QueueEvent]>([])

    var changes: [QueueEvent.Change] { events.withLock { $0.map(\.change) } }
    var all: [QueueEvent] { events.withLock { $0 } }

    func append(_ event: QueueEvent) { events.withLock { $0.append(event) } }
  }

  static let bytes = Sample.bytes(1, count: 1024, seed: 9)

  static func dispatcher(
    _ script: [Fault?], _ log: Log, change: (inout Dispatcher.Configuration) -> Void = { _ in }
  ) throws -> Dispatcher {
    let model = DeviceModel(.init(execution: .inPlace, faults: FaultPlan(script: script)))
    var configuration = Dispatcher.Configuration.patient
    configuration.probeDelay = .milliseconds(1)
    change(&configuration)
    return try Dispatcher(configuration, models: [model], listener: log.append)
  }

  @Test("a queue that does not answer is told of, and its return")
  func broken() throws {
    let log = Log()
    let dispatcher = try Self.dispatcher([.neverCompletes], log) {
      $0.waitLimit = WaitLimit(polls: .max, time: .milliseconds(200))
    }
    #expect(log.changes == [.opened])
    #expect(try dispatcher.compress(Self.bytes).report.fallback == .timedOut)
    #expect(RecoveryTests.eventually { log.changes == [.opened, .broken, .back] })
    #expect(log.all.allSatisfy { $0.queue == QueueID(device: 1, queue: 0) })
    #expect(log.all.map(\.time) == log.all.map(\.time).sorted())
    #expect(log.all.map(\.description)[1] == "wq1.0 does not answer")
  }

  @Test("a queue with wrong results is told of, and its return")
  func quarantined() throws {
    let log = Log()
    let dispatcher = try Self.dispatcher([.wrongCRC, .wrongCRC, .wrongCRC], log)
    for _ in 0..<3 {
      _ = try dispatcher.decompress(Sample.software(Self.bytes), room: Self.bytes.count)
    }
    #expect(RecoveryTests.eventually { log.changes == [.opened, .quarantined, .back] })
  }

  @Test("queues that go and come are told of")
  func gone() throws {
    let log = Log()
    let model = DeviceModel(.init(queues: [.init(), .init(mode: .dedicated, size: 4)]))
    var configuration = Dispatcher.Configuration.patient
    configuration.watchInterval = .seconds(3600)
    let dispatcher = try Dispatcher(configuration, models: [model], listener: log.append)
    model.disableQueue(1)
    dispatcher.refresh()
    model.enableQueue(1)
    dispatcher.refresh()
    #expect(log.changes == [.opened, .opened, .gone, .opened])
    #expect(log.all.map(\.queue.queue) == [0, 1, 1, 1])
  }

  /// Has nobody but the holder keep a dispatcher; its inside is returned, for who wants to know when that goes.
  static func keep(
    in holder: Locked<Dispatcher?>, _ models: [DeviceModel], _ listener: @escaping QueueListener
  ) throws -> Weak {
    var configuration = Dispatcher.Configuration.patient
    configuration.watchInterval = .milliseconds(1)
    let dispatcher = try Dispatcher(configuration, models: models, listener: listener)
    holder.withLock { $0 = dispatcher }
    return Weak(dispatcher.core)
  }

  final class Weak {
    private weak var core: DispatcherCore?
    var isGone: Bool { core == nil }
    init(_ core: DispatcherCore) { self.core = core }
  }

  @Test("a listener may be the last to let go of the dispatcher, on its own thread")
  func lastReference() throws {
    let model = DeviceModel(.init(queues: [.init(), .init(mode: .dedicated, size: 4)]))
    let log = Log()
    let holder = Locked<Dispatcher?>(nil)
    let caller = pthread_self()
    let isOnOtherThread = Locked<[Bool]>([])
    let inside = try Self.keep(in: holder, [model]) { event in
      log.append(event)
      guard event.change == .gone, let last = holder.withLock({ $0.take() }) else { return }
      _ = consume last
      // The dispatcher has gone by now, and with it its queues.
      isOnOtherThread.withLock { $0.append(pthread_equal(caller, pthread_self()) == 0) }
    }
    model.halt()
    #expect(RecoveryTests.eventually { inside.isGone })
    #expect(isOnOtherThread.withLock { $0 } == [true])
    // The second queue went at the same time, and is not forgotten.
    #expect(log.changes == [.opened, .opened, .gone, .gone])
    // Dedicated queues have one client: both were given back.
    model.reset()
    let next = try Dispatcher(.patient, models: [model])
    #expect(next.openQueues.count == 2)
  }

  @Test("a listener may use the dispatcher, and what that leads to is told afterwards")
  func reentrant() throws {
    let log = Log()
    let model = DeviceModel()
    let user = Locked<Dispatcher?>(nil)
    var configuration = Dispatcher.Configuration.patient
    configuration.watchInterval = .seconds(3600)
    let listener: QueueListener = { event in
      log.append(event)
      guard event.change == .gone, let dispatcher = user.withLock({ $0 }) else { return }
      model.enableQueue(0)
      dispatcher.refresh()
      // Not from within the first event's call.
      #expect(log.changes == [.opened, .gone])
      #expect((try? dispatcher.compress(Self.bytes))?.report.path == .hardware)
    }
    let dispatcher = try Dispatcher(configuration, models: [model], listener: listener)
    user.withLock { $0 = dispatcher }
    model.disableQueue(0)
    dispatcher.refresh()
    user.withLock { $0 = nil }
    #expect(log.changes == [.opened, .gone, .opened])
  }
}
