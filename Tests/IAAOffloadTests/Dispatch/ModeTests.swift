// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import OffloadStress
import TestSupport
import Testing

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

/// The dispatcher in the driver's other modes: canned, with any table, and dynamic.
@Suite struct ModeTests {
  static let ofOwnData: CompressionTable = {
    var histogram = TokenHistogram()
    for kind in 0..<5 {
      // SAFETY: bytes have no padding.
      unsafe histogram.add(Sample.bytes(kind, count: 5000, seed: 3).span.bytes)
    }
    return CompressionTable(histogram: histogram)
  }()

  static let modes: [CompressionMode] = [
    .canned(.june2023), .canned(.march2024), .table(ofOwnData), .dynamic,
  ]

  static func dispatcher(
    _ mode: CompressionMode, _ capabilities: IAACapabilities = .headerGeneration,
    script: [Fault?] = [], change: (inout Dispatcher.Configuration) -> Void = { _ in }
  ) throws -> Dispatcher {
    var device = DeviceModel.Configuration(
      execution: .inPlace, faults: FaultPlan(script: script))
    device.capabilities = capabilities
    var configuration = Dispatcher.Configuration.patient
    configuration.mode = mode
    change(&configuration)
    return try Dispatcher(configuration, models: [DeviceModel(device)])
  }

  @Test("streams are the mode's, from device, software and every way to ask", arguments: modes)
  func streamsAreTheModes(mode: CompressionMode) throws {
    let dispatcher = try Self.dispatcher(mode)
    let software = try Self.dispatcher(mode) { $0.path = .software }
    for kind in 0..<5 {
      for count in [1, 100, 4096] {
        let bytes = Sample.bytes(kind, count: count, seed: 11)
        let expected = Sample.software(bytes, mode: mode)
        let (stream, report) = try dispatcher.compress(bytes)
        #expect(stream == expected && report.path == .hardware)
        #expect(try software.compress(bytes).bytes == expected)
        let (back, backReport) = try dispatcher.decompress(stream, room: count)
        #expect(back == bytes && backReport.path == .hardware)
        #expect(backReport.inputCount == stream.count)
        #expect(try software.decompress(stream, room: count).bytes == bytes)
        let batch = dispatcher.compressBatch(
          bytes, [BatchJob(range: 0..<count, room: .max), BatchJob(range: 0..<count, room: .max)])
        #expect(batch.bytes == expected + expected && batch.results.allSatisfy { $0.error == nil })
        let backs = dispatcher.decompressBatch(
          batch.bytes, batch.results.map { BatchJob(range: $0.range, room: count) })
        #expect(backs.bytes == bytes + bytes && backs.results[1].report.path == .hardware)
        #expect(
          software.decompressBatch(
            batch.bytes, batch.results.map { BatchJob(range: $0.range, room: count) }
          ).bytes
            == bytes + bytes)
      }
    }
    let statistics = dispatcher.statistics
    #expect(statistics.addsUp && statistics.fallbackCount == 0 && statistics.errorCount == 0)
  }

  @Test("awaited jobs are the mode's too", arguments: modes)
  func awaited(mode: CompressionMode) async throws {
    let dispatcher = try Self.dispatcher(mode)
    let bytes = Sample.bytes(1, count: 4000, seed: 11)
    let (stream, report) = try await dispatcher.compress(bytes)
    #expect(stream == Sample.software(bytes, mode: mode) && report.path == .hardware)
    let (back, backReport) = try await dispatcher.decompress(stream, room: 4000)
    #expect(back == bytes && backReport.path == .hardware)
  }

  @Test("chunks with more behind them: blocks in dynamic mode, streams of their own in canned")
  func chunksWithMoreBehindThem() throws {
    let bytes = Sample.bytes(1, count: 3000, seed: 2)
    for mode in Self.modes {
      let dispatcher = try Self.dispatcher(mode) { $0.crossCheck = .every }
      let (stream, report) = try dispatcher.compress(bytes, position: .notLast)
      #expect(stream == Sample.software(bytes, .notLast, mode: mode) && report.path == .hardware)
      let (last, _) = try dispatcher.compress(bytes)
      guard mode == .dynamic else {
        #expect(stream == last)
        continue
      }
      let (back, backReport) = try dispatcher.decompress(stream + last, room: 6000)
      #expect(back == bytes + bytes && backReport.path == .hardware)
    }
  }

  @Test("a device of the first generation has no dynamic mode: software does it and says why")
  func noDynamicMode() throws {
    let bytes = Sample.bytes(1, count: 3000, seed: 2)
    let dispatcher = try Self.dispatcher(.dynamic, [])
    let (stream, report) = try dispatcher.compress(bytes)
    #expect(stream == Sample.software(bytes, mode: .dynamic))
    #expect(report.path == .software && report.fallback == .unsupportedMode)
    #expect("\(report)".contains("not done by the device in this mode"))
    // It reads the streams all the same.
    let (back, backReport) = try dispatcher.decompress(stream, room: 3000)
    #expect(back == bytes && backReport.path == .hardware)
    let statistics = dispatcher.statistics
    #expect(statistics.softwareCompressCalls == 1 && statistics.softwareDecompressCalls == 0)
    #expect(statistics.fallbacks == [.unsupportedMode: 1] && statistics.addsUp)
    let strict = try Self.dispatcher(.dynamic, []) { $0.path = .hardware }
    #expect(throws: OffloadError.hardwareFailed(.unsupportedMode)) { try strict.compress(bytes) }
  }

  @Test(
    "the dynamic mode's devices get a page at most, and larger chunks are counted as the driver does"
  )
  func dynamicSize() throws {
    let dispatcher = try Self.dispatcher(.dynamic)
    let page = Sample.bytes(1, count: 4096, seed: 2)
    let more = Sample.bytes(1, count: 4097, seed: 2)
    #expect(try dispatcher.compress(page).report.path == .hardware)
    let (stream, report) = try dispatcher.compress(more)
    #expect(stream == Sample.software(more, mode: .dynamic))
    #expect(report.fallback == .exceedsModeSize && report.submissions == 0)
    let statistics = dispatcher.statistics
    #expect(
      statistics.globalStats(.dynamic).contains(
        """
          total_decomp_calls: 0
          total_sw_comp_calls: 1
          total_sw_decomp_calls: 0

        """))
    #expect(!statistics.globalStats().contains("total_sw_comp_calls"))
    #expect(statistics.json.contains(#/"total_sw_comp_calls" ?: ?1\b/#))
    #expect(statistics.prometheus.contains("iaa_sw_comp_calls_total 1\n"))
  }

  @Test("a state that decodes wrong is asked for again, and after three times done without")
  func wrongState() throws {
    let bytes = Sample.bytes(4, count: 3000, seed: 2)
    let stream = Sample.software(bytes, mode: .canned())
    // Each attempt is a state with a wrong bit, then a page that does not come back.
    for wrong in 0...3 {
      let script = Array(repeating: [Fault.flippedOutputBit, nil], count: wrong).flatMap { $0 }
      let dispatcher = try Self.dispatcher(.canned(), script: script)
      let (back, report) = try dispatcher.decompress(stream, room: 3000)
      #expect(back == bytes)
      #expect(report.fallback == (wrong < 3 ? nil : .unsupportedMode), "\(wrong)")
      let (made, madeReport) = try dispatcher.compress(bytes)
      #expect(made == stream && madeReport.path == .hardware)
      // Without a state of the device's the software verifies.
      #expect(dispatcher.statistics.verifications == (wrong < 3 ? 1 : 2))
      #expect(dispatcher.statistics.addsUp)
    }
  }

  @Test("every bit of a state counts")
  func everyBitOfAState() throws {
    let seed = UInt64.random(in: 0 ... .max)
    for attempt in 0..<40 {
      var faults = FaultPlan(seed: seed &+ UInt64(attempt), script: [.flippedOutputBit])
      faults.burstLength = 1
      let model = DeviceModel(.init(execution: .inPlace, faults: faults))
      var configuration = Dispatcher.Configuration.patient
      configuration.mode = .canned()
      let dispatcher = try Dispatcher(configuration, models: [model])
      // The state, the page that showed it, and both again.
      #expect(model.completedCount == 4, "seed \(seed), \(attempt)")
      let bytes = Sample.bytes(attempt, count: 2000, seed: seed)
      let (back, report) = try dispatcher.decompress(
        Sample.software(bytes, mode: .canned()), room: 2000)
      #expect(back == bytes && report.path == .hardware)
    }
  }

  @Test("a broken queue comes back in every mode, and with every kind of device")
  func brokenQueueComesBack() throws {
    let bytes = Sample.bytes(1, count: 2000, seed: 2)
    for mode in [.canned(), .dynamic, .table(Self.ofOwnData)] as [CompressionMode] {
      for capabilities in [[], .headerGeneration] as [IAACapabilities] {
        let before: [Fault?] = mode.isRFC1951 ? [] : [nil, nil]
        let dispatcher = try Self.dispatcher(mode, capabilities, script: before + [.neverCompletes])
        {
          $0.waitLimit = WaitLimit(polls: .max, time: .milliseconds(500))
          $0.probeDelay = .milliseconds(1)
          $0.watchInterval = .milliseconds(2)
        }
        let stream = Sample.software(bytes, mode: mode)
        let (back, report) = try dispatcher.decompress(stream, room: 2000)
        #expect(back == bytes && report.fallback == .timedOut)
        #expect(
          RecoveryTests.eventually {
            guard let (back, report) = try? dispatcher.decompress(stream, room: 2000) else {
              return false
            }
            return back == bytes && report.path == .hardware
          }, "\(mode)")
      }
    }
  }

  @Test("a dead device costs one wait, not one for each question")
  func deadDevice() throws {
    let source = ForgetfulSource(count: 3)
    var configuration = Dispatcher.Configuration.patient
    configuration.mode = .canned()
    configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(100))
    let start = Clock.now
    let dispatcher = try Dispatcher(
      configuration, source: source, topology: CPUTopology(nodes: 1, cpusPerNode: 1))
    #expect(!dispatcher.isOperational && Clock.now - start >= 100_000_000)
    #expect(dispatcher.reasonsForNoQueue.allSatisfy { $0.contains("takes no descriptors") })
    #expect(try dispatcher.compress([1, 2, 3]).report.fallback == .noQueue)
  }

  @Test(
    "data that a table has no codeword for is refused with its place, and no device's word is taken"
  )
  func noCodeword() throws {
    var lengths = CompressionTable.canned(.june2023).literalLengthLengths
    // Literals 250 and 251 share what is free when 251 has none: 9 bits and 10.
    lengths[251] = 0
    lengths[256] = 9
    let table = try #require(
      CompressionTable(
        literalLengthLengths: lengths,
        distanceLengths: CompressionTable.canned(.june2023).distanceLengths))
    for path in Dispatcher.Configuration.Path.allCases {
      let dispatcher = try Self.dispatcher(.table(table)) { $0.path = path }
      let good = Sample.bytes(1, count: 500, seed: 2)
      let (stream, _) = try dispatcher.compress(good)
      #expect(try dispatcher.decompress(stream, room: 500).bytes == good)
      let error = #expect(throws: OffloadError.self) {
        try dispatcher.compress(good + [251] + good)
      }
      switch error {
      case .noCodeword(let error)?: #expect(error.bitPosition == 500 * 8 && path != .hardware)
      case .hardwareFailed(.analytics(let error))?:
        #expect(error.rawValue == 30 && path == .hardware)
      default: Issue.record("\(String(describing: error))")
      }
      #expect(dispatcher.statistics.addsUp)
    }
  }

  @Test("through the system's files, what iaa_cap says is what jobs go by")
  func throughTheSystemsFiles() throws {
    let root = SystemRoot("modes-\(UInt64.random(in: 0 ... .max))", files: ModelFiles())
    var device = DeviceModel.Configuration(id: 3)
    device.capabilities = [.headerGeneration, .secondStateFormat]
    let mount = try DeviceModel(device).mount(under: root)
    #expect(try root.line("/sys/bus/dsa/devices/iax3/iaa_cap") == "0x101")
    for mode in Self.modes {
      var configuration = Dispatcher.Configuration.patient
      (configuration.mode, configuration.path) = (mode, .hardware)
      let dispatcher = try Dispatcher(configuration, root: root)
      #expect(dispatcher.openQueues[0].capabilities == device.capabilities)
      let bytes = Sample.bytes(1, count: 3000, seed: 2)
      let (stream, _) = try dispatcher.compress(bytes)
      #expect(stream == Sample.software(bytes, mode: mode))
      #expect(try dispatcher.decompress(stream, room: 3000).bytes == bytes)
    }
    _ = consume mount
  }

  @Test("every fault at some rate, in every mode", arguments: modes)
  func everyFault(mode: CompressionMode) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var faults = FaultPlan.everything(rate: 0.01, seed: seed)
    faults.rates[.neverCompletes] = 0
    faults.rates[.lateCompletion] = 0
    faults.absence = .milliseconds(1)
    var device = DeviceModel.Configuration(execution: .inPlace, faults: faults)
    device.capabilities = .headerGeneration
    var configuration = Dispatcher.Configuration.patient
    configuration.mode = mode
    configuration.probeDelay = .milliseconds(1)
    configuration.maximumProbeDelay = .milliseconds(1)
    configuration.watchInterval = .milliseconds(1)
    configuration.quarantineWindow = .milliseconds(1)
    configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(20))
    configuration.crossCheck = .sampled(oneIn: 10)
    let model = DeviceModel(device)
    let dispatcher = try Dispatcher(configuration, models: [model])
    var verifier = SoftwareVerifier(mode)
    for number in 0..<400 {
      let bytes = Sample.bytes(number, count: 1 + number * 7, seed: seed)
      let flips = model.firedFaults[.flippedOutputBit]
      let (stream, _) = try dispatcher.compress(bytes)
      if model.firedFaults[.flippedOutputBit] == flips {
        #expect(stream == Sample.software(bytes, mode: mode), "seed \(seed)")
      }
      // A flipped bit may make another stream of the same data, of a distance to the same bytes say, and that is right.
      // SAFETY: bytes have no padding.
      let isRight = unsafe verifier.isStream(stream.span.bytes, of: bytes.span.bytes)
      #expect(isRight, "seed \(seed)")
      #expect(try dispatcher.decompress(stream, room: bytes.count).bytes == bytes, "seed \(seed)")
    }
    let statistics = dispatcher.statistics
    #expect(statistics.addsUp && statistics.hardwareSuccesses > 20, "seed \(seed)\n\(statistics)")
  }
}
