// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Records that no device should write, found by the fuzzers.

import CIAAShim.Device
import FixedDeflate
import IAADevices
import Testing

@testable import IAAModel
@testable import IAAOffload

/// A model's queue whose records are changed before anybody sees them, from when `isLying` is set.
private final class ChangedSource: QueueSource, @unchecked Sendable {
  // SAFETY: set by the test's thread between jobs, which are done in place.
  var isLying = false
  private let model = DeviceModel(.init(execution: .inPlace))
  private let change: @Sendable (inout iax_completion_record) -> Void

  init(_ change: @escaping @Sendable (inout iax_completion_record) -> Void) { self.change = change }

  func queues() -> [QueueDescription] { model.queueDescriptions }

  func open(_ queue: QueueDescription) throws(OpenFailure) -> any Portal {
    guard let portal = model.open(queue.id.queue) else { throw OpenFailure(reason: "taken") }
    return ChangedPortal(portal, self)
  }

  func reasonsForNone() -> [String] { [] }

  fileprivate func alter(_ record: inout iax_completion_record) { if isLying { change(&record) } }
}

@safe private final class ChangedPortal: Portal {
  let kind = PortalKind.model
  private let portal: ModelPortal
  private let source: ChangedSource

  init(_ portal: ModelPortal, _ source: ChangedSource) {
    self.portal = portal
    self.source = source
  }

  func submit(_ descriptor: UnsafeRawPointer) -> Submission {
    let submission = unsafe portal.submit(descriptor)
    // SAFETY: the dispatcher's descriptor, whose record is live memory.
    let job = unsafe descriptor.load(as: iax_hw_desc.self)
    if let record = unsafe UnsafeMutablePointer<iax_completion_record>(
      bitPattern: UInt(job.completion_addr))
    {
      unsafe source.alter(&record.pointee)
    }
    return submission
  }

  func close() -> Bool { portal.close() }

  func abandonInChild() { portal.abandonInChild() }
}

@Suite struct RecordTests {
  @Test(
    "a device that says it read more than it was given is not believed",
    arguments: [true, false])
  func moreReadThanGiven(checks: Bool) throws {
    let bytes = Sample.bytes(2, count: 1000, seed: 3)
    let stream = Sample.software(bytes)
    let source = ChangedSource { $0.bytes_completed += 1 }
    var configuration = Dispatcher.Configuration.patient
    configuration.checkDecompress = checks
    let dispatcher = try Dispatcher(configuration, source: source, topology: CPUTopology.read())
    let (right, before) = try dispatcher.decompress(stream, room: 2000)
    #expect(right == bytes && before.path == .hardware && before.inputCount == stream.count)
    source.isLying = true
    let (result, report) = try dispatcher.decompress(stream, room: 2000)
    #expect(result == bytes)
    #expect(report.inputCount == stream.count)
    #expect(report.path == .software && report.fallback?.kind == .badResult)
    #expect(dispatcher.statistics.badDecompressions == 1)
  }
}
