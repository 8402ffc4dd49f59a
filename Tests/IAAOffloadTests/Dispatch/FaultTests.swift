// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import OffloadStress
import Testing

@testable import IAAModel
@testable import IAAOffload

/// What the caller sees of each fault, and what is counted: the documentation's table, row by row.
@Suite struct FaultTests {
  static let bytes = Sample.bytes(1, count: 1024, seed: 9)
  static let stream = Sample.software(bytes)

  /// Every mode that devices have.
  static let modes: [CompressionMode] = [.fixed, .canned(), .dynamic]

  static func dispatcher(
    _ script: [Fault?], mode: CompressionMode = .fixed,
    verify: Dispatcher.Configuration.Verification = .onDevice,
    change: (inout Dispatcher.Configuration) -> Void = { _ in }
  ) throws -> Dispatcher {
    // A device that is to decompress without headers has made its state, and shown it, before the faults.
    var faults = FaultPlan(script: (mode.isRFC1951 ? [] : [nil, nil]) + script)
    faults.lateness = .milliseconds(1500)
    faults.absence = .milliseconds(1)
    // In place: what is answered at all is answered before anybody waits, however busy the
    // processors are.
    var device = DeviceModel.Configuration(execution: .inPlace, faults: faults)
    device.capabilities = .headerGeneration
    let model = DeviceModel(device)
    var configuration = Dispatcher.Configuration.patient
    configuration.mode = mode
    configuration.verifyCompress = verify
    let silent: Set<Fault?> = [.neverCompletes, .lateCompletion, .queueVanishes, .deviceHalts]
    if !silent.isDisjoint(with: script) {
      configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(500))
    }
    configuration.probeDelay = .milliseconds(1)
    configuration.watchInterval = .milliseconds(2)
    change(&configuration)
    return try Dispatcher(configuration, models: [model])
  }

  /// A fault, how compression and decompression fall back, and a counter that says so.
  struct Row: Sendable {
    let fault: Fault
    var compress: FallbackReason.Kind?
    var decompress: FallbackReason.Kind?
    var counts: [KeyPath<Statistics, UInt64> & Sendable] = []
  }

  static let rows: [Row] = [
    Row(fault: .readPageFault, counts: [\.pageFaultRetries]),
    Row(fault: .writePageFault, counts: [\.pageFaultRetries]),
    Row(
      fault: .neverCompletes, compress: .timedOut, decompress: .timedOut,
      counts: [\.timeoutErrors, \.parkedJobs]),
    Row(
      fault: .lateCompletion, compress: .timedOut, decompress: .timedOut,
      counts: [\.timeoutErrors, \.parkedJobs]),
    Row(fault: .wrongCRC, compress: .verificationFailed, decompress: .badResult),
    Row(fault: .flippedOutputBit, compress: .verificationFailed, decompress: .badResult),
    Row(fault: .shortOutput, compress: .verificationFailed, decompress: .badResult),
    Row(
      fault: .analyticsError, compress: .analytics, decompress: .analytics,
      counts: [\.invalidErrors]),
    Row(fault: .hardwareError, compress: .status, decompress: .status, counts: [\.invalidErrors]),
    Row(fault: .watchdog, compress: .watchdog, decompress: .watchdog, counts: [\.timeoutErrors]),
    Row(
      fault: .queueVanishes, compress: .timedOut, decompress: .timedOut,
      counts: [\.timeoutErrors, \.parkedJobs]),
    Row(
      fault: .deviceHalts, compress: .timedOut, decompress: .timedOut,
      counts: [\.timeoutErrors, \.parkedJobs]),
  ]

  @Test("every fault has a row")
  func everyFaultHasARow() {
    #expect(Set(Self.rows.map(\.fault)).union([.queueFull]) == Set(Fault.allCases))
  }

  @Test(
    "compression survives",
    arguments: rows.indices, modes)
  func compressionSurvives(index: Int, mode: CompressionMode) throws {
    let row = Self.rows[index]
    let dispatcher = try Self.dispatcher([row.fault], mode: mode)
    let (stream, report) = try dispatcher.compress(Self.bytes)
    #expect(stream == Sample.software(Self.bytes, mode: mode))
    #expect(report.fallback?.kind == row.compress)
    #expect(report.path == (row.compress == nil ? .hardware : .software))
    #expect(report.queue == QueueID(device: 1, queue: 0))
    let statistics = dispatcher.statistics
    #expect(statistics.addsUp)
    for count in row.counts { #expect(statistics[keyPath: count] == 1) }
    #expect(statistics.fallbackCount == (row.compress == nil ? 0 : 1))
    #expect(statistics.softwareCompressCalls == statistics.fallbackCount)
    if row.compress == .verificationFailed { #expect(statistics.verificationMismatches == 1) }
  }

  @Test(
    "decompression survives",
    arguments: rows.indices, modes)
  func decompressionSurvives(index: Int, mode: CompressionMode) throws {
    let row = Self.rows[index]
    let dispatcher = try Self.dispatcher([row.fault], mode: mode)
    let (bytes, report) = try dispatcher.decompress(
      Sample.software(Self.bytes, mode: mode), room: 1024)
    #expect(bytes == Self.bytes)
    #expect(report.fallback?.kind == row.decompress)
    let statistics = dispatcher.statistics
    #expect(statistics.addsUp)
    for count in row.counts { #expect(statistics[keyPath: count] == 1) }
    #expect(statistics.softwareDecompressCalls == (row.decompress == nil ? 0 : 1))
    if row.decompress == .badResult { #expect(statistics.badDecompressions == 1) }
  }

  /// Faults that strike the verification and not the compression.
  @Test(
    "verification survives",
    arguments: rows.indices, modes)
  func verificationSurvives(index: Int, mode: CompressionMode) throws {
    let row = Self.rows[index]
    let dispatcher = try Self.dispatcher([nil, row.fault], mode: mode)
    let (stream, report) = try dispatcher.compress(Self.bytes)
    #expect(stream == Sample.software(Self.bytes, mode: mode))
    let statistics = dispatcher.statistics
    #expect(statistics.addsUp)
    switch row.fault {
    case .wrongCRC, .analyticsError: #expect(report.fallback?.kind == .verificationFailed)
    // The device could not say; the software verified the hardware's stream.
    case .hardwareError, .watchdog:
      #expect(report.path == .hardware && statistics.verifications == 2)
    case .readPageFault: #expect(report.path == .hardware && statistics.pageFaultRetries == 1)
    // There is no output to spoil or to fault on.
    case .writePageFault, .flippedOutputBit, .shortOutput: #expect(report.path == .hardware)
    default: #expect(report.fallback?.kind == .timedOut)
    }
  }

  @Test(
    "hardware path fails instead of falling back",
    arguments: rows.indices, modes)
  func hardwarePathFailsInsteadOfFallingBack(index: Int, mode: CompressionMode) throws {
    let row = Self.rows[index]
    let dispatcher = try Self.dispatcher([row.fault], mode: mode) { $0.path = .hardware }
    guard let expected = row.compress else { return }
    let error = #expect(throws: OffloadError.self) { try dispatcher.compress(Self.bytes) }
    guard case .hardwareFailed(let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.kind == expected)
    #expect(dispatcher.statistics.addsUp && dispatcher.statistics.errorCount == 1)
  }

  @Test("second page fault goes to software")
  func secondPageFaultGoesToSoftware() throws {
    let dispatcher = try Self.dispatcher([.readPageFault, .readPageFault])
    let (stream, report) = try dispatcher.compress(Self.bytes)
    #expect(stream == Self.stream)
    #expect(report.fallback == .pageFault)
    #expect(dispatcher.statistics.pageFaultRetries == 1)
    #expect(report.submissions == 2)
  }

  @Test("full queue is retried and then left")
  func fullQueueIsRetriedAndThenLeft() throws {
    var faults = FaultPlan(rates: [.queueFull: 1])
    faults.burstLength = 1000
    let dispatcher = try Dispatcher(.patient, models: [DeviceModel(.init(faults: faults))])
    let (stream, report) = try dispatcher.compress(Self.bytes)
    #expect(stream == Self.stream)
    #expect(report.fallback == .queueFull)
    #expect(report.retries == 4 && report.submissions == 0)
    #expect(dispatcher.statistics.busyRetries == 4)
    #expect(dispatcher.statistics.total.compressCalls == 0)
  }

  @Test("verification in software sees the same")
  func verificationInSoftwareSeesTheSame() throws {
    for mode in Self.modes {
      for fault in [Fault.flippedOutputBit, .shortOutput] {
        let dispatcher = try Self.dispatcher([fault], mode: mode, verify: .inSoftware)
        let (stream, report) = try dispatcher.compress(Self.bytes)
        #expect(stream == Sample.software(Self.bytes, mode: mode))
        #expect(report.fallback == .verificationFailed)
      }
    }
  }

  @Test("without verification a bad stream gets through")
  func withoutVerificationABadStreamGetsThrough() throws {
    // What verification is for.
    let dispatcher = try Self.dispatcher([.flippedOutputBit], verify: .off)
    let (stream, report) = try dispatcher.compress(Self.bytes)
    #expect(stream != Self.stream)
    #expect(report.path == .hardware)
  }

  @Test("zlib is asked about one of so many")
  func zlibIsAskedAboutOneOfSoMany() throws {
    let dispatcher = try Self.dispatcher([]) { $0.crossCheck = .sampled(oneIn: 3) }
    for _ in 0..<9 { _ = try dispatcher.compress(Self.bytes) }
    #expect(
      dispatcher.statistics.crossChecks == 3 && dispatcher.statistics.crossCheckMismatches == 0)
  }

  @Test("wait ends after its polls or its time")
  func waitEndsAfterItsPollsOrItsTime() {
    let slot = JobSlot(destinationCapacity: 1)
    unsafe CompletionRecord.clear(at: slot.record)
    for style in Dispatcher.Configuration.SyncMode.allCases {
      func wait(_ limit: WaitLimit) -> UInt8? {
        Waiter(limit: limit, hasWAITPKG: false, style: style).wait(for: slot)
      }
      #expect(wait(WaitLimit(polls: 1000, time: .nanoseconds(1 << 60))) == nil)
      #expect(wait(WaitLimit(polls: .max, time: .milliseconds(3))) == nil)
    }
  }

  @Test("zlib notices what nobody verified, of streams without a header too", arguments: modes)
  func zlibNoticesWhatNobodyVerified(mode: CompressionMode) throws {
    let dispatcher = try Self.dispatcher([.flippedOutputBit], mode: mode, verify: .off) {
      $0.crossCheck = .every
    }
    let (stream, report) = try dispatcher.compress(Self.bytes)
    #expect(stream == Sample.software(Self.bytes, mode: mode))
    #expect(report.fallback == .crossCheckFailed)
    #expect(dispatcher.statistics.crossCheckMismatches == 1)
    #expect(dispatcher.statistics.crossChecks == 2)
  }
}
