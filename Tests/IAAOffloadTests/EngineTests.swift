// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing

@testable import IAAOffload

@Suite struct EngineTests {
  @Test(arguments: [DeviceModel.Execution.threads, .inPlace])
  func modelOutputEqualsSoftware(execution: DeviceModel.Execution) throws {
    let model = DeviceModel(.init(execution: execution))
    var configuration = Configuration.patient
    configuration.path = .hardware
    let engine = try Engine(configuration, models: [model])
    for kind in 0..<5 {
      for count in [1, 2, 70, 4096, 9000] {
        let bytes = Sample.bytes(kind, count: count, seed: 1)
        for position in BlockPosition.allCases {
          let (stream, report) = try engine.compress(bytes, position: position)
          #expect(stream == Sample.software(bytes, position))
          #expect(report.path == .hardware)
          #expect(report.fallback == nil)
        }
        let (stream, _) = try engine.compress(bytes)
        let (back, report) = try engine.decompress(stream, room: count)
        #expect(back == bytes)
        #expect(report.path == .hardware)
      }
    }
  }
}
