// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What one job at a time needs on the device's side: a descriptor, a completion record and memory
// of our own for the output. A slot whose job was given up is parked until the device has answered
// or its queue was drained; only then may anything in it be used again.

import CIAAShim.Device
import FixedDeflate
import IAADevices

/// Descriptor, completion record and output of one job.
@safe final class JobSlot: @unchecked Sendable {
  // SAFETY: one thread, or one pending job, owns a slot at a time; it hands it on through
  // synchronised lists only.

  /// One page: the descriptor at 0, the completion record at 64.
  private let control = MappedMemory(byteCount: Page.size)
  private var destinationMemory: MappedMemory
  /// Within ``control`` and ``destinationMemory``; kept beside them to save the way there.
  let descriptor: UnsafeMutableRawPointer
  let record: UnsafeMutableRawPointer
  @exclusivity(unchecked) private(set) var destination: UnsafeMutableRawPointer
  @exclusivity(unchecked) private var capacity: Int
  private var sourceMemory: MappedMemory?

  init(destinationCapacity: Int) {
    destinationMemory = MappedMemory(byteCount: destinationCapacity)
    unsafe descriptor = control.base
    unsafe record = control.base + 64
    unsafe destination = destinationMemory.base
    unsafe capacity = destinationMemory.byteCount
  }

  var destinationCapacity: Int { unsafe capacity }

  /// Makes room for more output; what was there is lost. Only while no job runs.
  func reserveDestination(_ count: Int) {
    guard count > destinationCapacity else { return }
    destinationMemory = MappedMemory(byteCount: count)
    unsafe destination = destinationMemory.base
    unsafe capacity = destinationMemory.byteCount
  }

  /// Takes a copy of a job's input, for callers that do not wait.
  func copySource(_ input: RawSpan) -> UnsafeRawPointer {
    let memory: MappedMemory
    if let old = sourceMemory, old.byteCount >= input.byteCount {
      memory = old
    } else {
      memory = MappedMemory(byteCount: input.byteCount)
      sourceMemory = memory
    }
    // SAFETY: the destination has room, checked above, and is not shared with the span.
    unsafe input.withUnsafeBytes { bytes in
      if let from = bytes.baseAddress {
        unsafe memory.base.copyMemory(from: from, byteCount: bytes.count)
      }
    }
    return unsafe UnsafeRawPointer(memory.base)
  }

  /// Lends the first bytes of the output.
  func withDestination<Result, Failure: Error>(
    count: Int, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(count <= destinationCapacity, "more output than there is room for")
    // SAFETY: the bytes are mapped and zero or written; no job runs while they are lent.
    let buffer = unsafe UnsafeRawBufferPointer(start: destination, count: count)
    return try body(unsafe RawSpan(_unsafeBytes: buffer))
  }

  /// Puts an empty final block behind a stream that is not the last of its kind, so that a decoder
  /// finds an end. Only while no job runs.
  func closeStream(at count: Int) {
    precondition(count >= 0 && count + 2 <= destinationCapacity, "no room for a final block")
    // SAFETY: within the destination, checked above.
    unsafe destination.storeBytes(of: 0x03, toByteOffset: count, as: UInt8.self)
    unsafe destination.storeBytes(of: 0x00, toByteOffset: count + 1, as: UInt8.self)
  }

  /// The status byte; 0 while the device works.
  @inline(__always)
  var statusByte: UInt8 {
    unsafe CompletionRecord.statusByte(at: UnsafeRawPointer(record))
  }

  /// The record, once the status byte is not 0.
  func completion(statusByte: UInt8) -> CompletionRecord {
    unsafe CompletionRecord(at: UnsafeRawPointer(record), statusByte: statusByte)
  }

  /// Writes the descriptor and clears the record.
  @inline(__always)
  func prepare(_ job: DescriptorFields) {
    unsafe CompletionRecord.clear(at: record)
    var fields = iax_hw_desc()
    fields.flags = job.flags.rawValue
    fields.opcode = UInt32(job.opcode.rawValue)
    fields.completion_addr = UInt64(UInt(bitPattern: unsafe record))
    fields.src1_addr = job.source
    fields.dst_addr = job.destination
    fields.src1_size = UInt32(truncatingIfNeeded: job.sourceCount)
    fields.compr_flags = job.operationFlags
    fields.src2_addr = job.state
    fields.max_dst_size = UInt32(truncatingIfNeeded: job.destinationCapacity)
    fields.src2_size = UInt32(truncatingIfNeeded: job.stateCount)
    // SAFETY: 64 bytes of the control page, 64-byte aligned.
    unsafe descriptor.storeBytes(of: fields, as: iax_hw_desc.self)
  }
}

/// The fields of a descriptor that a job chooses.
struct DescriptorFields {
  var opcode: Opcode
  var flags: DescriptorFlags
  var operationFlags: UInt16
  var source: UInt64
  var sourceCount: Int
  var destination: UInt64
  var destinationCapacity: Int
  var state: UInt64 = 0
  var stateCount = 0

  /// Has the operation read a state.
  @inline(__always)
  mutating func readState(at address: UInt64, count: Int) {
    flags.insert(.readSource2AECS)
    state = address
    stateCount = count
  }
}
