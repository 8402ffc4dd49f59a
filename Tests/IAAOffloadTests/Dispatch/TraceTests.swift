// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Testing
import Threading

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

@Suite("What a dispatcher tells of its jobs") struct TraceTests {
  private func event(
    _ operation: TraceEvent.Operation, _ step: TraceEvent.Step
  ) -> TraceEvent {
    TraceEvent(
      time: .nanoseconds(404_202_975_999), queue: QueueID(device: 1, queue: 0),
      device: "0000:e7:02.0",
      operation: operation, step: step)
  }

  @Test("submissions are the lines that the driver's documentation shows, letter by letter")
  func documentedLines() {
    let compression = TraceEvent.Descriptor(
      sourceAddress: 0x22_3925_c000, sourceSize: 4096, destinationAddress: 0x21_dadf_8000,
      maximumDestinationSize: 4096, source2Address: 0x22_0354_3000, source2Size: 1568)
    #expect(
      "\(event(.compress, .submission(compression)))"
        == "[  404.202975] idxd 0000:e7:02.0: iaa_compress: desc->src1_addr 223925c000, "
        + "desc->src1_size 4096, desc->dst_addr 21dadf8000, desc->max_dst_size 4096, "
        + "desc->src2_addr 2203543000, desc->src2_size 1568")
    let verification = TraceEvent.Descriptor(
      sourceAddress: 0x21_dadf_8000, sourceSize: 228, destinationAddress: 0x22_3925_c000,
      maximumDestinationSize: 4096, source2Address: 0, source2Size: 0)
    #expect(
      "\(event(.verify, .submission(verification)))"
        == "[  404.202975] idxd 0000:e7:02.0: iaa_compress_verify: (verify) "
        + "desc->src1_addr 21dadf8000, desc->src1_size 228, desc->dst_addr 223925c000, "
        + "desc->max_dst_size 4096, desc->src2_addr 0, desc->src2_size 0")
    let decompression = TraceEvent.Descriptor(
      sourceAddress: 0x21_ddd8_b100, sourceSize: 228, destinationAddress: 0x21_ee3d_c000,
      maximumDestinationSize: 4096, source2Address: 0, source2Size: 0)
    #expect(
      "\(event(.decompress, .submission(decompression)))"
        == "[  404.202975] idxd 0000:e7:02.0: iaa_decompress: desc->src1_addr 21ddd8b100, "
        + "desc->src1_size 228, desc->dst_addr 21ee3dc000, desc->max_dst_size 4096, "
        + "desc->src2_addr 0, desc->src2_size 0")
  }

  @Test("completions show status, error and size")
  func completions() {
    var record = CompletionRecord()
    record.outputSize = 228
    #expect(
      "\(event(.compress, .completion(record)))"
        == "[  404.202975] idxd 0000:e7:02.0: iaa compress status=0x1, error=0x0, size=0xe4")
    record.status = .analyticsError
    record.analyticsError = .outputTooSmall
    record.outputSize = 0
    #expect(
      "\(event(.verify, .completion(record)))"
        .hasSuffix(": iaa decompress status=0xa, error=0x19, size=0x0"))
    #expect("\(event(.decompress, .timeout))".hasSuffix(": decompress completion timed out"))
  }

  @Test("every submission is told before its completion, and a job given up as such")
  func order() throws {
    let told: Locked<[TraceEvent]> = Locked([])
    var configuration = Dispatcher.Configuration.patient
    configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(200))
    let plan = FaultPlan(script: [.readPageFault, nil, nil, .neverCompletes])
    let dispatcher = try Dispatcher(
      configuration, models: [DeviceModel(.init(id: 7, execution: .inPlace, faults: plan))],
      trace: { event in told.withLock { $0.append(event) } })
    let page = Sample.bytes(1, count: 4096, seed: 3)
    let stream = try dispatcher.compress(page).bytes
    _ = try dispatcher.decompress(stream, room: 4096)
    let steps = told.withLock { $0 }.map { event in
      let step =
        switch event.step {
        case .submission: "submission"
        case .completion(let record): "\(record.status.rawValue)"
        case .timeout: "timeout"
        }
      return "\(event.operation) \(step)"
    }
    #expect(
      steps == [
        "compress submission", "compress 3", "compress submission", "compress 1",
        "verify submission", "verify 1", "decompress submission", "decompress timeout",
      ])
    #expect(told.withLock { $0 }.allSatisfy { $0.queue.device == 7 && $0.device == "iax7" })
  }

  @Test("a report says where the stream ended, on a device and in software")
  func inputCount() throws {
    let page = Sample.bytes(4, count: 5000, seed: 5)
    let stream = Sample.software(page)
    for path in [Dispatcher.Configuration.Path.hardware, .software] {
      var configuration = Dispatcher.Configuration.patient
      configuration.path = path
      let dispatcher = try Dispatcher(configuration, models: [DeviceModel()])
      #expect(try dispatcher.compress(page).report.inputCount == page.count)
      let report = try dispatcher.decompress(stream + [0xFF, 0x00, 0xFF], room: 5000).report
      #expect(report.inputCount == stream.count, "\(path)")
    }
  }

  @Test("a listener may use the dispatcher that it listens to; both get what is theirs")
  func reentrance() throws {
    let dispatchers: Locked<[Dispatcher]> = Locked([])
    let inner: Locked<[[UInt8]]> = Locked([])
    let isInside = Locked(false)
    var configuration = Dispatcher.Configuration.patient
    configuration.verifyCompress = .off
    let other = Sample.bytes(2, count: 3000, seed: 9)
    let dispatcher = try Dispatcher(
      configuration, models: [DeviceModel(.init(execution: .inPlace))],
      trace: { _ in
        guard let dispatcher = dispatchers.withLock({ $0.first }) else { return }
        let isOuter = isInside.withLock { isInside in
          defer { isInside = true }
          return !isInside
        }
        guard isOuter else { return }
        defer { isInside.withLock { $0 = false } }
        let stream = try? dispatcher.compress(other).bytes
        inner.withLock { $0.append(stream ?? []) }
      })
    dispatchers.withLock { $0 = [dispatcher] }
    defer { dispatchers.withLock { $0 = [] } }
    let page = Sample.bytes(1, count: 4096, seed: 3)
    let bytes = try makeBytes(capacity: 8192) {
      (output: inout OutputRawSpan) throws(OffloadError) in
      // SAFETY: bytes have no padding.
      _ = try dispatcher.compress(unsafe page.span.bytes, into: &output)
    }
    #expect(bytes == Sample.software(page))
    let streams = inner.withLock { $0 }
    #expect(!streams.isEmpty && streams.allSatisfy { $0 == Sample.software(other) })
  }
}
