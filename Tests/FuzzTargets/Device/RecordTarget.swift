// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A device that answers what an input says: the dispatcher never gives wrong bytes that it can tell to be wrong,
// never reads or writes outside, and never claims more of an input than there is.

import CIAAShim.Device
import FixedDeflate
import IAADevices
import IAAModel
import IAAOffload
import Synchronization
import TestSupport

final class RecordTarget: FuzzTarget {
  private let source: LyingSource
  private let dispatchers:
    [(verification: Dispatcher.Configuration.Verification, dispatcher: Dispatcher)]
  private let decoder = Box(Decoder(limit: .rfc1951))

  init() {
    let source = LyingSource()
    self.source = source
    dispatchers = Dispatcher.Configuration.Verification.allCases.map { verification in
      var configuration = Dispatcher.Configuration()
      configuration.verifyCompress = verification
      // A queue that lies is asked again all the same.
      configuration.quarantineThreshold = .max
      configuration.waitLimit = WaitLimit(polls: 1000, time: .milliseconds(1))
      do throws(OffloadError) {
        let dispatcher = try Dispatcher(
          configuration, source: source, topology: .init(nodes: 1, cpusPerNode: 1))
        return (verification, dispatcher)
      } catch {
        preconditionFailure("\(error)")
      }
    }
  }

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    let (verification, dispatcher) = dispatchers[choices.number(0...dispatchers.count - 1)]
    let compresses = choices.bool()
    let position: BlockPosition = choices.bool() ? .notLast : .last
    let room = choices.number(0...9000)
    let answers = (0..<choices.number(1...4)).map { _ in
      Answer(
        keeps: choices.byte(), fields: choices.bytes(64), place: choices.number(0...255),
        output: choices.bytes(choices.number(0...16)))
    }
    let data = Array(choices.data.prefix(8000))
    source.answers.withLock { $0 = answers.reversed() }
    defer { source.answers.withLock { $0 = [] } }
    if compresses {
      try compress(data, position, room, dispatcher, verification)
    } else {
      try decompress(data, room, dispatcher)
    }
  }

  private func compress(
    _ data: [UInt8], _ position: BlockPosition, _ room: Int, _ dispatcher: Dispatcher,
    _ verification: Dispatcher.Configuration.Verification
  ) throws(FuzzFinding) {
    let (outcome, bytes) = collectingOutputAlways(capacity: room) {
      (output: inout OutputRawSpan) throws(OffloadError) in
      try withRawSpan(data) { (input: RawSpan) throws(OffloadError) in
        try dispatcher.compress(input, position: position, into: &output)
      }
    }
    guard case .success(let report) = outcome else {
      return try demand(bytes.isEmpty, "bytes of a job that failed")
    }
    // What the device itself verifies is as true as the device.
    guard verification == .inSoftware || report.path == .software else { return }
    let stream = position == .last ? bytes : bytes + [0x03, 0x00]
    let back = decoder.decode(stream, maximumCount: data.count)?.bytes
    try demand(back == data, "a stream of other data was let through")
  }

  private func decompress(_ stream: [UInt8], _ room: Int, _ dispatcher: Dispatcher)
    throws(FuzzFinding)
  {
    let (outcome, bytes) = collectingOutputAlways(capacity: room) {
      (output: inout OutputRawSpan) throws(OffloadError) in
      try withRawSpan(stream) { (input: RawSpan) throws(OffloadError) in
        try dispatcher.decompress(input, into: &output)
      }
    }
    switch outcome {
    case .success(let report):
      try demand(
        (0...stream.count).contains(report.inputCount),
        "\(report.inputCount) bytes were read of \(stream.count)")
    case .failure: try demand(bytes.isEmpty, "bytes of a job that failed")
    }
  }
}

/// What a device answers in place of what it found out.
struct Answer: Sendable {
  /// Which fields of the record stay as they are, a bit each.
  let keeps: UInt8
  /// The record in place of the device's.
  let fields: [UInt8]
  /// Where the output is written over, and with what.
  let place: Int
  let output: [UInt8]
}

/// A model's queue that lies while there are answers; the last of them comes first.
final class LyingSource: QueueSource {
  let answers = Mutex<[Answer]>([])
  private let model = DeviceModel(.init(execution: .inPlace))

  func queues() -> [QueueDescription] { model.queueDescriptions }

  func open(_ queue: QueueDescription) throws(OpenFailure) -> any Portal {
    guard let portal = model.open(queue.id.queue) else {
      preconditionFailure("the model's queue is taken")
    }
    return LyingPortal(portal, self)
  }

  func reasonsForNone() -> [String] { [] }
}

@safe private final class LyingPortal: Portal {
  let kind = PortalKind.model
  private let portal: any Portal
  private let source: LyingSource
  /// The offsets of the record's fields and their sizes, a bit of `keeps` each.
  private static let fields = [
    0..<1, 1..<2, 2..<8, 8..<16, 16..<24, 24..<28, 28..<32, 32..<64,
  ]

  init(_ portal: any Portal, _ source: LyingSource) {
    self.portal = portal
    self.source = source
  }

  func submit(_ descriptor: UnsafeRawPointer) -> Submission {
    // SAFETY: the same 64 bytes are handed on.
    let submission = unsafe portal.submit(descriptor)
    guard submission == .accepted, let answer = source.answers.withLock({ $0.popLast() }) else {
      return submission
    }
    // SAFETY: the descriptor is the dispatcher's, whose record and destination are live memory of its own.
    let job = unsafe descriptor.load(as: iax_hw_desc.self)
    if let output = unsafe UnsafeMutablePointer<UInt8>(bitPattern: UInt(job.dst_addr)),
      !Self.suppressesOutput(job)
    {
      for (index, byte) in answer.output.enumerated()
      where answer.place + index < Int(job.max_dst_size) {
        unsafe output[answer.place + index] = byte
      }
    }
    guard let record = unsafe UnsafeMutablePointer<UInt8>(bitPattern: UInt(job.completion_addr))
    else { return submission }
    for (index, field) in Self.fields.enumerated() where answer.keeps >> index & 1 == 0 {
      for byte in field where byte < answer.fields.count {
        // Nobody waits for an answer that never comes.
        let value = answer.fields[byte]
        unsafe record[byte] = byte == 0 && value == 0 ? 1 : value
      }
    }
    return submission
  }

  /// Whether nothing is to be written.
  private static func suppressesOutput(_ job: iax_hw_desc) -> Bool {
    job.opcode == UInt32(Opcode.decompress.rawValue)
      && DecompressFlags(rawValue: job.compr_flags).contains(.suppressOutput)
  }

  func close() -> Bool { portal.close() }

  func abandonInChild() { portal.abandonInChild() }
}
