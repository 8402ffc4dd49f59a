// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import IAAModel
import IAAOffload
import Logging
import QueueLog
import Synchronization
import Testing

/// Keeps what is logged.
private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func append(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct KeepingHandler: LogHandler {
  let lines: Lines
  var logLevel = Logger.Level.trace
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let metadata = event.metadata ?? [:]
    let queue = metadata["queue"].map { "\($0)" } ?? ""
    let change = metadata["change"].map { "\($0)" } ?? ""
    lines.append("\(event.level) \(queue) \(change): \(event.message)")
  }
}

@Suite struct QueueLogTests {
  @Test(
    "A queue that breaks is a warning in the log, and its return a notice",
    .timeLimit(.minutes(1)))
  func lines() async throws {
    let lines = Lines()
    let logger = Logger(label: "iaa") { _ in KeepingHandler(lines: lines) }
    let model = DeviceModel(.init(faults: FaultPlan(script: [.neverCompletes])))
    var configuration = Dispatcher.Configuration()
    configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(200))
    configuration.probeDelay = .milliseconds(1)
    let dispatcher = try Dispatcher(
      configuration, models: [model], listener: logger.queueListener)
    let (_, report) = try await dispatcher.compress([UInt8](repeating: 42, count: 4096))
    #expect(report.fallback == .timedOut)
    while lines.all.count < 3 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(
      lines.all == [
        "notice wq1.0 opened: wq1.0 takes jobs",
        "warning wq1.0 broken: wq1.0 does not answer",
        "notice wq1.0 back: wq1.0 takes jobs again",
      ])
  }
}
