// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Records that no device should write, found by the fuzzers.

import CIAAShim.Device
import FixedDeflate
import Testing
import Threading

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

/// A model's queue whose records `change` has its way with before anybody sees them, from when `isLying` is set.
private func changed(
  _ isLying: Locked<Bool>, _ change: @escaping @Sendable (inout iax_completion_record) -> Void
) -> InterposedSource {
  unsafe InterposedSource(DeviceModel(.init(execution: .inPlace))) { descriptor, model in
    let submission = unsafe model.submit(descriptor)
    // SAFETY: the dispatcher's descriptor, whose record is live memory.
    let job = unsafe descriptor.load(as: iax_hw_desc.self)
    if isLying.withLock({ $0 }),
      let record = unsafe UnsafeMutablePointer<iax_completion_record>(
        bitPattern: UInt(job.completion_addr))
    {
      unsafe change(&record.pointee)
    }
    return submission
  }
}

@Suite struct RecordTests {
  @Test(
    "a device that says it read more than it was given is not believed",
    arguments: [true, false])
  func moreReadThanGiven(checks: Bool) throws {
    let bytes = Sample.bytes(2, count: 1000, seed: 3)
    let stream = Sample.software(bytes)
    let isLying = Locked(false)
    let source = changed(isLying) { $0.bytes_completed += 1 }
    var configuration = Dispatcher.Configuration.patient
    configuration.checkDecompress = checks
    let dispatcher = try Dispatcher(configuration, source: source, topology: CPUTopology.read())
    let (right, before) = try dispatcher.decompress(stream, room: 2000)
    #expect(right == bytes && before.path == .hardware && before.inputCount == stream.count)
    isLying.withLock { $0 = true }
    let (result, report) = try dispatcher.decompress(stream, room: 2000)
    #expect(result == bytes)
    #expect(report.inputCount == stream.count)
    #expect(report.path == .software && report.fallback?.kind == .badResult)
    #expect(dispatcher.statistics.badDecompressions == 1)
  }
}
