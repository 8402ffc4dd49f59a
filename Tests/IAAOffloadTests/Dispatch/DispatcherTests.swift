// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing

@testable import IAAModel
@testable import IAAOffload

@Suite struct DispatcherTests {
  @Test(
    "model output equals software",
    arguments: [DeviceModel.Execution.threads, .inPlace])
  func modelOutputEqualsSoftware(execution: DeviceModel.Execution) throws {
    let model = DeviceModel(.init(execution: execution))
    var configuration = Dispatcher.Configuration.patient
    configuration.path = .hardware
    let dispatcher = try Dispatcher(configuration, models: [model])
    for kind in 0..<5 {
      for count in [1, 2, 70, 4096, 9000] {
        let bytes = Sample.bytes(kind, count: count, seed: 1)
        for position in BlockPosition.allCases {
          let (stream, report) = try dispatcher.compress(bytes, position: position)
          #expect(stream == Sample.software(bytes, position))
          #expect(report.path == .hardware)
          #expect(report.fallback == nil)
        }
        let (stream, _) = try dispatcher.compress(bytes)
        let (back, report) = try dispatcher.decompress(stream, room: count)
        #expect(back == bytes)
        #expect(report.path == .hardware)
      }
    }
  }

  @Test(
    "cross check of many pieces judges the whole",
    arguments: [1, 7, 4096])
  func crossCheckOfManyPiecesJudgesTheWhole(pieceLimit: Int) {
    var checker = CrossChecker(pieceLimit: pieceLimit)
    let bytes = Sample.bytes(1, count: 9000, seed: 1)
    let fewer = Array(bytes.dropLast())
    for position in BlockPosition.allCases {
      let stream = Sample.software(bytes, position)
      var damaged = stream
      damaged[stream.count / 2] ^= 1
      // SAFETY: bytes have no padding.
      let isRight = unsafe checker.agrees(stream: stream.span.bytes, bytes: bytes.span.bytes)
      let isLonger = unsafe checker.agrees(stream: stream.span.bytes, bytes: fewer.span.bytes)
      let isOther = unsafe checker.agrees(stream: damaged.span.bytes, bytes: bytes.span.bytes)
      #expect(isRight && !isLonger && !isOther)
    }
  }

  @Test("report says in one line what was done where")
  func reportSaysInOneLineWhatWasDoneWhere() throws {
    let dispatcher = try Dispatcher(.patient, models: [DeviceModel()])
    let (_, report) = try dispatcher.compress([UInt8](repeating: 0x2A, count: 4096))
    let queue = try #require(report.queue)
    #expect(
      "\(report)"
        == "4096 to 228 bytes in hardware on \(queue) (1 submissions, 0 retries, \(report.duration.nanosecondCount) ns)"
    )
    let (_, empty) = try dispatcher.compress([])
    #expect("\(empty)".hasPrefix("0 to 2 bytes in software: \(FallbackReason.emptyInput) ("))
  }

  /// The inputs whose tokens real devices are known to make, and their streams.
  static let vectors: [(input: String, stream: String)] = [
    (
      "Join us now and share the software Join us now and share the software ",
      "f3cacfcc53282d56c8cb2f5748cc4b5128ce482c4a5528c9485528ce4f2b290771bc0828017200"
    ),
    (
      "This document describes a compression method based on the DEFLATE"
        + "compression algorithm.  This document defines the application of the DEFLATE algorithm"
        + " to the IP Payload Compression Protocol.",
      "0bc9c82c5648c94f2ecd4dcd2b5148492d4e2eca4c4a2d56485448cecf2d284a2d2ececccf53c84d2dc9c84f51"
        + "484a2c4e4d5100f24b3252155c5cdd7c1c435c919525e6a4e717659664e4ea2928a01b9c9699073416a431b1"
        + "a020273339b104a4233f0dd92c84010a25f96009cf008580c4ca9cfcc4140567248b028af24bf293f373f400"
    ),
  ]

  @Test(
    "profile's vectors come off the model",
    arguments: vectors.indices)
  func profilesVectorsComeOffTheModel(index: Int) throws {
    var configuration = Dispatcher.Configuration.patient
    configuration.path = .hardware
    let dispatcher = try Dispatcher(configuration, models: [DeviceModel()])
    let (stream, report) = try dispatcher.compress(Array(Self.vectors[index].input.utf8))
    let hex = stream.map { ($0 < 16 ? "0" : "") + $0.hex }.joined()
    #expect(hex == Self.vectors[index].stream)
    #expect(report.path == .hardware)
  }

  @Test("random inputs make the same bits on the model")
  func randomInputsMakeTheSameBitsOnTheModel() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = Sample.Generator(state: seed)
    var configuration = Dispatcher.Configuration.patient
    configuration.path = .hardware
    configuration.crossCheck = .every
    let dispatcher = try Dispatcher(configuration, models: [DeviceModel(.init(engines: [2]))])
    for round in 0..<60 {
      let count = 1 + Int(generator.next() % 6000)
      let bytes = Sample.bytes(round, count: count, seed: generator.next())
      let (stream, _) = try dispatcher.compress(bytes)
      #expect(stream == Sample.software(bytes), "seed \(seed), round \(round)")
      #expect(try dispatcher.decompress(stream, room: count).bytes == bytes, "seed \(seed)")
    }
    #expect(
      dispatcher.statistics.crossChecks == 120 && dispatcher.statistics.hardwareSuccesses == 120)
  }
}
