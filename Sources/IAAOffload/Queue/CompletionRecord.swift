// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A copy of what a device wrote, taken after its status byte was seen. The 64 bytes themselves are
// shared with the device; nothing but the status is read while it may still write.

package import CIAAShim.Device
import Synchronization

/// The fields of a completion record.
public struct CompletionRecord: Sendable, Hashable {
  /// What became of the job.
  public var status: CompletionStatus
  /// Whether a page fault was one of writing: bit 7 of the status byte.
  public var isWriteFault: Bool
  /// Says more where the status is an analytics error.
  public var analyticsError: AnalyticsError
  /// Bytes of source 1 that were processed.
  public var bytesCompleted: Int
  /// Where a page fault happened.
  public var faultAddress: UInt64
  /// Which flags are invalid, where the status says so.
  public var invalidFlags: UInt32
  /// Bytes written.
  public var outputSize: Int
  /// Bits used in the last byte written; 0 when all are.
  public var outputBits: UInt8
  /// XOR of the uncompressed data's 16-bit words.
  public var xorChecksum: UInt16
  /// CRC-32 of the uncompressed data.
  public var crc: UInt32

  /// A record that says success and nothing else.
  package init() {
    status = .success
    isWriteFault = false
    analyticsError = AnalyticsError(rawValue: 0)
    bytesCompleted = 0
    faultAddress = 0
    invalidFlags = 0
    outputSize = 0
    outputBits = 0
    xorChecksum = 0
    crc = 0
  }
}

extension CompletionRecord {
  /// Bit 7 of the status byte.
  package static let writeFaultBit: UInt8 = 0x80
  /// Bits of the status byte that hold the status.
  package static let statusMask: UInt8 = 0x3F

  /// The status byte, ordered before everything that is read of the record after it.
  package static func statusByte(at record: UnsafeRawPointer) -> UInt8 {
    // SAFETY: the record is 64 live bytes; `Atomic<UInt8>` is one byte of any alignment.
    unsafe record.assumingMemoryBound(to: Atomic<UInt8>.self).pointee.load(ordering: .acquiring)
  }

  /// Marks a record as not completed.
  package static func clear(at record: UnsafeMutableRawPointer) {
    unsafe record.assumingMemoryBound(to: Atomic<UInt8>.self).pointee.store(0, ordering: .relaxed)
  }

  /// Copies a completed record.
  package init(at record: UnsafeRawPointer, statusByte: UInt8) {
    self.init()
    // SAFETY: 64 live bytes, which the device no longer writes once the status byte is set.
    let fields = unsafe record.loadUnaligned(as: iax_completion_record.self)
    status = CompletionStatus(rawValue: statusByte & Self.statusMask)
    isWriteFault = statusByte & Self.writeFaultBit != 0
    analyticsError = AnalyticsError(rawValue: fields.error_code)
    bytesCompleted = Int(fields.bytes_completed)
    faultAddress = fields.fault_addr
    invalidFlags = fields.invalid_flags
    outputSize = Int(fields.output_size)
    outputBits = fields.output_bits
    xorChecksum = fields.xor_csum
    crc = fields.crc
  }

  /// The record's 64 bytes, but with a status byte of 0.
  package var fieldsWithoutStatus: iax_completion_record {
    var fields = iax_completion_record()
    fields.error_code = analyticsError.rawValue
    fields.bytes_completed = UInt32(truncatingIfNeeded: bytesCompleted)
    fields.fault_addr = faultAddress
    fields.invalid_flags = invalidFlags
    fields.output_size = UInt32(truncatingIfNeeded: outputSize)
    fields.output_bits = outputBits
    fields.xor_csum = xorChecksum
    fields.crc = crc
    return fields
  }

  /// The status byte as a device writes it.
  package var statusByte: UInt8 { status.rawValue | (isWriteFault ? Self.writeFaultBit : 0) }
}
